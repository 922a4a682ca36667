use std::thread;
use std::time::{Duration, Instant};

use super::*;
use crate::http::{Method, RequestHead};
use crate::limits::permits;
use crate::proxy::TrustedProxies;

#[test]
fn permits_are_limited_and_released() {
    let semaphore = Semaphore::new(permits(10, 0, 0));
    assert!(semaphore.acquire(11).is_none());
    assert!(semaphore.acquire(usize::MAX).is_none());
    let six = semaphore.acquire(6).unwrap();
    assert!(semaphore.acquire(5).is_none());
    let four = semaphore.acquire(4).unwrap();
    assert_eq!(semaphore.free(), 0);
    drop(four);
    assert!(semaphore.acquire(5).is_none());
    drop(six);
    assert!(semaphore.acquire(10).is_some());
}

#[test]
fn queued_request_gets_the_permit_that_is_released() {
    let semaphore = Semaphore::new(permits(1, 1, 10_000));
    let permit = semaphore.acquire(1).unwrap();
    let waiter = {
        let semaphore = Arc::clone(&semaphore);
        thread::spawn(move || semaphore.acquire(1).is_some())
    };
    while lock(&semaphore.state).waiting == 0 {
        thread::yield_now();
    }
    assert!(semaphore.acquire(1).is_none(), "the queue is full");
    drop(permit);
    let before = Instant::now();
    assert!(waiter.join().unwrap());
    assert!(before.elapsed() < Duration::from_secs(5), "it is woken");
}

#[test]
fn queued_request_gives_up_after_the_wait() {
    let semaphore = Semaphore::new(permits(1, 1, 20));
    let _permit = semaphore.acquire(1).unwrap();
    let before = Instant::now();
    assert!(semaphore.acquire(1).is_none());
    assert!(before.elapsed() >= Duration::from_millis(20));
}

fn caller(address: &str) -> Caller {
    let request = RequestHead::new(Method::Get, "/");
    TrustedProxies::default().caller(address.parse().unwrap(), &request)
}

fn take_all(quota: &StreamQuota, address: &str) -> Vec<StreamPermit> {
    std::iter::from_fn(|| quota.acquire(caller(address))).collect()
}

#[test]
fn one_client_leaves_streams_for_the_others() {
    let quota = StreamQuota::new(256);
    let taken: Vec<_> = (1..=9)
        .map(|number| take_all(&quota, &format!("192.168.1.{number}")))
        .collect();
    let counts: Vec<usize> = taken.iter().map(Vec::len).collect();
    assert_eq!(counts, [128, 64, 32, 16, 16, 0, 0, 0, 0]);
    assert_eq!(quota.taken(), 256);
    drop(taken);
    assert_eq!(quota.taken(), 0);
    drop(take_all(&quota, "192.168.1.10"));
    assert_eq!(
        lock(&quota.clients).len(),
        1,
        "only clients with streams and the last client are stored"
    );
}

#[test]
fn hung_requests_use_up_the_permits_of_their_folder_only() {
    let quota = FolderQuota::new(permits(2, 0, 0));
    let is_free = |name: &&str| quota.acquire(Path::new(name)).is_some();
    let names = ["", "share", "share/b/c", "shared", "other"];
    let hung = ["share/a", "share"].map(|name| quota.acquire(Path::new(name)).unwrap());
    assert_eq!(
        names.map(|name| is_free(&name)),
        [true, false, false, true, true]
    );
    drop(hung);
    assert!(names.iter().all(is_free));
    assert_eq!(
        lock(&quota.semaphores).len(),
        1,
        "only folders in use and the last folder are stored"
    );
}

#[test]
fn permit_that_shrinks_releases_the_rest() {
    let semaphore = Semaphore::new(permits(10, 0, 0));
    let mut permit = semaphore.acquire(8).unwrap();
    permit.shrink(3);
    assert_eq!(semaphore.free(), 7);
    permit.shrink(5);
    assert_eq!(semaphore.free(), 7, "it never grows");
    drop(permit);
    assert_eq!(semaphore.free(), 10);
}
