//! An entry of a folder, and the treatment of file system errors about it.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rustix::fs::FileType;
use rustix::io::Errno;

use super::file::Details;

/// The type of an entry. Folders sort before files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum EntryKind {
    /// A folder, which can be listed.
    Folder,
    /// A regular file.
    File,
}

impl EntryKind {
    /// Returns the kind of a file type; `None` if such entries are neither listed nor opened.
    pub(super) fn of(file_type: FileType) -> Option<EntryKind> {
        match file_type {
            FileType::Directory => Some(EntryKind::Folder),
            FileType::RegularFile => Some(EntryKind::File),
            _ => None,
        }
    }
}

/// A file that [`MediaDir::open`] would open, or a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The name in the folder: bytes that may not be UTF-8.
    pub(crate) name: Box<OsStr>,
    /// File or folder, after symlinks are followed.
    pub(crate) kind: EntryKind,
    /// The details; `None` before they are requested, and if the file system returned an error.
    pub(super) details: Option<Details>,
}

impl Entry {
    pub(super) fn new(name: &OsStr, kind: EntryKind, details: Option<Details>) -> Entry {
        Entry {
            name: name.into(),
            kind,
            details,
        }
    }

    /// Returns the length of a file in bytes, if it is known.
    pub(crate) fn length(&self) -> Option<u64> {
        let details = self.details.filter(|_| self.kind == EntryKind::File)?;
        Some(details.length)
    }

    /// Returns the modification time of the target, if it is known.
    pub(crate) fn modified(&self) -> Option<SystemTime> {
        Some(self.details?.modified)
    }
}

/// Stores the details of an entry and returns whether the entry still exists. If the file system returns an error, the
/// entry stays in the list without its date, because it may be on a dead disk. `folder` is the path of the folder.
pub(super) fn fill(
    entry: &mut Entry,
    folder: &Path,
    details: io::Result<Details>,
    unanswered: &mut Unanswered,
) -> bool {
    match details {
        // The file system did not report the target of this symlink: see `Folder::look`.
        Ok(details) if details.file_type == FileType::Symlink => true,
        // The name may now belong to a folder, which must not appear among the files.
        Ok(details) => {
            entry.details = Some(details);
            EntryKind::of(details.file_type) == Some(entry.kind)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Err(error) => {
            unanswered.note(folder.join(&*entry.name), error);
            true
        }
    }
}

/// The entries for which the file system reports an error. A folder may have thousands, so the log gets one line.
#[derive(Debug, Default)]
pub(super) struct Unanswered {
    first: Option<(PathBuf, io::Error)>,
    pub(super) count: usize,
}

impl Unanswered {
    pub(super) fn note(&mut self, path: PathBuf, error: io::Error) {
        self.first.get_or_insert((path, error));
        self.count += 1;
    }

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
        Ok(found) => Ok(Some(found)),
        Err(error) if is_shortage(&error) => Err(error),
        Err(_) => Ok(None),
    }
}
