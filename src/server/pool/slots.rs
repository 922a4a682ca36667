//! Who may be long at an answer: streams, listings, searches, each up to a limit. Knows the counts of the pool.

use std::sync::{Arc, Condvar, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Count, Pool, Turn};
use crate::proxy::Caller;

/// Listings begun at a time, which takes a pass over the folder. More would not be
/// faster: it takes the disk and the processor. Those that go on beyond their first block are streams.
pub(super) const FOLDER_LIMIT: usize = 4;
/// Listings that wait for that, at the most and for how long. Whoever asks for hundreds must not stand before those
/// who ask for something else.
pub(super) const FOLDER_QUEUE: usize = 24;
const FOLDER_PATIENCE: Duration = Duration::from_secs(1);
/// Searches at a time, each of which may take some seconds of the disk. They have turns of their own, so that however
/// many search, a folder opens.
pub(super) const SEARCH_LIMIT: usize = 2;
/// Searches that wait for that, at the most and for how long.
pub(super) const SEARCH_QUEUE: usize = 8;
const SEARCH_PATIENCE: Duration = Duration::from_secs(3);
/// How long a request that finds all streams taken waits for one. A client sees the end of its stream a moment before
/// its worker has counted it, and its next request must not suffer from that.
const GRACE: Duration = Duration::from_millis(10);
/// So many may hope at a time: the others' workers are for those that can be answered.
const HOPEFUL_LIMIT: usize = 2;

/// The right to send one stream. Given back on drop.
#[derive(Debug)]
pub(in crate::server) struct StreamSlot {
    pool: Arc<Pool>,
    caller: Caller,
}

/// What is done for few at a time, since it takes the disk and the processor.
#[derive(Debug, Clone, Copy)]
pub(super) enum Chore {
    Folder,
    Search,
}

/// Those at a chore.
#[derive(Debug)]
pub(super) struct Line {
    limit: usize,
    queue_limit: usize,
    busy: usize,
    /// Those that wait for their turn.
    queued: usize,
}

/// The right to do a chore. Given back on drop.
#[derive(Debug)]
pub(in crate::server) struct ChoreSlot {
    pool: Arc<Pool>,
    chore: Chore,
}

impl Line {
    pub(super) fn new(limit: usize, queue_limit: usize) -> Line {
        Line {
            limit,
            queue_limit,
            busy: 0,
            queued: 0,
        }
    }

    fn is_taken(&self) -> bool {
        self.busy >= self.limit
    }
}

impl Count {
    fn line(&mut self, chore: Chore) -> &mut Line {
        match chore {
            Chore::Folder => &mut self.folders,
            Chore::Search => &mut self.searches,
        }
    }
}

impl Turn<'_> {
    /// A slot, unless all that this client may have are taken, or no worker would be left for other answers.
    pub(in crate::server) fn claim_stream(&self, caller: Caller) -> Option<StreamSlot> {
        let pool = self.pool();
        let mut count = pool.lock();
        if !count.streams.has_one_for(caller) && count.hopeful < HOPEFUL_LIMIT {
            drop(count);
            self.step_aside();
            count = pool.lock();
            count.hopeful += 1;
            count = wait_while(&pool.slot_free, count, GRACE, |count| {
                !count.streams.has_one_for(caller)
            });
            count.hopeful -= 1;
        }
        if !count.streams.has_one_for(caller) || !pool.has_another(&mut count) {
            return None;
        }
        count.streams.take(caller);
        Some(StreamSlot {
            pool: Arc::clone(pool),
            caller,
        })
    }

    /// The right to begin a listing, after a moment perhaps, unless too many wait for it.
    pub(in crate::server) fn claim_folder(&self) -> Option<ChoreSlot> {
        self.claim(Chore::Folder, FOLDER_PATIENCE)
    }

    /// The same for somebody who can do without.
    pub(in crate::server) fn claim_folder_soon(&self) -> Option<ChoreSlot> {
        self.claim(Chore::Folder, FOLDER_PATIENCE / 4)
    }

    /// The same for a search.
    pub(in crate::server) fn claim_search(&self) -> Option<ChoreSlot> {
        self.claim(Chore::Search, SEARCH_PATIENCE)
    }

    fn claim(&self, chore: Chore, patience: Duration) -> Option<ChoreSlot> {
        self.step_aside();
        let pool = self.pool();
        let mut count = pool.lock();
        let line = count.line(chore);
        if line.is_taken() && line.queued < line.queue_limit && pool.has_another(&mut count) {
            count.line(chore).queued += 1;
            count = wait_while(pool.line_moves(chore), count, patience, |count| {
                count.line(chore).is_taken()
            });
            count.line(chore).queued -= 1;
        }
        let line = count.line(chore);
        if line.is_taken() {
            return None;
        }
        line.busy += 1;
        Some(ChoreSlot {
            pool: Arc::clone(pool),
            chore,
        })
    }
}

impl Pool {
    fn line_moves(&self, chore: Chore) -> &Condvar {
        match chore {
            Chore::Folder => &self.folder_free,
            Chore::Search => &self.search_free,
        }
    }
}

/// Waits for `event` while `condition` holds, but no longer than `patience`.
pub(super) fn wait_while<'a>(
    event: &Condvar,
    count: MutexGuard<'a, Count>,
    patience: Duration,
    condition: impl Fn(&mut Count) -> bool,
) -> MutexGuard<'a, Count> {
    event
        .wait_timeout_while(count, patience, |count| condition(count))
        .unwrap_or_else(PoisonError::into_inner)
        .0
}

impl Drop for StreamSlot {
    fn drop(&mut self) {
        let is_hoped_for = {
            let mut count = self.pool.lock();
            count.streams.give_back(self.caller);
            count.hopeful > 0
        };
        // A call of the system, whether anybody waits or not; all, since it may not be for the first of them.
        if is_hoped_for {
            self.pool.slot_free.notify_all();
        }
    }
}

impl Drop for ChoreSlot {
    fn drop(&mut self) {
        let mut count = self.pool.lock();
        let line = count.line(self.chore);
        line.busy -= 1;
        if line.queued > 0 {
            self.pool.line_moves(self.chore).notify_one();
        }
    }
}
