//! Parses the bytes of a client into a typed request head. Pure: no socket, no clock.
//!
//! All parsers of a message must agree on its end (otherwise request smuggling is possible, RFC 9112 §11.2). So this
//! parser refuses ambiguous heads, and the process has no other parser of heads.

use std::borrow::Cow;
use std::str;

use percent_encoding::{CONTROLS, percent_encode};

use super::body::Drain;
use crate::host::is_authority;
use crate::http::{Method, Persistence, RequestHead, Status};
use crate::limits::{FIELD_COUNT_LIMIT, FIELDS_LIMIT, REQUEST_LINE_LIMIT};

/// A parsed head without ambiguity.
pub(crate) struct ParsedHead {
    /// The number of bytes of the head, including the empty line.
    pub(crate) length: usize,
    pub(crate) request: RequestHead,
    /// Whether the client wants to send another request on this connection (RFC 9112 §9.3).
    pub(super) persistence: Persistence,
    /// The content that follows the head; `None` if there is no content (RFC 9112 §6.3).
    pub(super) content: Option<Drain>,
    /// Whether the head contains `Expect: 100-continue` and announces content (RFC 9110 §10.1.1).
    pub(super) expects_continue: bool,
}

/// Scanner that finds the end of a head in bytes that arrive in pieces. It scans every byte once.
#[derive(Default)]
pub(crate) struct HeadScan {
    scanned: usize,
    request_line: Option<usize>,
    line_start: usize,
}

impl HeadScan {
    /// Parses `buffer`. It must begin with the bytes of the last call, and may contain more bytes after them. Returns
    /// `None` while the head is incomplete.
    ///
    /// # Errors
    ///
    /// The status with which the gate refuses the request.
    pub(crate) fn parse(&mut self, buffer: &[u8]) -> Result<Option<ParsedHead>, Status> {
        while let Some(&byte) = buffer.get(self.scanned) {
            let position = self.scanned;
            self.scanned += 1;
            match self.request_line {
                None if self.scanned > REQUEST_LINE_LIMIT => {
                    return Err(Status::UriTooLong);
                }
                Some(fields) if self.scanned - fields > FIELDS_LIMIT => {
                    return Err(Status::RequestHeaderFieldsTooLarge);
                }
                _ => {}
            }
            let after_cr = position > 0 && buffer[position - 1] == b'\r';
            match byte {
                // RFC 9112 §2.2 lets a server accept a bare LF as a line end. But a proxy in front of us may not accept
                // it.
                b'\n' if !after_cr => return Err(Status::BadRequest),
                b'\n' => {
                    if position - self.line_start == 1 && self.request_line.is_some() {
                        return parse_head(&buffer[..self.scanned]).map(Some);
                    }
                    self.request_line.get_or_insert(self.scanned);
                    self.line_start = self.scanned;
                }
                0 => return Err(Status::BadRequest),
                _ if after_cr => return Err(Status::BadRequest),
                // Refuse a TLS or SSH client now. Otherwise it would wait until the deadline.
                _ if position == 0 && !is_token(byte) => {
                    return Err(Status::BadRequest);
                }
                _ => {}
            }
        }
        Ok(None)
    }
}

/// Parses a complete head, from the request line to the empty line.
fn parse_head(head: &[u8]) -> Result<ParsedHead, Status> {
    let mut owned;
    let head = match version_of(head) {
        Some((1, 0 | 1)) => head,
        // RFC 9110 §2.5: a server processes a higher minor version as the highest version that it supports.
        Some((1, _)) => {
            owned = head.to_vec();
            if let Some(end) = line_end(head) {
                owned[end - 1] = b'1';
            }
            owned.as_slice()
        }
        Some(_) => return Err(Status::HttpVersionNotSupported),
        None => return Err(Status::BadRequest),
    };
    let mut fields = [httparse::EMPTY_HEADER; FIELD_COUNT_LIMIT];
    let mut request = httparse::Request::new(&mut fields);
    match request.parse(head) {
        Ok(httparse::Status::Complete(length)) if length == head.len() => {
            validate(&request, length)
        }
        Err(httparse::Error::TooManyHeaders) => Err(Status::RequestHeaderFieldsTooLarge),
        _ => Err(Status::BadRequest),
    }
}

/// Checks Host (RFC 9112 §3.2), framing (§6), persistence (§9.3), method (RFC 9110 §9.1) and Expect (§10.1.1).
fn validate(request: &httparse::Request<'_, '_>, length: usize) -> Result<ParsedHead, Status> {
    let target = request.path.ok_or(Status::BadRequest)?;
    let method = request
        .method
        .and_then(Method::parse)
        .ok_or(Status::NotImplemented)?;
    let mut parsed = RequestHead::new(method, ascii_target(target));
    let mut framing = Framing::default();
    for field in request.headers.iter() {
        framing.add_field(field.name, field.value)?;
        parsed.add_field(field.name, &String::from_utf8_lossy(field.value));
    }
    let is_http10 = request.version == Some(0);
    if framing.hosts == 0 && !is_http10 {
        return Err(Status::BadRequest);
    }
    let content = framing.content(is_http10)?;
    Ok(ParsedHead {
        length,
        request: parsed,
        persistence: match (framing.close, is_http10) {
            (false, false) => Persistence::KeepAlive,
            (false, true) if framing.keep_alive => Persistence::KeepAliveHttp10,
            _ => Persistence::Close,
        },
        expects_continue: framing.expects_continue && !is_http10 && content.is_some(),
        content,
    })
}

/// The fields of a head that determine the end of the message and the persistence of the connection.
#[derive(Default)]
struct Framing {
    hosts: usize,
    content_length: Option<u64>,
    chunked: bool,
    expects_continue: bool,
    close: bool,
    keep_alive: bool,
}

impl Framing {
    fn add_field(&mut self, name: &str, value: &[u8]) -> Result<(), Status> {
        if name.eq_ignore_ascii_case("host") {
            self.hosts += 1;
            let well_formed = str::from_utf8(value).is_ok_and(is_authority);
            if self.hosts > 1 || !well_formed {
                return Err(Status::BadRequest);
            }
        } else if name.eq_ignore_ascii_case("content-length") {
            // Two lengths, even equal ones, are a sign that a proxy in front of us parses heads incorrectly.
            if self.content_length.is_some() {
                return Err(Status::BadRequest);
            }
            self.content_length = Some(parse_length(value).ok_or(Status::BadRequest)?);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            if self.chunked {
                return Err(Status::BadRequest);
            }
            if !value.eq_ignore_ascii_case(b"chunked") {
                return Err(Status::NotImplemented);
            }
            self.chunked = true;
        } else if name.eq_ignore_ascii_case("expect") {
            if !value.eq_ignore_ascii_case(b"100-continue") {
                return Err(Status::ExpectationFailed);
            }
            self.expects_continue = true;
        } else if name.eq_ignore_ascii_case("connection") {
            for option in value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii) {
                self.close |= option.eq_ignore_ascii_case(b"close");
                self.keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
            }
        }
        Ok(())
    }

    fn content(&self, is_http10: bool) -> Result<Option<Drain>, Status> {
        match (self.content_length, self.chunked) {
            (Some(_), true) => Err(Status::BadRequest),
            // HTTP/1.0 has no transfer codings. A hop that ignores this field would find another end of the message.
            (None, true) if is_http10 => Err(Status::BadRequest),
            (None, true) => Ok(Some(Drain::chunked())),
            (None | Some(0), false) => Ok(None),
            (Some(length), false) => Drain::length(length).map(Some),
        }
    }
}

/// Percent-encodes non-ASCII bytes. A target must not contain such bytes, but curl sends them unchanged. The encoded
/// form has the same meaning.
fn ascii_target(target: &str) -> Cow<'_, str> {
    // httparse has already refused control characters.
    percent_encode(target.as_bytes(), CONTROLS).into()
}

/// Parses a length: only digits (RFC 9110 §8.6). If the length does not fit a u64, returns the largest u64.
fn parse_length(value: &[u8]) -> Option<u64> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(str::from_utf8(value).ok()?.parse().unwrap_or(u64::MAX))
}

/// Returns the version at the end of the request line, if its form is valid (RFC 9112 §2.3).
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

/// Whether a byte is a tchar (RFC 9110 §5.6.2).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
