//! Permits: counted rights to something scarce (streams, folder scans, searches, conversions, memory). A guard releases
//! its permit when it is dropped.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::limits::{
    CONVERSION_QUEUE, CONVERSION_WAIT, CONVERSIONS, FOLDER_QUEUE, FOLDER_SCANS, FOLDER_WAIT,
    HUNG_AFTER, HUNG_CHECK, HUNG_FACTOR, Limits, SEARCH_QUEUE, SEARCH_WAIT, SEARCHES, STREAM_QUEUE,
    STREAM_WAIT, STREAMS_PER_CLIENT,
};
use crate::proxy::Caller;

/// The permits of a server.
#[derive(Debug)]
pub(super) struct Permits {
    pub(super) streams: Arc<StreamQuota>,
    pub(super) folders: Arc<Semaphore>,
    pub(super) searches: Arc<Semaphore>,
    pub(super) conversions: Arc<Semaphore>,
    /// Bytes of texts in memory while they are sent.
    pub(super) text_bytes: Arc<Semaphore>,
}

impl Permits {
    pub(super) fn new(limits: &Limits) -> Permits {
        let scans = |limit| Semaphore::new(limit).hung_after(HUNG_AFTER);
        Permits {
            streams: Arc::new(StreamQuota::new(limits.streams)),
            folders: Arc::new(scans(FOLDER_SCANS).queue(FOLDER_QUEUE, FOLDER_WAIT)),
            searches: Arc::new(scans(SEARCHES).queue(SEARCH_QUEUE, SEARCH_WAIT)),
            conversions: Arc::new(
                Semaphore::new(CONVERSIONS).queue(CONVERSION_QUEUE, CONVERSION_WAIT),
            ),
            text_bytes: Arc::new(Semaphore::new(limits.text_budget)),
        }
    }
}

/// A counting semaphore with a bounded queue.
#[derive(Debug)]
pub(super) struct Semaphore {
    limit: usize,
    /// How many may wait, and for how long.
    queue: (usize, Duration),
    /// A permit that has been held for longer no longer counts; see [`Semaphore::hung_after`].
    hung_after: Option<Duration>,
    state: Mutex<State>,
    released: Condvar,
}

#[derive(Debug, Default)]
struct State {
    held: usize,
    waiting: usize,
    /// Since when each permit is held. Empty where `hung_after` is not set.
    since: Vec<Instant>,
}

/// Guard for permits of a [`Semaphore`]; releases them on drop.
#[derive(Debug)]
pub(super) struct Permit {
    semaphore: Arc<Semaphore>,
    count: usize,
    since: Instant,
}

impl Semaphore {
    /// A semaphore for `limit` permits. Nothing waits for it.
    pub(super) fn new(limit: usize) -> Semaphore {
        Semaphore {
            limit,
            queue: (0, Duration::ZERO),
            hung_after: None,
            state: Mutex::default(),
            released: Condvar::new(),
        }
    }

    /// Lets up to `length` threads wait for a permit, each for up to `wait`.
    pub(super) fn queue(mut self, length: usize, wait: Duration) -> Semaphore {
        self.queue = (length, wait);
        self
    }

    /// Counts a permit that has been held for longer than `time` as hung: another may take its place, up to
    /// [`HUNG_FACTOR`] times the limit in all. For what reads a disk, which may not answer for minutes.
    pub(super) fn hung_after(mut self, time: Duration) -> Semaphore {
        self.hung_after = Some(time);
        self
    }

    /// Takes `count` permits; `None` if too many are held, after the time that the queue allows.
    pub(super) fn acquire(self: &Arc<Semaphore>, count: usize) -> Option<Permit> {
        let mut state = lock(&self.state);
        let (length, wait) = self.queue;
        if !self.has_room(&state, count) && state.waiting < length {
            state.waiting += 1;
            state = self.wait_for_room(state, count, wait);
            state.waiting -= 1;
        }
        if !self.has_room(&state, count) {
            return None;
        }
        let since = Instant::now();
        state.held += count;
        if self.hung_after.is_some() {
            state.since.push(since);
        }
        Some(Permit {
            semaphore: Arc::clone(self),
            count,
            since,
        })
    }

    fn wait_for_room<'a>(
        &self,
        mut state: MutexGuard<'a, State>,
        count: usize,
        wait: Duration,
    ) -> MutexGuard<'a, State> {
        // A permit that turns out to hang is not reported, so that is looked for from time to time.
        let step = if self.hung_after.is_some() {
            HUNG_CHECK.min(wait)
        } else {
            wait
        };
        let until = Instant::now() + wait;
        while !self.has_room(&state, count) && Instant::now() < until {
            state = self
                .released
                .wait_timeout_while(state, step, |state| !self.has_room(state, count))
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        state
    }

    /// Number of permits that nothing holds.
    pub(super) fn free(&self) -> usize {
        self.limit.saturating_sub(lock(&self.state).held)
    }

    fn has_room(&self, state: &State, count: usize) -> bool {
        let fits =
            |held: usize, limit: usize| held.checked_add(count).is_some_and(|it| it <= limit);
        if let Some(time) = self.hung_after {
            let is_hung = |since: &&Instant| since.elapsed() > time;
            let hung = state.since.iter().filter(is_hung).count();
            return fits(state.held.saturating_sub(hung), self.limit)
                && fits(state.held, self.limit * HUNG_FACTOR);
        }
        fits(state.held, self.limit)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut state = lock(&self.semaphore.state);
        state.held -= self.count;
        if let Some(place) = state.since.iter().position(|&since| since == self.since) {
            state.since.swap_remove(place);
        }
        // All, because the first of them may want more permits than there are.
        if state.waiting > 0 {
            self.semaphore.released.notify_all();
        }
    }
}

/// Stream permits, with a quota for each client: a client beyond [`STREAMS_PER_CLIENT`] gets at most as many as are
/// still free. So the first may take half of all, the next half of the rest, and a client that opens hundreds of
/// connections leaves permits for the others.
#[derive(Debug)]
pub(super) struct StreamQuota {
    limit: usize,
    semaphore: Arc<Semaphore>,
    /// Permits by client; only clients that hold some.
    held: Mutex<HashMap<IpAddr, usize>>,
}

/// Guard for one stream; releases it on drop.
#[derive(Debug)]
pub(super) struct StreamPermit {
    quota: Arc<StreamQuota>,
    client: IpAddr,
    _permit: Permit,
}

impl StreamQuota {
    pub(super) fn new(limit: usize) -> StreamQuota {
        StreamQuota {
            limit,
            semaphore: Arc::new(Semaphore::new(limit).queue(STREAM_QUEUE, STREAM_WAIT)),
            held: Mutex::default(),
        }
    }

    /// Takes a permit for this client; `None` if all are held, or the client's quota is used up.
    pub(super) fn acquire(self: &Arc<StreamQuota>, caller: Caller) -> Option<StreamPermit> {
        let client = caller.address;
        {
            let mut held = lock(&self.held);
            let count = held.entry(client).or_default();
            let quota = STREAMS_PER_CLIENT.max(self.semaphore.free());
            // A proxy on this machine may stand for many clients.
            if *count >= quota && !caller.may_be_many {
                return None;
            }
            *count += 1;
        }
        match self.semaphore.acquire(1) {
            Some(permit) => Some(StreamPermit {
                quota: Arc::clone(self),
                client,
                _permit: permit,
            }),
            None => {
                self.release(client);
                None
            }
        }
    }

    /// Number of streams that are being sent.
    pub(super) fn taken(&self) -> usize {
        self.limit - self.semaphore.free()
    }

    /// Number of streams that can be sent at a time.
    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    fn release(&self, client: IpAddr) {
        let mut held = lock(&self.held);
        if let Some(count) = held.get_mut(&client) {
            *count -= 1;
            if *count == 0 {
                held.remove(&client);
            }
        }
    }
}

impl Drop for StreamPermit {
    fn drop(&mut self) {
        self.quota.release(self.client);
    }
}

/// Locks without regard to poisoning: no state behind these locks is left half-changed by a panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
