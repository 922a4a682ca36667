//! A whole response: what a handler decides and `send` writes.

use std::borrow::Cow;

use super::permits::{Permit, StreamPermit};
use crate::cut::Cut;
use crate::http::{ByteRange, Multipart, ResponseHead, Status};
use crate::media::MediaFile;
use crate::web;

/// A response whose first byte has not been sent.
pub(super) struct Response {
    pub(super) head: ResponseHead,
    pub(super) body: Body,
}

/// What follows the head.
pub(super) enum Body {
    Empty,
    /// At most [`SHORT_BODY`](crate::limits::SHORT_BODY) bytes, or part of the program: sent without a permit.
    Short(Cow<'static, [u8]>),
    /// A longer text in memory, with its stream permit and its share of the text budget.
    Text(Vec<u8>, StreamPermit, Permit),
    /// One range of a file.
    Range(MediaFile, ByteRange, StreamPermit),
    /// A range of a cut, with the memory that its head takes.
    Cut(MediaFile, Cut, ByteRange, StreamPermit, Permit),
    /// Several ranges of a file.
    Ranges(MediaFile, Multipart, StreamPermit),
}

impl Response {
    /// A response without a body.
    pub(super) fn empty(head: ResponseHead) -> Response {
        Response {
            head,
            body: Body::Empty,
        }
    }

    /// RFC 9110 §15.4: a redirect.
    pub(super) fn redirect(status: Status, location: String) -> Response {
        Response::empty(
            ResponseHead::new(status)
                .with_field("Location", location)
                .with_content_length(0),
        )
    }
}

/// The head of a representation that is made anew for each request.
pub(super) fn fresh_head(media_type: &'static str) -> ResponseHead {
    ResponseHead::new(Status::Ok)
        .with_field("Content-Type", media_type)
        .with_field("Cache-Control", "no-cache")
        .with_field("X-Content-Type-Options", "nosniff")
}

/// The head of a page.
pub(super) fn page_head() -> ResponseHead {
    fresh_head(web::PAGE_TYPE)
        .with_field("Content-Security-Policy", web::PAGE_POLICY)
        .with_field("Referrer-Policy", "no-referrer")
}
