//! The parsers of bytes from outside, for the fuzz targets in `tests/fuzz`.
//!
//! Not part of the API: anything here may change in any release. Each function calls one parser and returns plain
//! types, so that the types of the parsers stay private. The parsers of [`http`](crate::http) are public themselves.

use std::io::{self, Read, Seek};
use std::path::PathBuf;
use std::time::Duration;

use crate::container;
use crate::cut;
use crate::gate::body::Drain;
use crate::gate::head::HeadScan;
use crate::host::HostPolicy;
use crate::http::{Method, RequestHead, Status, Target};
use crate::media::{FolderName, MediaName};
use crate::route::Route;
use crate::subtitles::{self, Track};
use crate::web::{LibraryQuery, Links, Moment, Segments};

/// Parses a request head that arrives in these pieces. Returns its length and the head, or `None` while it is
/// incomplete.
///
/// # Errors
///
/// The status with which the gate refuses the head.
pub fn request_head(pieces: &[&[u8]]) -> Result<Option<(usize, RequestHead)>, Status> {
    let mut scan = HeadScan::default();
    let mut buffer = Vec::new();
    for piece in pieces {
        buffer.extend_from_slice(piece);
        if let Some(head) = scan.parse(&buffer)? {
            return Ok(Some((head.length, head.request)));
        }
    }
    Ok(None)
}

/// Drains the content of a request that arrives in these pieces: so many bytes, or chunks if `length` is `None`.
/// Returns where the content ends, or `None` while it is incomplete.
///
/// # Errors
///
/// The status with which the gate refuses the content.
pub fn request_content(length: Option<u64>, pieces: &[&[u8]]) -> Result<Option<usize>, Status> {
    let mut drain = match length {
        Some(0) => return Ok(Some(0)),
        Some(length) => Drain::length(length)?,
        None => Drain::chunked(),
    };
    let mut taken = 0;
    for piece in pieces {
        taken += drain.advance(piece)?;
        if drain.is_done() {
            return Ok(Some(taken));
        }
    }
    Ok(None)
}

/// Whether a request for this host is answered without `--allow-host`.
pub fn is_local_host(host: &str) -> bool {
    HostPolicy::default().allows(host)
}

/// The file or folder that a request names, below the served folder, and a URL of our own that names the same.
pub fn resource(method: Method, target: &Target) -> Option<(PathBuf, String)> {
    let file = |name: MediaName| {
        let url = format!("/api/stream/{}", name.url_path());
        (name.as_path().to_owned(), url)
    };
    let folder = |name: FolderName| (name.as_path().to_owned(), Links::default().browse(&name));
    match Route::of(method, target, &[]).ok()? {
        Route::Stream(name)
        | Route::Subtitles(name)
        | Route::Track(name)
        | Route::Cover(name)
        | Route::Cut(name)
        | Route::Watch(name)
        | Route::PlaylistOf(name) => Some(file(name)),
        Route::Index(name)
        | Route::Videos(name)
        | Route::Browse(name)
        | Route::Playlist(name)
        | Route::ToFolder(name) => Some(folder(name)),
        Route::StreamOptions | Route::Health | Route::Metrics | Route::Asset(_) => None,
    }
}

/// The query of a library page, written as in the links of our pages.
pub fn library_query(query: &str) -> Option<String> {
    let target = Target::parse(&format!("/?{query}"))?;
    let query = LibraryQuery::read(false, |key| target.query_value(key));
    Some(query.part(&query.window))
}

/// The value of `?t=`, written in seconds.
pub fn moment(text: &str) -> Option<String> {
    Moment::parse(text).map(|moment| moment.to_string())
}

/// The value of `?ranges=`, written in seconds.
pub fn segments(text: &str) -> Option<String> {
    Segments::parse(text)
        .ok()
        .map(|segments| segments.to_string())
}

/// The content of a subtitle file as WebVTT; `None` if it is in no known format.
pub fn to_webvtt(content: &[u8]) -> Option<String> {
    subtitles::to_webvtt(content, b"")
}

/// Label and language tag of a subtitle file, from what stands between the video's name and the extension.
pub fn subtitle_track(infix: &str) -> (String, Option<String>) {
    let track = Track::parse(infix);
    (track.label(), track.language)
}

/// What the head of a media file says, in Rust's debug format.
///
/// # Errors
///
/// Only what the reader reports.
pub fn media_info<R: Read + Seek>(file: R) -> io::Result<Option<String>> {
    let info = container::probe(file)?;
    Ok(info.map(|info| format!("{info:?}")))
}

/// The texts of a track in a part of a media file: when each appears and disappears, and what it says.
type Texts = Vec<(Duration, Duration, String)>;

/// The texts of a track inside a media file in a window, whether these are all, and the subtitle file that they become.
/// `None` if there is no such track.
///
/// # Errors
///
/// Only what the reader reports.
pub fn media_texts<R: Read + Seek>(
    file: R,
    track: u64,
    from: Duration,
    to: Duration,
) -> io::Result<Option<(Texts, bool, String)>> {
    let cues = container::cues(file, track, container::Window { from, to })?;
    Ok(cues.map(|cues| {
        let texts = cues.list.iter();
        let texts = texts.map(|cue| (cue.start, cue.end, cue.text.clone()));
        (texts.collect(), cues.is_complete, cues.into_file())
    }))
}

/// The chapters and the cover of a media file, in Rust's debug format.
///
/// # Errors
///
/// Only what the reader reports.
pub fn chapters_and_cover<R: Read + Seek>(mut file: R) -> io::Result<String> {
    let chapters = container::chapters(&mut file)?;
    Ok(format!("{chapters:?} {:?}", container::cover(file)?))
}

/// The bytes of a cut of an MP4 file. `parts`: from and to, in milliseconds. `None` if the file cannot be cut.
pub fn cut(file: &[u8], parts: &[(u64, Option<u64>)]) -> Option<Vec<u8>> {
    let mut input = io::Cursor::new(file);
    let length = u64::try_from(file.len()).ok()?;
    let moov = cut::find_index(&mut input).ok()?;
    let cut = cut::build(&mut input, moov, length, parts, 1 << 20).ok()?;
    let at = |position| usize::try_from(position).unwrap_or(usize::MAX);
    let pieces = cut.pieces.iter();
    // Panics where a piece lies outside the file.
    let pieces = pieces.map(|piece| &file[at(piece.start)..at(piece.end)]);
    let whole = [cut.head.as_slice()]
        .into_iter()
        .chain(pieces)
        .collect::<Vec<_>>()
        .concat();
    assert_eq!(u64::try_from(whole.len()).ok(), Some(cut.length));
    Some(whole)
}
