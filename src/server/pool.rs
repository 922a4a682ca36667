//! Worker threads that take requests from the queue. The pool starts a thread when none waits for a request, and ends
//! threads that are not needed. This module knows nothing about HTTP.
//!
//! Invariant: while the system can start threads, at least one thread waits for the next request, even if all other
//! threads are blocked. Each handler gets a [`Backup`] value. Without a backup, it must not block, because its thread
//! is the last one.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::limits::{LISTENING_WORKERS, RETIRE_AFTER, STACK};
use crate::link::RequestQueue;
use crate::lock::lock;

/// Tells whether another thread waits for the next job while this job runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Backup {
    Waits,
    None,
}

type Handler = Box<dyn Fn(u64, Backup) + Send + Sync>;

/// The threads. Dropping the pool ends them: waiting threads at once, busy threads after their request.
pub(super) struct Pool(Arc<Shared>);

struct Shared {
    queue: RequestQueue,
    /// Answers the request that belongs to a ticket.
    handler: Handler,
    limit: usize,
    /// The number of threads. A thread changes it only with the lock of `state`, but may read it without the lock.
    threads: Arc<AtomicUsize>,
    state: Mutex<State>,
    unparked: Condvar,
    all_gone: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// The number of threads that wait for a request or will wait next.
    listening: usize,
    /// The number of threads that wait until they are needed.
    parked: usize,
    /// The number of parked threads that have been called to listen; `listening` includes them already.
    called: usize,
    is_stopping: bool,
    /// Whether the last attempt to start a thread failed.
    is_starved: bool,
}

impl Pool {
    /// Starts the first threads. The pool starts at most `limit` threads and keeps their number in `threads`.
    ///
    /// # Errors
    ///
    /// If the system cannot start a thread.
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
            unparked: Condvar::new(),
            all_gone: Condvar::new(),
        }));
        for _ in 0..LISTENING_WORKERS.min(limit) {
            Shared::spawn(&pool.0, &mut pool.0.lock())?;
        }
        Ok(pool)
    }

    /// Ends the threads, and waits at most `time` for their end.
    pub(super) fn stop(&self, time: Duration) {
        self.0.stop();
        let is_running = |_: &mut State| self.0.threads() > 0;
        let all_gone = &self.0.all_gone;
        drop(all_gone.wait_timeout_while(self.0.lock(), time, is_running));
        match self.0.threads() {
            0 => {}
            threads => log::warn!("{threads} worker threads did not end in time"),
        }
    }
}

impl Shared {
    fn run(self: &Arc<Self>) {
        loop {
            let ticket = self.queue.next();
            let backup = self.leave_listening();
            // A panic must not end the thread, because the count would then include a thread that no longer exists.
            let run = || ticket.map(|ticket| (self.handler)(ticket, backup));
            let _ = catch_unwind(AssertUnwindSafe(run));
            if !self.listen_again() {
                return;
            }
        }
    }

    /// Ensures that another thread listens while this thread runs a handler.
    fn leave_listening(self: &Arc<Self>) -> Backup {
        let mut state = self.lock();
        state.listening -= 1;
        if state.listening > 0 || state.is_stopping {
            return Backup::Waits;
        }
        if state.parked > state.called {
            state.called += 1;
            state.listening += 1;
            // Otherwise the thread would wake up and then wait for this lock.
            drop(state);
            self.unparked.notify_one();
            return Backup::Waits;
        }
        if self.threads() >= self.limit {
            return Backup::None;
        }
        let started = Shared::spawn(self, &mut state);
        let was_starved = std::mem::replace(&mut state.is_starved, started.is_err());
        match started {
            Ok(()) => Backup::Waits,
            Err(error) => {
                if !was_starved {
                    log::warn!("cannot start another worker thread: {error}");
                }
                Backup::None
            }
        }
    }

    /// Returns whether this thread must wait for another request. Parks the thread while enough other threads wait.
    fn listen_again(&self) -> bool {
        let mut state = self.lock();
        if !state.is_stopping && state.listening >= LISTENING_WORKERS {
            state.parked += 1;
            state = self
                .unparked
                .wait_timeout_while(state, RETIRE_AFTER, |state| {
                    state.called == 0 && !state.is_stopping
                })
                .unwrap_or_else(PoisonError::into_inner)
                .0;
            state.parked -= 1;
            if state.called == 0 {
                return self.end(&state);
            }
            state.called -= 1;
            state.listening -= 1;
        }
        if state.is_stopping {
            return self.end(&state);
        }
        state.listening += 1;
        true
    }

    /// Removes this thread from the count.
    fn end(&self, _locked: &MutexGuard<'_, State>) -> bool {
        if self.threads.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.all_gone.notify_all();
        }
        false
    }

    fn threads(&self) -> usize {
        self.threads.load(Ordering::Relaxed)
    }

    fn spawn(shared: &Arc<Self>, state: &mut State) -> io::Result<()> {
        let run = Arc::clone(shared);
        thread::Builder::new()
            .name("videoserve-worker".to_owned())
            .stack_size(STACK)
            .spawn(move || run.run())?;
        shared.threads.fetch_add(1, Ordering::Relaxed);
        state.listening += 1;
        Ok(())
    }

    fn stop(&self) {
        self.lock().is_stopping = true;
        self.unparked.notify_all();
        // The pool starts no thread after this point.
        self.queue.wake(self.threads());
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.0.stop();
    }
}

#[cfg(test)]
mod tests;
