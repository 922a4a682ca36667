//! A folder that is open for reading: its names, and what each leads to.
//!
//! Knows one folder and no order. Whatever is asked here about a name follows links exactly as [`MediaDir::open`] does.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;

use cap_std::fs::Dir;
use rustix::fs::{AtFlags, FileType, Mode, OFlags, openat};
use rustix::io::Errno;

use super::dir::MediaDir;
use super::file::Details;
use super::name::FolderName;

/// What can be listed. Folders stand before files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Folder,
    File,
}

impl Rank {
    /// `None` for what is neither listed nor opened.
    pub(super) fn of(file_type: FileType) -> Option<Rank> {
        match file_type {
            FileType::Directory => Some(Rank::Folder),
            FileType::RegularFile => Some(Rank::File),
            _ => None,
        }
    }
}

/// A folder of the media directory, and the directory it was found in.
#[derive(Debug)]
pub(super) struct OpenFolder<'a> {
    dir: &'a MediaDir,
    name: &'a FolderName,
    root: Dir,
    handle: Dir,
}

impl<'a> OpenFolder<'a> {
    /// # Errors
    ///
    /// `NotFound` if there is no such folder, `PermissionDenied` if it may not be read.
    pub(super) fn open(dir: &'a MediaDir, name: &'a FolderName) -> io::Result<OpenFolder<'a>> {
        let root = dir.root()?;
        let handle = dir.open_folder(&root, name)?;
        Ok(OpenFolder {
            dir,
            name,
            root,
            handle,
        })
    }

    /// Calls `each` with every name that may be asked for, in the order of the disk, and with what the folder says that
    /// it is. [`FileType::Symlink`] and [`FileType::Unknown`] say nothing: see [`look_at`](Self::look_at).
    ///
    /// # Errors
    ///
    /// What reading the folder reports, or what `each` returns.
    pub(super) fn each(
        &self,
        mut each: impl FnMut(&OsStr, FileType) -> io::Result<()>,
    ) -> io::Result<()> {
        for entry in names(&self.handle)? {
            let entry = entry?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if self.name.admits(name) {
                each(name, entry.file_type())?;
            }
        }
        Ok(())
    }

    /// What a name is, given what the folder said about it; asks the file system only where that says nothing. `None`
    /// if it is not listed.
    pub(super) fn rank(&self, name: &OsStr, said: FileType) -> io::Result<Option<Rank>> {
        Ok(match said {
            FileType::Symlink | FileType::Unknown => self
                .look_at(name, said)?
                .and_then(|details| Rank::of(details.file_type)),
            known => Rank::of(known),
        })
    }

    /// Follows a link, or finds out about a name of which the folder did not tell the type. `None` if it leads nowhere.
    pub(super) fn look_at(&self, name: &OsStr, said: FileType) -> io::Result<Option<Details>> {
        if said != FileType::Symlink {
            let details = self.stat(name)?;
            if details.is_none_or(|details| details.file_type != FileType::Symlink) {
                return Ok(details);
            }
        }
        // From the root, not from the folder: a link may lead to a neighbour of the folder.
        unless_gone(self.dir.look(&self.root, &self.name.as_path().join(name)))
    }

    /// A single name below the folder's own handle, links not followed: nothing can lead out.
    pub(super) fn stat(&self, name: &OsStr) -> io::Result<Option<Details>> {
        let stat = rustix::fs::statat(&self.handle, name, AtFlags::SYMLINK_NOFOLLOW);
        unless_gone(stat.map(Details::from).map_err(io::Error::from))
    }
}

/// All names of a folder with their types. Through `.`, since the handle only stands for the folder and cannot be read.
fn names(handle: &Dir) -> io::Result<rustix::fs::Dir> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(rustix::fs::Dir::new(openat(
        handle,
        ".",
        flags,
        Mode::empty(),
    )?)?)
}

/// One entry that is gone, forbidden or broken must not hide all the others. Where it is the system that runs out of
/// something, though, a listing that looks complete and is not would be a lie.
pub(super) fn unless_gone<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) => match Errno::from_io_error(&error) {
            Some(Errno::MFILE | Errno::NFILE | Errno::NOMEM) => Err(error),
            _ => Ok(None),
        },
    }
}
