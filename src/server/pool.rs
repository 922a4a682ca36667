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
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};
    use std::time::Instant;

    use super::*;

    /// A queue of jobs, each of which says what it saw and then waits to be released.
    struct Jobs {
        sender: Sender<Option<u32>>,
        receiver: Mutex<Receiver<Option<u32>>>,
    }

    impl Queue for Arc<Jobs> {
        type Job = u32;

        fn next(&self) -> Option<u32> {
            self.receiver.lock().unwrap().recv().unwrap()
        }

        fn wake(&self, threads: usize) {
            for _ in 0..threads {
                self.sender.send(None).unwrap();
            }
        }
    }

    struct Rig {
        pool: Pool<Arc<Jobs>>,
        threads: Arc<AtomicUsize>,
        jobs: Arc<Jobs>,
        begun: Receiver<(u32, Backup)>,
        /// Held while jobs must not end.
        gate: Arc<Mutex<()>>,
    }

    fn rig(limit: usize) -> Rig {
        let (sender, receiver) = channel();
        let jobs = Arc::new(Jobs {
            sender,
            receiver: Mutex::new(receiver),
        });
        let (report, begun) = channel();
        let gate = Arc::new(Mutex::new(()));
        let handler = {
            let gate = Arc::clone(&gate);
            move |job, backup| {
                report.send((job, backup)).unwrap();
                assert_ne!(job, 13, "a job that panics");
                drop(gate.lock().unwrap());
            }
        };
        let threads = Arc::default();
        let pool = Pool::start(limit, Arc::clone(&threads), Arc::clone(&jobs), handler).unwrap();
        Rig {
            pool,
            threads,
            jobs,
            begun,
            gate,
        }
    }

    impl Rig {
        fn threads(&self) -> usize {
            self.threads.load(Ordering::Relaxed)
        }

        fn run(&self, job: u32) -> Backup {
            self.jobs.sender.send(Some(job)).unwrap();
            let begun = self.begun.recv_timeout(Duration::from_secs(10));
            let (number, backup) = begun.expect("the job begins although the others are blocked");
            assert_eq!(number, job);
            backup
        }
    }

    #[test]
    fn blocked_jobs_never_keep_the_next_one_waiting() {
        let rig = rig(50);
        let gate = Arc::clone(&rig.gate);
        let blocked = gate.lock().unwrap();
        for job in 100..149 {
            assert_eq!(rig.run(job), Backup::Waits);
        }
        assert_eq!(rig.run(149), Backup::None, "the last thread has no backup");
        assert_eq!(rig.threads(), 50);
        drop(blocked);
        rig.pool.stop(Duration::from_secs(10));
        assert_eq!(rig.threads(), 0);
    }

    #[test]
    fn idle_threads_end_down_to_those_that_listen() {
        let rig = rig(20);
        let gate = Arc::clone(&rig.gate);
        let blocked = gate.lock().unwrap();
        for job in 100..110 {
            rig.run(job);
        }
        assert!(rig.threads() > 10);
        drop(blocked);
        let until = Instant::now() + RETIRE_AFTER + Duration::from_secs(5);
        while rig.threads() > LISTENING_WORKERS {
            assert!(Instant::now() < until, "{:?}", rig.pool);
            thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(rig.run(1), Backup::Waits);
    }

    #[test]
    fn panic_costs_no_thread() {
        let rig = rig(40);
        for _ in 0..20 {
            rig.run(13);
        }
        assert_eq!(rig.run(1), Backup::Waits);
        rig.pool.stop(Duration::from_secs(10));
        assert_eq!(rig.threads(), 0);
    }

    #[test]
    fn dropped_pool_ends_its_threads() {
        let rig = rig(4);
        let shared = Arc::downgrade(&rig.pool.0);
        drop(rig.pool);
        let until = Instant::now() + Duration::from_secs(10);
        while shared.strong_count() > 0 {
            assert!(Instant::now() < until);
            thread::sleep(Duration::from_millis(5));
        }
    }
}
