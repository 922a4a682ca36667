use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;

use super::*;
use crate::link::Link;

/// A pool with a handler that reports the number of each request (its ticket) and then waits for `blocker`.
struct TestPool {
    pool: Pool,
    threads: Arc<AtomicUsize>,
    link: Link,
    begun: Receiver<(u64, bool)>,
    /// The lock that blocks the handlers while a test holds it.
    blocker: Arc<Mutex<()>>,
}

fn test_pool(limit: usize) -> TestPool {
    let (link, queue) = Link::new().unwrap();
    let (report, begun) = channel();
    let blocker = Arc::new(Mutex::new(()));
    let handler = {
        let blocker = Arc::clone(&blocker);
        move |ticket, has_backup| {
            report.send((ticket, has_backup)).unwrap();
            assert_ne!(ticket, 13, "a handler that panics");
            drop(blocker.lock().unwrap());
        }
    };
    let threads = Arc::default();
    let pool = Pool::start(limit, Arc::clone(&threads), queue, Box::new(handler)).unwrap();
    TestPool {
        pool,
        threads,
        link,
        begun,
        blocker,
    }
}

impl TestPool {
    fn run(&mut self, ticket: u64) -> bool {
        self.link.push(ticket);
        self.link.flush().unwrap();
        // Parked threads wake up by themselves after `RETIRE_AFTER`. This wait is shorter, so a missing wake-up fails
        // the test.
        let begun = self.begun.recv_timeout(RETIRE_AFTER / 2);
        let (begun, backup) = begun.expect("a handler begins although the others are blocked");
        assert_eq!(begun, ticket);
        backup
    }
}

#[test]
fn request_beside_blocked_requests_begins_at_once() {
    let mut test = test_pool(50);
    let blocker = Arc::clone(&test.blocker);
    for _ in 0..2 {
        let blocked = blocker.lock().unwrap();
        for ticket in 100..149 {
            assert!(test.run(ticket));
        }
        assert!(!test.run(149), "the last thread has no backup");
        assert_eq!(test.threads.load(Ordering::Relaxed), 50);
        drop(blocked);
        // Waits until most threads are parked. So the second round begins with parked threads.
        while lock(&test.pool.0.state).parked < 50 - LISTENING_WORKERS {
            thread::yield_now();
        }
    }
    test.pool.stop(Duration::from_secs(10));
    assert_eq!(test.threads.load(Ordering::Relaxed), 0);
}

#[test]
fn panicked_thread_takes_next_request_and_ends_with_pool() {
    let mut test = test_pool(40);
    for _ in 0..20 {
        test.run(13);
    }
    assert!(test.run(1));
    drop(test.pool);
    let until = Instant::now() + Duration::from_secs(10);
    while test.threads.load(Ordering::Relaxed) > 0 {
        assert!(Instant::now() < until);
        thread::sleep(Duration::from_millis(5));
    }
}
