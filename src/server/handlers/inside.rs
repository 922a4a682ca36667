//! The data inside a media file: the texts of its tracks and its chapters, both as WebVTT, and its cover.

use super::subtitles::{MEDIA_TYPE, answer, webvtt};
use crate::access;
use crate::container::{self, Cover, Cues, NotText, Window};
use crate::http::{ByteRange, Representation, ResponseHead, Status, check_preconditions};
use crate::media::{MediaFile, MediaName};
use crate::server::context::RequestContext;
use crate::server::errors::{Answer, HandlerError};
use crate::server::permits::Scope;
use crate::server::response::{Body, Response};
use crate::web::{self, Moment};

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
            Some(_) => Moment::parse(&context.query_value(key)?).map(Moment::as_duration),
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
    fn read(self, file: &MediaFile, is_read: bool) -> Result<Cues, HandlerError> {
        match self {
            Part::Subtitles { number, window } => {
                let window = is_read.then_some(window);
                let cues = container::cues(file.file(), number, window)?;
                cues.ok_or(Status::NotFound)?
                    .map_err(|NotText| HandlerError::new(Status::UnprocessableContent, NOT_TEXT))
            }
            Part::Chapters => {
                let chapters = container::chapters(file.file())?;
                if chapters.is_empty() {
                    return Err(Status::NotFound.into());
                }
                let info = container::probe(file.file())?;
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
pub(in crate::server) fn track(context: RequestContext<'_>, name: &MediaName) -> Answer {
    let part = Part::of(context).ok_or(HandlerError::new(Status::BadRequest, SYNTAX))?;
    let permits = &context.app.permits;
    let _whole = match part {
        Part::Subtitles { window, .. } if window == Window::WHOLE => {
            Some(context.permit(&permits.whole_tracks, Scope::of(&name.folder()), 1)?)
        }
        _ => None,
    };
    // A request that waits for these permits must not hold a permit to open, because streams also need that permit.
    let _inside = context.permit(&permits.inside, Scope::of(&name.folder()), 1)?;
    let (file, _open) = context.open(name)?;
    let representation = super::made_from(&file, &part.tag(), MEDIA_TYPE);
    if check_preconditions(context.request, &representation).is_some() {
        // The preconditions decide only for a part that exists.
        part.read(&file, false)?;
    }
    answer(context, representation, || texts(context, part, &file))
}

/// Reads a part and converts it to WebVTT.
fn texts(
    context: RequestContext<'_>,
    part: Part,
    file: &MediaFile,
) -> Result<Vec<u8>, HandlerError> {
    let limit = context.app.limits.subtitles;
    let length = usize::try_from(limit).unwrap_or(usize::MAX);
    let _memory = context.permit(&context.app.permits.text_bytes, Scope::All, length)?;
    let cues = part.read(file, true)?;
    super::ensure_same_or_longer(file)?;
    if !cues.is_complete {
        let target = access::masked(context.request.target());
        log::debug!("{target:?}: subtitles are missing: a limit ended the search");
    }
    if cues.list.is_empty() {
        return Ok(b"WEBVTT\n\n".to_vec());
    }
    let content = cues.into_file();
    if content.len() as u64 > limit {
        return Err(Status::NotFound.into());
    }
    webvtt(context, content.as_bytes(), b"")
}

/// Answers GET and HEAD of `/api/cover/{path}`.
pub(in crate::server) fn cover(context: RequestContext<'_>, name: &MediaName) -> Answer {
    let inside = &context.app.permits.inside;
    let permit = context.permit(inside, Scope::of(&name.folder()), 1)?;
    let (file, _open) = context.open(name)?;
    let cover = container::cover(file.file())?;
    drop(permit);
    let range = |cover: &Cover| {
        let last = (cover.start + cover.length).checked_sub(1)?;
        ByteRange::new(cover.start, last).filter(|_| last < file.length())
    };
    let Some((cover, range)) = cover.and_then(|cover| Some((cover, range(&cover)?))) else {
        // The library requests the cover of each file, and a browser would show each 404 as an error of the page.
        return match context.target.has_query_key("optional") {
            true => Ok(Response::empty(
                ResponseHead::new(Status::NoContent).with_field("Cache-Control", "no-cache"),
            )),
            false => Err(Status::NotFound.into()),
        };
    };
    let representation = Representation {
        complete_length: cover.length,
        ..super::made_from(&file, "cover", cover.media_type)
    };
    super::whole(context, representation, |_| {
        Ok(match context.is_head() {
            true => Body::Empty,
            false => Body::Range(file, range, context.stream_permit()?),
        })
    })
}
