//! An entry of a folder, and the handling of its file system errors.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rustix::fs::FileType;
use rustix::io::Errno;

use super::file::FileDetails;

/// A folder or a regular file in the list of a folder. A symlink counts as its target.
///
/// Length and time are `None` until the details are requested, and after an error of the file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The name as on the disk, which is not always UTF-8.
    pub(crate) name: Box<OsStr>,
    pub(crate) is_folder: bool,
    /// In bytes. A folder has no length.
    pub(crate) length: Option<u64>,
    pub(crate) modified: Option<SystemTime>,
}

impl Entry {
    pub(super) fn new(name: &OsStr, is_folder: bool) -> Entry {
        Entry {
            name: name.into(),
            is_folder,
            length: None,
            modified: None,
        }
    }

    /// Stores the details. Returns whether the entry stays in the list. It stays if it still exists and is still a
    /// folder or a file as before. It also stays after an error other than `NotFound`, for example of a dead disk.
    pub(super) fn fill(
        &mut self,
        folder: &Path,
        details: io::Result<FileDetails>,
        unreadable: &mut UnreadableEntries,
    ) -> bool {
        match details {
            // The details are those of the symlink itself. `Folder::look` could not read the details of its target, so
            // the entry stays without details.
            Ok(details) if details.file_type == FileType::Symlink => true,
            Ok(details) => {
                self.length = (!self.is_folder).then_some(details.length);
                self.modified = Some(details.modified);
                is_folder(details.file_type) == Some(self.is_folder)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => {
                unreadable.count += 1;
                let first = &mut unreadable.first;
                first.get_or_insert_with(|| (folder.join(&*self.name), error));
                true
            }
        }
    }
}

/// Returns `true` for a folder and `false` for a regular file. Other types are not served: `None`.
pub(super) fn is_folder(file_type: FileType) -> Option<bool> {
    match file_type {
        FileType::Directory => Some(true),
        FileType::RegularFile => Some(false),
        _ => None,
    }
}

/// The entries for which the file system reports an error. There may be thousands, so the log gets one line for all.
#[derive(Debug, Default)]
pub(super) struct UnreadableEntries {
    first: Option<(PathBuf, io::Error)>,
    pub(super) count: usize,
}

impl UnreadableEntries {
    pub(super) fn warn(&self) {
        let Some((path, error)) = &self.first else {
            return;
        };
        match self.count - 1 {
            0 => log::warn!("cannot read the details of {path:?}: {error}"),
            more => log::warn!("cannot read the details of {path:?} and {more} more: {error}"),
        }
    }
}

/// Returns whether the system has no free file descriptors or memory. After such an error, a listing must fail, because
/// many entries could be missing without notice. Other errors concern only one entry.
pub(super) fn is_shortage(error: &io::Error) -> bool {
    let errno = Errno::from_io_error(error);
    matches!(errno, Some(Errno::MFILE | Errno::NFILE | Errno::NOMEM))
}

/// Returns `None` for an entry that no longer exists, is forbidden or is broken.
///
/// # Errors
///
/// If the system has run out of file descriptors or memory.
pub(super) fn unless_gone<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if is_shortage(&error) => Err(error),
        result => Ok(result.ok()),
    }
}
