//! Finds the key frames at which a decoder can begin.
//!
//! In an open group of pictures, the key frame continues the numbers of the pictures before it. After other pictures, a
//! decoder takes the jump for lost pictures: ffmpeg drops frames. Chromium cannot even begin there.

use std::io::{Read, Seek};

use super::error::{CutError, Result};
use super::numbers::length;
use super::source::read;
use super::tables::Place;
use super::track::Track;
use crate::container::number_at;

/// The maximum number of key frames to look at. 200 parts of a film with two key frames a second need 4,000.
const MAX_LOOKS: u32 = 5000;
/// The maximum number of NAL units before a picture. Only parameter sets and messages precede a picture.
const MAX_UNITS: usize = 32;

/// Looks at the first picture of key frames.
#[derive(Debug)]
pub(super) struct Starts<'i, R> {
    input: &'i mut R,
    /// The length of the file in bytes.
    file: u64,
    /// The number of key frames that may still be looked at.
    looks: u32,
}

impl<'i, R: Read + Seek> Starts<'i, R> {
    pub(super) fn new(input: &'i mut R, file: u64) -> Self {
        let looks = MAX_LOOKS;
        Self { input, file, looks }
    }

    /// Returns whether a key frame resets the decoder.
    pub(super) fn resets(&mut self, track: &Track, sample: u64) -> Result<bool> {
        // The NAL unit types: Table 7-1 of H.264 and of H.265.
        let resets = match track.format().as_ref() {
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
        self.looks = self.looks.checked_sub(1).ok_or(CutError::TOO_LARGE)?;
        let mut at = track.place(Place::default(), sample)?.offset;
        let end = at.saturating_add(track.sizes.sum(&(sample..sample + 1)));
        let width = track.unit_width();
        for _ in 0..MAX_UNITS {
            // Seeking to a position far outside the file is an error of the input.
            if at >= end.min(self.file) {
                break;
            }
            let head = read(self.input, at, 5)?;
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
}
