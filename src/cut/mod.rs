//! The cut as a file: parts of an MP4 film as one virtual MP4 (ISO/IEC 14496-12), without encoding and without a copy.
//!
//! A cut is a head in memory (`ftyp`, a new `moov`, the head of `mdat`) and parts of the source. Pure: it reads from
//! anything that reads and seeks. Must not know HTTP requests, files on disk or pages.
//!
//! Each part begins with the key frame that its first frame needs. The frames between both are in the cut, and an edit
//! list hides them. Parts are exact in players that apply edit lists; the others show the lead-in and stay in sync.
//!
//! Why no crate does this: `mp4-atom` 0.17 unpacks every table into a vector, where a cut of a two hour film works on
//! the tables as they lie in memory. It also loses the boxes that it does not know, among them sample entries, which a
//! cut must copy byte by byte.

mod error;
mod frames;
mod layout;
mod numbers;
mod output;
mod pieces;
mod plan;
mod selection;
mod source;
mod tables;
#[cfg(test)]
mod tests;
mod timeline;
mod track;
mod writer;

use std::io::{Read, Seek};
use std::ops::Range;

pub(crate) use error::CutError;
pub(crate) use pieces::{Cut, Part};
pub(crate) use plan::Interval;
pub(crate) use source::find_index;

use error::Result;
use numbers::{index, length};
use plan::Plan;
use source::{Source, read};
use tables::Place;
use track::{Track, child};

use crate::container::number_at;

/// Bytes at the start of a file in which its `ftyp` lies.
const MAX_FTYP: u64 = 4096;
/// The brands of a film that has no `ftyp`: QuickTime before 2001.
const QUICKTIME: &[u8] = b"qt  \0\0\0\0qt  ";
/// Bytes of a frame in which its picture must begin. Only parameter sets and messages stand before it.
const LOOKED_AT: u64 = 64 << 10;
/// A clean random access picture (H.265 §7.4.2.2).
const CRA: u8 = 21;

const CRA_START: &str = "A part of this HEVC film begins on a picture that refers to the picture before it (CRA), and \
    a player could not show it";

/// Makes the cut of a film of `file` bytes, whose index lies at `moov`. `limit`: bytes of memory for its tables, and once more for its head.
///
/// # Errors
/// [`CutError`] says whether the file, the parts or reading is at fault.
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
    let plan = plan::plan(&source, parts)?;
    if let Some(track) = source.tracks[0].as_ref().filter(|track| track.is_hevc()) {
        refuse_cra(input, track, &plan)?;
    }
    let layout = layout::lay_out(&source, &plan, file, limit)?;
    let head = writer::head(&source, ftyp.unwrap_or(QUICKTIME), &plan, &layout)?;
    Ok(Cut {
        length: length(&head) + layout.length,
        head,
        pieces: layout.pieces,
        has_pictures: source.tracks[0].is_some(),
    })
}

/// Refuses a later part that begins with a CRA picture: its picture order count goes on from the picture before it.
fn refuse_cra<R: Read + Seek>(input: &mut R, track: &Track, plan: &Plan) -> Result<()> {
    let pictures = plan
        .pieces
        .iter()
        .filter_map(|piece| piece.pictures.as_ref());
    for pictures in pictures.skip(1) {
        let sample = pictures.samples.start;
        let at = track.place(Place::default(), sample)?.offset;
        let size = track.sizes.sum(&(sample..sample + 1));
        let bytes = read(input, at, size.min(LOOKED_AT))?;
        let mut rest = &bytes[..];
        while let (Some(size), Some(first)) = (number_at(rest, 0, 4), rest.get(4)) {
            match (first >> 1) & 0x3f {
                CRA => return Err(CutError::File(CRA_START)),
                32.. => rest = rest.get(index(4 + size)..).unwrap_or_default(),
                _ => break,
            }
        }
    }
    Ok(())
}
