//! The response head: the fields for each outcome, and the encoding.

use std::borrow::Cow;
use std::time::SystemTime;

use super::date::format_http_date;
use super::evaluate::Representation;
use super::multipart::Multipart;
use super::range::Outcome;
use super::status::Status;

/// The state of the connection after a response (RFC 9112 §9.3).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Persistence {
    /// The connection stays open. This is the default in HTTP/1.1 and needs no field.
    KeepAlive,
    /// The connection stays open. An HTTP/1.0 client needs the field `Connection: keep-alive`.
    KeepAliveHttp10,
    /// The connection is closed.
    Close,
}

/// A cache may store a copy, but must revalidate it before each use (RFC 9111 §5.2.2.4), because files can change.
const REVALIDATE: &str = "no-cache";

/// A status and its fields. [`encode`](ResponseHead::encode) adds Date and Connection.
#[derive(Clone, Debug)]
pub struct ResponseHead {
    /// The status.
    pub status: Status,
    fields: Vec<(&'static str, Cow<'static, str>)>,
}

impl ResponseHead {
    /// Returns a head without fields.
    pub fn new(status: Status) -> ResponseHead {
        let fields = Vec::new();
        ResponseHead { status, fields }
    }

    /// Adds a field line.
    #[must_use]
    pub fn with_field(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.fields.push((name, value.into()));
        self
    }

    /// Adds Content-Length (RFC 9110 §8.6).
    #[must_use]
    pub fn with_content_length(self, length: u64) -> Self {
        self.with_field("Content-Length", length.to_string())
    }

    /// Returns the head for an outcome. `boundary` separates the parts of a [`Multipart`]; other outcomes ignore it.
    /// For 412 and 416, the caller adds the content and the fields that describe the content.
    pub fn for_outcome(
        outcome: &Outcome,
        representation: &Representation,
        boundary: u128,
    ) -> ResponseHead {
        let complete_length = representation.complete_length;
        let partial = |media_type, length| {
            ResponseHead::with_content(Status::PartialContent, media_type, length, representation)
                .with_field("Accept-Ranges", "bytes")
        };
        match outcome {
            Outcome::Full => {
                ResponseHead::whole(representation).with_field("Accept-Ranges", "bytes")
            }
            Outcome::Partial(range) => partial(representation.media_type.into(), range.length())
                .with_field("Content-Range", format!("bytes {range}/{complete_length}")),
            // RFC 9110 §15.3.7.2: this head has no Content-Range, because each part contains its own.
            Outcome::Multipart(ranges) => {
                let multipart = Multipart::new(ranges, representation, boundary);
                let length = multipart.content_length();
                partial(multipart.media_type.into(), length)
            }
            // RFC 9110 §15.4.5: a 304 has only the fields that a cache needs to update its copy.
            Outcome::NotModified => ResponseHead::new(Status::NotModified)
                .with_field("ETag", representation.etag.to_string())
                .with_field("Cache-Control", REVALIDATE),
            Outcome::PreconditionFailed => ResponseHead::new(Status::PreconditionFailed),
            // RFC 9110 §15.5.17: Content-Range contains the length of the file. If curl resumes a complete download, it
            // gets this response. It compares this length with its local file. If they are equal, it reports success.
            Outcome::RangeNotSatisfiable => ResponseHead::new(Status::RangeNotSatisfiable)
                .with_field("Accept-Ranges", "bytes")
                .with_field("Content-Range", format!("bytes */{complete_length}")),
        }
    }

    /// Returns the head of a 200 response with the whole content, for a handler that does not support ranges.
    pub fn whole(representation: &Representation) -> ResponseHead {
        let (media_type, length) = (representation.media_type, representation.complete_length);
        ResponseHead::with_content(Status::Ok, media_type.into(), length, representation)
    }

    fn with_content(
        status: Status,
        media_type: Cow<'static, str>,
        length: u64,
        representation: &Representation,
    ) -> ResponseHead {
        let head = ResponseHead::new(status)
            .with_field("Content-Type", media_type)
            .with_content_length(length)
            .with_field("ETag", representation.etag.to_string())
            .with_field("Cache-Control", REVALIDATE)
            // Without this field, a browser may guess another media type. If it guesses HTML, it runs the scripts of
            // the file with the rights of the server's own pages.
            .with_field("X-Content-Type-Options", "nosniff");
        match representation.last_modified.and_then(format_http_date) {
            Some(date) => head.with_field("Last-Modified", date),
            None => head,
        }
    }

    /// Writes the head as HTTP/1.1, including the empty line.
    ///
    /// Leaves out Date if `date` is before 1970 or after 9999, because the clock is then wrong (RFC 9110 §6.6.1).
    ///
    /// Replaces each control character in a value with a space (RFC 9110 §5.5). Tabs remain. CR and LF in
    /// a value begin a new field. Location contains the query of the request. `Target::parse` already refuses control
    /// characters, so this replacement is a second check.
    pub fn encode(&self, date: SystemTime, persistence: Persistence, out: &mut Vec<u8>) {
        let (code, reason) = (self.status.code(), self.status.reason());
        out.extend_from_slice(format!("HTTP/1.1 {code} {reason}\r\n").as_bytes());
        let mut add = |name: &str, value: &str| {
            for part in [name, ": ", value, "\r\n"] {
                out.extend_from_slice(part.as_bytes());
            }
        };
        if let Some(date) = format_http_date(date) {
            add("Date", &date);
        }
        match persistence {
            Persistence::KeepAlive => {}
            Persistence::KeepAliveHttp10 => add("Connection", "keep-alive"),
            Persistence::Close => add("Connection", "close"),
        }
        let is_forbidden = |c: char| c.is_ascii_control() && c != '\t';
        for (name, value) in &self.fields {
            add(name, &value.replace(is_forbidden, " "));
        }
        out.extend_from_slice(b"\r\n");
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    /// A unit test, because tests over a socket cannot set the clock, and cannot make the server send a control
    /// character.
    #[test]
    fn head_has_no_date_before_1970_and_no_control_characters() {
        let head = ResponseHead::new(Status::NoContent).with_field("A", "b\r\nC: d\0\u{7f}\te");
        let mut out = Vec::new();
        head.encode(
            UNIX_EPOCH - Duration::from_secs(1),
            Persistence::Close,
            &mut out,
        );
        let expected = "HTTP/1.1 204 No Content\r\nConnection: close\r\nA: b  C: d  \te\r\n\r\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
