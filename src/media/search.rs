//! Search in the whole tree, in bounded time and memory.
//!
//! The walk has a thread of its own, because a disk or a network share may not answer for minutes. The request then goes
//! on with what was found. Later searches leave that folder out until the thread has its answer, so at most as many
//! threads wait for a folder as searches run at the same time.

use std::ffi::OsStr;
use std::io;
use std::mem;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::dir::MediaDir;
use super::entry::{Entry, Unanswered, fill};
use super::name::FolderName;
use super::walk::{Limits, Match, Progress, Walk, lock};
use super::words::Words;
use crate::limits::STACK;

/// Time after the deadline in which the walk should end by itself.
const GRACE: Duration = Duration::from_millis(500);

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

impl MediaDir {
    /// Looks through the whole tree for files whose names pass `shows`, and for folders. All words must occur in the path
    /// below the directory; of a folder, one of them in its own name, or all that is in it would be found with it.
    ///
    /// # Errors
    ///
    /// If the directory itself cannot be read, or the system has run out of descriptors, memory or threads. A folder that
    /// cannot be read is left out, and so is one that does not answer.
    pub(crate) fn search(
        &self,
        words: &Words,
        limits: Limits,
        shows: impl Fn(&OsStr) -> bool + Send + 'static,
    ) -> io::Result<Found> {
        let progress = Arc::new(Mutex::new(Progress::default()));
        let mut walk = Walk {
            dir: self.clone(),
            words: words.clone(),
            limits,
            shows,
            left_out: lock(&self.silent).clone(),
            progress: Arc::clone(&progress),
            names: 0,
            is_over: false,
            is_complete: true,
            folded: String::new(),
        };
        let (sender, result) = mpsc::channel();
        let silent = Arc::clone(&self.silent);
        let thread = thread::Builder::new().name("search".to_owned());
        thread.stack_size(STACK).spawn(move || {
            let found = walk.run().and_then(|()| finish(&walk));
            // Fails if the request has gone on.
            let _ = sender.send(found);
            let mut progress = lock(&walk.progress);
            progress.has_ended = true;
            if let Some(path) = &progress.silent {
                lock(&silent).retain(|it| it != path);
            }
        })?;
        let time = (limits.deadline + GRACE).saturating_duration_since(Instant::now());
        match result.recv_timeout(time) {
            Ok(found) => found,
            Err(RecvTimeoutError::Timeout) => match self.leave(&mut lock(&progress)) {
                Some(found) => Ok(found),
                None => result.recv().unwrap_or_else(|_| Err(failed())),
            },
            Err(RecvTimeoutError::Disconnected) => Err(failed()),
        }
    }

    /// Returns what a walk has found so far, without details and without results in the folder that does not answer.
    /// `None` if the walk has ended.
    fn leave(&self, progress: &mut Progress) -> Option<Found> {
        if progress.has_ended {
            return None;
        }
        let path = progress.at.clone();
        log::warn!("{path:?} does not answer; searches leave it out until it does");
        lock(&self.silent).push(path.clone());
        let found = mem::take(&mut progress.matches).into_iter();
        let found = found.filter(|it| !it.folder.as_path().starts_with(&path));
        let entry = |it: Match| (it.folder, Entry::new(&it.name, it.kind, None));
        let found = Found {
            entries: found.map(entry).collect(),
            more: progress.more,
            is_complete: false,
        };
        progress.silent = Some(path);
        Some(found)
    }
}

/// The thread of the walk has panicked.
fn failed() -> io::Error {
    io::Error::other("the search failed")
}

/// Asks for the details of the results. Results that are gone by now are left out.
fn finish<F>(walk: &Walk<F>) -> io::Result<Found> {
    let root = walk.dir.root()?;
    let (matches, more) = {
        let progress = lock(&walk.progress);
        (progress.matches.clone(), progress.more)
    };
    let mut unanswered = Unanswered::default();
    let mut entries = Vec::with_capacity(matches.len());
    for found in matches {
        let folder = found.folder.as_path();
        folder.clone_into(&mut lock(&walk.progress).at);
        let details = walk.dir.look(&root, &folder.join(&found.name));
        let mut entry = Entry::new(&found.name, found.kind, None);
        if fill(&mut entry, folder, details, &mut unanswered) {
            entries.push((found.folder, entry));
        }
    }
    unanswered.warn();
    Ok(Found {
        entries,
        more,
        is_complete: walk.is_complete,
    })
}
