//! Serves the bytes of a file, and the cover inside a media file.

use crate::clock;
use crate::container;
use crate::http::{
    ByteRange, EntityTag, MediaType, Multipart, Outcome, Representation, ResponseHead, Status,
    attachment, evaluate, last_modified,
};
use crate::media::MediaName;
use crate::server::context::RequestContext;
use crate::server::errors::{HandlerError, HandlerResult};
use crate::server::permits::Scope;
use crate::server::response::{Body, Response};

pub(in crate::server) fn respond(context: RequestContext<'_>, name: &MediaName) -> HandlerResult {
    let (file, _permit) = context.open(name)?;
    let representation = Representation {
        complete_length: file.length(),
        media_type: MediaType::of(name.file_name().as_encoded_bytes()).name,
        etag: EntityTag::from_metadata(file.length(), file.modified()),
        last_modified: last_modified(file.modified(), clock::now()),
    };
    let outcome = evaluate(context.request, &representation);
    let boundary = super::boundary();
    let default_name = name.file_name().as_encoded_bytes();
    let (head, ranges) = select(context, &representation, outcome, boundary, default_name)?;
    let body = match ranges.as_slice() {
        [] => Body::Empty,
        [range] => Body::Range(file, *range, context.stream_permit()?),
        ranges => {
            let multipart = Multipart::new(ranges, &representation, boundary);
            Body::Ranges(file, multipart, context.stream_permit()?)
        }
    };
    Ok(Response { head, body })
}

/// Returns the head for the outcome, and the ranges to send. `default_name` is the file name of a download if the query
/// contains no name.
pub(super) fn select(
    context: RequestContext<'_>,
    representation: &Representation,
    outcome: Outcome,
    boundary: u128,
    default_name: &[u8],
) -> Result<(ResponseHead, Vec<ByteRange>), HandlerError> {
    let mut head = ResponseHead::for_outcome(&outcome, representation, boundary);
    let ranges = match outcome {
        Outcome::PreconditionFailed | Outcome::RangeNotSatisfiable => return Err(head.into()),
        Outcome::NotModified => return Ok((head, Vec::new())),
        // HEAD sends no bytes of the file, so it needs no stream permit.
        _ if context.is_head() => Vec::new(),
        // An empty file has no range.
        Outcome::Full => match representation.complete_length.checked_sub(1) {
            Some(last_pos) => ByteRange::new(0, last_pos).into_iter().collect(),
            None => Vec::new(),
        },
        Outcome::Partial(range) => vec![range],
        Outcome::Multipart(ranges) => ranges,
    };
    // Without this field, nginx as a proxy stores up to 1 GiB of the response in a temporary file. When this file is
    // full, nginx stops reading, and the server closes the connection after the stall timeout.
    head = head.with_field("X-Accel-Buffering", "no");
    if let Some(chosen) = context.target.query_value("download") {
        let file_name = if chosen.is_empty() {
            default_name
        } else {
            &chosen
        };
        head = head.with_field("Content-Disposition", attachment(file_name));
    }
    Ok((head, ranges))
}

/// Answers `/api/cover/{path}`.
pub(in crate::server) fn cover(context: RequestContext<'_>, name: &MediaName) -> HandlerResult {
    let folder = Scope::of(&name.folder());
    let permit = context.permit(|it| it.inside.acquire(folder, 1))?;
    let (file, _open) = context.open(name)?;
    let cover = container::cover(file.file())?;
    drop(permit);
    let range = cover.as_ref().and_then(|cover| {
        let last_pos = (cover.start + cover.length).checked_sub(1)?;
        ByteRange::new(cover.start, last_pos).filter(|_| last_pos < file.length())
    });
    let (Some(cover), Some(range)) = (cover, range) else {
        // The library page requests covers with `?optional`. It then gets 204 for a missing cover, because a browser
        // logs each 404 as an error.
        if context.target.query_value("optional").is_none() {
            return Err(Status::NotFound.into());
        }
        let head = ResponseHead::new(Status::NoContent).with_field("Cache-Control", "no-cache");
        return Ok(Response::empty(head));
    };
    let representation = Representation {
        complete_length: cover.length,
        ..super::derived_representation(&file, "cover", cover.media_type)
    };
    super::whole(context, representation, |_| match context.is_head() {
        true => Ok(Body::Empty),
        false => Ok(Body::Range(file, range, context.stream_permit()?)),
    })
}
