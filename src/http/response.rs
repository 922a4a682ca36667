//! The response head: the fields of each outcome, and the encoded head.

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
    /// The connection stays open. This is the default in HTTP/1.1, so the response has no field for it.
    KeepAlive,
    /// The connection stays open, and the response contains `Connection: keep-alive` for an HTTP/1.0 client.
    KeepAliveHttp10,
    /// The connection is closed.
    Close,
}

/// A status and fields, without Date and Connection. [`encode`](ResponseHead::encode) adds both.
#[derive(Clone, Debug)]
pub struct ResponseHead {
    status: Status,
    fields: Vec<(&'static str, Cow<'static, str>)>,
}

impl ResponseHead {
    /// Returns a head without fields.
    pub fn new(status: Status) -> ResponseHead {
        ResponseHead {
            status,
            fields: Vec::new(),
        }
    }

    /// Adds a field line after the others.
    ///
    /// A control character in a value becomes a space, as RFC 9110 §5.5 requires. Otherwise CR and LF in a text of the
    /// client could begin a new field. Debug builds panic instead, because the caller must encode the value.
    #[must_use]
    pub fn with_field(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        let value = value.into();
        debug_assert!(
            !value.contains(is_forbidden),
            "control character in {name}: {value:?}"
        );
        self.fields.push((name, without_forbidden(value)));
        self
    }

    /// Returns the head of an outcome. For several ranges, it is the head of the [`Multipart`] with the same boundary.
    /// The caller adds the content of 412 and 416, and the fields for this content.
    pub fn for_outcome(
        outcome: &Outcome,
        representation: &Representation,
        boundary: u128,
    ) -> ResponseHead {
        let complete_length = representation.complete_length;
        match outcome {
            Outcome::Full => ResponseHead::whole(representation).with_accept_ranges(),
            Outcome::Partial(range) => ResponseHead::new(Status::PartialContent)
                .with_field("Content-Type", representation.media_type)
                .with_content_length(range.length())
                .with_field("Content-Range", format!("bytes {range}/{complete_length}"))
                .with_representation_fields(representation)
                .with_accept_ranges(),
            // RFC 9110 §15.3.7.2: the parts contain Content-Range, and the head must not contain it.
            Outcome::Multipart(ranges) => {
                let multipart = Multipart::new(ranges, representation, boundary);
                ResponseHead::new(Status::PartialContent)
                    .with_field("Content-Type", multipart.media_type.clone())
                    .with_content_length(multipart.content_length())
                    .with_representation_fields(representation)
                    .with_accept_ranges()
            }
            // RFC 9110 §15.4.5: only the fields that a cache needs to find and update its copy.
            Outcome::NotModified => ResponseHead::new(Status::NotModified)
                .with_field("ETag", representation.etag.to_string())
                .with_revalidation(),
            Outcome::PreconditionFailed => ResponseHead::new(Status::PreconditionFailed),
            // RFC 9110 §15.5.17: Content-Range contains the length. curl needs it to detect that it has the whole file.
            Outcome::RangeNotSatisfiable => ResponseHead::new(Status::RangeNotSatisfiable)
                .with_field("Content-Range", format!("bytes */{complete_length}"))
                .with_accept_ranges(),
        }
    }

    /// Returns the head of a whole representation of which the server sends no ranges.
    pub fn whole(representation: &Representation) -> ResponseHead {
        ResponseHead::new(Status::Ok)
            .with_field("Content-Type", representation.media_type)
            .with_content_length(representation.complete_length)
            .with_representation_fields(representation)
    }

    /// Returns the status.
    pub fn status(&self) -> Status {
        self.status
    }

    /// Returns the fields in the order in which they are sent.
    pub fn fields(&self) -> &[(&'static str, Cow<'static, str>)] {
        &self.fields
    }

    /// Adds Content-Length (RFC 9110 §8.6).
    #[must_use]
    pub fn with_content_length(self, length: u64) -> Self {
        self.with_field("Content-Length", length.to_string())
    }

    /// Tells the client that it may request ranges (RFC 9110 §14.3).
    fn with_accept_ranges(self) -> Self {
        self.with_field("Accept-Ranges", "bytes")
    }

    fn with_representation_fields(self, representation: &Representation) -> Self {
        let head = self.with_field("ETag", representation.etag.to_string());
        let head = match representation.last_modified.and_then(format_http_date) {
            Some(date) => head.with_field("Last-Modified", date),
            None => head,
        };
        // A browser must not guess a type, because it could render a file as a page of our origin.
        head.with_revalidation()
            .with_field("X-Content-Type-Options", "nosniff")
    }

    /// Adds `no-cache`: a cache may store a copy, but must revalidate it before each use (RFC 9111 §5.2.2.4). The
    /// content of a file can change.
    fn with_revalidation(self) -> Self {
        self.with_field("Cache-Control", "no-cache")
    }

    /// Writes the head as HTTP/1.1, up to and including the empty line.
    ///
    /// The head has no Date if an HTTP-date cannot express `date`. Such a clock is wrong, and RFC 9110 §6.6.1 forbids
    /// Date from a server without a clock.
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
        for (name, value) in &self.fields {
            add(name, value);
        }
        out.extend_from_slice(b"\r\n");
    }
}

/// RFC 9110 §5.5: the tab is the only control character that a field value may contain.
fn is_forbidden(c: char) -> bool {
    c.is_ascii_control() && c != '\t'
}

fn without_forbidden(value: Cow<'static, str>) -> Cow<'static, str> {
    match value.contains(is_forbidden) {
        true => value.replace(is_forbidden, " ").into(),
        false => value,
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    /// The wire tests prove Date and Connection. They cannot set the clock.
    #[test]
    fn head_with_date_before_1970_has_no_date_field() {
        let mut out = Vec::new();
        let before = UNIX_EPOCH - Duration::from_secs(1);
        ResponseHead::new(Status::NoContent).encode(before, Persistence::Close, &mut out);
        let expected = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
        assert_eq!(out, expected);
    }

    #[test]
    fn control_character_in_value_becomes_a_space() {
        let value = without_forbidden("a\r\nB: c\0\u{7f}\td".into());
        assert_eq!(value, "a  B: c  \td");
    }
}
