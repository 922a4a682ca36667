//! Tests connections between and during responses: keep-alive, pipelining, half-close, timeouts.

use std::io::Write;
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use rustix::net::{SendFlags, sockopt};
use videoserve::{Config, ErrorKind, Server};

use crate::support::{Client, TIMEOUT, TestServer, numbered};

const GIB: u64 = 1 << 30;

#[test]
fn connection_stays_open_after_any_response() {
    let server = TestServer::start();
    server.file("a", "content");
    let mut client = server.connect();
    for _ in 0..3 {
        let response = client.request("GET", "/api/stream/a", "");
        assert_eq!(
            (response.text(), response.field("connection")),
            ("content", None)
        );
        assert_eq!(
            client
                .request("HEAD", "/api/stream/a", "")
                .field("content-length"),
            Some("7")
        );
        assert_eq!(client.request("GET", "/api/stream/nothing", "").status, 404);
        assert_eq!(client.request("OPTIONS", "/api/stream/a", "").status, 204);
        assert_eq!(
            client
                .request("GET", "/api/stream/a", "Range: bytes=9-\r\n")
                .status,
            416
        );
        assert_eq!(
            client
                .request("GET", "/api/stream/a", "If-None-Match: *\r\n")
                .status,
            304
        );
    }
}

/// See RFC 9112 §9.3.
#[test]
fn connection_field_decides_whether_the_connection_stays_open() {
    let server = TestServer::start();
    server.file("a", "content");
    let check = |version: &str, fields: &str, connection: Option<&str>| {
        let mut client = server.connect();
        client.send(format!(
            "GET /api/stream/a HTTP/{version}\r\nHost: localhost\r\n{fields}\r\n"
        ));
        let response = client.response();
        assert_eq!(
            (response.text(), response.field("connection")),
            ("content", connection),
            "{version} {fields}"
        );
        if connection == Some("close") {
            client.expect_close();
        } else {
            assert_eq!(client.request("GET", "/healthz", "").text(), "ok");
        }
    };
    check("1.1", "Connection: close\r\n", Some("close"));
    check("1.1", "Connection: te, Close\r\n", Some("close"));
    check(
        "1.1",
        "Connection: te\r\nConnection: close\r\n",
        Some("close"),
    );
    check("1.1", "Connection: closed\r\n", None);
    check("1.1", "Connection: keep-alive\r\n", None);
    check("1.1", "Connection: upgrade\r\nUpgrade: h2c\r\n", None);
    check("1.0", "", Some("close"));
    check("1.0", "Connection: Keep-Alive\r\n", Some("keep-alive"));
    check("1.0", "Connection: keep-alive, close\r\n", Some("close"));
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let server = TestServer::start();
    let content = numbered(1000);
    server.file("a", &content);
    let mut client = server.connect();
    let requests: String = (0..500)
        .map(|n| {
            format!("GET /api/stream/a HTTP/1.1\r\nHost: localhost\r\nRange: bytes={n}-{n}\r\n\r\n")
        })
        .collect();
    client.send(requests);
    for byte in &content[..500] {
        assert_eq!(client.response().content, [*byte]);
    }
}

/// The server reads up to 16 KiB at a time. The lengths of the requests divide 16 KiB, so a read can end exactly at the
/// end of a request.
#[test]
fn pipelined_requests_of_any_length_are_answered() {
    let server = TestServer::start();
    server.file("a", "content");
    for length in [128, 1024, 4096] {
        let plain = "GET /api/stream/a HTTP/1.1\r\nHost: localhost\r\nX: \r\n\r\n";
        let padded = format!("X: {}\r\n\r\n", "x".repeat(length - plain.len()));
        let request = plain.replace("X: \r\n\r\n", &padded);
        assert_eq!(request.len(), length);
        let count = 4 * 16 * 1024 / length;
        let mut client = Client::connect(server.address);
        for _ in 0..3 {
            client.send(request.repeat(count));
            for _ in 0..count {
                assert_eq!(client.response().text(), "content");
            }
        }
    }
}

/// A read stops at urgent data (tcp(7)), although more bytes have arrived. The server must then read again.
#[test]
fn request_after_urgent_data_is_answered() {
    let server = TestServer::start();
    server.file("a", "content");
    let request = b"GET /api/stream/a HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let mut client = server.connect();
    for _ in 0..5 {
        let send = |bytes, flags| rustix::net::send(&client.stream, bytes, flags).unwrap();
        // With TCP_CORK, all bytes arrive together.
        sockopt::set_tcp_cork(&client.stream, true).unwrap();
        assert_eq!(send(&request[..], SendFlags::empty()), request.len());
        assert_eq!(send(b"!", SendFlags::OOB), 1);
        assert_eq!(send(&request[..], SendFlags::empty()), request.len());
        sockopt::set_tcp_cork(&client.stream, false).unwrap();
        for _ in 0..2 {
            assert_eq!(client.response().text(), "content");
        }
    }
}

/// If a server closes a socket with unread bytes, the kernel sends a reset. A reset can delete the response (RFC 9112
/// §9.6). So the server must read the further requests before it closes the socket.
#[test]
fn response_before_close_arrives_despite_further_requests() {
    let server = TestServer::start();
    let content = numbered(300_000);
    server.file("a", &content);
    for _ in 0..20 {
        let mut client = server.connect();
        client.send("GET /api/stream/a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        client.send("GET /api/stream/a HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(100));
        thread::sleep(Duration::from_millis(5));
        assert_eq!(client.response().content, content);
        client.expect_close();
    }
}

#[test]
fn half_closed_connection_gets_its_response() {
    let server = TestServer::start();
    server.file("a", "content");
    // The half-close arrives with the request, during the response, or after the response.
    for delay in (0..40).map(|n| Duration::from_micros(10 * n)) {
        let mut client = server.connect();
        assert_eq!(client.request("GET", "/api/stream/a", "").text(), "content");
        client.send("GET /api/stream/a HTTP/1.1\r\nHost: localhost\r\n\r\n");
        thread::sleep(delay);
        client.stream.shutdown(std::net::Shutdown::Write).unwrap();
        assert_eq!(client.response().text(), "content");
        client.expect_close();
    }
}

#[test]
fn simultaneous_first_connections_are_all_answered() {
    for _ in 0..10 {
        let server = TestServer::start();
        let clients: Vec<_> = (0..6)
            .map(|_| {
                let address = server.address;
                thread::spawn(move || {
                    Client::connect(address)
                        .request("GET", "/healthz", "")
                        .status
                })
            })
            .collect();
        for client in clients {
            assert_eq!(client.join().unwrap(), 200);
        }
    }
}

// Short timeouts for the tests below.
const HEAD: Duration = Duration::from_secs(2);
const IDLE: Duration = Duration::from_secs(4);
const STOP: Duration = Duration::from_secs(3);

fn server_with_short_limits() -> TestServer {
    TestServer::with(|config| {
        config.timeouts(videoserve::Timeouts {
            head: HEAD,
            idle: IDLE,
            stop: STOP,
            ..videoserve::Timeouts::default()
        })
    })
}

/// Checks that `elapsed` is near the limit: at most 0.6 s shorter and, because the machine may be busy, at most 4 s
/// longer.
#[track_caller]
fn assert_took(limit: Duration, elapsed: Duration, name: &str) {
    let early = limit.saturating_sub(Duration::from_millis(600));
    let expected = early..limit + Duration::from_secs(4);
    assert!(expected.contains(&elapsed), "{name:?}: {elapsed:?}");
}

/// Sends `sent`, and checks that the server closes the connection after `limit`. Before the close, the server must send
/// `status`; `None` means no response. If `sent` is "a whole request", the client gets a response first.
fn check_close_after(address: SocketAddr, sent: &str, limit: Duration, status: Option<u16>) {
    let mut client = Client::connect(address);
    let timeout = Some(limit + TIMEOUT);
    client.stream.set_read_timeout(timeout).unwrap();
    match sent {
        "a whole request" => assert_eq!(client.request("GET", "/healthz", "").status, 200),
        part => client.send(part),
    }
    let start = Instant::now();
    if let Some(status) = status {
        assert_eq!(client.response().status, status, "{sent:?}");
    }
    client.expect_close();
    assert_took(limit, start.elapsed(), sent);
}

#[test]
fn connection_without_progress_is_closed_at_its_limit() {
    let half_content = "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabc";
    let rows = [
        ("GET / HTTP/1.1\r\nHost: loc", HEAD, Some(408)),
        (half_content, HEAD, Some(408)),
        ("", HEAD, None),
        ("a whole request", IDLE, None),
    ];
    let waits = rows.map(|(sent, limit, status)| {
        // Each row has its own server. On a shared server, events of other connections also start a check of all
        // timeouts, and so hide a missed timeout.
        thread::spawn(move || {
            check_close_after(server_with_short_limits().address, sent, limit, status)
        })
    });
    for wait in waits {
        wait.join().unwrap();
    }
}

#[test]
#[ignore = "slow; scripts/test runs it"]
fn head_returns_408_at_the_limit() {
    let server = server_with_short_limits();
    let mut client = server.connect();
    let start = Instant::now();
    for byte in format!("GET / HTTP/1.1\r\nHost: {}", "a".repeat(40)).bytes() {
        thread::sleep(HEAD / 25);
        if client.stream.write_all(&[byte]).is_err() || start.elapsed() > HEAD * 5 / 4 {
            break;
        }
    }
    assert_eq!(client.response().status, 408);
    assert_took(HEAD, start.elapsed(), "a slow head");
}

#[test]
fn stop_waits_for_a_running_response_until_the_limit() {
    let mut server = server_with_short_limits();
    server.sparse_file("film", GIB);
    let mut viewer = server.connect();
    viewer.send("GET /api/stream/film HTTP/1.1\r\nHost: localhost\r\n\r\n");
    viewer.read_head();
    let start = Instant::now();
    assert!(server.stop().unwrap().is_ok());
    assert_took(STOP, start.elapsed(), "a response without an end");
}

/// A client can connect to the listener before the server exists.
#[test]
fn server_from_listener_answers_early_clients() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("a"), "content").unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut early = Client::connect(address);
    early.send("GET /api/stream/a HTTP/1.1\r\nHost: localhost\r\n\r\n");
    // With a listener, the server ignores `bind` and `port`.
    let config = Config::new(dir.path()).bind([192, 0, 2, 1].into()).port(1);
    let server = Server::from_listener(listener, config).unwrap();
    assert_eq!(server.local_addr(), address);
    let handle = server.handle();
    let running = thread::spawn(move || server.run());
    assert_eq!(early.response().text(), "content");
    let mut late = Client::connect(address);
    assert_eq!(late.request("GET", "/api/stream/a", "").text(), "content");
    handle.stop();
    running.join().unwrap().unwrap();
}

#[test]
fn server_from_other_sockets_returns_error() {
    let refused = |listener: std::os::fd::OwnedFd, dir: &str| {
        let error = Server::from_listener(listener.into(), Config::new(dir)).unwrap_err();
        (error.kind(), error.to_string())
    };
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let (kind, text) = refused(socket.into(), ".");
    assert_eq!(kind, ErrorKind::Listen, "{text}");
    let (socket, _) = std::os::unix::net::UnixStream::pair().unwrap();
    assert_eq!(refused(socket.into(), ".").0, ErrorKind::Listen);
    let dir = tempfile::tempdir().unwrap();
    let socket = std::os::unix::net::UnixListener::bind(dir.path().join("socket")).unwrap();
    let (kind, text) = refused(socket.into(), ".");
    assert_eq!(kind, ErrorKind::Listen, "{text}");
    assert!(
        text.starts_with("cannot use the listening socket"),
        "{text}"
    );
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    assert_eq!(
        refused(socket.into(), "/nowhere/at/all").0,
        ErrorKind::Directory
    );
}
