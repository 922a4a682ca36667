//! Search in the whole tree, with limits on time and memory.
//!
//! The walk has its own thread, because a disk or a network share may block for minutes. After the deadline, the
//! request continues with the results so far. Later searches omit the blocked folder until the thread gets its answer.
//! So the number of threads that wait for a folder is at most the number of parallel searches.

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
use super::walk::{Limits, Match, Progress, Walk};
use super::words::Words;
use crate::limits::STACK;
use crate::lock::lock;

/// The time after the deadline in which the walk should end by itself.
const GRACE: Duration = Duration::from_millis(500);

/// The result of a search.
#[derive(Debug)]
pub(crate) struct Found {
    /// The best results with their folders. Entries whose own names contain all words come first, before entries that
    /// also need the name of their folder. Within these groups, folders come first, then the natural order of the paths
    /// counts.
    pub(crate) entries: Vec<(FolderName, Entry)>,
    /// The number of further results.
    pub(crate) more: usize,
    /// Whether the search covered the whole tree. If not, there may be more results.
    pub(crate) is_complete: bool,
}

impl MediaDir {
    /// Searches the whole tree for folders, and for files whose names match `shows`. All words must occur in the path
    /// below the directory. The own name of a folder must contain at least one word. Otherwise the search would also
    /// return every folder inside a matching folder.
    ///
    /// # Errors
    ///
    /// If the directory itself cannot be read, or the system has run out of file descriptors, memory or threads. The
    /// search omits a folder that cannot be read or does not answer.
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
            progress: Arc::clone(&progress),
            names: 0,
            is_complete: true,
            folded: String::new(),
        };
        let (sender, result) = mpsc::channel();
        let thread = thread::Builder::new().name("search".to_owned());
        thread.stack_size(STACK).spawn(move || {
            let found = walk.run().and_then(|()| finish(&walk));
            // This fails if the request has continued without the walk.
            let _ = sender.send(found);
            if let Some(path) = &lock(&walk.progress).silent {
                lock(&walk.dir.silent).retain(|it| it != path);
            }
        })?;
        let time = (limits.deadline + GRACE).saturating_duration_since(Instant::now());
        match result.recv_timeout(time) {
            Err(RecvTimeoutError::Timeout) => {
                let mut progress = lock(&progress);
                // The walk may have ended in the meantime.
                result
                    .try_recv()
                    .unwrap_or_else(|_| Ok(self.leave(&mut progress)))
            }
            found => found.unwrap_or_else(|_| Err(io::Error::other("the search failed"))),
        }
    }

    /// Returns the results of the walk so far, without details and without results in the blocked folder.
    fn leave(&self, progress: &mut Progress) -> Found {
        let path = progress.at.clone();
        log::warn!("{path:?} does not answer; searches skip it until it answers");
        lock(&self.silent).push(path.clone());
        let found = mem::take(&mut progress.matches).into_iter();
        let found = found.filter(|it| !it.folder.as_path().starts_with(&path));
        let found = Found {
            entries: found.map(|it| (it.folder, it.entry)).collect(),
            more: progress.more,
            is_complete: false,
        };
        progress.silent = Some(path);
        found
    }
}

/// Requests the details of the results. Removes results that no longer exist.
fn finish<F>(walk: &Walk<F>) -> io::Result<Found> {
    let root = walk.dir.root()?;
    let (matches, more) = {
        let progress = lock(&walk.progress);
        (progress.matches.clone(), progress.more)
    };
    let mut unanswered = Unanswered::default();
    let mut entries = Vec::with_capacity(matches.len());
    for Match {
        folder, mut entry, ..
    } in matches
    {
        let path = folder.as_path();
        path.clone_into(&mut lock(&walk.progress).at);
        let details = walk.dir.look(&root, &path.join(&*entry.name));
        if fill(&mut entry, path, details, &mut unanswered) {
            entries.push((folder, entry));
        }
    }
    unanswered.warn();
    Ok(Found {
        entries,
        more,
        is_complete: walk.is_complete,
    })
}
