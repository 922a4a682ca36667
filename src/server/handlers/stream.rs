//! The bytes of a file: ranges, preconditions and downloads.

use crate::clock;
use crate::http::{
    ByteRange, EntityTag, MediaType, Multipart, Outcome, Representation, ResponseHead, Status,
    attachment, evaluate, last_modified,
};
use crate::media::MediaName;
use crate::server::context::RequestContext;
use crate::server::errors::HandlerError;
use crate::server::response::{Body, Response};

/// Answers GET and HEAD requests for a file.
pub(in crate::server) fn respond(
    context: RequestContext<'_>,
    name: &MediaName,
) -> Result<Response, HandlerError> {
    let (file, _permit) = context.open(name)?;
    let representation = Representation {
        complete_length: file.length(),
        media_type: MediaType::of(name.file_name().as_encoded_bytes()).name,
        etag: EntityTag::from_metadata(file.length(), file.modified()),
        last_modified: last_modified(file.modified(), clock::now()),
    };
    let outcome = evaluate(context.request, &representation);
    let boundary = super::boundary();
    let head = ResponseHead::for_outcome(&outcome, &representation, boundary);
    let own = name.file_name().as_encoded_bytes();
    let head = with_stream_fields(context, own, head);
    let body = match outcome {
        Outcome::PreconditionFailed => return Err(HandlerError::precondition_failed()),
        Outcome::RangeNotSatisfiable => return Err(HandlerError::range_outside(head)),
        Outcome::NotModified => Body::Empty,
        // HEAD needs no permit, because it reads nothing from the file.
        _ if context.is_head() => Body::Empty,
        Outcome::Full => {
            let last_pos = representation.complete_length.checked_sub(1);
            match last_pos.and_then(|last_pos| ByteRange::new(0, last_pos)) {
                Some(whole) => Body::Range(file, whole, context.stream_permit()?),
                // The file is empty.
                None => Body::Empty,
            }
        }
        Outcome::Partial(range) => Body::Range(file, range, context.stream_permit()?),
        Outcome::Multipart(ranges) => Body::Ranges(
            file,
            Multipart::new(&ranges, &representation, boundary),
            context.stream_permit()?,
        ),
    };
    Ok(Response { head, body })
}

/// Adds the fields of a response that a client may save. The file name is `own` if the request contains no name.
pub(super) fn with_stream_fields(
    context: RequestContext<'_>,
    own: &[u8],
    head: ResponseHead,
) -> ResponseHead {
    if !matches!(head.status, Status::Ok | Status::PartialContent) {
        return head;
    }
    // Without this field, nginx reads up to 1 GiB ahead into a temporary file. It then pauses until the client has read
    // this data, and the server would see a stalled client.
    let head = head.with_field("X-Accel-Buffering", "no");
    match context.target.query_value("download") {
        Some(chosen) => {
            let file_name = if chosen.is_empty() { own } else { &chosen };
            head.with_field("Content-Disposition", attachment(file_name))
        }
        None => head,
    }
}
