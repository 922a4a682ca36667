//! Sends the requests of tests that have a table of requests and responses. [`Rows::ask`] sends each request over a new
//! connection, and again over one connection that all rows of the table share. Both responses must be equal, and
//! both connections must still work. If a test fails, it prints the request and the response of its row.

use std::path::Path;
use std::time::{Duration, SystemTime};

use videoserve::Config;

use crate::support::{Client, Response, TestServer};

/// A server, and the connection that all requests of a test share.
pub(crate) struct Rows {
    // Invariant: `kept` is above `server`, so Rust drops the connection before the server. While a client keeps its
    // connection open, the stop of a server can take 2 s longer.
    kept: Client,
    pub(crate) server: TestServer,
    request: String,
    response: String,
    /// The expected result of the current row. A failure message shows it.
    pub(crate) expected: String,
}

impl Drop for Rows {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let (request, response) = (&self.request, &self.response);
            eprintln!("--- request\n{request}\n--- response\n{response}");
            if !self.expected.is_empty() {
                eprintln!("--- expected\n{}", self.expected);
            }
        }
    }
}

impl Rows {
    pub(crate) fn start() -> Rows {
        Rows::with(|config| config)
    }

    pub(crate) fn with(change: impl FnOnce(Config) -> Config) -> Rows {
        let server = TestServer::with(change);
        let kept = server.connect();
        Rows {
            kept,
            server,
            request: String::new(),
            response: String::new(),
            expected: String::new(),
        }
    }

    /// Sends a request over both connections. Compares the responses, and checks rules that are true for each response
    /// of the server. Returns the response of the new connection.
    #[track_caller]
    pub(crate) fn ask(&mut self, method: &str, target: &str, fields: &str) -> Response {
        self.request = format!("{method} {target}\n{}", fields.trim_end());
        self.response.clear();
        let mut fresh = self.server.connect();
        let one = fresh.request(method, target, fields);
        self.response = summary(&one);
        check_next_response(&mut fresh);
        let other = self.kept.request(method, target, fields);
        check_next_response(&mut self.kept);
        for response in [&one, &other] {
            self.check_common_rules(method, response);
        }
        let (seen, again) = (comparable(&one), comparable(&other));
        assert_eq!(
            (seen.0, &seen.1),
            (again.0, &again.1),
            "the responses on the new and the keep-alive connection differ"
        );
        assert!(
            seen.2 == again.2,
            "the contents on the new and the keep-alive connection differ"
        );
        let boundaries = (boundary(&one), boundary(&other));
        assert!(boundaries.0 != boundaries.1 || boundaries.0.is_none());
        one
    }

    #[track_caller]
    pub(crate) fn get(&mut self, target: &str, fields: &str) -> Response {
        self.ask("GET", target, fields)
    }

    /// Returns the response to GET. Checks that HEAD has the same status and fields. `fields` must not contain Range,
    /// because the server ignores Range for HEAD.
    #[track_caller]
    pub(crate) fn get_and_head(&mut self, target: &str, fields: &str) -> Response {
        let get = self.ask("GET", target, fields);
        let head = self.ask("HEAD", target, fields);
        let answer = |response: &Response| (response.status, shown(response));
        assert_eq!(answer(&get), answer(&head), "GET and HEAD differ");
        get
    }

    #[track_caller]
    fn check_common_rules(&self, method: &str, response: &Response) {
        let date = response.field("date").expect("Date");
        let date = httpdate::parse_http_date(date).expect(date);
        let now = SystemTime::now();
        let near = Duration::from_secs(60);
        assert!(date < now + near && date > now - near, "{date:?}");
        // RFC 9110 §8.8.2.1: Last-Modified must not be later than Date.
        if let Some(modified) = response.field("last-modified") {
            assert!(httpdate::parse_http_date(modified).expect(modified) <= date);
        }
        assert_eq!(response.field("content-encoding"), None);
        assert_eq!(response.field("connection"), None);
        // No response contains the path of the served folder.
        let dir = self.server.dir().to_str().unwrap();
        let shown = String::from_utf8_lossy(&response.content);
        assert!(!shown.contains(dir), "{dir} is shown in {shown}");
        assert!(!response.head.contains(dir));
        // RFC 9110 §15.3.5, §15.4.5, §15.5.6 and §15.6.4 define which fields each status has.
        let has = |name| response.field(name).is_some();
        let is_delimited = has("content-length") || has("transfer-encoding");
        if matches!(response.status, 204 | 304) {
            assert!(!is_delimited && !has("content-type"), "{response:?}");
        } else {
            assert!(is_delimited || method == "HEAD", "{response:?}");
        }
        assert_eq!(has("retry-after"), matches!(response.status, 429 | 503));
        assert_eq!(has("www-authenticate"), response.status == 401);
        assert_eq!(has("allow"), matches!(response.status, 204 | 405));
    }
}

/// Returns the head and up to 400 bytes of the content, for failure messages.
fn summary(response: &Response) -> String {
    let length = response.content.len();
    let shown = &response.content[..length.min(400)];
    let content = String::from_utf8_lossy(shown);
    format!("{}\n{length} bytes: {content:?}", response.head)
}

/// Checks that the connection still works. If the previous response was longer or shorter than its announced length,
/// the client cannot parse the next response.
#[track_caller]
fn check_next_response(client: &mut Client) {
    let next = client.request("GET", "/healthz", "");
    assert_eq!((next.status, next.text()), (200, "ok"));
}

/// Returns status, fields and content. Omits Date and the multipart boundary, because each response has its own.
fn comparable(response: &Response) -> (u16, String, Vec<u8>) {
    let (fields, content) = (shown(response), response.content.clone());
    match boundary(response) {
        None => (response.status, fields, content),
        Some(boundary) => {
            let mut rest = content.as_slice();
            let mut content = Vec::new();
            while !rest.is_empty() {
                match rest.strip_prefix(boundary.as_bytes()) {
                    Some(after) => rest = after,
                    None => {
                        content.push(rest[0]);
                        rest = &rest[1..];
                    }
                }
            }
            (response.status, fields.replace(boundary, ""), content)
        }
    }
}

pub(crate) fn boundary(response: &Response) -> Option<&str> {
    response
        .field("content-type")?
        .strip_prefix("multipart/byteranges; boundary=")
}

/// Returns the fields except Date, sorted, one per line.
pub(crate) fn shown(response: &Response) -> String {
    let mut lines: Vec<String> = response
        .fields()
        .map(|(name, value)| format!("{}: {value}", name.to_ascii_lowercase()))
        .filter(|line| !line.starts_with("date: "))
        .collect();
    lines.sort();
    lines.join("\n")
}

/// Returns the fields of an error below `/api/`, in the format of [`shown`]. `more` are additional fields.
pub(crate) fn error_fields(content_length: usize, more: &[&str]) -> String {
    let content_length = format!("content-length: {content_length}");
    let mut lines = vec![
        "cache-control: no-store",
        "content-type: application/json",
        "x-content-type-options: nosniff",
        &content_length,
    ];
    lines.extend(more);
    lines.sort_unstable();
    lines.join("\n")
}

/// Returns the field lines and the content of each part of multipart content (RFC 2046 §5.1.1). Panics if there are
/// bytes outside of the parts.
#[track_caller]
pub(crate) fn parse_multipart<'a>(
    content: &'a [u8],
    boundary: &str,
) -> Vec<(Vec<String>, &'a [u8])> {
    assert!(
        (1..=70).contains(&boundary.len()) && boundary.bytes().all(|b| b.is_ascii_alphanumeric())
    );
    let delimiter = format!("--{boundary}");
    let mut rest = content
        .strip_prefix(delimiter.as_bytes())
        .expect("a delimiter at the start");
    let next = format!("\r\n{delimiter}").into_bytes();
    let mut parts = Vec::new();
    loop {
        if rest == b"--\r\n" {
            return parts;
        }
        rest = rest.strip_prefix(b"\r\n").expect("a line end");
        let mut fields = Vec::new();
        loop {
            let end = rest.windows(2).position(|two| two == b"\r\n").unwrap();
            let line = std::str::from_utf8(&rest[..end]).unwrap();
            rest = &rest[end + 2..];
            if line.is_empty() {
                break;
            }
            fields.push(line.to_owned());
        }
        let end = rest
            .windows(next.len())
            .position(|window| window == next)
            .expect("a delimiter after the part");
        parts.push((fields, &rest[..end]));
        rest = &rest[end + next.len()..];
    }
}

/// Creates a directory in `/dev/shm` if it exists, otherwise in the folder for temporary files. `/dev/shm` is in memory
/// (tmpfs). It is fast, and can store sparse files of any length and dates of any year.
pub(crate) fn dir_in_memory() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        tempfile::tempdir_in(memory).unwrap()
    } else {
        tempfile::tempdir().unwrap()
    }
}
