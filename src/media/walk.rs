//! The walk of a search through the directory tree.
//!
//! The walk is depth first, with one open folder for each level. It reports symlinks to folders but does not follow
//! them, so that the walk ends and no result appears twice.

use std::cmp::Ordering;
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
use super::entry::{Entry, EntryKind, unless_gone};
use super::file::Details;
use super::name::FolderName;
use super::order::natural_cmp;
use super::words::Words;
use crate::fold::fold_into;
use crate::lock::lock;

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
    /// The best matches in order.
    pub(super) matches: Vec<Match>,
    /// The number of matches that were dropped because there were better matches.
    pub(super) more: usize,
    /// The folder or symlink for which the walk currently waits.
    pub(super) at: PathBuf,
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
    pub(super) progress: Arc<Mutex<Progress>>,
    /// The number of names so far.
    pub(super) names: u64,
    /// Whether the walk has covered everything so far.
    pub(super) is_complete: bool,
    /// The path of the current folder, folded, with a slash at its end, and then the current name.
    pub(super) folded: String,
}

/// A result.
#[derive(Debug, Clone)]
pub(super) struct Match {
    needs_path: bool,
    pub(super) folder: FolderName,
    /// The entry without its details.
    pub(super) entry: Entry,
}

impl Match {
    /// Compares two matches by the order of results.
    fn compare(&self, other: &Match) -> Ordering {
        (self.needs_path, self.entry.kind)
            .cmp(&(other.needs_path, other.entry.kind))
            .then_with(|| natural_cmp(bytes(&self.folder), bytes(&other.folder)))
            .then_with(|| natural_cmp(self.entry.name.as_bytes(), other.entry.name.as_bytes()))
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
        if lock(&self.dir.silent).iter().any(|it| it == path) {
            self.is_complete = false;
            return false;
        }
        path.clone_into(&mut lock(&self.progress).at);
        true
    }

    /// Counts names. Returns whether the walk must end, because it has reached a limit.
    fn is_over(&mut self, names: u64) -> bool {
        self.names += names;
        let is_over = self.names > self.limits.names || Instant::now() >= self.limits.deadline;
        self.is_complete &= !is_over;
        is_over
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
        let mut below: Vec<OsString> = Vec::new();
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
            if self.is_over(1) {
                return Ok(());
            }
            let listed = known(names.fd()?, name, entry.file_type())?;
            if listed == FileType::Directory {
                below.push(name.to_os_string());
            }
            fold_into(&name.to_string_lossy(), &mut self.folded);
            self.consider(root, folder, name, listed, length)?;
            self.folded.truncate(length);
        }
        if depth >= self.limits.depth && !below.is_empty() {
            self.is_complete = false;
            return Ok(());
        }
        for name in below {
            // The time check is necessary here: opening a folder may take a disk seek, and an empty folder has no
            // names.
            if self.is_over(0) {
                return Ok(());
            }
            let below = folder.join_folder(&name);
            let Some(below) = below.filter(|it| self.may_ask(it.as_path())) else {
                continue;
            };
            // The walk omits a folder that may not be read, and a folder that another process has replaced with a
            // symlink.
            let Some(handle) = unless_gone(open_here(names.fd()?, &name))? else {
                continue;
            };
            fold_into(&name.to_string_lossy(), &mut self.folded);
            self.folded.push('/');
            self.folder(root, handle, &below, depth + 1)?;
            self.folded.truncate(length);
        }
        Ok(())
    }

    /// Stores a name if it matches and is one of the best results. `folded` is its path; its own name begins at
    /// `start`.
    fn consider(
        &mut self,
        root: &Dir,
        folder: &FolderName,
        name: &OsStr,
        listed: FileType,
        start: usize,
    ) -> io::Result<()> {
        if !self.words.are_all_in(&self.folded) {
            return Ok(());
        }
        let file_type = match listed {
            FileType::Symlink => {
                let link = folder.as_path().join(name);
                if !self.may_ask(&link) {
                    return Ok(());
                }
                let target = unless_gone(self.dir.look(root, &link))?;
                target.map_or(listed, |details| details.file_type)
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
            folder: folder.clone(),
            entry: Entry::new(name, kind, None),
        };
        let mut progress = lock(&self.progress);
        let is_before = |it: &Match| it.compare(&found).is_lt();
        let at = progress.matches.partition_point(is_before);
        progress.matches.insert(at, found);
        if progress.matches.len() > self.limits.results {
            progress.matches.pop();
            progress.more += 1;
        }
        Ok(())
    }
}

fn bytes(folder: &FolderName) -> &[u8] {
    folder.as_path().as_os_str().as_bytes()
}

/// Returns the type of a name. Requests it if the folder does not contain it. Does not follow symlinks.
fn known(handle: impl AsFd, name: &OsStr, listed: FileType) -> io::Result<FileType> {
    if listed != FileType::Unknown {
        return Ok(listed);
    }
    let details = unless_gone(Details::for_listing(handle, name))?;
    Ok(details.map_or(listed, |details| details.file_type))
}

/// Opens a folder by its name in an open folder. Does not follow symlinks, so that the walk stays in the tree.
fn open_here(handle: impl AsFd, name: &OsStr) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(openat(handle, name, flags, Mode::empty())?)
}
