use std::thread;
use std::time::{Duration, Instant};

use super::*;
use crate::http::{Method, RequestHead};
use crate::limits::permits;
use crate::proxy::TrustedProxies;

fn acquire(semaphore: &Arc<Semaphore>, count: usize) -> Option<Permit> {
    semaphore.acquire(Scope::All, count)
}

#[test]
fn permits_are_limited_and_released() {
    let semaphore = Semaphore::new(permits(10, 0, 0));
    assert!(acquire(&semaphore, 11).is_none());
    assert!(acquire(&semaphore, usize::MAX).is_none());
    let mut eight = acquire(&semaphore, 8).unwrap();
    assert!(acquire(&semaphore, 3).is_none());
    let two = acquire(&semaphore, 2).unwrap();
    assert_eq!(semaphore.free(), 0);
    drop(two);
    eight.shrink(3);
    assert_eq!(semaphore.free(), 7);
    eight.shrink(5);
    assert_eq!(semaphore.free(), 7, "a permit never grows");
    drop(eight);
    assert!(acquire(&semaphore, 10).is_some());
}

#[test]
fn queued_request_gets_the_permit_that_is_released() {
    let semaphore = Semaphore::new(permits(1, 1, 2_000));
    let permit = acquire(&semaphore, 1).unwrap();
    let waiter = {
        let semaphore = Arc::clone(&semaphore);
        thread::spawn(move || acquire(&semaphore, 1))
    };
    while lock(&semaphore.scopes)[&Scope::All].waiting == 0 && !waiter.is_finished() {
        thread::yield_now();
    }
    assert!(acquire(&semaphore, 1).is_none(), "the queue is full");
    drop(permit);
    let before = Instant::now();
    let permit = waiter.join().unwrap();
    assert!(permit.is_some());
    assert!(
        before.elapsed() < Duration::from_secs(1),
        "the release wakes the waiting request"
    );
    assert!(acquire(&semaphore, 1).is_none());
    assert!(
        before.elapsed() >= Duration::from_secs(2),
        "a request waits before it is refused"
    );
}

#[test]
fn one_client_leaves_streams_for_the_others() {
    let limits = ServerLimits {
        streams: 256,
        connections: 0,
        text_budget: 0,
        subtitles: 0,
    };
    let permits = Permits::new(&limits);
    let request = RequestHead::new(Method::Get, "/");
    let take_all = |number: u8| {
        let client = TrustedProxies::default().client([192, 168, 1, number].into(), &request);
        std::iter::from_fn(|| permits.stream(client)).collect()
    };
    let taken: Vec<Vec<StreamPermit>> = (1..=9).map(take_all).collect();
    let counts: Vec<usize> = taken.iter().map(Vec::len).collect();
    assert_eq!(counts, [128, 64, 32, 16, 16, 0, 0, 0, 0]);
    assert_eq!(permits.streams.free(), 0);
    drop(taken);
    assert_eq!(permits.streams.free(), 256);
    assert!(lock(&permits.streams.scopes).is_empty());
}
