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
use super::errors::{Answer, HandlerError, PRECONDITION_FALSE, explain};
use super::response::{Body, Response};
use crate::http::{EntityTag, Outcome, Representation, ResponseHead, check_preconditions};
use crate::media::MediaFile;
use crate::route;

/// Answers with the whole representation, or with the result of its preconditions. RFC 9110 §14.2 lets a server ignore
/// `Range`. `body` may set the length.
fn whole(
    context: RequestContext<'_>,
    mut representation: Representation,
    body: impl FnOnce(&mut Representation) -> Result<Body, HandlerError>,
) -> Answer {
    if let Some(early) = early(context, &representation) {
        return Ok(early);
    }
    let body = body(&mut representation)?;
    let head = ResponseHead::whole(&representation);
    Ok(Response { head, body })
}

/// Returns the response if the preconditions decide it: 304 or 412.
fn early(context: RequestContext<'_>, representation: &Representation) -> Option<Response> {
    let outcome = check_preconditions(context.request, representation)?;
    let head = ResponseHead::for_outcome(&outcome, representation, boundary());
    if !matches!(outcome, Outcome::PreconditionFailed) {
        return Some(Response::empty(head));
    }
    let for_scripts = route::is_for_scripts(context.target, &context.app.config.mounts);
    let reader = context.app.reader(for_scripts);
    Some(explain(head, &reader, PRECONDITION_FALSE))
}

/// Returns the entity tag of a text or file that this program makes from a file. The tag changes with the file, with
/// the part of the file and with the version of the program. It never equals the tag of the file's own stream. For the
/// same reasons the response has no `Last-Modified` field.
fn tag_of(file: &MediaFile, part: &str) -> EntityTag {
    let source = EntityTag::from_metadata(file.length(), file.modified()).to_string();
    let version = env!("CARGO_PKG_VERSION");
    EntityTag::from_text(&format!("{}-{part}-{version}", source.trim_matches('"')))
}

/// Returns a response with a text that was generated for this request.
fn text(context: RequestContext<'_>, head: ResponseHead, text: String) -> Answer {
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
