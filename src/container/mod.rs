//! Reads the content of a media file for pages: tracks, codecs, size, duration, subtitles, chapters and the cover.
//!
//! The module reads two families of formats: ISO base media (MP4, QuickTime; ISO/IEC 14496-12), and Matroska with WebM
//! (RFC 9559).
//!
//! Files may be hostile. A [`reader::Reader`] limits the bytes read, the boxes or elements visited, and the time. No
//! length in a file decides the size of an allocation. No function is recursive. For a truncated or wrong file, the
//! functions return fewer values, and no error. They return an error if a read of the file fails.
//!
//! No crate reads all these values within such limits (versions of 2026):
//! - `matroska-demuxer` 0.8 reads every frame of every track to find one frame. It allocates up to the length of the
//!   file, and rejects a file for one wrong element. It reads no attachments.
//! - `mp4-atom` 0.17 always reads the sample tables of a track. The tables of a film have 8 MB and more. It rejects an
//!   unknown version of a box, and has 17 dependencies.
//! - `mp4parse`, `re_mp4` and `symphonia` also read all sample tables. Only `re_mp4` writes RFC 6381 strings, for MP4
//!   alone.

mod bits;
mod codec;
mod config;
mod frame;
mod info;
mod matroska;
mod mp4;
mod reader;
#[cfg(test)]
pub(crate) mod tests;
mod text;

use std::io::{self, Read, Seek};
use std::ops::Range;
use std::time::Duration;

pub(crate) use bits::{fourcc_at, number_at, u32_at};
pub(crate) use info::{Chapter, Container, Cover, MediaInfo, SubtitleFormat, SubtitleTrack, Track};
pub(crate) use mp4::{child, in_memory, is_encrypted, named, sample_entry, width as mp4_width};
pub(crate) use text::{Cue, Cues, TextFormat, Window};

use reader::{Input, ReadLimits, Reader, Span};

/// The limits for the description of one file. A usual file needs a few reads of one chunk.
const HEAD: ReadLimits = ReadLimits {
    bytes: 1 << 20,
    steps: 4096,
    time: Duration::from_secs(2),
    chunk: 4096,
};

/// The limits for the chapters of one file. They suffice for 1,000 chapters with titles in several languages.
const CHAPTERS: ReadLimits = ReadLimits {
    bytes: 4 << 20,
    steps: 50_000,
    ..HEAD
};

/// The limits for the subtitles of a time range. Matroska block headers are far apart, so each read gets one header,
/// and the other bytes of the read are not used. So a read (a chunk) is small.
const PART: ReadLimits = ReadLimits {
    bytes: 36 << 20,
    steps: 1_000_000,
    chunk: 1024,
    ..HEAD
};

const WHOLE: ReadLimits = ReadLimits {
    bytes: 512 << 20,
    steps: 8_000_000,
    time: Duration::from_secs(8),
    ..PART
};

/// The maximum number of bytes of a cover.
const MAX_COVER: u64 = 32 << 20;

/// Chooses the parser by the first bytes of the file.
fn read<T>(
    input: &mut dyn Input,
    limits: ReadLimits,
    matroska: impl FnOnce(&mut Reader) -> Option<T>,
    mp4: impl FnOnce(&mut Reader) -> Option<T>,
) -> io::Result<Option<T>> {
    let mut reader = Reader::new(input, limits)?;
    let found = match reader.peek(reader.from(0), 8) {
        // The ID of the EBML element, which begins a Matroska or WebM file.
        Some([0x1a, 0x45, 0xdf, 0xa3, ..]) => matroska(&mut reader),
        Some(start) if mp4::starts(start) => mp4(&mut reader),
        _ => None,
    };
    reader.finish(found)
}

/// Reads the description of a file. Returns `None` for an invalid file or another format.
pub(crate) fn probe<R: Read + Seek>(mut input: R) -> io::Result<Option<MediaInfo>> {
    read(&mut input, HEAD, matroska::read, mp4::read)
}

/// Finds the body of `moov`, the box of an MP4 file that describes all tracks. Returns `None` if no complete `moov`
/// precedes the fragments (`moof` boxes).
pub(crate) fn mp4_index<R: Read + Seek>(mut input: R) -> io::Result<Option<Range<u64>>> {
    let mut reader = Reader::new(&mut input, HEAD)?;
    let found = mp4::index(&mut reader);
    reader.finish(found)
}

/// Reads the chapters of a film, in the order of their times.
pub(crate) fn chapters<R: Read + Seek>(mut input: R) -> io::Result<Vec<Chapter>> {
    let found = read(&mut input, CHAPTERS, matroska::chapters, mp4::chapters)?;
    let mut chapters = found.unwrap_or_default();
    chapters.sort_by_key(|chapter| chapter.start);
    Ok(chapters)
}

/// The error for a subtitle track of images or of an unknown format.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotText;

/// Reads the cues of a subtitle track that are visible in the window, a time range of the film. Without a window, checks
/// the number and the format of the track, and returns no cues. Returns `None` if no subtitle track has this number.
pub(crate) fn cues<R: Read + Seek>(
    mut input: R,
    track: u64,
    window: Option<Window>,
) -> io::Result<Option<Result<Cues, NotText>>> {
    let is_whole = window == Some(Window::WHOLE);
    let limits = if is_whole { WHOLE } else { PART };
    let matroska = |reader: &mut Reader| matroska::cues(reader, track, window);
    let mp4 = |reader: &mut Reader| mp4::cues(reader, track, window);
    read(&mut input, limits, matroska, mp4)
}

/// Finds the embedded cover of a file: a JPEG or PNG picture.
pub(crate) fn cover<R: Read + Seek>(mut input: R) -> io::Result<Option<Cover>> {
    let matroska = |reader: &mut Reader| first_picture(matroska::cover(reader)?, reader);
    let mp4 = |reader: &mut Reader| first_picture(mp4::cover(reader)?, reader);
    read(&mut input, HEAD, matroska, mp4)
}

/// Returns the first place with a JPEG or PNG picture within the limit.
fn first_picture(places: Vec<Span>, reader: &mut Reader) -> Option<Cover> {
    places.into_iter().find_map(|place| {
        let media_type = match reader.peek(place, 8)? {
            [0xff, 0xd8, 0xff, ..] => "image/jpeg",
            b"\x89PNG\r\n\x1a\n" => "image/png",
            _ => return None,
        };
        (place.length() <= MAX_COVER).then_some(Cover {
            start: place.start,
            length: place.length(),
            media_type,
        })
    })
}
