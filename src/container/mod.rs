//! What is inside a media file, as far as a page needs it: tracks, codecs, size, duration, the texts of subtitles,
//! chapters and the cover.
//!
//! Knows two families of formats: ISO base media files (MP4, QuickTime and their kin, ISO/IEC 14496-12) and Matroska
//! with WebM (RFC 9559). Must not know the disk, HTTP or pages: it reads from anything that reads and seeks, and takes
//! no name as a hint.
//!
//! Files are hostile. A [`reader::Reader`] limits the bytes that are read and the boxes or elements that are
//! visited; a seek passes bodies that do not matter; no length that a file claims decides an allocation; nothing
//! recurses. A file that is cut short or lies gives less, never an error.
//!
//! Why no crate does this (versions of 2026): `matroska-demuxer` 0.8 reads every frame of every track to find one,
//! allocates up to the length of the file, refuses a file for one wrong element, and knows no attachments, no default
//! edition and no hidden chapters. `mp4-atom` 0.17 decodes a `moov` or a `trak` only whole, with its sample tables: 8 MB
//! and more of a film. It could decode single boxes; there an unknown version or a byte too many is an error, while what
//! is read here is a dozen fields at fixed places. It brings 17 crates. `mp4parse`, `re_mp4` and `symphonia` read all
//! sample tables too. Only `re_mp4` writes RFC 6381 strings, for MP4 alone.

mod aac;
mod bits;
mod codec;
mod collector;
mod config;
mod esds;
mod frame;
mod info;
mod matroska;
mod mp4;
mod reader;
#[cfg(test)]
mod tests;
mod text;

use std::io::{self, Read, Seek};
use std::ops::Range;
use std::time::Duration;

pub(crate) use bits::{fourcc_at, number_at, u32_at};
pub(crate) use info::{Chapter, Container, Cover, MediaInfo, SubtitleFormat, SubtitleTrack, Track};
pub(crate) use mp4::{in_memory, sample_entry, width as mp4_width};
pub(crate) use text::{Cue, Cues, TextFormat, Window};

use reader::{Input, Limits, Reader, Span};

/// What the head of one file may cost. Real heads take a few chunks; the rest is for films with dozens of tracks.
const HEAD: Limits = Limits {
    bytes: 1 << 20,
    steps: 4096,
    time: Duration::from_secs(2),
    chunk: 4096,
};

/// What the chapters of one file may cost: more than 1,000 chapters with titles in several languages.
const CHAPTERS: Limits = Limits {
    bytes: 4 << 20,
    steps: 50_000,
    ..HEAD
};

/// What a part of a subtitle track may cost. The heads of blocks lie far apart, so little is read at once.
const PART: Limits = Limits {
    bytes: 36 << 20,
    steps: 1_000_000,
    time: Duration::from_secs(2),
    chunk: 1024,
};

/// What a whole subtitle track may cost.
const WHOLE: Limits = Limits {
    bytes: 512 << 20,
    steps: 8_000_000,
    time: Duration::from_secs(8),
    chunk: 1024,
};

/// The largest picture that counts as a cover.
const MAX_COVER: u64 = 32 << 20;

/// Reads a file with the parser of its family, which its first bytes say.
fn read<T>(
    input: &mut dyn Input,
    limits: Limits,
    matroska: impl FnOnce(&mut Reader) -> Option<T>,
    mp4: impl FnOnce(&mut Reader) -> Option<T>,
) -> io::Result<Option<T>> {
    let mut reader = Reader::new(input, limits)?;
    let found = match reader.peek(reader.from(0), 8) {
        Some(start) if matroska::starts(start) => matroska(&mut reader),
        Some(start) if mp4::starts(start) => mp4(&mut reader),
        _ => None,
    };
    reader.finish(found)
}

/// Reads what the head of a file says. `None` for a file that is of neither family, or makes no sense.
///
/// # Errors
/// Only what the input reports.
pub(crate) fn probe<R: Read + Seek>(mut input: R) -> io::Result<Option<MediaInfo>> {
    read(&mut input, HEAD, matroska::read, mp4::read)
}

/// Finds the body of the `moov` of an MP4 file. `None` if no complete `moov` lies before the fragments.
///
/// # Errors
/// Only what the input reports.
pub(crate) fn mp4_index<R: Read + Seek>(mut input: R) -> io::Result<Option<Range<u64>>> {
    let mut reader = Reader::new(&mut input, HEAD)?;
    let found = mp4::index(&mut reader);
    reader.finish(found)
}

/// Reads the chapters of a film, in the order of their times.
///
/// # Errors
/// Only what the input reports.
pub(crate) fn chapters<R: Read + Seek>(mut input: R) -> io::Result<Vec<Chapter>> {
    let found = read(&mut input, CHAPTERS, matroska::chapters, mp4::chapters)?;
    let mut sorted: Vec<Chapter> = Vec::new();
    // Nearly all lists are in order; a sort would be 4 KB of code more.
    for chapter in found.into_iter().flatten() {
        let at = sorted.partition_point(|it| it.start <= chapter.start);
        sorted.insert(at, chapter);
    }
    Ok(sorted)
}

/// Reads the texts of a subtitle track that are shown in the window. `None` where there is no such track, or it holds no
/// texts: [`MediaInfo::subtitles`] says which.
///
/// # Errors
/// Only what the input reports.
pub(crate) fn cues<R: Read + Seek>(
    mut input: R,
    track: u64,
    window: Window,
) -> io::Result<Option<Cues>> {
    let limits = if window == Window::WHOLE { WHOLE } else { PART };
    read(
        &mut input,
        limits,
        |reader| matroska::cues(reader, track, window),
        |reader| mp4::cues(reader, track, window),
    )
}

/// Finds the picture that a file carries as its cover: a JPEG or PNG by its content.
///
/// # Errors
/// Only what the input reports.
pub(crate) fn cover<R: Read + Seek>(mut input: R) -> io::Result<Option<Cover>> {
    read(
        &mut input,
        HEAD,
        |reader| first_picture(matroska::cover(reader)?, reader),
        |reader| first_picture(mp4::cover(reader)?, reader),
    )
}

fn first_picture(places: Vec<Span>, reader: &mut Reader) -> Option<Cover> {
    let mut places = places.into_iter();
    places.find_map(|place| picture(reader, place))
}

/// The picture at a place, if it is one and not too large.
fn picture(reader: &mut Reader, place: Span) -> Option<Cover> {
    if place.length() > MAX_COVER {
        return None;
    }
    let media_type = match reader.peek(place, 8)? {
        [0xff, 0xd8, 0xff, ..] => "image/jpeg",
        b"\x89PNG\r\n\x1a\n" => "image/png",
        _ => return None,
    };
    Some(Cover {
        start: place.start,
        length: place.length(),
        media_type,
    })
}
