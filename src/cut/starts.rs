//! Finds the key frames at which a decoder can begin.
//!
//! In an open group of pictures, the key frame continues the numbers of the pictures before it. After other pictures, a
//! decoder takes the jump for lost pictures: ffmpeg drops frames. Chromium cannot even begin there.

use std::io::{Read, Seek};

use super::error::Result;
use super::numbers::length;
use super::source::read;
use super::tables::Place;
use super::track::Track;
use crate::container::{child, fourcc_at, in_memory, number_at};

/// The maximum number of NAL units before a picture. Only parameter sets and messages precede a picture.
const MAX_UNITS: usize = 32;

/// Returns whether a key frame resets the decoder. `file` is the length of the input in bytes.
pub(super) fn resets<R: Read + Seek>(
    input: &mut R,
    file: u64,
    track: &Track,
    sample: u64,
) -> Result<bool> {
    // The NAL unit types: Table 7-1 of H.264 and of H.265.
    let resets = match fourcc_at(track.entries, 4).as_ref() {
        Some(b"avc1" | b"avc3" | b"dva1" | b"dvav") => |first: u8| match first & 0x1f {
            5 => Some(true),
            1..=4 => Some(false),
            _ => None,
        },
        // A clean random access picture (CRA) has the type 21.
        Some(b"hvc1" | b"hev1" | b"dvh1" | b"dvhe") => |first: u8| match (first >> 1) & 0x3f {
            16..=20 => Some(true),
            0..=31 => Some(false),
            _ => None,
        },
        _ => return Ok(true),
    };
    let mut at = track.place(Place::default(), sample)?.offset;
    let end = at.saturating_add(track.sizes.sum(&(sample..sample + 1)));
    // The configuration of H.264 or HEVC lies behind the fields of the sample entry. It contains the number of bytes of
    // the length of a NAL unit (ISO/IEC 14496-15).
    let entry = in_memory(track.entries).next();
    let boxes = entry.and_then(|it| it.1.get(78..)).unwrap_or_default();
    let configs = [(b"avcC", 4), (b"hvcC", 21)].into_iter();
    let mut widths = configs.filter_map(|(name, at)| child(boxes, name)?.get(at));
    let width = widths.next().map_or(4, |width| usize::from(width & 3) + 1);
    for _ in 0..MAX_UNITS {
        // Seeking to a position far outside the file is an error of the input.
        if at >= end.min(file) {
            break;
        }
        let head = read(input, at, 5)?;
        let (Some(size), Some(first)) = (number_at(&head, 0, width), head.get(width)) else {
            break;
        };
        if let Some(resets) = resets(*first) {
            return Ok(resets);
        }
        at = at.saturating_add(length(&head[..width]) + size);
    }
    Ok(false)
}
