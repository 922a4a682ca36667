//! An entry of a folder, and what happens when the file system reports an error about it.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rustix::fs::FileType;
use rustix::io::Errno;

use super::file::Details;

/// Type of an entry. Folders stand before files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum EntryKind {
    /// A folder, which can be listed in turn.
    Folder,
    /// A regular file.
    File,
}

impl EntryKind {
    /// Returns `None` for what is neither listed nor opened.
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
    /// Its name in the folder: bytes, perhaps not UTF-8.
    pub(crate) name: Box<OsStr>,
    /// File or folder, links followed.
    pub(crate) kind: EntryKind,
    /// `None` until it is asked for, and where the file system does not answer.
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

    /// Returns the length in bytes of a file, if it is known.
    pub(crate) fn length(&self) -> Option<u64> {
        let details = self.details.filter(|_| self.kind == EntryKind::File)?;
        Some(details.length)
    }

    /// Returns the modification time of what the name leads to, if it is known.
    pub(crate) fn modified(&self) -> Option<SystemTime> {
        Some(self.details?.modified)
    }
}

/// Stores the details of an entry and returns whether it is still there. An entry of which the file system does not tell
/// them stays, so that a dead disk costs the date of its own line. `folder` is the path of its folder.
pub(super) fn fill(
    entry: &mut Entry,
    folder: &Path,
    details: io::Result<Details>,
    unanswered: &mut Unanswered,
) -> bool {
    match details {
        // A link whose target the file system did not tell: see `Folder::look`.
        Ok(details) if details.file_type == FileType::Symlink => true,
        // A folder that has the name of a file by now would stand among the files.
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

/// Entries of which the file system reports an error. A folder may have thousands of them, so the log gets one line.
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

    /// Logs them in one line.
    pub(super) fn warn(&self) {
        let Some((path, error)) = &self.first else {
            return;
        };
        match self.count - 1 {
            0 => log::warn!("cannot look at {path:?}: {error}"),
            more => log::warn!("cannot look at {path:?} and {more} more: {error}"),
        }
    }
}

/// Whether the system has run out of something. A listing that looks complete and is not would be wrong, so such an error
/// ends it; any other error concerns one entry only.
pub(super) fn is_shortage(error: &io::Error) -> bool {
    let errno = Errno::from_io_error(error);
    matches!(errno, Some(Errno::MFILE | Errno::NFILE | Errno::NOMEM))
}

/// Returns `None` for an entry that is gone, forbidden or broken.
///
/// # Errors
///
/// If the system has run out of descriptors or memory.
pub(super) fn unless_gone<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if is_shortage(&error) => Err(error),
        Err(_) => Ok(None),
    }
}
