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
