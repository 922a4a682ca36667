//! A complete response: a handler decides it, and `send` writes it.

use std::borrow::Cow;

use super::permits::{Permit, StreamPermit};
use crate::cut::Cut;
use crate::http::{ByteRange, Multipart, ResponseHead, Status};
use crate::media::MediaFile;
use crate::web;

/// A response before its first byte is sent.
pub(super) struct Response {
    pub(super) head: ResponseHead,
    pub(super) body: Body,
}

/// The body of a response.
pub(super) enum Body {
    Empty,
    /// At most [`SHORT_BODY`](crate::limits::SHORT_BODY) bytes, or an asset. It needs no permit.
    Short(Cow<'static, [u8]>),
    /// A longer text in memory, with its stream permit and its part of the text budget.
    Text(Vec<u8>, StreamPermit, Permit),
    Range(MediaFile, ByteRange, StreamPermit),
    /// One range of a cut, with the permit for the memory of the cut's head.
    Cut(MediaFile, Cut, ByteRange, StreamPermit, Permit),
    Ranges(MediaFile, Multipart, StreamPermit),
}

impl Response {
    /// Creates a response without a body.
    pub(super) fn empty(head: ResponseHead) -> Response {
        let body = Body::Empty;
        Response { head, body }
    }

    /// Creates a redirect (RFC 9110 §15.4).
    pub(super) fn redirect(status: Status, location: String) -> Response {
        let head = ResponseHead::new(status).with_field("Location", location);
        Response::empty(head.with_content_length(0))
    }
}

/// Returns the head of a representation that the server generates for each request.
pub(super) fn fresh_head(media_type: &'static str) -> ResponseHead {
    ResponseHead::new(Status::Ok)
        .with_field("Content-Type", media_type)
        .with_field("Cache-Control", "no-cache")
        .with_field("X-Content-Type-Options", "nosniff")
}

/// Returns the head of a page.
pub(super) fn page_head() -> ResponseHead {
    fresh_head(web::PAGE_TYPE)
        .with_field("Content-Security-Policy", web::PAGE_POLICY)
        .with_field("Referrer-Policy", "no-referrer")
}
