//! Tests requests that a proxy and the server could parse differently. Each test sends an outer request and, directly
//! after it, a smuggled request. The server may answer the smuggled request only if all parsers find the same end of
//! the outer request.

use crate::support::{Client, Response, TestServer, check_status_line};

/// The smuggled request. No other request asks for the file `smuggled`.
pub(crate) const SMUGGLED: &str = "GET /api/stream/smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";
/// The content of the file `smuggled`. No other file has this content.
const CONTENT: &str = "the smuggled file";

/// The statuses of the responses that a test expects, in the order of the responses.
pub(crate) type Statuses = &'static [u16];

pub(crate) const REFUSED: Statuses = &[400];
const UNKNOWN_CODING: Statuses = &[501];
/// Responses to the outer request (405) and to the smuggled request (200).
pub(crate) const BOTH: Statuses = &[405, 200];

pub(crate) fn server() -> TestServer {
    let server = TestServer::start();
    server.file("smuggled", CONTENT);
    server.file("outer", "outer");
    server
}

/// Sends bytes, closes the sending direction, and reads all responses.
#[track_caller]
fn answers(server: &TestServer, bytes: &[u8]) -> Vec<Response> {
    let mut client: Client = server.connect();
    client.send(bytes);
    client.stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut text = client.read_to_end();
    let mut answers = Vec::new();
    while !text.is_empty() {
        let parsed = Response::parse(&text).unwrap();
        let (response, end) = parsed.unwrap_or_else(|| panic!("{}", text.escape_ascii()));
        let mut response = check_status_line(response);
        text.drain(..end);
        let length = response
            .length()
            .unwrap()
            .map_or(0, |length| usize::try_from(length).unwrap());
        assert!(text.len() >= length, "{response:?}");
        response.content = text.drain(..length).collect();
        answers.push(response);
    }
    answers
}

#[track_caller]
pub(crate) fn check(server: &TestServer, bytes: impl AsRef<[u8]>, statuses: Statuses) {
    let bytes = bytes.as_ref();
    let answers = answers(server, bytes);
    let found: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    let shown = bytes.escape_ascii();
    assert_eq!(found, statuses, "{shown}");
    let successes = answers
        .iter()
        .filter(|answer| answer.content == CONTENT.as_bytes());
    let expected = statuses.iter().filter(|status| **status == 200).count();
    assert_eq!(successes.count(), expected, "{shown}");
    if let Some(last) = answers.last()
        && [400, 413, 417, 501].contains(&last.status)
    {
        assert_eq!(last.field("connection"), Some("close"), "{shown}");
    }
}

/// Returns a POST with these fields and content, and the smuggled request after it.
pub(crate) fn post(fields: &str, content: &str) -> String {
    format!("POST /api/stream/outer HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n{content}{SMUGGLED}")
}

/// Each outer request has Content-Length and Transfer-Encoding, in different orders and spellings.
#[test]
fn length_with_coding_returns_400() {
    let server = server();
    let lengths = ["0", "5", "4", "6", "48", "100000000000"];
    let codings = [
        "chunked",
        "Chunked",
        "CHUNKED",
        " chunked",
        "\tchunked",
        "chunked\t",
        "chunked ",
    ];
    for length in lengths {
        for coding in codings {
            let length = format!("Content-Length: {length}\r\n");
            let coding = format!("Transfer-Encoding:{coding}\r\n");
            check(
                &server,
                post(&format!("{length}{coding}"), "0\r\n\r\n"),
                REFUSED,
            );
            check(
                &server,
                post(&format!("{coding}{length}"), "0\r\n\r\n"),
                REFUSED,
            );
            let between = format!("{length}X: y\r\n{coding}");
            check(&server, post(&between, "0\r\n\r\n"), REFUSED);
        }
    }
}

#[test]
fn malformed_length_is_refused() {
    let server = server();
    for length in [
        "+5", "-5", "-0", "0x5", "5 5", "5,5", "5, 5", "5,", ",5", "5;", "5.0", "5e0", "", " ",
        "\u{665}", "5\u{b}", "five", "\"5\"", "0b101", "5_", "1 0",
    ] {
        check(
            &server,
            post(&format!("Content-Length: {length}\r\n"), "abcde"),
            REFUSED,
        );
    }
    for pair in [
        ["5", "5"],
        ["5", "0"],
        ["0", "5"],
        ["0", "0"],
        ["5", "100000000000"],
    ] {
        let [first, second] = pair;
        let fields = format!("Content-Length: {first}\r\nContent-Length: {second}\r\n");
        check(&server, post(&fields, "abcde"), REFUSED);
        let fields = format!("Content-Length: {first}\r\ncontent-length: {second}\r\n");
        check(&server, post(&fields, "abcde"), REFUSED);
    }
    // A value of digits is valid, also with spaces or tabs before and after it (RFC 9110 §8.6, §5.5).
    for length in [
        "5",
        "05",
        "0000000005",
        " 5",
        "\t5",
        "5 ",
        "5\t ",
        "00000000000000000000000005",
    ] {
        check(
            &server,
            post(&format!("Content-Length:{length}\r\n"), "abcde"),
            BOTH,
        );
    }
    check(&server, post("Content-Length: 0\r\n", ""), BOTH);
    check(&server, post("", ""), BOTH);
    // The server does not read content above 64 KiB. Without reading it, the server cannot find the next request, so it
    // must close the connection.
    for length in [
        "65537",
        "100000000000",
        "18446744073709551616",
        "99999999999999999999999999999",
    ] {
        check(
            &server,
            post(&format!("Content-Length: {length}\r\n"), ""),
            &[413],
        );
    }
    // This length includes the smuggled request. So the smuggled request is content, and gets no response.
    let length = SMUGGLED.len();
    check(
        &server,
        post(&format!("Content-Length: {length}\r\n"), ""),
        &[405],
    );
}

#[test]
fn unknown_coding_is_refused() {
    let server = server();
    for coding in [
        "xchunked",
        "chunkedx",
        "chunked, chunked",
        "chunked,chunked",
        "chunked,",
        ",chunked",
        "identity, chunked",
        "chunked, identity",
        "gzip, chunked",
        "gzip",
        "identity",
        "chunked;q=1",
        "chunked; a=b",
        "\"chunked\"",
        "'chunked'",
        "chun ked",
        "chunked\u{b}x",
        "x chunked",
        "",
    ] {
        let row = post(&format!("Transfer-Encoding: {coding}\r\n"), "0\r\n\r\n");
        let statuses = match coding.contains('\u{b}') {
            true => REFUSED,
            false => UNKNOWN_CODING,
        };
        check(&server, row, statuses);
    }
    for [first, second] in [
        ["chunked", "chunked"],
        ["chunked", "identity"],
        ["chunked", "x"],
    ] {
        let fields = format!("Transfer-Encoding: {first}\r\nTransfer-Encoding: {second}\r\n");
        check(&server, post(&fields, "0\r\n\r\n"), REFUSED);
    }
    for fields in [
        "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: \r\nTransfer-Encoding: chunked\r\n",
    ] {
        check(&server, post(fields, "0\r\n\r\n"), UNKNOWN_CODING);
    }
    for coding in ["chunked", "CHUNKED", "cHuNkEd", "\tchunked", "chunked \t"] {
        let row = post(&format!("Transfer-Encoding:{coding}\r\n"), "0\r\n\r\n");
        check(&server, row, BOTH);
    }
    // HTTP/1.0 has no transfer codings. So a proxy may ignore the coding, and find an earlier end of the content than
    // the server.
    let old = format!(
        "POST /api/stream/outer HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{SMUGGLED}"
    );
    check(&server, old, REFUSED);
    // Fields with similar names have no effect.
    for name in [
        "Transfer_Encoding",
        "X-Transfer-Encoding",
        "Transfer-Encodings",
        "Content_Length",
    ] {
        check(&server, post(&format!("{name}: chunked\r\n"), ""), BOTH);
    }
}

#[test]
fn malformed_chunk_returns_400() {
    let server = server();
    let chunked = |content: &str| post("Transfer-Encoding: chunked\r\n", content);
    for content in [
        "+5\r\nabcde\r\n0\r\n\r\n",
        "-5\r\nabcde\r\n0\r\n\r\n",
        "0x5\r\nabcde\r\n0\r\n\r\n",
        "5h\r\nabcde\r\n0\r\n\r\n",
        "5 \r\nabcde\r\n0\r\n\r\n",
        " 5\r\nabcde\r\n0\r\n\r\n",
        "\t5\r\nabcde\r\n0\r\n\r\n",
        "5\t\r\nabcde\r\n0\r\n\r\n",
        "5 a\r\nabcde\r\n0\r\n\r\n",
        "5 5\r\nabcde\r\n0\r\n\r\n",
        "5,\r\nabcde\r\n0\r\n\r\n",
        "\r\nabcde\r\n0\r\n\r\n",
        ";a\r\nabcde\r\n0\r\n\r\n",
        "00000000000000005\r\nabcde\r\n0\r\n\r\n",
        "10000000000000000\r\nabcde\r\n0\r\n\r\n",
        "fffffffffffffffff\r\nabcde\r\n0\r\n\r\n",
        "5\nabcde\r\n0\r\n\r\n",
        "5\rabcde\r\n0\r\n\r\n",
        "5\r\r\nabcde\r\n0\r\n\r\n",
        "5\r\nabcde\n0\r\n\r\n",
        "5\r\nabcde0\r\n\r\n",
        "5\r\nabcdef\r\n0\r\n\r\n",
        "4\r\nabcde\r\n0\r\n\r\n",
        "5;\nabcde\r\n0\r\n\r\n",
        "5;a\nb\r\nabcde\r\n0\r\n\r\n",
        "5;a\rb\r\nabcde\r\n0\r\n\r\n",
        "5;a\0b\r\nabcde\r\n0\r\n\r\n",
        "5\r\nabcde\r\n0\n\r\n",
        "5\r\nabcde\r\n0\r\n\n",
        "5\r\nabcde\r\n0\r\nA: b\n\r\n",
        "5\r\nabcde\r\n0\r\nA: \0\r\n\r\n",
        "5\r\nabcde\r\n0\r\nA: b\rc\r\n\r\n",
    ] {
        check(&server, chunked(content), REFUSED);
    }
    for content in [
        "0\r\n\r\n",
        "000\r\n\r\n",
        "5\r\nabcde\r\n0\r\n\r\n",
        "05\r\nabcde\r\n00\r\n\r\n",
        "5;\r\nabcde\r\n0\r\n\r\n",
        "5;a=b;c=\"d\"\r\nabcde\r\n0;e\r\n\r\n",
        "5 \t; a = b\r\nabcde\r\n0 ;e\r\n\r\n",
        "2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n",
        "7\r\n0\r\n\r\nab\r\n0\r\n\r\n",
        "5\r\nabcde\r\n0\r\nContent-Length: 100\r\n\r\n",
        "5\r\nabcde\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n",
        "5\r\nabcde\r\n0\r\nHost: evil\r\n\r\n",
    ] {
        check(&server, chunked(content), BOTH);
    }
    // A request inside a chunk is content.
    let hidden = format!("{:x}\r\n{SMUGGLED}\r\n0\r\n\r\n", SMUGGLED.len());
    check(&server, chunked(&hidden), BOTH);
    // In these requests, the content is longer than the limit of 64 KiB. The limit includes the framing of the chunks.
    check(
        &server,
        chunked(&format!("10001\r\n{}\r\n0\r\n\r\n", "a".repeat(65_537))),
        &[413],
    );
    for framing in [
        "1\r\nx\r\n".repeat(20_000),
        "0;".to_owned() + &"x".repeat(70_000),
    ] {
        check(&server, chunked(&framing), &[413]);
    }
    // The server checks the size of a chunk before it reads the chunk.
    for size in ["10001", "ffffffffffffffff"] {
        check(&server, chunked(&format!("{size}\r\n")), &[413]);
    }
}
