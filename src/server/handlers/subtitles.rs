//! Serves subtitle files, and the tracks and chapters inside media files, as WebVTT.

use std::io::{self, Read};

use crate::access;
use crate::container::{self, Cues, NotText, Window};
use crate::http::{Representation, Status, check_preconditions};
use crate::media::{MediaFile, MediaName};
use crate::server::context::RequestContext;
use crate::server::errors::{HandlerError, HandlerResult};
use crate::server::permits::Scope;
use crate::subtitles::to_webvtt;
use crate::web;

/// The media type of all responses.
const MEDIA_TYPE: &str = "text/vtt; charset=utf-8";
const SYNTAX: &str = "'track' must be a number or 'chapters'; 'from' and 'to' must be seconds, and 'from' at most 'to'";
const NOT_TEXT: &str = "The track cannot be converted to text; VLC can show it";

/// Answers requests for a subtitle file.
pub(in crate::server) fn respond(context: RequestContext<'_>, name: &MediaName) -> HandlerResult {
    let (file, _permit) = context.open(name)?;
    let length = file.length();
    if length > context.app.limits.subtitles {
        let target = access::masked(&context.request.target);
        log::warn!("{target:?} is too long for subtitles: {length} bytes");
        return Err(Status::NotFound.into());
    }
    let representation = super::derived_representation(&file, "webvtt", MEDIA_TYPE);
    answer(context, representation, || {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let _memory = context.permit(|it| it.text_bytes.acquire(Scope::All, length))?;
        // Read the file before `webvtt` takes the only permit for conversions. A read from a dead network share can
        // block, and all other conversions wait while a request holds the permit.
        let content = read(&file)?.ok_or(Status::ServiceUnavailable)?;
        webvtt(context, &content, name.file_name().as_encoded_bytes())
    })
}

/// Reads the whole file; returns `None` if the file changed after it was opened.
fn read(file: &MediaFile) -> io::Result<Option<Vec<u8>>> {
    let mut content = Vec::with_capacity(usize::try_from(file.length()).unwrap_or(0));
    file.file().take(file.length()).read_to_end(&mut content)?;
    Ok(file.is_unchanged()?.then_some(content))
}

/// The part of a media file that `?track=` selects.
#[derive(Debug, Clone, Copy)]
enum TrackQuery {
    Chapters,
    Subtitles { number: u64, window: Window },
}

impl TrackQuery {
    fn of(context: RequestContext<'_>) -> Option<TrackQuery> {
        let track = context.query_value("track")?;
        if track == "chapters" {
            return Some(TrackQuery::Chapters);
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
        (window.from <= window.to).then_some(TrackQuery::Subtitles { number, window })
    }

    /// Reads the cues of the part. Returns an error if the file does not contain the part as text. If `needs_cues` is
    /// false, only checks whether the file contains the part; the result may then lack cues.
    fn read(self, file: &MediaFile, needs_cues: bool) -> Result<Cues, HandlerError> {
        match self {
            TrackQuery::Subtitles { number, window } => {
                let window = needs_cues.then_some(window);
                let cues = container::cues(file.file(), number, window)?;
                cues.ok_or(Status::NotFound)?
                    .map_err(|NotText| HandlerError::new(Status::UnprocessableContent, NOT_TEXT))
            }
            TrackQuery::Chapters => {
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
            TrackQuery::Chapters => "chapters".to_owned(),
            TrackQuery::Subtitles { number, window } => {
                let [from, to] = [window.from, window.to].map(|time| time.as_millis());
                format!("{number}-{from}-{to}")
            }
        }
    }
}

/// Answers `/api/subtitles/{path}?track=`.
pub(in crate::server) fn track(context: RequestContext<'_>, name: &MediaName) -> HandlerResult {
    let refuse = || HandlerError::new(Status::BadRequest, SYNTAX);
    let part = TrackQuery::of(context).ok_or_else(refuse)?;
    let folder = Scope::of(&name.folder());
    let _whole = match part {
        TrackQuery::Subtitles { window, .. } if window == Window::WHOLE => {
            Some(context.permit(|it| it.whole_tracks.acquire(folder.clone(), 1))?)
        }
        _ => None,
    };
    // Take these permits before the permit to open a file. Streams also need the permit to open a file, so a request
    // must not hold that permit while it waits here.
    let _inside = context.permit(|it| it.inside.acquire(folder, 1))?;
    let (file, _open) = context.open(name)?;
    let representation = super::derived_representation(&file, &part.tag(), MEDIA_TYPE);
    if check_preconditions(context.request, &representation).is_some() {
        // The response is 304 or 412, but a missing part has priority: it is an error such as 404.
        part.read(&file, false)?;
    }
    answer(context, representation, || texts(context, part, &file))
}

/// Reads a part and converts it to WebVTT.
fn texts(
    context: RequestContext<'_>,
    part: TrackQuery,
    file: &MediaFile,
) -> Result<Vec<u8>, HandlerError> {
    let limit = context.app.limits.subtitles;
    let length = usize::try_from(limit).unwrap_or(usize::MAX);
    let _memory = context.permit(|it| it.text_bytes.acquire(Scope::All, length))?;
    let cues = part.read(file, true)?;
    super::ensure_same_or_longer(file)?;
    if !cues.is_complete {
        let target = access::masked(&context.request.target);
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

/// Answers with the WebVTT text that `convert` returns, or with the result of the preconditions.
fn answer(
    context: RequestContext<'_>,
    representation: Representation,
    convert: impl FnOnce() -> Result<Vec<u8>, HandlerError>,
) -> HandlerResult {
    super::whole(context, representation, |representation| {
        let text = convert()?;
        representation.complete_length = text.len() as u64;
        context.text(text)
    })
}

/// Converts the content of a file to WebVTT. Returns the error 404 if the format is unknown.
fn webvtt(
    context: RequestContext<'_>,
    content: &[u8],
    file_name: &[u8],
) -> Result<Vec<u8>, HandlerError> {
    let _permit = context.permit(|it| it.conversions.acquire(Scope::All, 1))?;
    let text = to_webvtt(content, file_name).ok_or(Status::NotFound)?;
    Ok(text.into_bytes())
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::Write;

    use super::*;
    use crate::media::MediaDir;

    #[test]
    fn file_that_changes_while_it_is_read_is_not_sent() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("a.srt");
        std::fs::write(&path, "one").unwrap();
        let dir = MediaDir::new(temp.path()).unwrap();
        let name = MediaName::from_segments(&[b"a.srt".to_vec()]).unwrap();
        let after = |change: &dyn Fn(&File)| {
            let file = dir.open(&name).unwrap();
            change(&File::options().append(true).open(&path).unwrap());
            read(&file).unwrap()
        };
        assert_eq!(after(&|_| ()).as_deref(), Some(&b"one"[..]));
        assert_eq!(after(&|mut file| file.write_all(b"two").unwrap()), None);
        assert_eq!(after(&|file| file.set_len(2).unwrap()), None);
        let touch = |file: &File| file.set_modified(std::time::UNIX_EPOCH).unwrap();
        assert_eq!(after(&touch), None, "same length, another time");
    }
}
