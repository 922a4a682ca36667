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
use super::errors::{Answer, HandlerError};
use super::response::{Body, Response};
use crate::http::{EntityTag, Outcome, Representation, ResponseHead, check_preconditions};
use crate::media::MediaFile;

/// Answers with the whole representation, or with the result of its preconditions. RFC 9110 §14.2 lets a server ignore
/// `Range`. `body` may set the length.
fn whole(
    context: RequestContext<'_>,
    mut representation: Representation,
    body: impl FnOnce(&mut Representation) -> Result<Body, HandlerError>,
) -> Answer {
    if let Some(early) = early(context, &representation)? {
        return Ok(early);
    }
    let body = body(&mut representation)?;
    let head = ResponseHead::whole(&representation);
    Ok(Response { head, body })
}

/// Returns the 304 if the client already has this version.
///
/// # Errors
///
/// 412 if the client expects another version.
fn early(
    context: RequestContext<'_>,
    representation: &Representation,
) -> Result<Option<Response>, HandlerError> {
    match check_preconditions(context.request, representation) {
        None => Ok(None),
        Some(outcome @ Outcome::NotModified) => {
            let head = ResponseHead::for_outcome(&outcome, representation, boundary());
            Ok(Some(Response::empty(head)))
        }
        Some(_) => Err(HandlerError::precondition_failed()),
    }
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
