//! Bytes from a client to a [`Verdict`] on its next request head. Pure: no socket, no clock.
//!
//! Two readers of one message must never disagree on where it ends (request smuggling, RFC 9112 §11.2): whatever
//! has two readings is refused here, and what goes on to tiny_http is written anew from what was understood.

use std::str;

use crate::host::is_authority;
use crate::http::{Method, Status};

/// Longest request line, its line end included. Names on disk end at 4 KiB, three times that when percent-encoded is beyond any real path.
pub(crate) const REQUEST_LINE_LIMIT: usize = 8 * 1024;
/// All field lines of a head together, with the empty line at the end.
pub(crate) const FIELDS_LIMIT: usize = 16 * 1024;
/// Field lines in a head.
pub(crate) const FIELD_COUNT_LIMIT: usize = 100;

/// What the server reads of a request. The link carries no other field, so that cookies and the like cost nothing
/// behind the gate.
const FORWARDED: [&str; 13] = [
    "host",
    "range",
    "if-range",
    "if-match",
    "if-none-match",
    "if-modified-since",
    "if-unmodified-since",
    "origin",
    "access-control-request-method",
    "authorization",
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-proto",
];

/// What the bytes received so far amount to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// More bytes are needed.
    Partial,
    /// A whole head that has one reading only.
    Clean(CleanHead),
    /// Answer with this status and close.
    Refuse(Status),
}

/// A head that was understood.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct CleanHead {
    /// Bytes that the head takes, its last line end included.
    pub(crate) length: usize,
    /// The request line and the fields that go on, as they are written to the link: a line end after each, without
    /// the empty line at the end.
    pub(crate) wire: Vec<u8>,
    pub(crate) version: Version,
    /// Whether the client wants to send another request over this connection (RFC 9112 §9.3).
    pub(crate) keep_alive: bool,
    pub(crate) content: ContentFraming,
    /// `Expect: 100-continue` with content to follow (RFC 9110 §10.1.1).
    pub(crate) expects_continue: bool,
}

/// HTTP/1.1, or any later 1.x, which is to be read as 1.1 (RFC 9110 §2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    Http10,
    Http11,
}

/// How the content of a request is delimited (RFC 9112 §6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ContentFraming {
    None,
    Length(u64),
    Chunked,
}

/// Looks for the end of a head in bytes that arrive in pieces; no byte is looked at twice.
#[derive(Debug, Default)]
pub(crate) struct HeadScan {
    scanned: usize,
    request_line: Option<usize>,
    line_start: usize,
}

impl HeadScan {
    /// Judges `buffer`, which holds what it held at the last call and perhaps more behind it.
    pub(crate) fn examine(&mut self, buffer: &[u8]) -> Verdict {
        while let Some(&byte) = buffer.get(self.scanned) {
            let position = self.scanned;
            self.scanned += 1;
            match self.request_line {
                None if self.scanned > REQUEST_LINE_LIMIT => {
                    return Verdict::Refuse(Status::UriTooLong);
                }
                Some(fields) if self.scanned - fields > FIELDS_LIMIT => {
                    return Verdict::Refuse(Status::RequestHeaderFieldsTooLarge);
                }
                _ => {}
            }
            let after_cr = position > 0 && buffer[position - 1] == b'\r';
            match byte {
                // RFC 9112 §2.2 lets a server take a bare LF for a line end. Whoever stands in front of us may not.
                b'\n' if !after_cr => return Verdict::Refuse(Status::BadRequest),
                b'\n' => {
                    if position - self.line_start == 1 && self.request_line.is_some() {
                        return read(&buffer[..self.scanned]);
                    }
                    self.request_line.get_or_insert(self.scanned);
                    self.line_start = self.scanned;
                }
                0 => return Verdict::Refuse(Status::BadRequest),
                _ if after_cr => return Verdict::Refuse(Status::BadRequest),
                // A TLS or SSH client would otherwise wait for the deadline.
                _ if position == 0 && !is_token(byte) => {
                    return Verdict::Refuse(Status::BadRequest);
                }
                _ => {}
            }
        }
        Verdict::Partial
    }
}

/// Reads a whole head, from the request line to the empty line.
fn read(head: &[u8]) -> Verdict {
    let mut owned;
    let (head, version) = match version_of(head) {
        Some((1, 0)) => (head, Version::Http10),
        Some((1, 1)) => (head, Version::Http11),
        // RFC 9110 §2.5: a higher minor version is processed as the highest that we conform to.
        Some((1, _)) => {
            owned = head.to_vec();
            if let Some(end) = line_end(head) {
                owned[end - 1] = b'1';
            }
            (owned.as_slice(), Version::Http11)
        }
        Some(_) => return Verdict::Refuse(Status::HttpVersionNotSupported),
        None => return Verdict::Refuse(Status::BadRequest),
    };
    let mut fields = [httparse::EMPTY_HEADER; FIELD_COUNT_LIMIT];
    let mut request = httparse::Request::new(&mut fields);
    match request.parse(head) {
        Ok(httparse::Status::Complete(length)) if length == head.len() => {}
        Err(httparse::Error::TooManyHeaders) => {
            return Verdict::Refuse(Status::RequestHeaderFieldsTooLarge);
        }
        _ => return Verdict::Refuse(Status::BadRequest),
    }
    match judge(&request, version, head.len()) {
        Ok(clean) => Verdict::Clean(clean),
        Err(status) => Verdict::Refuse(status),
    }
}

/// RFC 9112 §3.2 (Host), §6 (framing), §9.3 (persistence); RFC 9110 §9.1 (methods), §10.1.1 (Expect).
fn judge(
    request: &httparse::Request<'_, '_>,
    version: Version,
    length: usize,
) -> Result<CleanHead, Status> {
    let target = request.path.ok_or(Status::BadRequest)?;
    let method = request
        .method
        .and_then(Method::parse)
        .ok_or(Status::NotImplemented)?;
    let mut wire = Vec::with_capacity(256);
    push_request_line(&mut wire, method, target);

    let mut hosts = 0_usize;
    let mut content_length = None;
    let mut chunked = false;
    let mut expects_continue = false;
    let mut close = false;
    let mut kept = false;
    for field in request.headers.iter() {
        let name = field.name;
        if name.eq_ignore_ascii_case("host") {
            hosts += 1;
            let well_formed = str::from_utf8(field.value).is_ok_and(is_authority);
            if hosts > 1 || !well_formed {
                return Err(Status::BadRequest);
            }
        } else if name.eq_ignore_ascii_case("content-length") {
            // Two lengths, even equal ones, are one too many to trust what stands in front of us.
            if content_length.is_some() {
                return Err(Status::BadRequest);
            }
            content_length = Some(parse_length(field.value).ok_or(Status::BadRequest)?);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            if chunked {
                return Err(Status::BadRequest);
            }
            if !field.value.eq_ignore_ascii_case(b"chunked") {
                return Err(Status::NotImplemented);
            }
            chunked = true;
        } else if name.eq_ignore_ascii_case("expect") {
            if !field.value.eq_ignore_ascii_case(b"100-continue") {
                return Err(Status::ExpectationFailed);
            }
            expects_continue = true;
        } else if name.eq_ignore_ascii_case("connection") {
            for option in field
                .value
                .split(|&byte| byte == b',')
                .map(<[u8]>::trim_ascii)
            {
                close |= option.eq_ignore_ascii_case(b"close");
                kept |= option.eq_ignore_ascii_case(b"keep-alive");
            }
        }
        if FORWARDED
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known))
        {
            push_field(&mut wire, name, field.value);
        }
    }

    if hosts == 0 && version == Version::Http11 {
        return Err(Status::BadRequest);
    }
    let content = match (content_length, chunked) {
        (Some(_), true) => return Err(Status::BadRequest),
        // HTTP/1.0 has no transfer codings: a hop that ignored this one would find another end.
        (None, true) if version == Version::Http10 => return Err(Status::BadRequest),
        (None, true) => ContentFraming::Chunked,
        (None | Some(0), false) => ContentFraming::None,
        (Some(length), false) => ContentFraming::Length(length),
    };
    Ok(CleanHead {
        length,
        wire,
        version,
        keep_alive: !close && (version == Version::Http11 || kept),
        content,
        expects_continue: expects_continue
            && version == Version::Http11
            && content != ContentFraming::None,
    })
}

/// tiny_http takes nothing beyond ASCII. A target may hold such bytes all the same (curl sends what it was given):
/// percent-encoded they mean the same.
fn push_request_line(wire: &mut Vec<u8>, method: Method, target: &str) {
    wire.extend_from_slice(method.as_str().as_bytes());
    wire.push(b' ');
    for byte in target.bytes() {
        if byte.is_ascii() {
            wire.push(byte);
        } else {
            wire.extend_from_slice(percent_encoding::percent_encode_byte(byte).as_bytes());
        }
    }
    // The link stays open whatever this client wants, so every head on it is HTTP/1.1 without Connection.
    wire.extend_from_slice(b" HTTP/1.1\r\n");
}

/// In the fields that we read, a byte beyond ASCII can only stand in an entity tag that is not ours or in text that
/// is wrong anyway; a question mark in its place keeps it so. Passwords are base64, and proxies write addresses.
fn push_field(wire: &mut Vec<u8>, name: &str, value: &[u8]) {
    wire.extend_from_slice(name.as_bytes());
    wire.extend_from_slice(b": ");
    wire.extend(
        value
            .iter()
            .map(|&byte| if byte.is_ascii() { byte } else { b'?' }),
    );
    wire.extend_from_slice(b"\r\n");
}

/// RFC 9110 §8.6: digits and nothing else. A length that no u64 holds is still a length: the largest.
fn parse_length(value: &[u8]) -> Option<u64> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(str::from_utf8(value).ok()?.parse().unwrap_or(u64::MAX))
}

/// The version that the request line ends in, if it has the form of one (RFC 9112 §2.3).
fn version_of(head: &[u8]) -> Option<(u8, u8)> {
    let line = &head[..line_end(head)?];
    let version = line.rsplit(|&byte| byte == b' ').next()?;
    match version.strip_prefix(b"HTTP/")? {
        [major @ b'0'..=b'9', b'.', minor @ b'0'..=b'9'] => Some((major - b'0', minor - b'0')),
        _ => None,
    }
}

fn line_end(head: &[u8]) -> Option<usize> {
    head.iter().position(|&byte| byte == b'\r')
}

/// tchar of RFC 9110 §5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
