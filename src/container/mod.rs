//! What is inside a media file, as far as a page needs it: tracks, codecs, size, duration.
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
//! edition and no hidden chapters. `mp4-atom` 0.17 decodes a `moov` only as a whole, with all sample tables (8 MB and
//! more of a film), refuses it for one unknown version, and brings 20 crates. `mp4parse`, `re_mp4` and `symphonia`
//! read all sample tables too. Only `re_mp4` writes RFC 6381 strings, for MP4 alone.

mod aac;
mod bits;
mod codec;
mod config;
mod esds;
mod frame;
mod info;
mod matroska;
mod mp4;
mod reader;
#[cfg(test)]
mod tests;

use std::io::{self, Read, Seek};

pub(crate) use info::{Container, MediaInfo, Track};

use info::Found;
use reader::{ReadError, Reader};

/// Bytes that the head of one file may cost. Real heads take a few chunks; the rest is for films with dozens of tracks.
const MAX_READ: u64 = 1 << 20;

/// Boxes or elements that are visited in the head of one file.
const MAX_STEPS: u32 = 4096;

/// Reads what the head of a file says. `None` for a file that is of neither family, or makes no sense.
///
/// # Errors
/// Only what the input reports.
pub(crate) fn probe<R: Read + Seek>(mut input: R) -> io::Result<Option<MediaInfo>> {
    let mut reader = Reader::new(&mut input, MAX_READ, MAX_STEPS)?;
    let mut found = Found::default();
    match read(&mut reader, &mut found) {
        Err(ReadError::Io(error)) => Err(error),
        Ok(()) | Err(ReadError::LimitReached) => Ok(found.into_info()),
    }
}

fn read(reader: &mut Reader, found: &mut Found) -> reader::Result<()> {
    let start = reader.body(reader.from(0), 8)?;
    if matroska::starts(&start) {
        matroska::read(reader, found)
    } else if mp4::starts(&start) {
        mp4::read(reader, found)
    } else {
        Ok(())
    }
}
