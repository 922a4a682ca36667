//! Makes a cut: a virtual MP4 file (ISO/IEC 14496-12) from parts of an MP4 film. The server does not encode or copy the
//! media.
//!
//! A cut is a head in memory (`ftyp`, a new `moov`, the box header of `mdat`), and byte ranges of the source file.
//!
//! Each part begins with the key frame that its first visible frame needs. An edit list hides the frames before the
//! first visible frame. Players without edit lists show the hidden frames, but stay in sync. From the second part on,
//! the key frame must reset the decoder: see `starts`.
//!
//! No crate makes a cut. `mp4-atom` 0.17 copies every table into a vector, but this module reads the large tables of a
//! film in place. The crate also drops unknown sample entries, but a cut must copy them.

mod error;
mod frames;
mod layout;
mod numbers;
mod output;
mod selection;
mod source;
mod starts;
mod tables;
#[cfg(test)]
mod tests;
mod timeline;
mod track;
mod writer;

use std::io::{Read, Seek};
use std::ops::Range;

pub(crate) use error::CutError;
pub(crate) use selection::Interval;
pub(crate) use source::find_index;

use error::Result;
use numbers::{index, length};
use source::{Source, read};
use track::SourceTrack;

use crate::container::child;
use crate::http::ByteRange;

/// The number of bytes at the start of a file in which `build` searches for `ftyp`.
const MAX_FTYP: u64 = 4096;
/// The maximum number of key frames to examine for a cut.
const MAX_LOOKS: u32 = 5000;
/// The body of `ftyp` in the cut if the source has no `ftyp`. QuickTime films from before 2001 have none.
const QUICKTIME: &[u8] = b"qt  \0\0\0\0qt  ";

#[derive(Debug)]
pub(crate) struct Cut {
    pub(crate) head: Vec<u8>,
    /// The ranges of the source that follow the head, in order.
    pub(crate) pieces: Vec<Range<u64>>,
    pub(crate) length: u64,
    pub(crate) has_pictures: bool,
}

/// Contiguous bytes of a cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BodyPart<'a> {
    Memory(&'a [u8]),
    File(ByteRange),
}

impl Cut {
    pub(crate) fn memory(&self) -> usize {
        self.head.capacity() + self.pieces.capacity() * size_of::<Range<u64>>()
    }

    /// Splits a byte range of the cut into parts in memory and parts of the source file, in the order of the cut.
    pub(crate) fn parts(&self, range: ByteRange) -> impl Iterator<Item = BodyPart<'_>> {
        let (mut skip, mut left) = (range.first_pos(), range.length());
        // Returns which of the next `length` bytes of the cut are in the range.
        let mut take = move |length: u64| {
            let first = skip.min(length);
            let count = left.min(length - first);
            (skip, left) = (skip - first, left - count);
            first..first + count
        };
        let head = take(length(&self.head));
        let head = &self.head[index(head.start)..index(head.end)];
        let head = (!head.is_empty()).then_some(BodyPart::Memory(head));
        let pieces = self.pieces.iter().filter_map(move |piece| {
            let taken = take(piece.end - piece.start);
            let last = (piece.start + taken.end).checked_sub(1)?;
            ByteRange::new(piece.start + taken.start, last).map(BodyPart::File)
        });
        head.into_iter().chain(pieces)
    }
}

/// Makes a cut of a film. `moov` is the position of the `moov` box, and `file` is the size of the film in bytes. The
/// tables may take `limit` bytes of memory, and the head may take `limit` bytes more.
pub(crate) fn build<R: Read + Seek>(
    input: &mut R,
    moov: Range<u64>,
    file: u64,
    parts: &[Interval],
    limit: usize,
) -> Result<Cut> {
    let start = read(input, 0, MAX_FTYP)?;
    let ftyp = child(&start, b"ftyp").filter(|ftyp| ftyp.len() >= 8);
    let moov = read(input, moov.start, moov.end - moov.start)?;
    let source = Source::read(&moov)?;
    let mut looks = MAX_LOOKS;
    let is_start = &mut |track: &SourceTrack, sample| {
        looks = looks.checked_sub(1).ok_or(CutError::TOO_LARGE)?;
        starts::resets(input, file, track, sample)
    };
    let pieces = selection::select(&source, parts, is_start)?;
    let layout = layout::lay_out(&source, &pieces, file, limit)?;
    let head = writer::head(&source, ftyp.unwrap_or(QUICKTIME), &layout)?;
    Ok(Cut {
        length: length(&head) + layout.length,
        head,
        pieces: layout.ranges,
        has_pictures: source.tracks[0].is_some(),
    })
}
