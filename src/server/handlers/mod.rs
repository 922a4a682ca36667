//! The handlers: functions from a [`RequestContext`] to a [`Response`].

pub(super) mod assets;
pub(super) mod cut;
pub(super) mod inside;
pub(super) mod library;
pub(super) mod metrics;
pub(super) mod pages;
pub(super) mod stream;
pub(super) mod subtitles;

use super::context::RequestContext;
use super::errors::{HandlerError, PRECONDITION_FALSE, explain};
use super::response::{Body, Response};
use crate::http::{Outcome, Representation, ResponseHead, check_preconditions};
use crate::route;

/// Answers with the whole representation, or with the result of its preconditions. RFC 9110 §14.2 lets a server ignore
/// `Range`. `body` may set the length.
fn whole(
    context: RequestContext<'_>,
    mut representation: Representation,
    body: impl FnOnce(&mut Representation) -> Result<Body, HandlerError>,
) -> Result<Response, HandlerError> {
    let outcome = check_preconditions(context.request, &representation).unwrap_or(Outcome::Full);
    let body = match outcome {
        Outcome::Full => body(&mut representation)?,
        _ => Body::Empty,
    };
    let head = ResponseHead::for_outcome(&outcome, &representation, boundary());
    if matches!(outcome, Outcome::PreconditionFailed) {
        let for_scripts = route::is_for_scripts(context.target, &context.app.config.mounts);
        let reader = context.app.reader(for_scripts);
        return Ok(explain(head, &reader, PRECONDITION_FALSE));
    }
    Ok(Response { head, body })
}

/// Returns a response with a text that was generated for this request.
fn text(
    context: RequestContext<'_>,
    head: ResponseHead,
    text: String,
) -> Result<Response, HandlerError> {
    // The budget counts the capacity of the text, which is up to twice its length.
    let mut text = text.into_bytes();
    text.shrink_to_fit();
    Ok(Response {
        head: head.with_content_length(text.len() as u64),
        body: context.text(text)?,
    })
}

/// Returns a random multipart boundary. It must not occur in a part (RFC 2046 §5.1.1), and the author of a file cannot
/// guess it.
fn boundary() -> u128 {
    use std::hash::{BuildHasher, RandomState};
    let half = || u128::from(RandomState::new().hash_one(()));
    (half() << 64) | half()
}
