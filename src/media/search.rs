//! Search in the whole tree, in bounded time and memory.
//!
//! Depth first, with one open folder for each level and no list of folders to visit: a folder is read once for its names
//! and, if it has folders, once more to go into them. Links to folders are found but not followed, so that the search
//! ends and nothing is found twice.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::time::Instant;

use cap_std::fs::Dir;
use rustix::fs::{FileType, Mode, OFlags, openat};

use super::dir::MediaDir;
use super::entry::{Entry, EntryKind, Unanswered, fill, unless_gone};
use super::file::Details;
use super::name::FolderName;
use super::order::natural_cmp;
use crate::fold::{fold, fold_into};

/// The most words that are searched for; further ones are ignored.
const MAX_WORDS: usize = 8;
/// The bytes of the query that are read.
const MAX_BYTES: usize = 200;
/// Names between two looks at the clock.
const NAMES_PER_LOOK: u64 = 64;

/// Words of a query, which must all occur.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Words(pub(super) Vec<String>);

/// Limits at which a search ends before it has seen the whole tree.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Time at which the search ends.
    pub(crate) deadline: Instant,
    /// Names of files and folders that are compared.
    pub(crate) names: u64,
    /// Folders within folders.
    pub(crate) depth: usize,
    /// Results that are returned.
    pub(crate) results: usize,
}

/// Result of a search.
#[derive(Debug)]
pub(crate) struct Found {
    /// The best results with their folders: first those whose own name has all the words, then those that also need
    /// their folder's; folders first; in natural order of their paths.
    pub(crate) entries: Vec<(FolderName, Entry)>,
    /// Number of further results.
    pub(crate) more: u64,
    /// Whether the whole tree was searched. If not, there may be others.
    pub(crate) is_complete: bool,
}

impl Words {
    /// Splits at blanks; `None` if no word is left.
    pub(crate) fn parse(text: &str) -> Option<Words> {
        let is_within = |(start, c): &(usize, char)| start + c.len_utf8() <= MAX_BYTES;
        let text: String = text
            .char_indices()
            .take_while(is_within)
            .map(|(_, c)| c)
            .collect();
        let words = text.split_whitespace().take(MAX_WORDS).map(fold);
        // An accent by itself is folded to nothing.
        let words: Vec<String> = words.filter(|word| !word.is_empty()).collect();
        (!words.is_empty()).then_some(Words(words))
    }

    fn are_all_in(&self, folded: &str) -> bool {
        self.0.iter().all(|word| folded.contains(word.as_str()))
    }

    fn is_any_in(&self, folded: &str) -> bool {
        self.0.iter().any(|word| folded.contains(word.as_str()))
    }
}

impl MediaDir {
    /// Looks through the whole tree for files whose names pass `shows`, and for folders. All words must occur in the path
    /// below the directory; of a folder, one of them in its own name, or all that is in it would be found with it.
    ///
    /// # Errors
    ///
    /// If the directory itself cannot be read, or the system has run out of descriptors or memory. A folder that cannot
    /// be read is left out.
    pub(crate) fn search(
        &self,
        words: &Words,
        limits: Limits,
        shows: impl Fn(&OsStr) -> bool,
    ) -> io::Result<Found> {
        let root = self.root()?;
        let top = open_here(&root, OsStr::new("."))?;
        let mut search = Search {
            dir: self,
            root: &root,
            words,
            limits,
            shows,
            names: 0,
            is_over: false,
            is_complete: true,
            kept: BTreeSet::new(),
            more: 0,
            folded: String::new(),
        };
        search.folder(top, &FolderName::root(), 0)?;
        Ok(search.finish())
    }
}

/// State of a search.
struct Search<'a, F> {
    dir: &'a MediaDir,
    root: &'a Dir,
    words: &'a Words,
    limits: Limits,
    shows: F,
    /// Names compared so far.
    names: u64,
    /// Whether a limit is reached.
    is_over: bool,
    /// Whether nothing was left out.
    is_complete: bool,
    kept: BTreeSet<Match>,
    more: u64,
    /// The path of the folder that is being read, folded, with a slash at its end; behind it the name that is looked at.
    folded: String,
}

/// A result, in the order of results.
#[derive(Debug, PartialEq, Eq)]
struct Match {
    needs_path: bool,
    kind: EntryKind,
    folder: FolderName,
    name: OsString,
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

impl<F: Fn(&OsStr) -> bool> Search<'_, F> {
    /// Searches a folder, then the folders in it. `folded` ends with its path.
    fn folder(&mut self, handle: OwnedFd, folder: &FolderName, depth: usize) -> io::Result<()> {
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
            self.consider(folder, name, said, length)?;
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
            // Opening each folder may take a disk seek, and an empty folder counts no names.
            self.end_when_late();
            if self.is_over {
                return Ok(());
            }
            // A folder that may not be read is left out, and so is one that has become a link.
            let Some(handle) = unless_gone(open_here(names.fd()?, name))? else {
                continue;
            };
            fold_into(&name.to_string_lossy(), &mut self.folded);
            self.folded.push('/');
            self.folder(handle, &below, depth + 1)?;
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

    /// Keeps a name if it is a result and one of the best. `folded` is its path, and its own name begins at `start`.
    fn consider(
        &mut self,
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
                let target = self.dir.look(self.root, &folder.as_path().join(name));
                unless_gone(target)?.map_or(said, |details| details.file_type)
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
        if self.kept.len() >= self.limits.results {
            self.more += 1;
            // Nearly all matches of a common word end here, so they must not be sorted in first.
            if self.kept.last().is_none_or(|last| found > *last) {
                return Ok(());
            }
            self.kept.pop_last();
        }
        self.kept.insert(found);
        Ok(())
    }

    /// Asks for the details of the results. Results that are gone by now are left out.
    fn finish(self) -> Found {
        let mut unanswered = Unanswered::default();
        let mut entries = Vec::with_capacity(self.kept.len());
        for found in self.kept {
            let folder = found.folder.as_path();
            let details = self.dir.look(self.root, &folder.join(&found.name));
            let mut entry = Entry::new(&found.name, found.kind, None);
            if fill(&mut entry, folder, details, &mut unanswered) {
                entries.push((found.folder, entry));
            }
        }
        unanswered.warn();
        Found {
            entries,
            more: self.more,
            is_complete: self.is_complete,
        }
    }
}

fn bytes(folder: &FolderName) -> &[u8] {
    folder.as_path().as_os_str().as_bytes()
}

/// Returns the type of a name. Asks for it where the folder does not tell it; links are not followed.
fn known(handle: impl AsFd, name: &OsStr, said: FileType) -> io::Result<FileType> {
    if said != FileType::Unknown {
        return Ok(said);
    }
    let details = unless_gone(Details::of_entry(handle, name))?;
    Ok(details.map_or(said, |details| details.file_type))
}

/// Opens a folder by its name in an open folder, never through a link, so that nothing leads out of the tree.
fn open_here(handle: impl AsFd, name: &OsStr) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(openat(handle, name, flags, Mode::empty())?)
}
