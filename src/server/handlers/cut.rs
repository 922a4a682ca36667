//! Serves parts of a film as a virtual MP4 file: a new header, then byte ranges of the film.

use std::os::unix::ffi::OsStrExt;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::stream::select;
use crate::container::number_at;
use crate::cut::{self, Cut, CutError, Interval};
use crate::http::{Outcome, Status, evaluate};
use crate::limits::{CUT_FACTOR, CUT_LEAST};
use crate::media::{MediaFile, MediaName};
use crate::server::context::RequestContext;
use crate::server::errors::{HandlerError, HandlerResult};
use crate::server::permits::{Permit, Scope};
use crate::server::response::{Body, Response};
use crate::web::{Segment, Segments};

const SYNTAX: &str =
    "ranges are 1 to 200 parts in seconds, each with its end after its start: 10-15,30-35.5,40-";
const LARGE_INDEX: &str = "The index of this film is larger than the memory for cuts";

pub(in crate::server) fn respond(context: RequestContext<'_>, name: &MediaName) -> HandlerResult {
    // By default, the cut is the whole film with its index in front.
    let ranges = context.target.query_value("ranges");
    let ranges = ranges.unwrap_or_else(|| b"0-".to_vec());
    let segments = Segments::parse(&String::from_utf8_lossy(&ranges))
        .map_err(|_| HandlerError::new(Status::BadRequest, SYNTAX))?;
    let (file, _open) = context.open(name)?;
    let mut representation = super::derived_representation(&file, &tag(&segments), "video/mp4");
    if let Some(early) = super::early(context, &representation)? {
        return Ok(early);
    }
    let (cut, memory) = make(context, &file, &segments)?;
    representation.complete_length = cut.length;
    if !cut.has_pictures {
        representation.media_type = "audio/mp4";
    }
    let outcome = match evaluate(context.request, &representation) {
        // Several ranges are ignored, as RFC 9110 §14.2 allows. Players request only one range.
        Outcome::Multipart(_) => Outcome::Full,
        outcome => outcome,
    };
    // For example `film-cut.mp4`.
    let (stem, file_name) = (name.stem().as_bytes(), name.file_name().as_bytes());
    let default_name = [stem, b"-cut", &file_name[stem.len()..]].concat();
    let (head, ranges) = select(context, &representation, outcome, 0, &default_name)?;
    let body = match ranges.first() {
        Some(range) => Body::Cut(file, cut, *range, context.stream_permit()?, memory),
        None => Body::Empty,
    };
    Ok(Response { head, body })
}

/// Makes the cut. Returns it with the guard for its memory.
fn make(
    context: RequestContext<'_>,
    file: &MediaFile,
    segments: &Segments,
) -> Result<(Cut, Permit), HandlerError> {
    let refuse = |error| match error {
        CutError::Io(error) => error.into(),
        CutError::Parts(cause) => HandlerError::new(Status::BadRequest, cause),
        CutError::File(cause) => HandlerError::new(Status::UnprocessableContent, cause),
    };
    let moov = cut::find_index(&mut file.file()).map_err(refuse)?;
    let index_bytes = usize::try_from(moov.end - moov.start).unwrap_or(usize::MAX);
    let bytes = index_bytes.saturating_mul(CUT_FACTOR).max(CUT_LEAST);
    if bytes > context.app.limits.text_budget {
        return Err(refuse(CutError::File(LARGE_INDEX)));
    }
    let mut memory = context.permit(|it| it.cut_bytes.acquire(Scope::All, bytes))?;
    let milliseconds = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let interval = |it: &Segment| (milliseconds(it.start), it.end.map(milliseconds));
    let parts: Vec<Interval> = segments.0.iter().map(interval).collect();
    // The memory holds the index, the new tables, and a copy of the new tables in the new header. So the limit for the
    // new tables is half of the memory that the index leaves.
    let limit = (bytes - index_bytes) / 2;
    let cut = cut::build(&mut file.file(), moov, file.length(), &parts, limit).map_err(refuse)?;
    super::ensure_same_or_longer(file)?;
    memory.shrink(cut.memory());
    Ok((cut, memory))
}

/// Returns a hash of the parts for the entity tag, because the text of up to 200 parts is too long for a tag.
fn tag(segments: &Segments) -> String {
    let hash = Sha256::digest(segments.to_string().as_bytes());
    format!("cut-{:016x}", number_at(&hash, 0, 8).unwrap_or(0))
}
