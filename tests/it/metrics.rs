//! Tests the values of `/metrics` after known requests.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use crate::slots::viewers;
use crate::support::{Client, TIMEOUT, TestServer, eventually, numbered};

const GIB: u64 = 1 << 30;

/// The values of `/metrics`. A key is the name of a metric with its labels.
type Samples = BTreeMap<String, f64>;

#[track_caller]
fn samples(text: &str) -> Samples {
    assert!(text.ends_with('\n'));
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').unwrap();
            (name.to_owned(), value.parse().unwrap())
        })
        .collect()
}

#[track_caller]
fn read(address: SocketAddr) -> Samples {
    let response = Client::connect(address).request("GET", "/metrics", "");
    assert_eq!(response.status, 200);
    samples(response.text())
}

fn status(samples: &Samples, code: u16) -> f64 {
    samples[&format!("videoserve_http_responses_total{{status=\"{code}\"}}")]
}

fn watched() -> TestServer {
    TestServer::with(|config| config.metrics(true))
}

#[test]
fn each_response_is_counted_once() {
    let server = watched();
    server.file("a", numbered(100_000));
    let raw = |text: String| {
        let mut client = server.connect();
        client.send(text);
        client.response().status
    };
    let stream = "/api/stream/a";
    assert_eq!(server.get(stream).status, 200);
    for fields in ["Range: bytes=0-9\r\n", "Range: bytes=0-9,20-29\r\n"] {
        assert_eq!(server.request("GET", stream, fields).status, 206);
    }
    assert_eq!(server.request("HEAD", stream, "").status, 200);
    assert_eq!(
        server.request("GET", stream, "If-None-Match: *\r\n").status,
        304
    );
    assert_eq!(
        server.request("GET", stream, "Range: bytes=5-2\r\n").status,
        416
    );
    assert_eq!(server.request("POST", stream, "").status, 405);
    assert_eq!(server.request("OPTIONS", stream, "").status, 204);
    for _ in 0..3 {
        assert_eq!(server.get("/api/stream/nothing").status, 404);
    }
    assert_eq!(server.get("/%zz").status, 400);
    assert_eq!(raw("GET / HTTP/1.1\r\n\r\n".to_owned()), 400);
    assert_eq!(raw("BREW / HTTP/1.1\r\nHost: a\r\n\r\n".to_owned()), 501);
    assert_eq!(raw("GET / HTTP/2.0\r\nHost: a\r\n\r\n".to_owned()), 505);
    assert_eq!(raw(format!("GET /{}", "a".repeat(9000))), 414);
    assert_eq!(
        raw(format!("GET / HTTP/1.1\r\nA: {}", "a".repeat(17_000))),
        431
    );
    assert_eq!(
        server
            .request("GET", "/", "Content-Length: 70000\r\n")
            .status,
        413
    );
    let expected = [
        (200, 2.0),
        (204, 1.0),
        (206, 2.0),
        (304, 1.0),
        (307, 0.0),
        (400, 2.0),
        (404, 3.0),
        (405, 1.0),
        (408, 0.0),
        (413, 1.0),
        (414, 1.0),
        (416, 1.0),
        (431, 1.0),
        (500, 0.0),
        (501, 1.0),
        (505, 1.0),
    ];
    // The server counts a response shortly after the client receives it.
    let mut seen = Samples::new();
    eventually("all responses are counted", || {
        seen = read(server.address);
        // Two responses of `expected` have the status 200. All other responses with this status are from `/metrics`.
        let reads = status(&seen, 200) - 2.0;
        let sum: f64 = expected.iter().map(|(_, count)| count).sum();
        let all: f64 = seen
            .iter()
            .filter(|(name, _)| name.contains("{status="))
            .map(|(_, count)| count)
            .sum();
        all - reads == sum
    });
    for (code, count) in expected {
        if code != 200 {
            assert_eq!(status(&seen, code), count, "{code}");
        }
    }
    // Each request has its own connection: the 18 requests of `expected`, the reads of `/metrics` that are counted as
    // status 200, and the current read.
    assert_eq!(
        seen["videoserve_connections_accepted_total"],
        18.0 + status(&seen, 200) - 2.0 + 1.0
    );
    assert_eq!(seen["videoserve_streams_refused_total"], 0.0);
}

#[test]
fn sent_bytes_count_content_only() {
    let server = watched();
    server.file("a", numbered(300_000));
    server.sparse_file("film", GIB);
    let mut client = server.connect();
    let content = |client: &mut Client| {
        let page = client.request("GET", "/metrics", "");
        let seen = samples(page.text())["videoserve_http_content_sent_bytes_total"];
        (seen, page.content.len() as f64)
    };
    let (before, page) = content(&mut client);
    assert_eq!(before, 0.0);
    let mut sent = page;
    for (target, fields) in [
        ("/api/stream/a", ""),
        ("/api/stream/a", "Range: bytes=0-9,200000-200009\r\n"),
        ("/api/stream/nothing", ""),
        ("/healthz", ""),
    ] {
        sent += client.request("GET", target, fields).content.len() as f64;
        client.request("HEAD", target, fields);
    }
    let (seen, page) = content(&mut client);
    assert_eq!(seen, sent);
    // The counter includes the bytes that a running response has already sent.
    let mut viewer = server.connect();
    viewer.send("GET /api/stream/film HTTP/1.1\r\nHost: localhost\r\n\r\n");
    viewer.read_head();
    viewer.take(1_000_000);
    let (seen, _) = content(&mut client);
    let more = seen - sent - page;
    assert!((1_000_000.0..GIB as f64).contains(&more), "{more}");
}

#[test]
fn gauges_have_the_number_of_streams_and_connections() {
    let server = TestServer::with(|config| config.metrics(true).max_streams(2).unwrap());
    server.sparse_file("film", GIB);
    let mut viewers = viewers(&server, 2);
    let mut late = server.connect();
    for _ in 0..3 {
        assert_eq!(late.request("GET", "/api/stream/film", "").status, 503);
    }
    let page = late.request("GET", "/metrics", "");
    let seen = samples(page.text());
    for (name, value) in [
        ("videoserve_streams", 2.0),
        ("videoserve_streams_limit", 2.0),
        ("videoserve_streams_refused_total", 3.0),
        ("videoserve_connections", 3.0),
        ("videoserve_connections_accepted_total", 3.0),
        ("videoserve_connections_refused_total", 0.0),
        ("videoserve_connections_evicted_total", 0.0),
        ("videoserve_requests_waiting", 0.0),
    ] {
        assert_eq!(seen[name], value, "{name}");
    }
    assert_eq!(status(&seen, 503), 3.0);
    assert!(seen["videoserve_worker_threads"] >= 3.0);
    assert!(seen["videoserve_worker_threads_limit"] > seen["videoserve_worker_threads"]);
    assert!(seen["videoserve_connections_limit"] >= 8.0);
    viewers.pop();
    eventually("one viewer has disconnected", || {
        let page = late.request("GET", "/metrics", "");
        let seen = samples(page.text());
        (seen["videoserve_streams"], seen["videoserve_connections"]) == (1.0, 2.0)
    });
}

/// Timeouts end one incomplete head, two silent connections, and two responses that the clients do not read.
#[test]
#[ignore = "slow; scripts/test runs it"]
fn timeouts_are_counted() {
    let server = TestServer::with(|config| {
        config.metrics(true).timeouts(videoserve::Timeouts {
            head: Duration::from_secs(3),
            stall: Duration::from_secs(1),
            ..videoserve::Timeouts::default()
        })
    });
    server.sparse_file("film", GIB);
    let mut incomplete = server.connect();
    incomplete.send("GET / HT");
    let _silent = [server.connect(), server.connect()];
    let mut stalled = Client::connect_small(server.address);
    stalled.send("GET /api/stream/film HTTP/1.1\r\nHost: localhost\r\n\r\n");
    stalled.read_head();
    let mut unread = Client::connect_small(server.address);
    unread.send("GET /assets/player.js HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(4000));
    let timeout = TIMEOUT + Duration::from_secs(5);
    incomplete.stream.set_read_timeout(Some(timeout)).unwrap();
    assert_eq!(incomplete.response().status, 408);
    thread::sleep(Duration::from_millis(300));
    let seen = read(server.address);
    for (cause, count) in [("request", 1.0), ("idle", 2.0), ("reader", 2.0)] {
        let name = format!("videoserve_timeouts_total{{waiting_for=\"{cause}\"}}");
        assert_eq!(seen[&name], count, "{cause}");
    }
    assert_eq!(status(&seen, 408), 1.0);
}

#[test]
fn metrics_that_are_disabled_return_404() {
    let server = TestServer::start();
    for method in ["GET", "HEAD", "POST", "OPTIONS"] {
        let (wanted, other) = (
            server.request(method, "/metrics", ""),
            server.request(method, "/metric", ""),
        );
        assert_eq!(
            (wanted.status, &wanted.content),
            (other.status, &other.content),
            "{method}"
        );
        assert_eq!(wanted.status, 404);
    }
}

#[test]
fn metrics_need_an_allowed_host_and_the_password() {
    let server = watched();
    let page = server.get("/metrics");
    assert_eq!(
        page.field("content-type"),
        Some("text/plain; version=0.0.4; charset=utf-8")
    );
    assert_eq!(page.field("cache-control"), Some("no-store"));
    let streams = "# HELP videoserve_streams Running streams.\n# TYPE videoserve_streams gauge\nvideoserve_streams 0\n";
    assert!(page.text().contains(streams), "{}", page.text());
    let head = server.request("HEAD", "/metrics", "");
    assert!(head.status == 200 && head.field("content-length").is_some());
    assert_eq!(server.get("/metrics?x=y").status, 200);
    assert_eq!(server.get("/metrics/").status, 404);
    let other = server.request("POST", "/metrics", "");
    assert_eq!(
        (other.status, other.field("allow")),
        (405, Some("GET, HEAD"))
    );
    let mut rebound = server.connect();
    rebound.send("GET /metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n");
    assert_eq!(rebound.response().status, 421);

    let server =
        TestServer::with(|config| config.metrics(true).credentials("ana", "secret").unwrap());
    assert_eq!(server.get("/metrics").status, 401);
    let right = "Authorization: Basic YW5hOnNlY3JldA==\r\n";
    eventually("the response with status 401 is counted", || {
        let page = server.request("GET", "/metrics", right);
        status(&samples(page.text()), 401) > 0.0
    });
}

/// If the number of connections is at the limit, the server makes room for a new connection: it evicts (closes) a
/// silent connection. If this is not possible, the new connection gets 503.
#[cfg(feature = "cli")]
#[test]
fn connections_over_the_limit_are_counted() {
    use std::io::Read;

    use crate::program::Running;

    let dir = tempfile::tempdir().unwrap();
    let running = Running::with_descriptors(160, dir.path(), &["--metrics"]);
    assert_eq!(read(running.address)["videoserve_connections_limit"], 36.0);
    thread::sleep(Duration::from_millis(100));
    let silent: Vec<Client> = (0..36).map(|_| Client::connect(running.address)).collect();
    let refused = (0..5)
        .filter(|_| {
            let mut client = Client::connect(running.address);
            let timeout = Duration::from_millis(500);
            client.stream.set_read_timeout(Some(timeout)).unwrap();
            let mut answer = [0; 12];
            client.stream.read_exact(&mut answer).is_ok() && answer == *b"HTTP/1.1 503"
        })
        .count();
    // At the limit, a new connection evicts a connection that was silent for 1 s. If the five clients above connect
    // within this second, all of them get 503. On a slow machine, some of them cause an eviction instead. After the
    // sleep, the next client causes an eviction.
    thread::sleep(Duration::from_millis(1_100));
    let seen = read(running.address);
    drop(silent);
    let refused = refused as f64;
    assert_eq!(seen["videoserve_connections_refused_total"], refused);
    assert_eq!(status(&seen, 503), refused);
    assert_eq!(seen["videoserve_connections_evicted_total"], 6.0 - refused);
    assert_eq!(seen["videoserve_connections_accepted_total"], 43.0);
}

/// The sandbox hides /proc, so the program opens /proc/self/status before it enters the sandbox.
#[cfg(feature = "cli")]
#[test]
fn process_metrics_work_in_the_sandbox() {
    use crate::program::Running;

    let dir = tempfile::tempdir().unwrap();
    for arguments in [&["--metrics"][..], &["--metrics", "--no-sandbox"]] {
        let running = Running::quiet(dir.path(), arguments);
        let seen = read(running.address);
        let resident = running.resident() as f64 * 1024.0;
        let reported = seen["process_resident_memory_bytes"];
        assert!(
            (reported - resident).abs() < resident / 4.0,
            "{reported} {resident}"
        );
        assert_eq!(seen["process_threads"], running.threads() as f64);
        assert!(seen["process_virtual_memory_bytes"] > reported);
        assert!(seen["process_max_fds"] > 100.0);
        assert!(seen["process_start_time_seconds"] > 1.7e9);
        thread::sleep(Duration::from_millis(1_000));
        let later = read(running.address)["videoserve_uptime_seconds"];
        assert!((1.0..60.0).contains(&later));
    }
}
