//! Tests which request heads the server refuses, and with which status. After a refusal, the server closes the
//! connection.

use crate::support::{Client, TestServer};

/// Sends raw bytes. Checks that the server answers with this status, and then closes the connection.
#[track_caller]
fn refused(bytes: impl AsRef<[u8]>, status: u16) {
    let server = TestServer::start();
    server.file("a", "content");
    let mut client = server.connect();
    client.send(bytes);
    let response = client.response();
    assert_eq!(response.status, status, "{response:?}");
    assert_eq!(response.field("connection"), Some("close"), "{response:?}");
    assert!(response.field("date").is_some());
    client.expect_close();
    assert_eq!(server.get("/healthz").content, b"ok");
}

/// Sends raw bytes. Checks that the server sends exactly these responses.
#[track_caller]
fn answered(bytes: impl AsRef<[u8]>, statuses: &[u16]) {
    let server = TestServer::start();
    server.file("a", "content");
    let mut client = server.connect();
    client.send(bytes);
    for status in statuses {
        let response = client.response();
        assert_eq!(response.status, *status, "{response:?}");
    }
    client.stream.shutdown(std::net::Shutdown::Write).unwrap();
    client.expect_close();
}

fn get(fields: &str) -> String {
    format!("GET /api/stream/a HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n")
}

/// See RFC 9112 §2.3 and RFC 9110 §2.5.
#[test]
fn unsupported_version_is_refused() {
    refused("GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", 505);
    refused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505);
    refused("GET / HTTP/0.9\r\nHost: localhost\r\n\r\n", 505);
    refused("GET /\r\nHost: localhost\r\n\r\n", 400);
    refused("GET / http/1.1\r\nHost: localhost\r\n\r\n", 400);
    refused("GET / HTTP/1.10\r\nHost: localhost\r\n\r\n", 400);
    refused("GET / HTTP/1\r\nHost: localhost\r\n\r\n", 400);
    refused("GET / HTTP/1.1 \r\nHost: localhost\r\n\r\n", 400);
    answered("GET /healthz HTTP/1.2\r\nHost: localhost\r\n\r\n", &[200]);
}

/// See RFC 9110 §9.1.
#[test]
fn unknown_method_returns_501() {
    refused("BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n", 501);
    refused("get / HTTP/1.1\r\nHost: localhost\r\n\r\n", 501);
    refused("G(T / HTTP/1.1\r\nHost: localhost\r\n\r\n", 400);
    refused(" GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 400);
    refused("GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n", 400);
    refused("GET HTTP/1.1\r\nHost: localhost\r\n\r\n", 400);
    answered(
        "CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        &[405],
    );
    answered(
        "TRACE /api/stream/a HTTP/1.1\r\nHost: localhost\r\n\r\n",
        &[405],
    );
}

/// See RFC 9112 §11.2. The module `heads` tests errors in fields that determine the length of the content.
#[test]
fn malformed_line_returns_400() {
    refused("GET / HTTP/1.1\nHost: localhost\n\n", 400);
    refused("GET / HTTP/1.1\rHost: localhost\r\r", 400);
    refused(get("A(: b\r\n"), 400);
    refused(get("A: \x07\r\n"), 400);
    refused("GET /\0 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400);
    refused(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400);
    refused("SSH-2.0-OpenSSH_9.2\r\n\r\n", 400);
    answered(get("A:b\r\nB:\r\nC: \t d \t\r\n"), &[200]);
    answered(
        [get("Cookie: ").trim_end().as_bytes(), b" \xfc\xff\r\n\r\n"].concat(),
        &[200],
    );
    answered(
        "GET /api/stream/a HTTP/1.1\r\nhOsT:localhost:8001\r\n\r\n",
        &[200],
    );
    // RFC 9112 §2.2: a server skips empty lines before a request line.
    answered(format!("\r\n{}\r\n\r\n{}", get(""), get("")), &[200, 200]);
}

/// The module `smuggling` tests malformed content.
#[test]
fn content_is_drained_before_the_next_request() {
    let content = "x".repeat(65_536);
    let post = "POST /api/stream/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 65536\r\n\r\n";
    answered(format!("{post}{content}{}", get("")), &[405, 200]);
    let with_content = get("Content-Length: 5\r\n");
    answered(format!("{with_content}abcde{}", get("")), &[200, 200]);
}

/// See RFC 9110 §10.1.1.
#[test]
fn expectation_gets_100_or_417() {
    refused(get("Expect: 200-ok\r\n"), 417);
    let server = TestServer::start();
    server.file("a", "content");
    let mut client = server.connect();
    client.send("POST /api/stream/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nExpect: 100-Continue\r\n\r\n");
    assert_eq!(client.response().status, 100);
    client.send("abc");
    assert_eq!(client.response().status, 405);
    // A request without content, or with too much content, gets no 100.
    client.send(get("Expect: 100-continue\r\n"));
    assert_eq!(client.response().status, 200);
    client.send(get("Expect: 100-continue\r\nContent-Length: 65537\r\n"));
    assert_eq!(client.response().status, 413);
    client.expect_close();
}

/// Limits: 8 KiB for the request line, 16 KiB for all fields together, 100 fields.
#[test]
fn head_over_a_limit_returns_414_or_431() {
    let line = |length: usize| {
        let plain = "GET /api/stream/a? HTTP/1.1\r\n".len();
        format!(
            "GET /api/stream/a?{} HTTP/1.1\r\n",
            "q".repeat(length - plain)
        )
    };
    let with_line = |length| format!("{}Host: localhost\r\n\r\n", line(length));
    answered(with_line(8 * 1024), &[200]);
    refused(with_line(8 * 1024 + 1), 414);
    refused("GET /".to_owned() + &"a".repeat(100_000), 414);

    let fields = |length: usize| {
        let plain = "Host: localhost\r\nA: \r\n\r\n".len();
        get(&format!("A: {}\r\n", "b".repeat(length - plain)))
    };
    answered(fields(16 * 1024), &[200]);
    refused(fields(16 * 1024 + 1), 431);
    refused(get(&format!("A: {}", "b".repeat(100_000))), 431);

    answered(get(&"A: b\r\n".repeat(99)), &[200]);
    refused(get(&"A: b\r\n".repeat(100)), 431);
    refused(get(&"A:b\r\n".repeat(100_000)), 431);
}

#[test]
fn request_split_at_any_byte_is_answered() {
    let server = TestServer::start();
    server.file("a", "content");
    let requests = format!(
        "\r\nPOST /api/stream/a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n{}",
        get("Range: bytes=1-3\r\n")
    );
    let check = |client: &mut Client| {
        assert_eq!(client.response().status, 405);
        let response = client.response();
        assert_eq!((response.status, response.text()), (206, "ont"));
    };
    for cut in 1..requests.len() {
        let mut client = server.connect();
        client.send(&requests[..cut]);
        std::thread::yield_now();
        client.send(&requests[cut..]);
        check(&mut client);
    }
    let mut client = server.connect();
    for byte in requests.bytes() {
        client.send([byte]);
    }
    check(&mut client);
}

/// Inside the server, each request has a number, the ticket. A client must not be able to set this number.
#[test]
fn ticket_field_of_a_client_is_ignored() {
    let server = TestServer::start();
    server.file("a", "content");
    for ticket in ["1", "2", "18446744073709551615", "x"] {
        let response = server.request(
            "GET",
            "/api/stream/a",
            &format!("Ticket: {ticket}\r\nTICKET: 0\r\n"),
        );
        assert_eq!(response.content, b"content");
    }
}
