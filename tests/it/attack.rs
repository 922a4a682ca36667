//! Tests attacks and misbehaving clients. The server must still answer other clients, and use little memory.

use std::io::Write;
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

#[cfg(feature = "cli")]
use crate::program::Running;
use crate::support::{Client, TestServer};

/// Requests `/healthz` again and again for this duration. Returns the longest response time.
fn slowest_health(server: &TestServer, duration: Duration) -> Duration {
    let mut slowest = Duration::ZERO;
    let until = Instant::now() + duration;
    while Instant::now() < until {
        let before = Instant::now();
        assert_eq!(server.get("/healthz").text(), "ok");
        slowest = slowest.max(before.elapsed());
        thread::sleep(Duration::from_millis(10));
    }
    slowest
}

/// Sends a few requests after each pause. tiny_http contains the queue of requests for the worker threads. In an old
/// version of tiny_http, a request sometimes stayed in the queue until the next request arrived.
#[test]
#[ignore = "slow; scripts/test runs it"]
fn requests_after_pauses_are_answered() {
    let clients: Vec<_> = (0..24_u32)
        .map(|number| {
            thread::spawn(move || {
                let server = TestServer::start();
                let mut clients: Vec<Client> = (0..6).map(|_| server.connect()).collect();
                let request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
                let until = Instant::now() + Duration::from_secs(8);
                let mut pause = number;
                while Instant::now() < until {
                    for burst in [6, 2, 1, 3] {
                        clients[..burst]
                            .iter_mut()
                            .for_each(|client| client.send(request));
                        for client in &mut clients[..burst] {
                            let before = Instant::now();
                            assert_eq!(client.response().text(), "ok");
                            let elapsed = before.elapsed();
                            assert!(elapsed < Duration::from_secs(2), "{elapsed:?}");
                        }
                        pause = (pause * 7 + 3) % 11;
                        thread::sleep(Duration::from_millis(u64::from(900 + 100 * pause)));
                    }
                }
            })
        })
        .collect();
    for client in clients {
        client.join().unwrap();
    }
}

/// RFC 9112 §2.2 allows an empty line in front of a request. But if a client sends only empty lines, the server must
/// close the connection.
#[test]
fn endless_empty_lines_close_the_connection() {
    let server = TestServer::start();
    let address = server.address;
    let floods: Vec<_> = (0..4)
        .map(|_| {
            thread::spawn(move || {
                let mut stream = TcpStream::connect(address).unwrap();
                let lines = "\r\n".repeat(32 * 1024);
                let start = Instant::now();
                while stream.write_all(lines.as_bytes()).is_ok() {
                    assert!(
                        start.elapsed() < Duration::from_secs(5),
                        "the server still reads"
                    );
                }
            })
        })
        .collect();
    let slowest = slowest_health(&server, Duration::from_secs(1));
    assert!(slowest < Duration::from_secs(1), "{slowest:?}");
    for flood in floods {
        flood.join().unwrap();
    }
}

/// If a client does not read, the server keeps the unsent bytes of the response in memory until the stall timeout.
#[cfg(feature = "cli")]
#[test]
fn unread_listings_use_little_memory() {
    let dir = tempfile::tempdir().unwrap();
    for number in 0..500 {
        std::fs::write(dir.path().join(format!("{number:0100}")), "").unwrap();
    }
    let running = Running::quiet(dir.path(), &["--max-streams", "4"]);
    let before = running.resident();
    let clients: Vec<Client> = (0..300)
        .map(|_| {
            let mut client = Client::connect_small(running.address);
            client.send("GET /api/videos HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(8));
            client
        })
        .collect();
    let mut last = Client::connect(running.address);
    assert_eq!(last.request("GET", "/healthz", "").text(), "ok");
    thread::sleep(Duration::from_millis(500));
    let grown = running.resident().saturating_sub(before);
    drop(clients);
    assert!(
        grown < 16 * 1024,
        "{grown} KiB for 300 clients that do not read"
    );
}

#[test]
fn content_after_a_refused_head_is_not_parsed() {
    let server = TestServer::start();
    let mut client = server.connect();
    client.send("HEAD /healthz HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nGET /forged HTTP/1.1\r\n");
    let response = client.response_to("HEAD");
    assert_eq!(response.status, 400);
    client.expect_close();
}

#[cfg(feature = "cli")]
#[test]
fn incomplete_heads_at_the_descriptor_limit_are_evicted() {
    let dir = tempfile::tempdir().unwrap();
    let running = Running::with_descriptors(200, dir.path(), &[]);
    let address = running.address;
    let incomplete: Vec<Client> = (0..150)
        .map(|_| {
            let mut client = Client::connect(address);
            client.send("GET / HTTP/1.1\r\nHost:");
            client
        })
        .collect();
    let served = time_until_answered(address);
    drop(incomplete);
    assert!(served < Duration::from_secs(3), "{served:?}");
}

#[cfg(feature = "cli")]
#[test]
#[ignore = "slow; scripts/test runs it"]
fn unread_responses_at_the_descriptor_limit_are_evicted() {
    let dir = tempfile::tempdir().unwrap();
    let running = Running::with_descriptors(200, dir.path(), &[]);
    let unread: Vec<Client> = (0..130)
        .map(|_| {
            let mut client = Client::connect_small(running.address);
            let requests = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n".repeat(900);
            let _ = client.stream.write_all(requests.as_bytes());
            client
        })
        .collect();
    // After 6 s, unread responses fill the socket buffers of each connection.
    thread::sleep(Duration::from_secs(6));
    let served = time_until_answered(running.address);
    drop(unread);
    assert!(served < Duration::from_secs(5), "{served:?}");
}

/// Connects again and again. Returns the time until a client gets a response.
#[cfg(feature = "cli")]
fn time_until_answered(address: std::net::SocketAddr) -> Duration {
    use std::io::Read;

    let start = Instant::now();
    loop {
        let mut client = Client::connect(address);
        let _ = client
            .stream
            .write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
        let mut answer = [0; 12];
        if client.stream.read_exact(&mut answer).is_ok() && &answer == b"HTTP/1.1 200" {
            return start.elapsed();
        }
        let elapsed = start.elapsed();
        assert!(elapsed < Duration::from_secs(20), "no client is answered");
        thread::sleep(Duration::from_millis(50));
    }
}

#[cfg(feature = "cli")]
#[test]
#[ignore = "slow; scripts/test runs it"]
fn idle_workers_end_while_requests_come_one_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::File::create(dir.path().join("film"))
        .unwrap()
        .set_len(1 << 30)
        .unwrap();
    let running = Running::quiet(dir.path(), &[]);
    let viewers: Vec<Client> = (0..60)
        .map(|_| {
            let mut viewer = Client::connect(running.address);
            viewer.send("GET /api/stream/film HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assert_eq!(viewer.read_head().status, 200);
            viewer
        })
        .collect();
    assert!(running.threads() > 60);
    drop(viewers);
    let mut client = Client::connect(running.address);
    let start = Instant::now();
    while running.threads() > 12 {
        assert_eq!(client.request("GET", "/healthz", "").status, 200);
        thread::sleep(Duration::from_millis(20));
        let elapsed = start.elapsed();
        assert!(
            elapsed < Duration::from_secs(20),
            "{} threads",
            running.threads()
        );
    }
}
