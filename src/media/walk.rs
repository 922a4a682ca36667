//! The walk of a search through the directory tree.
//!
//! The walk is depth first, with one open folder for each level and no list of folders to visit. It reads each folder
//! once for its names. If the folder contains folders, it reads the folder again to visit them. It reports symlinks to
//! folders but does not follow them, so that the walk ends and no result appears twice.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use cap_std::fs::Dir;
use rustix::fs::{FileType, Mode, OFlags, openat};

use super::dir::MediaDir;
use super::entry::{EntryKind, unless_gone};
use super::file::Details;
use super::name::FolderName;
use super::order::natural_cmp;
use super::words::Words;
use crate::fold::fold_into;
use crate::lock::lock;

/// The number of names between two checks of the time.
const NAMES_PER_LOOK: u64 = 64;

/// The limits at which a search ends before it has covered the whole tree.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// The time at which the search ends.
    pub(crate) deadline: Instant,
    /// The maximum number of file and folder names to compare.
    pub(crate) names: u64,
    /// The maximum depth of nested folders.
    pub(crate) depth: usize,
    /// The maximum number of returned results.
    pub(crate) results: usize,
}

/// The results of a walk so far. The request reads them if the walk takes too long.
#[derive(Debug, Default)]
pub(super) struct Progress {
    pub(super) matches: BTreeSet<Match>,
    /// The number of matches that were dropped because there were better matches.
    pub(super) more: u64,
    /// The folder or symlink for which the walk currently waits.
    pub(super) at: PathBuf,
    /// Whether the walk has ended.
    pub(super) has_ended: bool,
    /// The value of `at` when the request continued without the walk.
    pub(super) silent: Option<PathBuf>,
}

/// The state of a walk.
pub(super) struct Walk<F> {
    pub(super) dir: MediaDir,
    pub(super) words: Words,
    pub(super) limits: Limits,
    /// The filter for file names: whether a file with this name may be a result.
    pub(super) shows: F,
    /// The folders and symlinks that the walk omits.
    pub(super) left_out: Vec<PathBuf>,
    pub(super) progress: Arc<Mutex<Progress>>,
    /// The number of names compared so far.
    pub(super) names: u64,
    /// Whether a limit is reached.
    pub(super) is_over: bool,
    /// Whether the walk has covered everything so far.
    pub(super) is_complete: bool,
    /// The path of the current folder, folded, with a slash at its end, and then the current name.
    pub(super) folded: String,
}

/// A result. The order of this type is the order of results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Match {
    needs_path: bool,
    pub(super) kind: EntryKind,
    pub(super) folder: FolderName,
    pub(super) name: OsString,
}

impl Ord for Match {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_folder = || natural_cmp(bytes(&self.folder), bytes(&other.folder));
        (self.needs_path, self.kind)
            .cmp(&(other.needs_path, other.kind))
            .then_with(by_folder)
            .then_with(|| natural_cmp(self.name.as_bytes(), other.name.as_bytes()))
    }
}

impl PartialOrd for Match {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<F: Fn(&OsStr) -> bool> Walk<F> {
    /// Searches the whole tree.
    ///
    /// # Errors
    ///
    /// If the directory itself cannot be read, or the system has run out of file descriptors or memory. The walk omits
    /// a folder that cannot be read.
    pub(super) fn run(&mut self) -> io::Result<()> {
        let top = FolderName::root();
        if !self.may_ask(top.as_path()) {
            return Ok(());
        }
        let root = self.dir.root()?;
        let handle = open_here(&root, OsStr::new("."))?;
        self.folder(&root, handle, &top, 0)
    }

    /// Returns whether the walk may access a path. Stores the path, in case the disk does not answer.
    fn may_ask(&mut self, path: &Path) -> bool {
        if self.left_out.iter().any(|it| it == path) {
            self.is_complete = false;
            return false;
        }
        path.clone_into(&mut lock(&self.progress).at);
        true
    }

    /// Searches a folder, then the folders in it. The path of the folder is at the end of `folded`.
    fn folder(
        &mut self,
        root: &Dir,
        handle: OwnedFd,
        folder: &FolderName,
        depth: usize,
    ) -> io::Result<()> {
        let mut names = rustix::fs::Dir::new(handle)?;
        let mut has_folders = false;
        let length = self.folded.len();
        while let Some(entry) = names.next() {
            let Ok(entry) = entry else {
                self.is_complete = false;
                break;
            };
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if !folder.lists(name) {
                continue;
            }
            self.count();
            if self.is_over {
                return Ok(());
            }
            let said = known(names.fd()?, name, entry.file_type())?;
            has_folders |= said == FileType::Directory;
            fold_into(&name.to_string_lossy(), &mut self.folded);
            self.consider(root, folder, name, said, length)?;
            self.folded.truncate(length);
        }
        if !has_folders {
            return Ok(());
        }
        if depth >= self.limits.depth {
            self.is_complete = false;
            return Ok(());
        }
        names.rewind();
        while let Some(Ok(entry)) = names.next() {
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if !matches!(entry.file_type(), FileType::Directory | FileType::Unknown) {
                continue;
            }
            let below = folder.join_folder(name).filter(|_| folder.lists(name));
            let Some(below) = below else {
                continue;
            };
            // The time check is necessary here: opening a folder may take a disk seek, and an empty folder counts no
            // names.
            self.end_when_late();
            if self.is_over {
                return Ok(());
            }
            if !self.may_ask(below.as_path()) {
                continue;
            }
            // The walk omits a folder that may not be read, and a folder that another process has replaced with a
            // symlink.
            let Some(handle) = unless_gone(open_here(names.fd()?, name))? else {
                continue;
            };
            fold_into(&name.to_string_lossy(), &mut self.folded);
            self.folded.push('/');
            self.folder(root, handle, &below, depth + 1)?;
            self.folded.truncate(length);
        }
        Ok(())
    }

    /// Counts a name, and ends the search at its limits.
    fn count(&mut self) {
        if self.names.is_multiple_of(NAMES_PER_LOOK) {
            self.end_when_late();
        }
        if self.names >= self.limits.names {
            self.is_over = true;
            self.is_complete = false;
        }
        self.names += 1;
    }

    /// Ends the search if the deadline has passed.
    fn end_when_late(&mut self) {
        if Instant::now() >= self.limits.deadline {
            self.is_over = true;
            self.is_complete = false;
        }
    }

    /// Stores a name if it matches and is one of the best results. `folded` is its path; its own name begins at
    /// `start`.
    fn consider(
        &mut self,
        root: &Dir,
        folder: &FolderName,
        name: &OsStr,
        said: FileType,
        start: usize,
    ) -> io::Result<()> {
        if !self.words.are_all_in(&self.folded) {
            return Ok(());
        }
        let file_type = match said {
            FileType::Symlink => {
                let link = folder.as_path().join(name);
                if !self.may_ask(&link) {
                    return Ok(());
                }
                let target = unless_gone(self.dir.look(root, &link))?;
                target.map_or(said, |details| details.file_type)
            }
            known => known,
        };
        let own = &self.folded[start..];
        let kind = match EntryKind::of(file_type) {
            Some(EntryKind::File) if (self.shows)(name) => EntryKind::File,
            Some(EntryKind::Folder) if self.words.is_any_in(own) => EntryKind::Folder,
            _ => return Ok(()),
        };
        let found = Match {
            needs_path: !self.words.are_all_in(own),
            kind,
            folder: folder.clone(),
            name: name.to_os_string(),
        };
        let mut progress = lock(&self.progress);
        if progress.matches.len() >= self.limits.results {
            progress.more += 1;
            // Nearly all matches of a common word end here. Inserting them first would be slow.
            if progress.matches.last().is_none_or(|last| found > *last) {
                return Ok(());
            }
            progress.matches.pop_last();
        }
        progress.matches.insert(found);
        Ok(())
    }
}

fn bytes(folder: &FolderName) -> &[u8] {
    folder.as_path().as_os_str().as_bytes()
}

/// Returns the type of a name. Requests it if the folder does not contain it. Does not follow symlinks.
fn known(handle: impl AsFd, name: &OsStr, said: FileType) -> io::Result<FileType> {
    if said != FileType::Unknown {
        return Ok(said);
    }
    let details = unless_gone(Details::of_entry(handle, name))?;
    Ok(details.map_or(said, |details| details.file_type))
}

/// Opens a folder by its name in an open folder. Does not follow symlinks, so that the walk stays in the tree.
fn open_here(handle: impl AsFd, name: &OsStr) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(openat(handle, name, flags, Mode::empty())?)
}
