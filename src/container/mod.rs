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
use std::time::Duration;

pub(crate) use bits::{fourcc_at, number_at, u16_at, u32_at};
pub(crate) use info::{Chapter, Container, Cover, MediaInfo, SubtitleFormat, SubtitleTrack, Track};
pub(crate) use mp4::in_memory;
pub(crate) use text::{Cue, Cues, TextFormat, Window};

use info::Found;
use reader::{Limits, Reader, Span};

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

/// The formats that are read.
enum Family {
    Matroska,
    Mp4,
}

/// Reads what the head of a file says. `None` for a file that is of neither family, or makes no sense.
///
/// # Errors
/// Only what the input reports.
pub(crate) fn probe<R: Read + Seek>(mut input: R) -> io::Result<Option<MediaInfo>> {
    let mut reader = Reader::new(&mut input, HEAD)?;
    let mut found = Found::default();
    match family(&mut reader) {
        Some(Family::Matroska) => matroska::read(&mut reader, &mut found),
        Some(Family::Mp4) => mp4::read(&mut reader, &mut found),
        None => None,
    };
    reader.finish(found.into_info())
}

/// Reads one sample entry of an MP4 file, its head included.
pub(crate) fn sample_entry(is_video: bool, entry: &[u8]) -> Option<Track> {
    mp4::sample_entry(
        if is_video {
            info::Kind::Video
        } else {
            info::Kind::Audio
        },
        entry,
    )
}

/// Reads the chapters of a film, in the order of their times.
///
/// # Errors
/// Only what the input reports.
pub(crate) fn chapters<R: Read + Seek>(mut input: R) -> io::Result<Vec<Chapter>> {
    let mut reader = Reader::new(&mut input, CHAPTERS)?;
    let found = match family(&mut reader) {
        Some(Family::Matroska) => matroska::chapters(&mut reader),
        Some(Family::Mp4) => mp4::chapters(&mut reader),
        None => None,
    };
    let mut chapters = found.unwrap_or_default();
    chapters.sort_by_key(|chapter| chapter.start);
    reader.finish(chapters)
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
    let mut reader = Reader::new(&mut input, limits)?;
    let cues = match family(&mut reader) {
        Some(Family::Matroska) => matroska::cues(&mut reader, track, window),
        Some(Family::Mp4) => mp4::cues(&mut reader, track, window),
        None => None,
    };
    reader.finish(cues)
}

/// Finds the picture that a file carries as its cover: a JPEG or PNG by its content.
///
/// # Errors
/// Only what the input reports.
pub(crate) fn cover<R: Read + Seek>(mut input: R) -> io::Result<Option<Cover>> {
    let mut reader = Reader::new(&mut input, HEAD)?;
    let places = match family(&mut reader) {
        Some(Family::Matroska) => matroska::cover(&mut reader),
        Some(Family::Mp4) => mp4::cover(&mut reader),
        None => None,
    };
    let mut places = places.into_iter().flatten();
    let cover = places.find_map(|place| picture(&mut reader, place));
    reader.finish(cover)
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

/// The family of a file by its first bytes.
fn family(reader: &mut Reader) -> Option<Family> {
    let start = reader.peek(reader.from(0), 8)?;
    match () {
        () if matroska::starts(start) => Some(Family::Matroska),
        () if mp4::starts(start) => Some(Family::Mp4),
        () => None,
    }
}
