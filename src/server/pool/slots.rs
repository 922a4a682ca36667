//! Who may be long at an answer: streams, listings, searches, each up to a limit. Knows the counts of the pool.

use std::net::IpAddr;
use std::sync::{Arc, Condvar, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Count, Pool};

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
    client: IpAddr,
}

/// The right to begin a listing. Given back on drop.
#[derive(Debug)]
pub(in crate::server) struct FolderSlot {
    pool: Arc<Pool>,
}

/// The right to search. Given back on drop.
#[derive(Debug)]
pub(in crate::server) struct SearchSlot {
    pool: Arc<Pool>,
}

impl Pool {
    /// A slot, unless all that this client may have are taken, or no worker would be left for other answers.
    pub(in crate::server) fn claim_stream(self: &Arc<Pool>, client: IpAddr) -> Option<StreamSlot> {
        let mut count = self.lock();
        if !count.streams.has_one_for(client) && count.hopeful < HOPEFUL_LIMIT {
            count.hopeful += 1;
            count = wait_while(&self.slot_free, count, GRACE, |count| {
                !count.streams.has_one_for(client)
            });
            count.hopeful -= 1;
        }
        if !count.streams.has_one_for(client) || !self.has_another(&mut count) {
            return None;
        }
        count.streams.take(client);
        Some(StreamSlot {
            pool: Arc::clone(self),
            client,
        })
    }

    /// A slot, after a moment perhaps, unless too many listings wait for one.
    pub(in crate::server) fn claim_folder(self: &Arc<Pool>) -> Option<FolderSlot> {
        self.claim_folder_within(FOLDER_PATIENCE)
    }

    /// The same for somebody who can do without.
    pub(in crate::server) fn claim_folder_soon(self: &Arc<Pool>) -> Option<FolderSlot> {
        self.claim_folder_within(FOLDER_PATIENCE / 4)
    }

    fn claim_folder_within(self: &Arc<Pool>, patience: Duration) -> Option<FolderSlot> {
        let mut count = self.lock();
        if count.folders >= FOLDER_LIMIT
            && count.folder_queue < FOLDER_QUEUE
            && self.has_another(&mut count)
        {
            count.folder_queue += 1;
            count = wait_while(&self.folder_free, count, patience, |count| {
                count.folders >= FOLDER_LIMIT
            });
            count.folder_queue -= 1;
        }
        if count.folders >= FOLDER_LIMIT {
            return None;
        }
        count.folders += 1;
        Some(FolderSlot {
            pool: Arc::clone(self),
        })
    }

    /// The same for a search.
    pub(in crate::server) fn claim_search(self: &Arc<Pool>) -> Option<SearchSlot> {
        let mut count = self.lock();
        if count.searches >= SEARCH_LIMIT
            && count.search_queue < SEARCH_QUEUE
            && self.has_another(&mut count)
        {
            count.search_queue += 1;
            count = wait_while(&self.search_free, count, SEARCH_PATIENCE, |count| {
                count.searches >= SEARCH_LIMIT
            });
            count.search_queue -= 1;
        }
        if count.searches >= SEARCH_LIMIT {
            return None;
        }
        count.searches += 1;
        Some(SearchSlot {
            pool: Arc::clone(self),
        })
    }
}

/// Waits for `event` while `condition` holds, but no longer than `patience`.
pub(super) fn wait_while<'a>(
    event: &Condvar,
    count: MutexGuard<'a, Count>,
    patience: Duration,
    condition: impl Fn(&Count) -> bool,
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
            count.streams.give_back(self.client);
            count.hopeful > 0
        };
        // A call of the system, whether anybody waits or not; all, since it may not be for the first of them.
        if is_hoped_for {
            self.pool.slot_free.notify_all();
        }
    }
}

impl Drop for FolderSlot {
    fn drop(&mut self) {
        let mut count = self.pool.lock();
        count.folders -= 1;
        if count.folder_queue > 0 {
            self.pool.folder_free.notify_one();
        }
    }
}

impl Drop for SearchSlot {
    fn drop(&mut self) {
        let mut count = self.pool.lock();
        count.searches -= 1;
        if count.search_queue > 0 {
            self.pool.search_free.notify_one();
        }
    }
}
