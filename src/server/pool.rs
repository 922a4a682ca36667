//! The worker threads: as many as there are requests to answer, up to a limit, and gone when they are not needed.

mod shares;
mod slots;

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::Service;
use super::{converter, worker};
use crate::gate::Workers;
use crate::gate::desk::Desk;
use crate::gate::link::Requests;

use shares::Shares;
pub(super) use slots::StreamSlot;
use slots::{FOLDER_LIMIT, FOLDER_QUEUE, SEARCH_LIMIT, SEARCH_QUEUE, wait_while};

/// Workers for the answers that are neither streams nor listings. Those never wait, so few suffice.
const SPARE_WORKERS: usize = 8;
/// Workers that stay, however quiet it is. A second one saves the first viewer the start of a thread.
const KEPT_WORKERS: usize = 2;
/// A worker calls nothing deep, and its block is on it; what is not touched costs nothing.
pub(super) const STACK: usize = 256 * 1024;
/// Workers beside those of the streams.
pub(super) const OTHERS: usize = (FOLDER_LIMIT + FOLDER_QUEUE)
    + (SEARCH_LIMIT + SEARCH_QUEUE)
    + (1 + converter::QUEUE)
    + SPARE_WORKERS;

/// The pool.
#[derive(Debug)]
pub(super) struct Pool {
    count: Mutex<Count>,
    all_gone: Condvar,
    slot_free: Condvar,
    folder_free: Condvar,
    search_free: Condvar,
    limit: usize,
    requests: Requests,
    desk: Arc<Desk>,
    service: Service,
}

#[derive(Debug)]
struct Count {
    workers: usize,
    /// Of those, the ones that wait for a request.
    idle: usize,
    /// The fewest that did so at any time since the last [`trim`](Workers::trim).
    least_idle: usize,
    /// Of those, the ones that are to end.
    surplus: usize,
    /// Whether all are to end.
    is_over: bool,
    streams: Shares,
    /// Listings that are being begun.
    folders: usize,
    /// Listings that wait for that.
    folder_queue: usize,
    searches: usize,
    /// Searches that wait for their turn.
    search_queue: usize,
    /// Those that wait for a stream to end at this very moment.
    hopeful: usize,
}

impl Count {
    fn new(stream_limit: usize) -> Count {
        Count {
            workers: 0,
            idle: 0,
            least_idle: 0,
            surplus: 0,
            is_over: false,
            streams: Shares::new(stream_limit),
            folders: 0,
            folder_queue: 0,
            searches: 0,
            search_queue: 0,
            hopeful: 0,
        }
    }
}

impl Pool {
    /// A pool with its first workers.
    pub(super) fn start(
        stream_limit: usize,
        requests: Requests,
        desk: Arc<Desk>,
        service: Service,
    ) -> io::Result<Arc<Pool>> {
        let pool = Arc::new(Pool {
            count: Mutex::new(Count::new(stream_limit)),
            all_gone: Condvar::new(),
            slot_free: Condvar::new(),
            folder_free: Condvar::new(),
            search_free: Condvar::new(),
            limit: stream_limit + OTHERS,
            requests,
            desk,
            service,
        });
        for _ in 0..KEPT_WORKERS {
            let spawned = pool.spawn(&mut pool.lock());
            if let Err(error) = spawned {
                pool.stop();
                return Err(error);
            }
        }
        Ok(pool)
    }

    pub(super) fn service(&self) -> &Service {
        &self.service
    }

    pub(super) fn desk(&self) -> &Arc<Desk> {
        &self.desk
    }

    /// Whether a worker may be long away because there is another for short answers. Where the system gives no threads,
    /// the last one must not wait for anything.
    pub(super) fn may_wait(self: &Arc<Pool>) -> bool {
        self.has_another(&mut self.lock())
    }

    /// At the limit all others are at short answers, and soon back.
    fn has_another(self: &Arc<Pool>, count: &mut Count) -> bool {
        count.idle > 0 || count.workers >= self.limit || self.spawn(count).is_ok()
    }

    /// Ends the workers: those that wait now, the others after their response.
    pub(super) fn stop(&self) {
        let workers = {
            let mut count = self.lock();
            count.is_over = true;
            count.workers
        };
        self.requests.wake(workers);
    }

    /// Waits until no worker is left, but no longer than this.
    pub(super) fn wait_until_gone(&self, patience: Duration) {
        let count = self.lock();
        let count = wait_while(&self.all_gone, count, patience, |count| count.workers > 0);
        if count.workers > 0 {
            log::warn!("{} workers did not end in time", count.workers);
        }
    }

    /// What a worker thread does. The caller has counted it as idle.
    ///
    /// It waits without a time-out: tiny_http's timed wait can swallow the wake-up that a request came with.
    fn work(self: &Arc<Pool>) {
        loop {
            let request = self.requests.next();
            if let Some((head, exchange)) = request.and_then(|request| worker::take(self, request))
            {
                {
                    let mut count = self.lock();
                    count.idle -= 1;
                    count.least_idle = count.least_idle.min(count.idle);
                }
                // Until now the gate may have counted on this worker for another request.
                self.balance();
                worker::answer(self, &head, exchange);
                self.lock().idle += 1;
            }
            if self.ends() {
                return;
            }
        }
    }

    /// Whether a worker that has nothing to do ends. A request that waits must find another one.
    fn ends(&self) -> bool {
        let mut count = self.lock();
        let is_surplus = count.surplus > 0 && self.desk.waiting() < count.idle;
        if !is_surplus && !count.is_over {
            return false;
        }
        count.surplus = count.surplus.saturating_sub(1);
        count.workers -= 1;
        count.idle -= 1;
        count.least_idle = count.least_idle.min(count.idle);
        if count.workers == 0 {
            self.all_gone.notify_all();
        }
        true
    }

    fn spawn(self: &Arc<Pool>, count: &mut Count) -> io::Result<()> {
        if count.is_over {
            return Err(io::Error::other("the server has stopped"));
        }
        let pool = Arc::clone(self);
        thread::Builder::new()
            .name("videoserve-worker".to_owned())
            .stack_size(STACK)
            .spawn(move || pool.work())?;
        count.workers += 1;
        count.idle += 1;
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Count> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Workers for Arc<Pool> {
    fn balance(&self) {
        let mut count = self.lock();
        // The gate leaves a request at the desk before it asks, and a worker is taken out of the count before it
        // asks: whoever comes second sees both.
        if self.desk.waiting() > count.idle
            && count.workers < self.limit
            && let Err(error) = self.spawn(&mut count)
        {
            log::warn!("cannot start a further worker: {error}");
        }
    }

    fn trim(&self) -> bool {
        // What could not be started when it was needed may be to be had by now.
        self.balance();
        let (surplus, is_more_than_kept) = {
            let mut count = self.lock();
            let beyond = count.workers.saturating_sub(KEPT_WORKERS);
            // Whoever was never needed since the last time is not needed, but for one: while all others stream, it
            // must not depend on a new thread whether anybody is answered.
            count.surplus = count.least_idle.saturating_sub(1).min(beyond);
            count.least_idle = count.idle;
            (count.surplus, beyond > 0)
        };
        self.requests.wake(surplus);
        is_more_than_kept || self.desk.waiting() > 0
    }

    fn count(&self) -> usize {
        self.lock().workers
    }
}
