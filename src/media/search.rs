//! Search in the whole tree, with limits on time and memory.
//!
//! The walk reads all folders of the tree. A symlink to a folder can be a result. The walk does not follow it, because
//! symlinks can form a circle.
//!
//! The walk has its own thread, because a disk or a network share may block for minutes. After the deadline, the
//! request continues with the results so far. Later searches omit the blocked folder until the disk answers. So the
//! number of blocked threads does not grow with each search.

use std::cmp::Ordering;
use std::ffi::OsStr;
use std::io;
use std::mem;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, TryRecvError};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{Dir, FileType};

use super::dir::MediaDir;
use super::entry::{Entry, UnreadableEntries, is_folder, is_shortage, unless_gone};
use super::file::FileDetails;
use super::name::FolderName;
use super::order::natural_cmp;
use super::page::{Item, Page};
use crate::fold::fold;
use crate::limits::STACK;
use crate::lock::lock;

/// The time that the request waits after the deadline, so that the walk can end by itself.
const GRACE: Duration = Duration::from_millis(500);
/// The maximum number of words; further words are ignored.
const MAX_WORDS: usize = 8;

/// The words of a query, folded (without case and accents). A result must contain all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Words(pub(super) Vec<String>);

impl Words {
    /// Splits the query at spaces; returns `None` if no word is left.
    pub(crate) fn parse(text: &str) -> Option<Words> {
        let words = text.split_whitespace().take(MAX_WORDS).map(fold);
        // If a word is only a combining accent, folding makes it empty.
        let words: Vec<String> = words.filter(|word| !word.is_empty()).collect();
        (!words.is_empty()).then_some(Words(words))
    }

    fn are_all_in(&self, folded: &str) -> bool {
        self.0.iter().all(|word| folded.contains(word))
    }
}

/// The limits at which a search ends before it has covered the whole tree.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SearchLimits {
    pub(crate) deadline: Instant,
    /// The maximum number of names that the walk compares.
    pub(crate) names: u64,
    pub(crate) results: usize,
}

/// The results of a walk so far. The walk and the request share them.
#[derive(Debug, Default)]
struct Progress {
    matches: Vec<Match>,
    /// The number of matches that were dropped, because other matches come first in the order.
    more: usize,
    is_truncated: bool,
    /// The folder or symlink that the walk currently reads.
    at: PathBuf,
    /// The folder or symlink that blocked the walk. Set if the request continues without the walk.
    silent: Option<PathBuf>,
}

#[derive(Debug, Clone)]
struct Match {
    /// True if a word occurs in the path of the folder, but not in the name of the entry.
    needs_path: bool,
    item: Item,
}

impl Match {
    fn compare(&self, other: &Match) -> Ordering {
        let [own, others] = [self, other].map(|it| &it.item);
        let folders = [own, others].map(|it| it.folder.as_path().as_os_str().as_bytes());
        let names = [own, others].map(|it| it.entry.name.as_bytes());
        (self.needs_path, !own.entry.is_folder)
            .cmp(&(other.needs_path, !others.entry.is_folder))
            .then_with(|| natural_cmp(folders[0], folders[1]))
            .then_with(|| natural_cmp(names[0], names[1]))
    }
}

impl MediaDir {
    /// Searches the whole tree for folders, and for files that `shows` accepts. All words must occur in the path below
    /// the directory. For a folder, one word must also be in its own name. Without this rule, every folder inside a
    /// matching folder is a result, too.
    ///
    /// Returns the best results. Entries whose own names contain all words come before entries that also need the path
    /// of their folder. In both groups, folders come before files. Folders and files are in the natural order of their
    /// paths.
    ///
    /// # Errors
    ///
    /// If the directory itself cannot be read, or the system has run out of file descriptors, memory or threads. Other
    /// folders that cannot be read or do not answer are omitted.
    pub(crate) fn search(
        &self,
        words: &Words,
        limits: SearchLimits,
        shows: impl Fn(&OsStr) -> bool + Send + 'static,
    ) -> io::Result<Page> {
        let progress = Arc::new(Mutex::new(Progress::default()));
        let mut walk = TreeWalk {
            dir: self.clone(),
            words: words.clone(),
            limits,
            shows,
            progress: Arc::clone(&progress),
            names: 0,
            folders: vec![FolderName::root()],
        };
        let (sender, result) = mpsc::channel();
        let thread = thread::Builder::new().name("search".to_owned());
        thread.stack_size(STACK).spawn(move || {
            // This fails if the request has continued without the walk.
            let _ = sender.send(walk.run());
            if let Some(path) = &lock(&walk.progress).silent {
                lock(&walk.dir.silent).retain(|it| it != path);
            }
        })?;
        let time = (limits.deadline + GRACE).saturating_duration_since(Instant::now());
        let found = result.recv_timeout(time);
        let mut progress = lock(&progress);
        // The walk may have ended between the timeout and the lock.
        match found.or_else(|_| result.try_recv()) {
            Ok(found) => found?,
            Err(TryRecvError::Empty) => self.leave(&mut progress),
            Err(TryRecvError::Disconnected) => return Err(io::Error::other("the search failed")),
        }
        let with_poster = |mut found: Match| {
            let file = found.item.file.as_ref();
            found.item.poster = file.and_then(|it| it.poster(|it| self.has_file(it)));
            found.item
        };
        let matches = mem::take(&mut progress.matches).into_iter();
        Ok(Page {
            items: matches.map(with_poster).collect(),
            after: progress.more,
            is_truncated: progress.is_truncated,
            ..Page::default()
        })
    }

    /// Continues without the walk. Drops the results in the folder that blocks the walk: the search for their images
    /// would block, too.
    fn leave(&self, progress: &mut Progress) {
        let path = progress.at.clone();
        log::warn!("{path:?} does not answer; searches skip it until it answers");
        let is_inside = |found: &Match| found.item.folder.as_path().starts_with(&path);
        progress.matches.retain(|found| !is_inside(found));
        progress.is_truncated = true;
        lock(&self.silent).push(path.clone());
        progress.silent = Some(path);
    }
}

struct TreeWalk<F> {
    dir: MediaDir,
    words: Words,
    limits: SearchLimits,
    shows: F,
    progress: Arc<Mutex<Progress>>,
    names: u64,
    /// The folders that the walk must still read.
    folders: Vec<FolderName>,
}

impl<F: Fn(&OsStr) -> bool> TreeWalk<F> {
    /// Searches the whole tree, depth first, and requests the details of the results.
    fn run(&mut self) -> io::Result<()> {
        while let Some(folder) = self.folders.pop() {
            // Checks the time before each folder, because even an empty folder may need a disk seek.
            if self.is_over(0) {
                break;
            }
            if !self.may_ask(folder.as_path()) {
                continue;
            }
            match self.dir.open_folder(&folder) {
                Ok(names) => self.folder(&folder, names)?,
                Err(error) if is_shortage(&error) || folder == FolderName::root() => {
                    return Err(error);
                }
                Err(_) => {}
            }
        }
        self.finish();
        Ok(())
    }

    /// Returns whether the walk may access a path. Stores the path in `at`, in case the disk does not answer.
    fn may_ask(&self, path: &Path) -> bool {
        let is_silent = lock(&self.dir.silent).iter().any(|it| it == path);
        let mut progress = lock(&self.progress);
        progress.is_truncated |= is_silent;
        path.clone_into(&mut progress.at);
        !is_silent
    }

    /// Counts further names. Returns whether the walk must end, because it has reached a limit.
    fn is_over(&mut self, names: u64) -> bool {
        self.names += names;
        let is_over = self.names > self.limits.names || Instant::now() >= self.limits.deadline;
        lock(&self.progress).is_truncated |= is_over;
        is_over
    }

    fn folder(&mut self, folder: &FolderName, mut names: Dir) -> io::Result<()> {
        let mut path = fold(&folder.as_path().to_string_lossy());
        if !path.is_empty() {
            path.push('/');
        }
        let start = path.len();
        while let Some(entry) = names.next() {
            let Ok(entry) = entry else {
                lock(&self.progress).is_truncated = true;
                break;
            };
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if !folder.lists(name) {
                continue;
            }
            if self.is_over(1) {
                break;
            }
            let mut file_type = entry.file_type();
            if file_type == FileType::Unknown {
                let details = unless_gone(FileDetails::for_listing(names.fd()?, name))?;
                file_type = details.map_or(file_type, |details| details.file_type);
            }
            if file_type == FileType::Directory {
                self.folders.extend(folder.join_folder(name));
            }
            path.truncate(start);
            path += &fold(&name.to_string_lossy());
            if self.words.are_all_in(&path) {
                self.consider(folder, name, file_type, &path[start..])?;
            }
        }
        Ok(())
    }

    /// Stores a name whose path matches, if the name is one of the best results. `own` is the name, folded.
    fn consider(
        &mut self,
        folder: &FolderName,
        name: &OsStr,
        mut file_type: FileType,
        own: &str,
    ) -> io::Result<()> {
        if file_type == FileType::Symlink {
            let link = folder.as_path().join(name);
            if !self.may_ask(&link) {
                return Ok(());
            }
            let target = unless_gone(self.dir.look(&link))?;
            file_type = target.map_or(file_type, |details| details.file_type);
        }
        let is_shown = |is_folder: &bool| match is_folder {
            true => self.words.0.iter().any(|word| own.contains(word)),
            false => (self.shows)(name),
        };
        let Some(is_folder) = is_folder(file_type).filter(is_shown) else {
            return Ok(());
        };
        let found = Match {
            needs_path: !self.words.are_all_in(own),
            item: Item::new(folder, Entry::new(name, is_folder)),
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

    /// Requests the details of the results. Removes results that no longer exist.
    fn finish(&self) {
        let mut unreadable = UnreadableEntries::default();
        let mut matches = lock(&self.progress).matches.clone();
        matches.retain_mut(|Match { item, .. }| {
            let folder = item.folder.as_path().to_owned();
            folder.clone_into(&mut lock(&self.progress).at);
            let details = self.dir.look(&folder.join(&*item.entry.name));
            item.entry.fill(&folder, details, &mut unreadable)
        });
        unreadable.warn();
        lock(&self.progress).matches = matches;
    }
}
