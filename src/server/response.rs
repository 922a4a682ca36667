//! The response that a handler returns and `send` writes.

use std::borrow::Cow;

use super::permits::{Permit, StreamPermit};
use crate::cut::Cut;
use crate::http::{ByteRange, Multipart, ResponseHead, Status};
use crate::media::MediaFile;
use crate::web;

pub(super) struct Response {
    pub(super) head: ResponseHead,
    pub(super) body: Body,
}

pub(super) enum Body {
    Empty,
    /// A body that needs no permit: at most [`SHORT_BODY`](crate::limits::SHORT_BODY) bytes, or a file that is part of
    /// the program.
    Short(Cow<'static, [u8]>),
    /// A longer text in memory, with its stream permit and the permit for its memory.
    Text(Vec<u8>, StreamPermit, Permit),
    Range(MediaFile, ByteRange, StreamPermit),
    /// One range of a cut, with its stream permit and the permit for its memory.
    Cut(MediaFile, Cut, ByteRange, StreamPermit, Permit),
    Ranges(MediaFile, Multipart, StreamPermit),
}

impl Response {
    pub(super) fn empty(head: ResponseHead) -> Response {
        let body = Body::Empty;
        Response { head, body }
    }

    pub(super) fn redirect(status: Status, location: String) -> Response {
        let head = ResponseHead::new(status).with_field("Location", location);
        Response::empty(head.with_content_length(0))
    }
}

/// Returns the head of a representation that the server generates for each request.
pub(super) fn generated_head(media_type: &'static str) -> ResponseHead {
    ResponseHead::new(Status::Ok)
        .with_field("Content-Type", media_type)
        .with_field("Cache-Control", "no-cache")
        .with_field("X-Content-Type-Options", "nosniff")
}

pub(super) fn page_head() -> ResponseHead {
    generated_head(web::PAGE_TYPE)
        .with_field("Content-Security-Policy", web::PAGE_POLICY)
        .with_field("Referrer-Policy", "no-referrer")
}
