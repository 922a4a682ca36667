//! The data inside a media file: the texts of its tracks and its chapters, both as WebVTT, and its cover.

use std::io;

use super::subtitles::{answer, webvtt};
use crate::access;
use crate::container::{self, Cover, Cues, NotText, Window};
use crate::http::{ByteRange, Representation, ResponseHead, Status};
use crate::media::{MediaFile, MediaName};
use crate::server::context::RequestContext;
use crate::server::errors::HandlerError;
use crate::server::response::{Body, Response};
use crate::web;

const SYNTAX: &str =
    "track is a number or chapters; from and to are seconds, and from is not after to";
const NOT_TEXT: &str = "The track cannot be converted to text; VLC can show it";

/// The part of a media file that `?track=` selects.
#[derive(Debug, Clone, Copy)]
enum Part {
    Chapters,
    Subtitles { number: u64, window: Window },
}

impl Part {
    /// Parses the query; returns `None` if it is invalid.
    fn of(context: RequestContext<'_>) -> Option<Part> {
        let track = context.query_value("track")?;
        if track == "chapters" {
            return Some(Part::Chapters);
        }
        let time = |key, default| match context.target.query_value(key) {
            None => Some(default),
            Some(_) => web::parse_time(&context.query_value(key)?),
        };
        let window = Window {
            from: time("from", Window::WHOLE.from)?,
            to: time("to", Window::WHOLE.to)?,
        };
        let is_number = track.bytes().all(|byte| byte.is_ascii_digit());
        let number = track.parse().ok().filter(|_| is_number)?;
        (window.from <= window.to).then_some(Part::Subtitles { number, window })
    }

    /// Reads the cues of a part. Without `is_read`, the cues may be missing. Refuses a part that the file does not
    /// contain as text.
    fn read(
        self,
        context: RequestContext<'_>,
        file: &MediaFile,
        is_read: bool,
    ) -> Result<Cues, HandlerError> {
        let failed = |error: io::Error| context.io_error(&error);
        match self {
            Part::Subtitles { number, window } => {
                let window = is_read.then_some(window);
                let cues = container::cues(file.file(), number, window).map_err(failed)?;
                cues.ok_or_else(HandlerError::not_found)?
                    .map_err(|NotText| HandlerError::unprocessable(NOT_TEXT))
            }
            Part::Chapters => {
                let chapters = container::chapters(file.file()).map_err(failed)?;
                if chapters.is_empty() {
                    return Err(HandlerError::not_found());
                }
                let info = container::probe(file.file()).map_err(failed)?;
                let duration = info.and_then(|info| info.duration);
                Ok(web::chapter_cues(&chapters, duration))
            }
        }
    }

    /// Returns the text that identifies this part in an entity tag.
    fn tag(self) -> String {
        match self {
            Part::Chapters => "chapters".to_owned(),
            Part::Subtitles { number, window } => {
                let [from, to] = [window.from, window.to].map(|time| time.as_millis());
                format!("{number}-{from}-{to}")
            }
        }
    }
}

/// Answers GET and HEAD of `/api/subtitles/{path}?track=`.
pub(in crate::server) fn track(
    context: RequestContext<'_>,
    name: &MediaName,
) -> Result<Response, HandlerError> {
    let part = Part::of(context).ok_or(HandlerError::bad_request(SYNTAX))?;
    let _whole = match part {
        Part::Subtitles { window, .. } if window == Window::WHOLE => {
            Some(context.whole_track_permit(name)?)
        }
        _ => None,
    };
    // A request that waits for these permits must not hold a permit to open, because streams also need that permit.
    let _inside = context.inside_permit(name)?;
    let (file, _open) = context.open(name)?;
    let etag = super::tag_of(&file, &part.tag());
    let answer = answer(context, etag, || texts(context, part, &file));
    let status = match &answer {
        Ok(response) => response.head.status,
        Err(error) => error.status(),
    };
    if matches!(status, Status::NotModified | Status::PreconditionFailed) {
        // The preconditions decide only for a part that exists.
        part.read(context, &file, false)?;
    }
    answer
}

/// Reads a part and converts it to WebVTT.
fn texts(
    context: RequestContext<'_>,
    part: Part,
    file: &MediaFile,
) -> Result<Vec<u8>, HandlerError> {
    let limit = context.app.limits.subtitles;
    let length = usize::try_from(limit).unwrap_or(usize::MAX);
    let memory = context.app.permits.text_bytes.acquire(length);
    let _memory = memory.ok_or_else(HandlerError::unavailable)?;
    let cues = part.read(context, file, true)?;
    // A recording grows while it is read.
    let is_current = file.is_same_or_longer();
    if !is_current.map_err(|error| context.io_error(&error))? {
        return Err(HandlerError::unavailable());
    }
    if !cues.is_complete {
        let target = access::masked(&context.request.target);
        log::debug!("{target:?}: subtitles are missing: a limit ended the search");
    }
    if cues.list.is_empty() {
        return Ok(b"WEBVTT\n\n".to_vec());
    }
    let content = cues.into_file();
    if content.len() as u64 > limit {
        return Err(HandlerError::not_found());
    }
    webvtt(context, content.as_bytes(), b"")
}

/// Answers GET and HEAD of `/api/cover/{path}`.
pub(in crate::server) fn cover(
    context: RequestContext<'_>,
    name: &MediaName,
) -> Result<Response, HandlerError> {
    let permit = context.inside_permit(name)?;
    let (file, _open) = context.open(name)?;
    let cover = container::cover(file.file()).map_err(|error| context.io_error(&error))?;
    drop(permit);
    let range = |cover: &Cover| {
        let last = (cover.start + cover.length).checked_sub(1)?;
        ByteRange::new(cover.start, last).filter(|_| last < file.length())
    };
    let Some((cover, range)) = cover.and_then(|cover| Some((cover, range(&cover)?))) else {
        // The library requests the cover of each file, and a browser would show each 404 as an error of the page.
        return match context.target.query_value("optional").is_some() {
            true => Ok(Response::empty(
                ResponseHead::new(Status::NoContent).with_field("Cache-Control", "no-cache"),
            )),
            false => Err(HandlerError::not_found()),
        };
    };
    let representation = Representation {
        complete_length: cover.length,
        media_type: cover.media_type,
        etag: super::tag_of(&file, "cover"),
        last_modified: None,
    };
    super::whole(context, representation, |_| {
        Ok(match context.is_head() {
            true => Body::Empty,
            false => Body::Range(file, range, context.stream_permit()?),
        })
    })
}
