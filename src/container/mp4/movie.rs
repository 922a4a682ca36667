//! What a `moov` box says.
//!
//! Knows the boxes that describe a movie and its tracks. Must not know what a sample entry says. Sample tables are
//! passed by a seek.

use std::time::Duration;

use super::boxes::{BoxHead, Walk, length_of_time, width};
use crate::container::bits::{fourcc_at, number_at, u16_at, u32_at};
use crate::container::reader::{Reader, Result, Span};

/// Bytes that are read of one sample entry: what matters is in front.
const MAX_ENTRY: usize = 16 * 1024;

/// Bytes that are read of a box with fixed fields.
const MAX_FIELDS: usize = 96;

/// Boxes that lead to those that are read.
const ENTERED: [&[u8; 4]; 6] = [b"trak", b"mdia", b"minf", b"stbl", b"tref", b"mvex"];

/// What a `moov` box says.
#[derive(Debug, Default)]
pub(super) struct Movie {
    /// From `mvhd`.
    pub(super) length: Option<Duration>,
    pub(super) timescale: u32,
    pub(super) is_rotated: bool,
    /// Whether `mvex` announces fragments.
    pub(super) is_fragmented: bool,
    /// The length with all fragments, from `mehd`.
    pub(super) fragmented_length: Option<Duration>,
    /// Track and default sample duration in fragments, from `trex`.
    pub(super) defaults: Vec<(u32, u32)>,
    pub(super) tracks: Vec<Trak>,
}

/// What a `trak` box says.
#[derive(Debug, Default)]
pub(super) struct Trak {
    pub(super) id: u32,
    pub(super) is_disabled: bool,
    pub(super) is_rotated: bool,
    pub(super) handler: Option<[u8; 4]>,
    pub(super) timescale: u32,
    pub(super) language: Option<String>,
    /// The first sample entry, which speaks for all.
    pub(super) entry: Vec<u8>,
    pub(super) has_samples: bool,
    /// The tracks that hold this one's chapters.
    pub(super) chapters: Vec<u32>,
}

impl Movie {
    /// Reads the boxes in the body of `moov`. What is read before an error stays.
    pub(super) fn read(&mut self, reader: &mut Reader, moov: Span) -> Result<()> {
        let mut walk = Walk::new(moov);
        while let Some(head) = walk.next(reader, &ENTERED)? {
            let mut fields = || reader.body(head.body, MAX_FIELDS);
            match &head.name {
                b"mvhd" => {
                    let mvhd = fields()?;
                    let wide = if width(&mvhd) == 8 { 12 } else { 0 };
                    self.timescale = u32_at(&mvhd, if wide > 0 { 20 } else { 12 }).unwrap_or(0);
                    self.length = length(&mvhd, if wide > 0 { 24 } else { 16 }, self.timescale);
                    self.is_rotated = is_rotated(&mvhd, 36 + wide);
                }
                b"mvex" => self.is_fragmented = true,
                b"mehd" => self.fragmented_length = length(&fields()?, 4, self.timescale),
                b"trex" => {
                    let trex = fields()?;
                    let default = u32_at(&trex, 4).zip(u32_at(&trex, 12));
                    self.defaults.extend(default);
                }
                b"trak" => self.tracks.push(Trak::default()),
                _ => {
                    if let Some(track) = self.tracks.last_mut() {
                        track.read(reader, head)?;
                        // The rest of the tables is megabytes, and none of them matters.
                        if &head.name == b"stts" && !track.entry.is_empty() {
                            walk.leave();
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

impl Trak {
    fn read(&mut self, reader: &mut Reader, head: BoxHead) -> Result<()> {
        let fields = match &head.name {
            // Behind version, flags and the number of entries.
            b"stsd" => {
                let start = head.body.start.saturating_add(8);
                reader.body(Span { start, ..head.body }, MAX_ENTRY)?
            }
            b"tkhd" | b"chap" | b"mdhd" | b"hdlr" | b"stts" => {
                reader.body(head.body, MAX_FIELDS)?
            }
            _ => return Ok(()),
        };
        let wide = width(&fields) == 8;
        let number = |at| u32_at(&fields, at).unwrap_or(0);
        match &head.name {
            b"tkhd" => {
                self.is_disabled = fields.get(3).is_some_and(|flags| flags & 1 == 0);
                self.id = number(if wide { 20 } else { 12 });
                self.is_rotated = is_rotated(&fields, if wide { 52 } else { 40 });
            }
            b"chap" => {
                self.chapters = fields
                    .chunks_exact(4)
                    .filter_map(|id| u32_at(id, 0))
                    .collect()
            }
            b"mdhd" => {
                self.timescale = number(if wide { 20 } else { 12 });
                self.language = language(&fields, if wide { 32 } else { 20 });
            }
            // QuickTime has a second one, which says where the data are.
            b"hdlr" if fourcc_at(&fields, 4) != Some(*b"dhlr") => {
                self.handler = fourcc_at(&fields, 8);
            }
            b"stsd" => {
                let size = usize::try_from(number(0)).ok().filter(|&size| size >= 8);
                self.entry = fields;
                self.entry.truncate(size.unwrap_or(usize::MAX));
            }
            b"stts" => self.has_samples = number(4) > 0,
            _ => {}
        }
        Ok(())
    }
}

/// A length in ticks; none where all ones, or zero, say "unknown".
fn length(fields: &[u8], at: usize, timescale: u32) -> Option<Duration> {
    let width = width(fields);
    let unknown = u64::MAX >> (64 - 8 * width);
    let ticks = number_at(fields, at, width).filter(|&ticks| ticks != 0 && ticks != unknown)?;
    length_of_time(ticks, timescale)
}

/// Whether the matrix at `at` turns the picture by a quarter: x comes from y alone, and y from x.
fn is_rotated(fields: &[u8], at: usize) -> bool {
    let is_zero = |index: usize| u32_at(fields, at + 4 * index) == Some(0);
    is_zero(0) && is_zero(4) && !is_zero(1) && !is_zero(3)
}

/// Three letters of five bits each. Below 0x400 it is a number of the old Macintosh.
fn language(mdhd: &[u8], at: usize) -> Option<String> {
    let packed = u16_at(mdhd, at).filter(|packed| (0x400..0x7fff).contains(packed))?;
    let letter = |shift: u32| {
        let letter = u8::try_from((packed >> shift) & 0x1f).ok()?;
        (1..=26)
            .contains(&letter)
            .then(|| char::from(letter + 0x60))
    };
    let letters: Option<String> = [10, 5, 0].into_iter().map(letter).collect();
    letters.filter(|letters| letters != "und")
}
