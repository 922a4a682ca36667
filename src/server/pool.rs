//! The worker threads: as many as there are requests to answer, up to a limit, and gone when they are not needed.

mod figures;
mod roster;
mod shares;
mod slots;
mod turn;

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::Service;
use super::{converter, worker};
use crate::gate::Workers;
use crate::gate::desk::Desk;
use crate::gate::link::Requests;

use roster::{Place, Roster};
use shares::Shares;
pub(super) use slots::StreamSlot;
use slots::{FOLDER_LIMIT, FOLDER_QUEUE, Line, SEARCH_LIMIT, SEARCH_QUEUE, wait_while};
pub(super) use turn::Turn;

/// Workers for the answers that are neither streams nor listings. Those never wait, so few suffice.
const SPARE_WORKERS: usize = 8;
/// Workers that stay, however quiet it is, and that listen and answer, however much there is to do: more of them take the
/// processor from each other, and what is long they leave anyway. A single one would make everybody wait for the slowest
/// file, and the first viewer for the start of a thread.
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
    /// Somebody that rests is called, or is to end.
    called: Condvar,
    all_gone: Condvar,
    slot_free: Condvar,
    folder_free: Condvar,
    search_free: Condvar,
    requests: Requests,
    desk: Arc<Desk>,
    service: Service,
}

#[derive(Debug)]
struct Count {
    roster: Roster,
    /// Whether the last try to start a worker failed.
    is_starved: bool,
    streams: Shares,
    /// Listings that are being begun.
    folders: Line,
    searches: Line,
    /// Those that wait for a stream to end at this very moment.
    hopeful: usize,
}

impl Count {
    fn new(stream_limit: usize) -> Count {
        Count {
            roster: Roster::new(stream_limit + OTHERS, KEPT_WORKERS),
            is_starved: false,
            streams: Shares::new(stream_limit),
            folders: Line::new(FOLDER_LIMIT, FOLDER_QUEUE),
            searches: Line::new(SEARCH_LIMIT, SEARCH_QUEUE),
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
            called: Condvar::new(),
            all_gone: Condvar::new(),
            slot_free: Condvar::new(),
            folder_free: Condvar::new(),
            search_free: Condvar::new(),
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
    fn has_another(self: &Arc<Pool>, count: &mut Count) -> bool {
        let roster = &count.roster;
        // At the limit all others are at short answers, and soon back.
        roster.idle() > 0 || roster.is_full() || self.spawn(count).is_ok()
    }

    /// Ends the workers: those that wait now, the others after their response.
    pub(super) fn stop(&self) {
        let workers = {
            let mut count = self.lock();
            count.roster.end();
            count.roster.workers()
        };
        self.called.notify_all();
        self.requests.wake(workers);
    }

    /// Waits until no worker is left, but no longer than this.
    pub(super) fn wait_until_gone(&self, patience: Duration) {
        let count = wait_while(&self.all_gone, self.lock(), patience, |count| {
            count.roster.workers() > 0
        });
        let left = count.roster.workers();
        if left > 0 {
            log::warn!("{left} workers did not end in time");
        }
    }

    /// What a worker thread does.
    ///
    /// It waits without a time-out: tiny_http's timed wait can swallow the wake-up that a request came with.
    fn work(self: &Arc<Pool>) {
        let mut place = Place::Resting;
        while self.listens(place) {
            let request = self.requests.next();
            // A panic must not take the worker's place in the roster with it.
            let taken = catch_unwind(AssertUnwindSafe(|| worker::take(self, request?)));
            place = match taken {
                Ok(Some((head, exchange))) => {
                    let turn = self.begin();
                    worker::answer(&turn, &head, exchange);
                    turn.place()
                }
                Ok(None) | Err(_) => Place::Listening,
            };
        }
    }

    /// Whether a worker is to wait for a request. One that is not needed for that rests in here until it is.
    fn listens(&self, mut place: Place) -> bool {
        let mut count = self.lock();
        loop {
            if place == Place::Resting && count.roster.follows_call() {
                return true;
            }
            match count.roster.settle(place, self.desk.waiting()) {
                Some(Place::Listening) => return true,
                Some(_) => {}
                None => {
                    if count.roster.workers() == 0 {
                        self.all_gone.notify_all();
                    }
                    return false;
                }
            }
            place = Place::Resting;
            count = self
                .called
                .wait(count)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// A worker that listened has a request. Until now the gate may have counted on it for another one.
    fn begin(self: &Arc<Pool>) -> Turn<'_> {
        let mut count = self.lock();
        count.roster.serve();
        self.fill(&mut count);
        Turn::new(self)
    }

    /// Lets somebody else listen if requests wait that nobody listens for and there is room.
    ///
    /// The gate leaves a request at the desk before it asks, and a worker is taken out of the count before it asks:
    /// whoever comes second sees both.
    fn fill(self: &Arc<Pool>, count: &mut Count) {
        let waiting = self.desk.waiting();
        while waiting > count.roster.listening() && count.roster.has_room() && self.call(count) {}
    }

    /// Makes somebody listen, whether there is room or not.
    fn call(self: &Arc<Pool>, count: &mut Count) -> bool {
        if count.roster.idle() == count.roster.listening() {
            if count.roster.is_full() {
                return false;
            }
            let spawned = self.spawn(count);
            let was_starved = std::mem::replace(&mut count.is_starved, spawned.is_err());
            if let Err(error) = spawned {
                if !was_starved {
                    log::warn!("cannot start a further worker: {error}");
                }
                return false;
            }
        }
        let calls = count.roster.call();
        self.called.notify_one();
        calls
    }

    /// It rests until it is called.
    fn spawn(self: &Arc<Pool>, count: &mut Count) -> io::Result<()> {
        if count.roster.is_over() {
            return Err(io::Error::other("the server has stopped"));
        }
        let pool = Arc::clone(self);
        thread::Builder::new()
            .name("videoserve-worker".to_owned())
            .stack_size(STACK)
            .spawn(move || pool.work())?;
        count.roster.add();
        Ok(())
    }

    /// As if so many workers were held up for good.
    #[cfg(test)]
    pub(super) fn hold_up(&self, workers: usize) {
        let mut count = self.lock();
        for _ in 0..workers {
            count.roster.add();
            count.roster.call();
            count.roster.follows_call();
            count.roster.serve();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Count> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Workers for Arc<Pool> {
    fn balance(&self) {
        self.fill(&mut self.lock());
    }

    fn relieve(&self, now: Instant) -> bool {
        let mut count = self.lock();
        if self.desk.is_held_up(now) {
            count.roster.widen();
        }
        self.fill(&mut count);
        self.desk.waiting() > 0
    }

    fn trim(&self) -> bool {
        let (to_tell, may_trim_more) = {
            let roster = &mut self.lock().roster;
            (roster.trim(), roster.beyond_kept() > 0)
        };
        self.called.notify_all();
        self.requests.wake(to_tell);
        may_trim_more
    }

    fn count(&self) -> usize {
        self.lock().roster.workers()
    }
}
