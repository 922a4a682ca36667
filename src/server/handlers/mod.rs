//! The handlers: functions from a [`RequestContext`] to a [`Response`].

pub(super) mod assets;
pub(super) mod library;
pub(super) mod metrics;
pub(super) mod pages;
pub(super) mod stream;
pub(super) mod subtitles;

use super::context::RequestContext;
use super::errors::HandlerError;
use super::response::Response;
use crate::http::ResponseHead;

/// Returns a response with a text that was made for this request.
fn text(
    context: RequestContext<'_>,
    head: ResponseHead,
    text: String,
) -> Result<Response, HandlerError> {
    // The budget counts what the text occupies, which is up to twice its length.
    let mut text = text.into_bytes();
    text.shrink_to_fit();
    Ok(Response {
        head: head.with_content_length(text.len() as u64),
        body: context.text(text)?,
    })
}

/// Returns a multipart boundary that does not occur in a part (RFC 2046 §5.1.1), because the author of a file cannot
/// know this number.
fn boundary() -> u128 {
    use std::hash::{BuildHasher, RandomState};
    let half = || u128::from(RandomState::new().hash_one(()));
    (half() << 64) | half()
}
