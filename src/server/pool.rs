//! Worker threads for requests from the queue: started when none is left to wait, ended when they are not needed. Knows
//! no HTTP.
//!
//! Invariant: while threads can be started, at least one waits for the next request, whatever the others are blocked
//! by. The handler of a request without such a backup learns that, so that it does not block the last thread.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::limits::{LISTENING_WORKERS, RETIRE_AFTER, STACK};
use crate::link::RequestQueue;

/// Whether another thread waits for the next job while this one runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Backup {
    Waits,
    None,
}

type Handler = Box<dyn Fn(u64, Backup) + Send + Sync>;

/// The threads. Dropping the pool ends them: those that wait at once, the others after their request.
pub(super) struct Pool(Arc<Shared>);

struct Shared {
    queue: RequestQueue,
    /// Answers the request of a ticket.
    handler: Handler,
    limit: usize,
    /// Number of threads. Changed under the lock of `state` only, and read without it.
    threads: Arc<AtomicUsize>,
    state: Mutex<State>,
    unparked: Condvar,
    all_gone: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Threads that wait for a request, or are about to.
    listening: usize,
    /// Threads that wait until they are needed.
    parked: usize,
    /// Parked threads that have been called to listen; counted as listening already.
    called: usize,
    is_stopping: bool,
    /// Whether the last try to start a thread failed.
    is_starved: bool,
}

impl Pool {
    /// Starts the first threads; there will be at most `limit`. Their number is kept in `threads`.
    ///
    /// # Errors
    ///
    /// If the system gives no thread.
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

    /// Ends the threads, and waits for them no longer than `time`.
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
            // A panic must not end the thread without its place in the count.
            let run = || ticket.map(|ticket| (self.handler)(ticket, backup));
            let _ = catch_unwind(AssertUnwindSafe(run));
            if !self.listen_again() {
                return;
            }
        }
    }

    /// Makes sure that another thread listens.
    fn leave_listening(self: &Arc<Self>) -> Backup {
        let mut state = self.lock();
        state.listening -= 1;
        if state.listening > 0 || state.is_stopping {
            return Backup::Waits;
        }
        if state.parked > state.called {
            state.called += 1;
            state.listening += 1;
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

    /// Returns whether this thread is to wait for another request. Parks it while enough others do.
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

    /// Takes this thread out of the count.
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
        // No thread starts from now on.
        self.queue.wake(self.threads());
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.0.stop();
    }
}

#[cfg(test)]
mod tests;
