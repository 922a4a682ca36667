//! An entry of a folder, and the treatment of file system errors about it.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rustix::fs::FileType;
use rustix::io::Errno;

use super::file::Details;

/// A file that [`MediaDir::open`] would open, or a folder.
///
/// Length and time are unknown before the details are requested, and if the file system returns an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The name in the folder: bytes that may not be UTF-8.
    pub(crate) name: Box<OsStr>,
    /// Folder or regular file, after symlinks are followed.
    pub(crate) is_folder: bool,
    /// The length of a file in bytes, if it is known. A folder has no length.
    pub(crate) length: Option<u64>,
    /// The modification time, if it is known.
    pub(crate) modified: Option<SystemTime>,
}

impl Entry {
    /// Creates an entry without details.
    pub(super) fn new(name: &OsStr, is_folder: bool) -> Entry {
        Entry {
            name: name.into(),
            is_folder,
            length: None,
            modified: None,
        }
    }

    /// Stores the details and returns whether the entry still exists. If the file system returns an error, the entry
    /// stays in the list without its date, because it may be on a dead disk. `folder` is the path of the folder.
    pub(super) fn fill(
        &mut self,
        folder: &Path,
        details: io::Result<Details>,
        unanswered: &mut Unanswered,
    ) -> bool {
        match details {
            // The file system did not report the target of this symlink: see `Folder::look`.
            Ok(details) if details.file_type == FileType::Symlink => true,
            // The name may now belong to a folder, which must not appear among the files.
            Ok(details) => {
                self.length = (!self.is_folder).then_some(details.length);
                self.modified = Some(details.modified);
                is_folder(details.file_type) == Some(self.is_folder)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => {
                unanswered.count += 1;
                let first = &mut unanswered.first;
                first.get_or_insert_with(|| (folder.join(&*self.name), error));
                true
            }
        }
    }
}

/// Whether a file type is that of a folder; `None` if such entries are neither listed nor opened.
pub(super) fn is_folder(file_type: FileType) -> Option<bool> {
    match file_type {
        FileType::Directory => Some(true),
        FileType::RegularFile => Some(false),
        _ => None,
    }
}

/// The entries for which the file system reports an error. A folder may have thousands, so the log gets one line.
#[derive(Debug, Default)]
pub(super) struct Unanswered {
    first: Option<(PathBuf, io::Error)>,
    pub(super) count: usize,
}

impl Unanswered {
    /// Logs the errors in one line.
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

/// Whether the system has run out of a resource. Such an error ends a listing, because the listing would look complete
/// but lack entries. All other errors concern one entry only.
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
