//! Worker threads for jobs from a queue: started when none is left to wait, ended when they are not needed. Knows no
//! HTTP.
//!
//! Invariant: while threads can be started, at least one waits for the next job, whatever the others are blocked by. A
//! job that runs without such a backup learns that, so that it does not block the last thread.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::limits::{LISTENING_WORKERS, RETIRE_AFTER, STACK};

/// Where jobs come from.
pub(super) trait Queue: Send + Sync + 'static {
    type Job;

    /// Waits for a job; `None` when [`wake`](Queue::wake) ended the wait.
    fn next(&self) -> Option<Self::Job>;

    /// Ends the wait of so many threads.
    fn wake(&self, threads: usize);
}

/// Whether another thread waits for the next job while this one runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Backup {
    Waits,
    None,
}

type Handler<J> = Box<dyn Fn(J, Backup) + Send + Sync>;

/// The threads. Dropping the pool ends them: those that wait at once, the others after their job.
pub(super) struct Pool<Q: Queue>(Arc<Shared<Q>>);

struct Shared<Q: Queue> {
    queue: Q,
    handler: Handler<Q::Job>,
    limit: usize,
    /// Number of threads, for others to read.
    threads: Arc<AtomicUsize>,
    state: Mutex<State>,
    unparked: Condvar,
    all_gone: Condvar,
}

#[derive(Debug, Default)]
struct State {
    threads: usize,
    /// Threads that wait for a job, or are about to.
    listening: usize,
    /// Threads that wait until they are needed.
    parked: usize,
    /// Parked threads that have been called to listen; counted as listening already.
    called: usize,
    is_stopping: bool,
    /// Whether the last try to start a thread failed.
    is_starved: bool,
}

impl<Q: Queue> Pool<Q> {
    /// Starts the first threads; there will be at most `limit`. Their number is kept in `threads`.
    ///
    /// # Errors
    ///
    /// If the system gives no thread.
    pub(super) fn start(
        limit: usize,
        threads: Arc<AtomicUsize>,
        queue: Q,
        handler: impl Fn(Q::Job, Backup) + Send + Sync + 'static,
    ) -> io::Result<Pool<Q>> {
        let pool = Pool(Arc::new(Shared {
            queue,
            handler: Box::new(handler),
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
        let state = self
            .0
            .all_gone
            .wait_timeout_while(self.0.lock(), time, |state| state.threads > 0)
            .unwrap_or_else(PoisonError::into_inner)
            .0;
        if state.threads > 0 {
            log::warn!("{} worker threads did not end in time", state.threads);
        }
    }
}

impl<Q: Queue> Shared<Q> {
    fn run(self: &Arc<Self>) {
        loop {
            let job = self.queue.next();
            let backup = self.leave_listening();
            // A panic must not end the thread without its place in the count.
            let run = || job.map(|job| (self.handler)(job, backup));
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
        if state.threads >= self.limit {
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

    /// Returns whether this thread is to wait for another job. Parks it while enough others do.
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
                return self.end(state);
            }
            state.called -= 1;
            state.listening -= 1;
        }
        if state.is_stopping {
            return self.end(state);
        }
        state.listening += 1;
        true
    }

    /// Takes this thread out of the count.
    fn end(&self, mut state: MutexGuard<'_, State>) -> bool {
        state.threads -= 1;
        self.threads.store(state.threads, Ordering::Relaxed);
        if state.threads == 0 {
            self.all_gone.notify_all();
        }
        false
    }

    fn spawn(shared: &Arc<Self>, state: &mut State) -> io::Result<()> {
        let run = Arc::clone(shared);
        thread::Builder::new()
            .name("videoserve-worker".to_owned())
            .stack_size(STACK)
            .spawn(move || run.run())?;
        state.threads += 1;
        shared.threads.store(state.threads, Ordering::Relaxed);
        state.listening += 1;
        Ok(())
    }

    fn stop(&self) {
        let threads = {
            let mut state = self.lock();
            state.is_stopping = true;
            state.threads
        };
        self.unparked.notify_all();
        self.queue.wake(threads);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<Q: Queue> Drop for Pool<Q> {
    fn drop(&mut self) {
        self.0.stop();
    }
}

impl<Q: Queue> std::fmt::Debug for Pool<Q> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pool({:?})", self.0.lock())
    }
}

#[cfg(test)]
mod tests;
