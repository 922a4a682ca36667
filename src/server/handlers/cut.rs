//! Serves parts of a film as a virtual file: a new head, then ranges of the film.

use std::os::unix::ffi::OsStrExt;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::stream::with_stream_fields;
use crate::container::number_at;
use crate::cut::{self, Cut, CutError, Interval};
use crate::http::{ByteRange, Outcome, Representation, ResponseHead, evaluate};
use crate::limits::{CUT_FACTOR, CUT_LEAST};
use crate::media::{MediaFile, MediaName};
use crate::server::context::RequestContext;
use crate::server::errors::HandlerError;
use crate::server::permits::Permit;
use crate::server::response::{Body, Response};
use crate::web::{Segment, Segments};

const SYNTAX: &str =
    "ranges are 1 to 200 parts in seconds, each with its end behind its start: 10-15,30-35.5,40-";
const LARGE_INDEX: &str = "The index of this film is larger than the memory for cuts";

/// Answers GET and HEAD.
pub(in crate::server) fn respond(
    context: RequestContext<'_>,
    name: &MediaName,
) -> Result<Response, HandlerError> {
    let segments = match context.target.query_value("ranges") {
        Some(text) => Segments::parse(&String::from_utf8_lossy(&text)),
        // Without a query, the cut is the whole film with its index in front.
        None => Segments::parse("0-"),
    };
    let segments = segments.map_err(|_| HandlerError::bad_request(SYNTAX))?;
    let (file, _open) = context.open(name)?;
    let mut representation = Representation {
        // The length is unknown before the cut is made.
        complete_length: 0,
        media_type: "video/mp4",
        etag: super::tag_of(&file, &tag(&segments)),
        last_modified: None,
    };
    if let Some(early) = super::early(context, &representation)? {
        return Ok(early);
    }
    let (cut, memory) = make(context, &file, &segments)?;
    representation.complete_length = cut.length;
    if !cut.has_pictures {
        representation.media_type = "audio/mp4";
    }
    let outcome = match evaluate(context.request, &representation) {
        // RFC 9110 §14.2 lets a server ignore Range, and players request a single range.
        Outcome::Multipart(_) => Outcome::Full,
        outcome => outcome,
    };
    let head = ResponseHead::for_outcome(&outcome, &representation, super::boundary());
    let head = with_stream_fields(context, &download_name(name), head);
    let range = match outcome {
        Outcome::Partial(range) => Some(range),
        Outcome::Full => ByteRange::new(0, cut.length - 1),
        _ => return Err(HandlerError::range_outside(head)),
    };
    let body = match range {
        Some(range) if !context.is_head() => {
            Body::Cut(file, cut, range, context.stream_permit()?, memory)
        }
        _ => Body::Empty,
    };
    Ok(Response { head, body })
}

/// Makes the cut in memory of the budget. Returns the cut with the guard for its memory.
fn make(
    context: RequestContext<'_>,
    file: &MediaFile,
    segments: &Segments,
) -> Result<(Cut, Permit), HandlerError> {
    context.may_block()?;
    let refuse = |error| match error {
        CutError::Io(error) => context.io_error(&error),
        CutError::Parts(cause) => HandlerError::bad_request(cause),
        CutError::File(cause) => HandlerError::unprocessable(cause),
    };
    let moov = cut::find_index(&mut file.file()).map_err(refuse)?;
    let length = usize::try_from(moov.end - moov.start).unwrap_or(usize::MAX);
    let bytes = length.saturating_mul(CUT_FACTOR).max(CUT_LEAST);
    if bytes > context.app.limits.text_budget {
        return Err(HandlerError::unprocessable(LARGE_INDEX));
    }
    let memory = context.app.permits.cut_bytes.acquire(bytes);
    let mut memory = memory.ok_or_else(HandlerError::unavailable)?;
    let parts: Vec<Interval> = segments.0.iter().map(interval).collect();
    // The memory holds the index of the film, the new tables, and the new head with a copy of the tables.
    let limit = (bytes - length) / 2;
    let cut = cut::build(&mut file.file(), moov, file.length(), &parts, limit).map_err(refuse)?;
    // The bytes read so far belong to the version in the entity tag.
    match file.is_same_or_longer() {
        Ok(true) => {
            memory.shrink(cut.memory());
            Ok((cut, memory))
        }
        Ok(false) => Err(HandlerError::unavailable()),
        Err(error) => Err(context.io_error(&error)),
    }
}

fn interval(segment: &Segment) -> Interval {
    let milliseconds = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    (milliseconds(segment.start), segment.end.map(milliseconds))
}

/// Returns the text that identifies the parts in an entity tag: a hash, because the text of 200 parts is long.
fn tag(segments: &Segments) -> String {
    let hash = Sha256::digest(segments.to_string().as_bytes());
    format!("cut-{:016x}", number_at(&hash, 0, 8).unwrap_or(0))
}

/// Returns the name for a download: `film-cut.mp4` for `film.mp4`.
fn download_name(name: &MediaName) -> Vec<u8> {
    let name = name.file_name().as_bytes();
    let stem = name.iter().rposition(|&byte| byte == b'.');
    let (stem, extension) = name.split_at(stem.unwrap_or(name.len()));
    [stem, b"-cut", extension].concat()
}
