//! Permits: counted rights to scarce resources (streams, disks, folder scans, searches, conversions, memory). A guard
//! releases its permit on drop.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::net::IpAddr;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use crate::limits::{
    ALL_SCANS, CONVERSIONS, CUT_BYTES, INSIDE_READS, Limits, OPENS, PermitLimits, SCANS, SEARCHES,
    STREAMS, STREAMS_PER_CLIENT, TEXT_BYTES, WHOLE_TRACKS,
};
use crate::lock::lock;
use crate::proxy::Caller;

/// The semaphores of a server.
pub(super) struct Permits {
    pub(super) streams: StreamQuota,
    /// Permits for requests that open a file. A request holds its permit until its response is decided.
    pub(super) opens: FolderQuota,
    pub(super) scans: FolderQuota,
    /// Permits for the scans of all folders together.
    pub(super) all_scans: Arc<Semaphore>,
    pub(super) searches: Arc<Semaphore>,
    /// Permits for reads inside media files.
    pub(super) inside: FolderQuota,
    /// Permits for reads of whole tracks. Such a read also needs a permit of `inside`.
    pub(super) whole_tracks: FolderQuota,
    pub(super) conversions: Arc<Semaphore>,
    /// Permits for bytes of memory: for cuts during their preparation, and for the heads of cuts during the transfer.
    pub(super) cut_bytes: Arc<Semaphore>,
    /// Permits for bytes of memory: for texts during the transfer.
    pub(super) text_bytes: Arc<Semaphore>,
}

impl Permits {
    pub(super) fn new(limits: &Limits) -> Permits {
        let bytes = |kind| Semaphore::with_count(limits.text_budget, kind);
        Permits {
            streams: StreamQuota::new(limits.streams),
            opens: FolderQuota::new(OPENS),
            scans: FolderQuota::new(SCANS),
            all_scans: Semaphore::new(ALL_SCANS),
            searches: Semaphore::new(SEARCHES),
            inside: FolderQuota::new(INSIDE_READS),
            whole_tracks: FolderQuota::new(WHOLE_TRACKS),
            conversions: Semaphore::new(CONVERSIONS),
            cut_bytes: bytes(CUT_BYTES),
            text_bytes: bytes(TEXT_BYTES),
        }
    }
}

/// A counting semaphore with a bounded queue.
pub(super) struct Semaphore {
    limits: PermitLimits,
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
    fn new(limits: PermitLimits) -> Arc<Semaphore> {
        Arc::new(Semaphore {
            limits,
            state: Mutex::default(),
            released: Condvar::new(),
        })
    }

    fn with_count(count: usize, limits: PermitLimits) -> Arc<Semaphore> {
        Semaphore::new(PermitLimits { count, ..limits })
    }

    /// Takes `count` permits. Returns `None` if the queue is full, or if the permits are not free within the wait time.
    pub(super) fn acquire(self: &Arc<Semaphore>, count: usize) -> Option<Permit> {
        let mut state = lock(&self.state);
        if !self.has_room(&state, count) && state.waiting < self.limits.queue {
            state.waiting += 1;
            let is_full = |state: &mut State| !self.has_room(state, count);
            let waited = self
                .released
                .wait_timeout_while(state, self.limits.wait, is_full);
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

    /// Returns the number of free permits.
    pub(super) fn free(&self) -> usize {
        self.limits.count.saturating_sub(lock(&self.state).held)
    }

    fn has_room(&self, state: &State, count: usize) -> bool {
        count <= self.limits.count.saturating_sub(state.held)
    }
}

impl Permit {
    /// Releases all permits except `count`.
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
                // The first waiting thread may need more permits than these, and these may be enough for several
                // threads.
                _ => self.semaphore.released.notify_all(),
            }
        }
    }
}

/// A set of semaphores: one for each folder directly below the media directory. The files directly in the media
/// directory share one more. A network share is usually mounted on such a folder. If its server is down, the blocked
/// requests use up the permits of that folder only.
pub(super) struct FolderQuota {
    limits: PermitLimits,
    /// The semaphores by the name of the folder.
    semaphores: Mutex<HashMap<OsString, Arc<Semaphore>>>,
}

impl FolderQuota {
    fn new(limits: PermitLimits) -> FolderQuota {
        FolderQuota {
            limits,
            semaphores: Mutex::default(),
        }
    }

    /// Takes a permit for a folder below the media directory; returns `None` as [`Semaphore::acquire`] does.
    pub(super) fn acquire(&self, folder: &Path) -> Option<Permit> {
        let name = folder.iter().next().unwrap_or_default();
        let known = lock(&self.semaphores).get(name).map(Arc::clone);
        known.unwrap_or_else(|| self.add(name)).acquire(1)
    }

    fn add(&self, name: &OsStr) -> Arc<Semaphore> {
        let mut semaphores = lock(&self.semaphores);
        // Clients choose the names, so semaphores that no request uses are removed.
        semaphores.retain(|_, semaphore| Arc::strong_count(semaphore) > 1);
        let semaphore = semaphores.entry(name.to_owned());
        Arc::clone(semaphore.or_insert_with(|| Semaphore::new(self.limits)))
    }
}

/// Stream permits with a quota for each client. The quota of a client is [`STREAMS_PER_CLIENT`], or the number of free
/// permits if this is higher. So the first client can take half of all permits, and the next client half of the rest. A
/// client that opens hundreds of connections leaves permits for the other clients.
pub(super) struct StreamQuota {
    semaphore: Arc<Semaphore>,
    /// A counter for each client: each permit holds one reference.
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
            semaphore: Semaphore::with_count(limit, STREAMS),
            clients: Mutex::default(),
        }
    }

    /// Takes a permit for this client. Returns `None` if no permit is free, or if the client's quota is exhausted.
    pub(super) fn acquire(&self, caller: Caller) -> Option<StreamPermit> {
        let client = {
            let mut clients = lock(&self.clients);
            if !clients.contains_key(&caller.address) {
                clients.retain(|_, client| Arc::strong_count(client) > 1);
            }
            let client = clients.entry(caller.address).or_default();
            let quota = STREAMS_PER_CLIENT.max(self.semaphore.free());
            // A proxy on this machine may represent many clients.
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

    /// Returns the number of running streams.
    pub(super) fn taken(&self) -> usize {
        lock(&self.semaphore.state).held
    }
}

#[cfg(test)]
mod tests;
