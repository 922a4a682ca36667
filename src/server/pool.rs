//! Worker threads that take requests from the queue. The pool starts a thread when no thread waits for a request, and
//! ends surplus threads.
//!
//! While a handler runs, another thread usually waits for the next request: the backup. There is no backup if the pool
//! has reached its limit, or if the system cannot start a thread. Each handler gets a flag that tells whether it has a
//! backup.
//!
//! Invariant: a handler without a backup does not block, because no other thread answers requests during this time.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::limits::{LISTENING_WORKERS, RETIRE_AFTER, STACK};
use crate::link::RequestQueue;
use crate::lock::lock;

/// Answers one request. The parameters are the number of the request (its ticket), and whether the thread has a backup.
type Handler = Box<dyn Fn(u64, bool) + Send + Sync>;

/// Handle for the threads. Dropping the pool ends waiting threads at once, and busy threads after their request.
pub(super) struct Pool(Arc<Shared>);

struct Shared {
    queue: RequestQueue,
    handler: Handler,
    limit: usize,
    /// The number of threads. It changes only under the lock of `state`. Reads need no lock.
    threads: Arc<AtomicUsize>,
    state: Mutex<PoolState>,
    /// Wakes parked threads, and the caller of [`Pool::stop`].
    changed: Condvar,
}

#[derive(Debug, Default)]
struct PoolState {
    /// The number of threads that wait for a request, or are about to wait for one.
    listening: usize,
    /// The number of parked threads. They wait for `changed`, which wakes one of them if no thread waits for a request.
    parked: usize,
    is_stopping: bool,
    /// Whether the latest attempt to start a thread failed.
    is_starved: bool,
}

impl Pool {
    /// Starts the first threads. The pool starts at most `limit` threads and keeps their number in `threads`.
    pub(super) fn start(
        limit: usize,
        threads: Arc<AtomicUsize>,
        queue: RequestQueue,
        handler: Handler,
    ) -> io::Result<Pool> {
        let pool = Pool(Arc::new(Shared {
            queue,
            handler,
            limit,
            threads,
            state: Mutex::default(),
            changed: Condvar::new(),
        }));
        for _ in 0..LISTENING_WORKERS.min(limit) {
            pool.0.spawn(&mut lock(&pool.0.state))?;
        }
        Ok(pool)
    }

    /// Ends the threads. Waits for their end, at most `wait`.
    pub(super) fn stop(&self, wait: Duration) {
        let shared = &self.0;
        shared.stop();
        let is_running = |_: &mut PoolState| shared.threads() > 0;
        let state = lock(&shared.state);
        drop(shared.changed.wait_timeout_while(state, wait, is_running));
        match shared.threads() {
            0 => {}
            threads => log::warn!("{threads} worker threads did not end in time"),
        }
    }
}

impl Shared {
    fn run(self: &Arc<Self>) {
        loop {
            let ticket = self.queue.next();
            let has_backup = self.leave_listening();
            // A panic must not end the thread. Otherwise `threads` counts a thread that no longer exists.
            let run = || ticket.map(|ticket| (self.handler)(ticket, has_backup));
            let _ = catch_unwind(AssertUnwindSafe(run));
            if !self.listen_again() {
                return;
            }
        }
    }

    /// Ensures that another thread listens while this thread runs a handler. Returns false if this is not possible.
    fn leave_listening(self: &Arc<Self>) -> bool {
        let mut state = lock(&self.state);
        state.listening -= 1;
        if state.listening > 0 || state.is_stopping {
            return true;
        }
        if state.parked > 0 {
            // Release the lock first. Otherwise the parked thread would wake up and then wait for this lock.
            drop(state);
            self.changed.notify_one();
            return true;
        }
        if self.threads() >= self.limit {
            return false;
        }
        let started = self.spawn(&mut state);
        let was_starved = std::mem::replace(&mut state.is_starved, started.is_err());
        if let Err(error) = &started
            && !was_starved
        {
            log::warn!("cannot start another worker thread: {error}");
        }
        started.is_ok()
    }

    /// Parks this thread while [`LISTENING_WORKERS`] other threads wait for requests. Returns false if this thread must
    /// end.
    fn listen_again(&self) -> bool {
        let mut state = lock(&self.state);
        state.parked += 1;
        let is_surplus =
            |state: &mut PoolState| state.listening >= LISTENING_WORKERS && !state.is_stopping;
        let changed = &self.changed;
        let waited = changed.wait_timeout_while(state, RETIRE_AFTER, is_surplus);
        let (mut state, result) = waited.unwrap_or_else(PoisonError::into_inner);
        state.parked -= 1;
        if result.timed_out() || state.is_stopping {
            if self.threads.fetch_sub(1, Ordering::Relaxed) == 1 {
                self.changed.notify_all();
            }
            return false;
        }
        state.listening += 1;
        true
    }

    fn threads(&self) -> usize {
        self.threads.load(Ordering::Relaxed)
    }

    fn spawn(self: &Arc<Self>, state: &mut PoolState) -> io::Result<()> {
        let run = Arc::clone(self);
        thread::Builder::new()
            .name("videoserve-worker".to_owned())
            .stack_size(STACK)
            .spawn(move || run.run())?;
        self.threads.fetch_add(1, Ordering::Relaxed);
        state.listening += 1;
        Ok(())
    }

    fn stop(&self) {
        lock(&self.state).is_stopping = true;
        self.changed.notify_all();
        // No thread starts after this point, so this number of wake-ups is sufficient.
        self.queue.wake(self.threads());
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.0.stop();
    }
}

#[cfg(test)]
mod tests;
