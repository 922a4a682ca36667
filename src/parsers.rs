//! The parsers of bytes from clients and files, for the fuzz targets in `tests/fuzz`.
//!
//! This module is not part of the API and may change in any release. Its functions return plain types, so the types of
//! the parsers stay private.

use std::io::{self, Read, Seek};
use std::path::PathBuf;
use std::time::Duration;

use crate::container;
use crate::cut;
use crate::gate::body::Drain;
use crate::gate::head::HeadScan;
use crate::host::HostPolicy;
use crate::http::{RequestHead, Status, Target};
use crate::media::{FolderName, MediaName};
use crate::route::Route;
use crate::subtitles::{self, MenuTrack};
use crate::web::{LibraryQuery, Links, Segments, parse_time, seconds};

/// Parses a request head that arrives in `pieces`. Returns the head and its length in bytes, or `None` if the head is
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

/// Drains (reads and drops) the content of a request that arrives in `pieces`. If `length` is `None`, the coding is
/// chunked. Returns the position at which the content ends, or `None` if the content is incomplete.
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

/// Returns whether the server accepts this host name without `--allow-host`.
pub fn is_local_host(host: &str) -> bool {
    HostPolicy::default().allows(host)
}

/// Returns the requested path below the media directory, and the URL that the server itself creates for it.
pub fn resource(target: &Target) -> Option<(PathBuf, String)> {
    let file = |name: MediaName| {
        let url = format!("/api/stream/{}", name.url_path());
        (name.as_path().to_owned(), url)
    };
    let folder = |name: FolderName| (name.as_path().to_owned(), Links::default().browse(&name));
    match Route::of(target, &[], true)? {
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

/// Parses the query of a library page, and returns the query that the server writes into links.
pub fn library_query(query: &str) -> Option<String> {
    let target = Target::parse(&format!("/?{query}"))?;
    let query = LibraryQuery::read(&target);
    Some(query.part(query.selection))
}

/// Parses the value of `?t=`, and returns the seconds as a text.
pub fn moment(text: &str) -> Option<String> {
    parse_time(text).map(seconds)
}

/// Parses the value of `?ranges=`, and returns the ranges as a text, in seconds.
pub fn segments(text: &str) -> Option<String> {
    let segments = Segments::parse(text).ok()?;
    Some(segments.to_string())
}

/// Converts the content of a subtitle file to WebVTT; returns `None` if the format is unknown.
pub fn to_webvtt(content: &[u8]) -> Option<String> {
    subtitles::to_webvtt(content, b"")
}

/// Returns the label and language tag of a subtitle file. `infix` is the text between the video's name and the
/// extension.
pub fn subtitle_track(infix: &str) -> (String, Option<String>) {
    let track = MenuTrack::parse(infix, false);
    (track.label(), track.language)
}

/// Returns the information in the head of a media file, in Rust's debug format.
///
/// # Errors
///
/// Returns the errors of reading from `file`. A malformed file is not an error.
pub fn media_info<R: Read + Seek>(file: R) -> io::Result<Option<String>> {
    let info = container::probe(file)?;
    Ok(info.map(|info| format!("{info:?}")))
}

type Texts = Vec<(Duration, Duration, String)>;

/// Returns the texts of a track between `from` and `to`, each with its start and end, and a subtitle file with these
/// texts. Returns `None` if the file has no text track with the number `track`.
///
/// # Errors
///
/// Returns the errors of reading from `file`. A malformed file is not an error.
pub fn media_texts<R: Read + Seek>(
    file: R,
    track: u64,
    from: Duration,
    to: Duration,
) -> io::Result<Option<(Texts, String)>> {
    let cues = container::cues(file, track, Some(container::Window { from, to }))?;
    Ok(cues.and_then(Result::ok).map(|cues| {
        let texts = cues.list.iter();
        let texts = texts.map(|cue| (cue.start, cue.end, cue.text.clone()));
        (texts.collect(), cues.into_file())
    }))
}

/// Returns the chapters and the cover of a media file, in Rust's debug format.
///
/// # Errors
///
/// Returns the errors of reading from `file`. A malformed file is not an error.
pub fn chapters_and_cover<R: Read + Seek>(mut file: R) -> io::Result<String> {
    let chapters = container::chapters(&mut file)?;
    Ok(format!("{chapters:?} {:?}", container::cover(file)?))
}

/// Returns the bytes of a cut of an MP4 file; `None` if the file cannot be cut. Each part has a start and an end, in
/// milliseconds. A part without an end ends with the film.
pub fn cut(file: &[u8], parts: &[(u64, Option<u64>)]) -> Option<Vec<u8>> {
    let mut input = io::Cursor::new(file);
    let length = u64::try_from(file.len()).ok()?;
    let moov = cut::find_index(&mut input).ok()?;
    let cut = cut::build(&mut input, moov, length, parts, 1 << 20).ok()?;
    let at = |position| usize::try_from(position).unwrap_or(usize::MAX);
    let mut whole = cut.head;
    for piece in &cut.pieces {
        whole.extend(&file[at(piece.start)..at(piece.end)]);
    }
    assert_eq!(u64::try_from(whole.len()).ok(), Some(cut.length));
    Some(whole)
}
