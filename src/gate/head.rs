//! Parses request heads. This module uses no socket and no clock.
//!
//! If a proxy and this server find different ends of a message, request smuggling is possible (RFC 9112 §11.2). So this
//! parser refuses ambiguous heads, and the process has no other parser of heads.

use std::str;

use httparse::Header;
use percent_encoding::{CONTROLS, utf8_percent_encode};

use super::body::Drain;
use crate::host::is_authority;
use crate::http::{Method, Persistence, RequestHead, Status, parse_digits};
use crate::limits::{FIELD_COUNT_LIMIT, FIELDS_LIMIT, REQUEST_LINE_LIMIT};

pub(crate) struct ParsedHead {
    /// The number of bytes of the head, including the empty line.
    pub(crate) length: usize,
    pub(crate) request: RequestHead,
    /// The state of the connection after the response (RFC 9112 §9.3).
    pub(super) persistence: Persistence,
    /// The parser of the content, which follows the head (RFC 9112 §6.3).
    pub(super) content: Drain,
    /// True if the head contains `Expect: 100-continue` and announces content (RFC 9110 §10.1.1).
    pub(super) expects_continue: bool,
}

/// Finds the end of a head that arrives in pieces. It scans every byte once.
#[derive(Default)]
pub(crate) struct HeadScan {
    scanned: usize,
    /// The position after the request line.
    fields: Option<usize>,
}

impl HeadScan {
    /// Parses `buffer`: the bytes of the previous call, and new bytes after them. Returns `None` while the head is
    /// incomplete.
    ///
    /// # Errors
    ///
    /// The status with which the gate refuses the request.
    pub(crate) fn parse(&mut self, buffer: &[u8]) -> Result<Option<ParsedHead>, Status> {
        while let Some(&byte) = buffer.get(self.scanned) {
            let before = &buffer[..self.scanned];
            self.scanned += 1;
            match self.fields {
                None if self.scanned > REQUEST_LINE_LIMIT => return Err(Status::UriTooLong),
                Some(fields) if self.scanned - fields > FIELDS_LIMIT => {
                    return Err(Status::RequestHeaderFieldsTooLarge);
                }
                _ => {}
            }
            // RFC 9112 §2.2 allows a bare LF as a line end. A proxy may disagree, so the parser refuses it.
            let is_bare = (byte == b'\n') != before.ends_with(b"\r");
            // A TLS client begins with byte 0x16. Without this check, the client waits until the timeout.
            let is_no_request = before.is_empty() && !is_token(byte);
            if is_bare || is_no_request || byte == 0 {
                return Err(Status::BadRequest);
            }
            if byte == b'\n' {
                let fields = *self.fields.get_or_insert(self.scanned);
                if before.ends_with(b"\r\n\r") {
                    let (line, fields) = buffer[..self.scanned].split_at(fields);
                    return parse_head(line, fields).map(Some);
                }
            }
        }
        Ok(None)
    }
}

/// Parses a complete head: the request line and the field lines, with all line ends. Checks version (RFC 9112 §2.3),
/// method (RFC 9110 §9.1), Host (RFC 9112 §3.2) and Expect (RFC 9110 §10.1.1).
fn parse_head(line: &[u8], fields: &[u8]) -> Result<ParsedHead, Status> {
    const MALFORMED: Status = Status::BadRequest;
    let length = line.len() + fields.len();
    let line = str::from_utf8(line).map_err(|_| MALFORMED)?;
    let words: Vec<&str> = line.trim_end_matches(['\r', '\n']).split(' ').collect();
    let [method, target, version] = words[..] else {
        return Err(MALFORMED);
    };
    let is_http10 = match version.strip_prefix("HTTP/").map(str::as_bytes) {
        Some(b"1.0") => true,
        // RFC 9110 §2.5: `HTTP/1.7` is processed as HTTP/1.1.
        Some([b'1', b'.', b'0'..=b'9']) => false,
        Some([b'0'..=b'9', b'.', b'0'..=b'9']) => return Err(Status::HttpVersionNotSupported),
        _ => return Err(MALFORMED),
    };
    let is_target = !target.is_empty() && !target.contains(|c: char| c.is_ascii_control());
    if !is_target || !method.bytes().all(is_token) {
        return Err(MALFORMED);
    }
    let method = Method::parse(method).ok_or(Status::NotImplemented)?;
    let mut headers = [httparse::EMPTY_HEADER; FIELD_COUNT_LIMIT];
    let fields = match httparse::parse_headers(fields, &mut headers) {
        Ok(httparse::Status::Complete((end, parsed))) if end == fields.len() => parsed,
        Err(httparse::Error::TooManyHeaders) => return Err(Status::RequestHeaderFieldsTooLarge),
        _ => return Err(MALFORMED),
    };
    let has_host = match single(fields, "host")? {
        Some(host) => str::from_utf8(host).is_ok_and(is_authority),
        None => is_http10,
    };
    if !has_host {
        return Err(MALFORMED);
    }
    let content = content(fields, is_http10)?;
    let is_continue = |value: &[u8]| value.eq_ignore_ascii_case(b"100-continue");
    if !values(fields, "expect").all(is_continue) {
        return Err(Status::ExpectationFailed);
    }
    let expects = values(fields, "expect").next().is_some();
    // curl sends non-ASCII bytes in a target unchanged, although they are forbidden. The encoded form has the same
    // meaning.
    let target = utf8_percent_encode(target, CONTROLS).to_string();
    let mut request = RequestHead::new(method, target);
    for field in fields {
        request.add_field(field.name, &String::from_utf8_lossy(field.value));
    }
    Ok(ParsedHead {
        length,
        request,
        persistence: persistence(fields, is_http10),
        expects_continue: expects && !is_http10 && !content.is_done(),
        content,
    })
}

/// Returns the content that a head announces (RFC 9112 §6.3).
fn content(fields: &[Header<'_>], is_http10: bool) -> Result<Drain, Status> {
    const CODING: &str = "transfer-encoding";
    let coding = values(fields, CODING).next();
    if coding.is_some_and(|it| !it.eq_ignore_ascii_case(b"chunked")) {
        return Err(Status::NotImplemented);
    }
    match (single(fields, "content-length")?, single(fields, CODING)?) {
        (None, None) => Drain::length(0),
        (Some(length), None) => {
            let length = str::from_utf8(length).ok().and_then(parse_digits);
            Drain::length(length.ok_or(Status::BadRequest)?)
        }
        (None, Some(_)) if !is_http10 => Ok(Drain::chunked()),
        // The head has both fields, or Transfer-Encoding in HTTP/1.0. A proxy may find another end of this message.
        (_, Some(_)) => Err(Status::BadRequest),
    }
}

/// Returns whether the connection stays open (RFC 9112 §9.3).
fn persistence(fields: &[Header<'_>], is_http10: bool) -> Persistence {
    let has_option = |option: &[u8]| {
        let lists = values(fields, "connection");
        let mut options = lists.flat_map(|list| list.split(|&byte| byte == b','));
        options.any(|it| it.trim_ascii().eq_ignore_ascii_case(option))
    };
    match is_http10 {
        _ if has_option(b"close") => Persistence::Close,
        false => Persistence::KeepAlive,
        true if has_option(b"keep-alive") => Persistence::KeepAliveHttp10,
        true => Persistence::Close,
    }
}

fn values<'a>(fields: &'a [Header<'_>], name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    let lines = fields.iter();
    let lines = lines.filter(move |field| field.name.eq_ignore_ascii_case(name));
    lines.map(|field| field.value)
}

/// Returns the value of a field that may have only one line. A second line is an error, even with the same value.
fn single<'a>(fields: &'a [Header<'_>], name: &'a str) -> Result<Option<&'a [u8]>, Status> {
    let mut values = values(fields, name);
    let value = values.next();
    match values.next() {
        None => Ok(value),
        Some(_) => Err(Status::BadRequest),
    }
}

/// Returns whether a token may contain a byte (tchar in RFC 9110 §5.6.2).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
