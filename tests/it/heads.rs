//! Tests heads that a proxy and the server may parse differently. Each row ends with a second request, the smuggled
//! request, which a proxy may read as content. As in the module `smuggling`, the test checks the statuses of all
//! responses.

use crate::smuggling::{BOTH, REFUSED, SMUGGLED, check, post, server};

/// The rows have unusual line ends, spaces and control characters in the fields that determine the length of the
/// content.
#[test]
fn ambiguous_field_line_returns_400() {
    let server = server();
    for fields in [
        "Content-Length: 5\n",
        "Content-Length: 5\r",
        "Content-Length: 5\r\n\n",
        "Content-Length:\n 5\r\n",
        "Content-Length:\r\n 5\r\n",
        "Content-Length: 5\r\n 0\r\n",
        "X: y\r\n Content-Length: 5\r\n",
        "X: y\r\n\tTransfer-Encoding: chunked\r\n",
        "X: y\nContent-Length: 5\r\n",
        "X: y\rContent-Length: 5\r\n",
        "X: y\0Content-Length: 5\r\n",
        "Content-Length: 5\0\r\n",
        "Content-Length: \x005\r\n",
        "Content-Length : 5\r\n",
        "Content-Length\t: 5\r\n",
        " Content-Length: 5\r\n",
        "\tContent-Length: 5\r\n",
        "Content-Length\r\n",
        "Content-Length 5\r\n",
        ": 5\r\n",
        "Content\0-Length: 5\r\n",
        "Content-\u{b}Length: 5\r\n",
        "Content-Length\u{a0}: 5\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding\t: chunked\r\n",
        "Transfer-Encoding\u{b}: chunked\r\n",
        "Transfer-Encoding:\r\n chunked\r\n",
        "Transfer-Encoding: chunked\n",
        "Transfer-Encoding: chunked\r\r\n",
        "Transfer-Encoding: chunked\0\r\n",
        "Transfer-Encoding: \u{1}chunked\r\n",
        "Transfer-Encoding: chunked\u{7f}\r\n",
        "Transfer\nEncoding: chunked\r\n",
        "X: y\r\r\nTransfer-Encoding: chunked\r\n",
        "\r\rX: y\r\n",
        "\nX: y\r\n",
    ] {
        check(&server, post(fields, "abcde"), REFUSED);
    }
    // An empty line ends the head, even if the next line looks like a field.
    let cut = format!(
        "GET /api/stream/smuggled HTTP/1.1\r\nHost: a\r\n\r\nContent-Length: 5\r\n\r\n{SMUGGLED}"
    );
    check(&server, cut, &[200, 400]);
}

#[test]
fn ambiguous_host_or_request_line_returns_400() {
    let server = server();
    let get =
        |target: &str, fields: &str| format!("GET {target} HTTP/1.1\r\n{fields}\r\n{SMUGGLED}");
    for fields in [
        "Host: localhost\r\nHost: localhost\r\n",
        "Host: localhost\r\nHost: evil\r\n",
        "Host: localhost\r\nhost: localhost\r\n",
        "Host: localhost evil\r\n",
        "Host: localhost\r\n evil\r\n",
        "Host : localhost\r\n",
        "Host: evil@localhost\r\n",
        "Host: localhost/evil\r\n",
        "Host: localhost\0\r\n",
        "Host:\r\n",
        "Host: a:b\r\n",
        "Host: [::1\r\n",
        "Host: http://a\r\n",
        "",
    ] {
        check(&server, get("/api/stream/smuggled", fields), REFUSED);
        check(
            &server,
            get("http://localhost/api/stream/smuggled", fields),
            REFUSED,
        );
    }
    // The authority in the target overrides Host (RFC 9112 §3.2.2).
    let absolute = "http://localhost/api/stream/smuggled";
    check(
        &server,
        get(absolute, "Host: videos.example\r\n"),
        &[200, 200],
    );
    check(
        &server,
        get("http://videos.example/x", "Host: localhost\r\n"),
        &[421, 200],
    );
    for authority in ["localhost:x", "localhost:80:80", "[::1", "[::1]x", "a\"b"] {
        let target = format!("http://{authority}/api/stream/smuggled");
        check(&server, get(&target, "Host: localhost\r\n"), &[400, 200]);
    }
    for line in [
        "GET  /api/stream/smuggled HTTP/1.1",
        "GET /api/stream/smuggled  HTTP/1.1",
        "GET\t/api/stream/smuggled HTTP/1.1",
        "GET /api/stream/smuggled HTTP/1.1 ",
        "GET /api/stream/smuggled HTTP/1.1 HTTP/1.1",
        "GET /api/stream/smuggled\tHTTP/1.1",
        "GET /api/stream/smuggled",
        "GET /api/stream/\u{b}smuggled HTTP/1.1",
        " GET /api/stream/smuggled HTTP/1.1",
        "GET /api/stream/smuggled http/1.1",
        "GET /api/stream/smuggled HTTP/1.1\r",
    ] {
        check(
            &server,
            format!("{line}\r\nHost: localhost\r\n\r\n{SMUGGLED}"),
            REFUSED,
        );
    }
}

#[test]
fn content_of_any_method_is_drained() {
    let server = server();
    for method in ["GET", "DELETE", "OPTIONS", "TRACE", "HEAD"] {
        let target = "/api/stream/smuggled";
        let row = format!(
            "{method} {target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{SMUGGLED}",
            SMUGGLED.len()
        );
        let mut client = server.connect();
        client.send(row);
        let first = client.response_to(method);
        assert!(
            [200, 204, 405].contains(&first.status),
            "{method} {first:?}"
        );
        client.stream.shutdown(std::net::Shutdown::Write).unwrap();
        client.expect_close();
    }
    for fields in [
        "Upgrade: h2c\r\nConnection: upgrade\r\n",
        "Upgrade: websocket\r\nConnection: upgrade\r\n",
    ] {
        check(&server, post(fields, ""), BOTH);
    }
    // The server closes these connections, so it does not answer the smuggled request.
    check(&server, post("Connection: close\r\n", ""), &[405]);
    check(&server, post("Expect: 200-maybe\r\n", ""), &[417]);
}
