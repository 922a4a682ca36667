//! Makes a cut: parts of an MP4 film as one virtual MP4 (ISO/IEC 14496-12), without re-encoding and without a copy.
//!
//! A cut is a head in memory (`ftyp`, a new `moov`, the head of `mdat`) and ranges of the source. The module is pure:
//! its input is any `Read + Seek`. The module must not know HTTP requests, files on disk or pages.
//!
//! Each part begins with the key frame that its first frame needs. The cut contains the frames between the key frame
//! and the first frame, and an edit list hides these frames. Parts are exact in players that apply edit lists. Other
//! players show the hidden frames and stay in sync.
//!
//! No crate does this. `mp4-atom` 0.17 unpacks every table into a vector, but a cut of a two hour film reads the tables
//! in place. The crate also drops unknown boxes, among them sample entries, which a cut must copy byte by byte.

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
use track::Track;

use crate::container::{child, number_at};

/// The number of bytes at the start of a file that must contain its `ftyp`.
const MAX_FTYP: u64 = 4096;
/// The brands of a film without an `ftyp`: QuickTime before 2001.
const QUICKTIME: &[u8] = b"qt  \0\0\0\0qt  ";
/// The number of bytes of a frame in which its picture must begin. Only parameter sets and messages precede the
/// picture.
const LOOKED_AT: u64 = 64 << 10;
/// The NAL unit type of a clean random access picture (H.265 §7.4.2.2).
const CRA: u8 = 21;

const CRA_START: &str = "A part of this HEVC film begins on a CRA picture, and \
    a player could not show it";

/// Makes the cut of a film of `file` bytes with its index at `moov`. `limit` is the number of bytes of memory for the
/// tables. The head may take as many bytes again.
///
/// # Errors
/// Returns a [`CutError`] that tells errors of the file, of the parts and of reading apart.
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

/// Returns an error if a later part begins with a CRA picture. The picture order count of a CRA picture continues from
/// the picture before it.
fn refuse_cra<R: Read + Seek>(input: &mut R, track: &Track, plan: &Plan) -> Result<()> {
    let pieces = plan.pieces.iter();
    let pictures = pieces.filter_map(|piece| piece.pictures.as_ref());
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
