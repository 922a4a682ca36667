//! Permits: counted rights to scarce resources (streams, disks, folder scans, searches, conversions, memory).

use std::collections::HashMap;
use std::ffi::OsString;
use std::net::IpAddr;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use crate::limits::{
    ALL_SCANS, CONVERSIONS, CUT_BYTES, INSIDE_READS, OPENS, PermitLimits, SCANS, SEARCHES, STREAMS,
    STREAMS_PER_CLIENT, ServerLimits, TEXT_BYTES, WHOLE_TRACKS,
};
use crate::lock::lock;
use crate::media::FolderName;
use crate::proxy::Client;

pub(super) struct Permits {
    /// Permits for streams, for all clients together and for each client.
    pub(super) streams: Arc<Semaphore>,
    /// Permits for requests that open a file. A request holds its permit until its handler returns.
    pub(super) opens: Arc<Semaphore>,
    pub(super) scans: Arc<Semaphore>,
    /// Permits for the scans of all folders together.
    pub(super) all_scans: Arc<Semaphore>,
    pub(super) searches: Arc<Semaphore>,
    /// Permits for reads inside media files.
    pub(super) inside: Arc<Semaphore>,
    /// Permits for reads of whole tracks. Such a read also needs a permit of `inside`.
    pub(super) whole_tracks: Arc<Semaphore>,
    pub(super) conversions: Arc<Semaphore>,
    /// One permit for each byte of memory for cuts. A request holds its permits until its cut is sent.
    pub(super) cut_bytes: Arc<Semaphore>,
    /// One permit for each byte of memory for texts. A request holds permits while its text is read, converted or sent.
    pub(super) text_bytes: Arc<Semaphore>,
}

/// The requests that share a limit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Scope {
    All,
    /// The requests for a top-level folder. A network share is usually mounted on such a folder. If the share hangs,
    /// the blocked requests use only the permits of this folder.
    Folder(OsString),
    Client(IpAddr),
}

/// A counting semaphore with a bounded queue for each scope.
pub(super) struct Semaphore {
    limits: PermitLimits,
    /// The scopes with held permits or waiting requests. Other scopes are removed, because the number of addresses and
    /// folders has no limit.
    scopes: Mutex<HashMap<Scope, SemaphoreState>>,
    released: Condvar,
}

#[derive(Default)]
struct SemaphoreState {
    held: usize,
    waiting: usize,
}

/// Guard for permits of a [`Semaphore`]; releases them on drop.
pub(super) struct Permit {
    semaphore: Arc<Semaphore>,
    scope: Scope,
    count: usize,
}

/// Guard for one stream: the permit of the client, and the permit of the server.
pub(super) type StreamPermit = [Permit; 2];

impl Permits {
    pub(super) fn new(limits: &ServerLimits) -> Permits {
        let with_count = |count, limits| Semaphore::new(PermitLimits { count, ..limits });
        Permits {
            streams: with_count(limits.streams, STREAMS),
            opens: Semaphore::new(OPENS),
            scans: Semaphore::new(SCANS),
            all_scans: Semaphore::new(ALL_SCANS),
            searches: Semaphore::new(SEARCHES),
            inside: Semaphore::new(INSIDE_READS),
            whole_tracks: Semaphore::new(WHOLE_TRACKS),
            conversions: Semaphore::new(CONVERSIONS),
            cut_bytes: with_count(limits.text_budget, CUT_BYTES),
            text_bytes: with_count(limits.text_budget, TEXT_BYTES),
        }
    }

    /// Takes a permit for a stream. Returns `None` if no permit is free, or if the client's quota is exhausted.
    ///
    /// The quota is the number of free permits, but at least [`STREAMS_PER_CLIENT`]. Each stream of a client reduces
    /// the number of free permits and so the quota. For example, a client takes 128 of 256 permits. Then 128 are free,
    /// so its quota is 128, and it gets no more. A second client can take 64: then 64 are free.
    pub(super) fn stream(&self, client: Client) -> Option<StreamPermit> {
        let quota = match client.may_be_many {
            // A proxy on this machine may represent many clients.
            true => usize::MAX,
            false => STREAMS_PER_CLIENT.max(self.streams.free()),
        };
        let scope = Scope::Client(client.address);
        let share = self.streams.acquire_up_to(quota, scope, 1)?;
        Some([share, self.streams.acquire(Scope::All, 1)?])
    }
}

impl Scope {
    /// Returns the scope of a folder: its top-level folder.
    pub(super) fn of(folder: &FolderName) -> Scope {
        let top = folder.as_path().iter().next();
        Scope::Folder(top.unwrap_or_default().to_owned())
    }
}

impl Semaphore {
    fn new(limits: PermitLimits) -> Arc<Semaphore> {
        Arc::new(Semaphore {
            limits,
            scopes: Mutex::default(),
            released: Condvar::new(),
        })
    }

    /// Takes `count` permits. Returns `None` if the queue is full, or if the permits are not free within the wait time.
    pub(super) fn acquire(self: &Arc<Semaphore>, scope: Scope, count: usize) -> Option<Permit> {
        self.acquire_up_to(self.limits.count, scope, count)
    }

    /// Takes `count` permits, as [`acquire`](Semaphore::acquire) does. But `limit` is the maximum number of permits of
    /// this scope.
    fn acquire_up_to(
        self: &Arc<Semaphore>,
        limit: usize,
        scope: Scope,
        count: usize,
    ) -> Option<Permit> {
        let has_room = |scopes: &HashMap<Scope, SemaphoreState>| {
            let held = scopes.get(&scope).map_or(0, |state| state.held);
            count <= limit.saturating_sub(held)
        };
        let mut scopes = lock(&self.scopes);
        if !has_room(&scopes)
            && let Some(state) = scopes.get_mut(&scope)
            && state.waiting < self.limits.queue
        {
            state.waiting += 1;
            let (released, wait) = (&self.released, self.limits.wait);
            let waited = released.wait_timeout_while(scopes, wait, |scopes| !has_room(scopes));
            scopes = waited.unwrap_or_else(PoisonError::into_inner).0;
            scopes.get_mut(&scope)?.waiting -= 1;
        }
        if !has_room(&scopes) {
            return None;
        }
        scopes.entry(scope.clone()).or_default().held += count;
        Some(Permit {
            semaphore: Arc::clone(self),
            scope,
            count,
        })
    }

    /// Returns the number of free permits of [`Scope::All`].
    pub(super) fn free(&self) -> usize {
        let scopes = lock(&self.scopes);
        let held = scopes.get(&Scope::All).map_or(0, |state| state.held);
        self.limits.count.saturating_sub(held)
    }
}

impl Permit {
    /// Releases all permits except `count`.
    pub(super) fn shrink(&mut self, count: usize) {
        let mut scopes = lock(&self.semaphore.scopes);
        if let Some(state) = scopes.get_mut(&self.scope) {
            state.held -= self.count.saturating_sub(count);
            match (state.held, state.waiting) {
                (0, 0) => drop(scopes.remove(&self.scope)),
                (_, 0) => {}
                _ => self.semaphore.released.notify_all(),
            }
        }
        self.count = self.count.min(count);
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.shrink(0);
    }
}

#[cfg(test)]
mod tests;
