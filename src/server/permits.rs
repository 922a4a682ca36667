//! Permits: counted rights to something scarce (streams, disks, folder scans, searches, conversions, memory). A guard
//! releases its permit when it is dropped.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::net::IpAddr;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::limits::{
    ALL_SCANS, CONVERSION_QUEUE, CONVERSION_WAIT, CONVERSIONS, CUT_QUEUE, CUT_WAIT, INSIDE_QUEUE,
    INSIDE_READS, INSIDE_WAIT, Limits, OPEN_QUEUE, OPEN_WAIT, OPENS, SCAN_QUEUE, SCAN_WAIT, SCANS,
    SEARCH_QUEUE, SEARCH_WAIT, SEARCHES, STREAM_QUEUE, STREAM_WAIT, STREAMS_PER_CLIENT,
};
use crate::proxy::Caller;

/// The permits of a server.
pub(super) struct Permits {
    pub(super) streams: StreamQuota,
    /// Requests that open a file, until their response is decided.
    pub(super) opens: FolderQuota,
    pub(super) scans: FolderQuota,
    /// The scans of all folders together.
    pub(super) all_scans: Arc<Semaphore>,
    pub(super) searches: Arc<Semaphore>,
    /// Reads inside media files.
    pub(super) inside: FolderQuota,
    pub(super) conversions: Arc<Semaphore>,
    /// Bytes of memory for cuts that are being made, and for their heads while they are sent.
    pub(super) cut_bytes: Arc<Semaphore>,
    /// Bytes of texts in memory while they are sent.
    pub(super) text_bytes: Arc<Semaphore>,
}

impl Permits {
    pub(super) fn new(limits: &Limits) -> Permits {
        Permits {
            streams: StreamQuota::new(limits.streams),
            opens: FolderQuota::new(|| Semaphore::new(OPENS, OPEN_QUEUE, OPEN_WAIT)),
            scans: FolderQuota::new(|| Semaphore::new(SCANS, SCAN_QUEUE, SCAN_WAIT)),
            all_scans: Arc::new(Semaphore::new(ALL_SCANS, 0, Duration::ZERO)),
            searches: Arc::new(Semaphore::new(SEARCHES, SEARCH_QUEUE, SEARCH_WAIT)),
            inside: FolderQuota::new(|| Semaphore::new(INSIDE_READS, INSIDE_QUEUE, INSIDE_WAIT)),
            conversions: Arc::new(Semaphore::new(
                CONVERSIONS,
                CONVERSION_QUEUE,
                CONVERSION_WAIT,
            )),
            cut_bytes: Arc::new(Semaphore::new(limits.text_budget, CUT_QUEUE, CUT_WAIT)),
            text_bytes: Arc::new(Semaphore::new(limits.text_budget, 0, Duration::ZERO)),
        }
    }
}

/// A counting semaphore with a bounded queue.
pub(super) struct Semaphore {
    limit: usize,
    queue: usize,
    wait: Duration,
    state: Mutex<State>,
    released: Condvar,
}

#[derive(Default)]
struct State {
    held: usize,
    waiting: usize,
}

/// Guard for permits of a [`Semaphore`]; releases them on drop.
pub(super) struct Permit {
    semaphore: Arc<Semaphore>,
    count: usize,
}

impl Semaphore {
    /// A semaphore for `limit` permits. Up to `queue` threads wait for room, each for up to `wait`.
    fn new(limit: usize, queue: usize, wait: Duration) -> Semaphore {
        Semaphore {
            limit,
            queue,
            wait,
            state: Mutex::default(),
            released: Condvar::new(),
        }
    }

    /// Takes `count` permits; `None` if too many are held, after the time that the queue allows.
    pub(super) fn acquire(self: &Arc<Semaphore>, count: usize) -> Option<Permit> {
        let mut state = lock(&self.state);
        if !self.has_room(&state, count) && state.waiting < self.queue {
            state.waiting += 1;
            let is_full = |state: &mut State| !self.has_room(state, count);
            let waited = self.released.wait_timeout_while(state, self.wait, is_full);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            state.waiting -= 1;
        }
        if !self.has_room(&state, count) {
            return None;
        }
        state.held += count;
        Some(Permit {
            semaphore: Arc::clone(self),
            count,
        })
    }

    /// Number of permits that nothing holds.
    pub(super) fn free(&self) -> usize {
        self.limit.saturating_sub(lock(&self.state).held)
    }

    fn has_room(&self, state: &State, count: usize) -> bool {
        count <= self.limit.saturating_sub(state.held)
    }
}

impl Permit {
    /// Releases all but `count`.
    pub(super) fn shrink(&mut self, count: usize) {
        let mut state = lock(&self.semaphore.state);
        state.held -= self.count.saturating_sub(count);
        self.count = self.count.min(count);
        self.semaphore.released.notify_all();
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut state = lock(&self.semaphore.state);
        state.held -= self.count;
        if state.waiting > 0 {
            match self.count {
                1 => self.semaphore.released.notify_one(),
                // The first may want more than this, and several may find room in it.
                _ => self.semaphore.released.notify_all(),
            }
        }
    }
}

/// A semaphore for each folder directly below the media directory and all that is in it, and one for the files beside
/// those folders. A network share is mounted on a folder: when its server is down, the requests that hang in it use up
/// the permits of that folder only.
pub(super) struct FolderQuota {
    new: fn() -> Semaphore,
    /// By the name of the folder.
    semaphores: Mutex<HashMap<OsString, Arc<Semaphore>>>,
}

impl FolderQuota {
    fn new(new: fn() -> Semaphore) -> FolderQuota {
        FolderQuota {
            new,
            semaphores: Mutex::default(),
        }
    }

    /// Takes a permit for a folder below the media directory; `None` as [`Semaphore::acquire`].
    pub(super) fn acquire(&self, folder: &Path) -> Option<Permit> {
        let name = folder.iter().next().unwrap_or_default();
        let known = lock(&self.semaphores).get(name).map(Arc::clone);
        known.unwrap_or_else(|| self.add(name)).acquire(1)
    }

    fn add(&self, name: &OsStr) -> Arc<Semaphore> {
        let mut semaphores = lock(&self.semaphores);
        // Clients choose the names: semaphores without a request go.
        semaphores.retain(|_, semaphore| Arc::strong_count(semaphore) > 1);
        let semaphore = semaphores.entry(name.to_owned());
        Arc::clone(semaphore.or_insert_with(|| Arc::new((self.new)())))
    }
}

/// Stream permits, with a quota for each client: a client beyond [`STREAMS_PER_CLIENT`] gets at most as many as are
/// still free. So the first may take half of all, the next half of the rest, and a client that opens hundreds of
/// connections leaves permits for the others.
pub(super) struct StreamQuota {
    semaphore: Arc<Semaphore>,
    /// Each permit of a client holds one reference.
    clients: Mutex<HashMap<IpAddr, Arc<()>>>,
}

/// Guard for one stream; releases it on drop.
pub(super) struct StreamPermit {
    _client: Arc<()>,
    _permit: Permit,
}

impl StreamQuota {
    fn new(limit: usize) -> StreamQuota {
        StreamQuota {
            semaphore: Arc::new(Semaphore::new(limit, STREAM_QUEUE, STREAM_WAIT)),
            clients: Mutex::default(),
        }
    }

    /// Takes a permit for this client; `None` if all are held, or the client's quota is used up.
    pub(super) fn acquire(&self, caller: Caller) -> Option<StreamPermit> {
        let client = {
            let mut clients = lock(&self.clients);
            if !clients.contains_key(&caller.address) {
                clients.retain(|_, client| Arc::strong_count(client) > 1);
            }
            let client = clients.entry(caller.address).or_default();
            let quota = STREAMS_PER_CLIENT.max(self.semaphore.free());
            // A proxy on this machine may stand for many clients.
            if Arc::strong_count(client) > quota && !caller.may_be_many {
                return None;
            }
            Arc::clone(client)
        };
        Some(StreamPermit {
            _client: client,
            _permit: self.semaphore.acquire(1)?,
        })
    }

    /// Number of streams that are being sent.
    pub(super) fn taken(&self) -> usize {
        lock(&self.semaphore.state).held
    }
}

/// Locks without regard to poisoning: no state behind these locks is left half-changed by a panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
