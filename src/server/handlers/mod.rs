//! The handlers: functions from a [`RequestContext`] to a [`Response`].

pub(super) mod assets;
pub(super) mod cut;
pub(super) mod metrics;
pub(super) mod pages;
pub(super) mod stream;
pub(super) mod subtitles;

use super::context::RequestContext;
use super::errors::{HandlerError, HandlerResult};
use super::response::{Body, Response};
use crate::http::{EntityTag, Outcome, Representation, ResponseHead, Status, check_preconditions};
use crate::media::MediaFile;

/// Answers with the whole representation. If the preconditions of the request do not hold, answers with 304 or 412.
/// Ignores `Range`, as RFC 9110 §14.2 allows. `body` may set `complete_length`.
fn whole(
    context: RequestContext<'_>,
    mut representation: Representation,
    body: impl FnOnce(&mut Representation) -> Result<Body, HandlerError>,
) -> HandlerResult {
    if let Some(early) = early(context, &representation)? {
        return Ok(early);
    }
    let body = body(&mut representation)?;
    let head = ResponseHead::whole(&representation);
    Ok(Response { head, body })
}

/// Checks the preconditions of the request before the content is made. Returns a 304 if the client already has this
/// version of the content. Returns the error 412 if the client expects another version. Otherwise returns `None`.
fn early(
    context: RequestContext<'_>,
    representation: &Representation,
) -> Result<Option<Response>, HandlerError> {
    let Some(outcome) = check_preconditions(context.request, representation) else {
        return Ok(None);
    };
    let head = ResponseHead::for_outcome(&outcome, representation, boundary());
    match outcome {
        Outcome::NotModified => Ok(Some(Response::empty(head))),
        _ => Err(head.into()),
    }
}

/// Returns an error if the file changed after it was opened. The file may become longer, as a recording does.
fn ensure_same_or_longer(file: &MediaFile) -> Result<(), HandlerError> {
    match file.is_same_or_longer()? {
        true => Ok(()),
        false => Err(Status::ServiceUnavailable.into()),
    }
}

/// Returns the representation of a text or file that the server makes from `file`. Its length is 0 until the caller
/// sets it.
///
/// `part` tells what the server makes from the file. The content depends on the file, on `part`, and on the version of
/// the program, so the entity tag contains all three. `Last-Modified` is absent, because the content can change while
/// the date of the file stays the same.
fn derived_representation(
    file: &MediaFile,
    part: &str,
    media_type: &'static str,
) -> Representation {
    let source = EntityTag::from_metadata(file.length(), file.modified()).to_string();
    let version = env!("CARGO_PKG_VERSION");
    let tag = format!("{}-{part}-{version}", source.trim_matches('"'));
    Representation {
        complete_length: 0,
        media_type,
        etag: EntityTag::from_text(&tag),
        last_modified: None,
    }
}

fn text(context: RequestContext<'_>, head: ResponseHead, text: String) -> HandlerResult {
    Ok(Response {
        head: head.with_content_length(text.len() as u64),
        body: context.text(text.into_bytes())?,
    })
}

/// Returns a random multipart boundary. No part of the body may contain the boundary (RFC 2046 §5.1.1). The parts are
/// bytes of a file, so the author of the file must not be able to guess the boundary.
fn boundary() -> u128 {
    use std::hash::{BuildHasher, RandomState};
    let half = || u128::from(RandomState::new().hash_one(()));
    (half() << 64) | half()
}
