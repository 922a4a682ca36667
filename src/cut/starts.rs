//! Tests whether a key frame resets the decoder.
//!
//! Some key frames do not reset the decoder (open groups of pictures). Their frame numbers continue the numbers of the
//! frames before them. After a cut, these numbers jump. Then ffmpeg drops frames, and Chromium cannot begin at such a
//! key frame.

use std::io::{Read, Seek};

use super::error::Result;
use super::numbers::length;
use super::source::read;
use super::tables::SamplePosition;
use super::track::SourceTrack;
use crate::container::{child, fourcc_at, in_memory, number_at};

/// The maximum number of NAL units (packets of H.264 and H.265) before a picture. Only parameter sets and messages
/// precede a picture.
const MAX_UNITS: usize = 32;

pub(super) fn resets<R: Read + Seek>(
    input: &mut R,
    file_bytes: u64,
    track: &SourceTrack,
    sample: u64,
) -> Result<bool> {
    // NAL unit types: Table 7-1 of H.264 and of H.265.
    let resets = match fourcc_at(track.entries, 4).as_ref() {
        Some(b"avc1" | b"avc3" | b"dva1" | b"dvav") => |first: u8| match first & 0x1f {
            5 => Some(true),
            1..=4 => Some(false),
            _ => None,
        },
        // Type 21, a clean random access picture (CRA), does not reset the decoder.
        Some(b"hvc1" | b"hev1" | b"dvh1" | b"dvhe") => |first: u8| match (first >> 1) & 0x3f {
            16..=20 => Some(true),
            0..=31 => Some(false),
            _ => None,
        },
        _ => return Ok(true),
    };
    let mut at = track.place(SamplePosition::default(), sample)?.offset;
    let end = at.saturating_add(track.sizes.sum(&(sample..sample + 1)));
    // A length precedes each NAL unit. The configuration box (`avcC`, `hvcC`) after the fields of the sample entry
    // contains the width of this length (ISO/IEC 14496-15).
    let entry = in_memory(track.entries).next();
    let boxes = entry.and_then(|it| it.1.get(78..)).unwrap_or_default();
    let configs = [(b"avcC", 4), (b"hvcC", 21)].into_iter();
    let mut widths = configs.filter_map(|(name, at)| child(boxes, name)?.get(at));
    let width = widths.next().map_or(4, |width| usize::from(width & 3) + 1);
    for _ in 0..MAX_UNITS {
        // A damaged table can point far past the end of the file. A seek to this position is an error.
        if at >= end.min(file_bytes) {
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
