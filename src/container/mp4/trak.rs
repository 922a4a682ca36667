//! Reads a `trak` box.
//!
//! The reader moves the file position past the sample tables.

use super::boxes::{BoxHead, is_rotated, width};
use crate::container::bits::{fourcc_at, printable_text, u16_at, u32_at};
use crate::container::info::MAX_TITLE;
use crate::container::reader::{Reader, Span};

/// The maximum number of bytes to read from one sample entry. The relevant fields are at the start.
const MAX_ENTRY: usize = 16 * 1024;

/// The maximum number of bytes to read from a box with fixed fields.
pub(super) const MAX_FIELDS: usize = 96;

/// The values of a `trak` box.
#[derive(Debug, Default)]
pub(super) struct Trak {
    pub(super) id: u32,
    pub(super) is_disabled: bool,
    pub(super) is_rotated: bool,
    pub(super) handler: Option<[u8; 4]>,
    pub(super) timescale: u32,
    pub(super) language: Option<String>,
    pub(super) title: Option<String>,
    /// The first sample entry. The other entries are ignored.
    pub(super) entry: Vec<u8>,
    pub(super) has_samples: bool,
    /// The IDs of the tracks with the chapters of this track.
    pub(super) chapters: Vec<u32>,
    /// The fields of the edit list.
    pub(super) edits: Vec<u8>,
    // The positions of the sample tables, only for tracks with text.
    pub(super) durations: Span,
    pub(super) sizes: Span,
    /// Whether the sizes are in a `stz2` box.
    pub(super) has_compact_sizes: bool,
    pub(super) chunks: Span,
    /// The last position has the number of bytes of an offset.
    pub(super) offsets: (Span, usize),
}

impl Trak {
    /// Returns whether all values of a video or audio track are known. The remaining sample tables can have megabytes.
    pub(super) fn is_known(&self) -> bool {
        self.is_picture_or_sound() && !self.entry.is_empty() && self.durations.start > 0
    }

    /// Returns whether the track is a video or audio track.
    pub(super) fn is_picture_or_sound(&self) -> bool {
        matches!(self.handler.as_ref(), Some(b"vide" | b"soun"))
    }

    /// Returns whether the track is a subtitle track.
    pub(super) fn is_subtitle(&self) -> bool {
        let handler = self.handler.as_ref();
        matches!(
            handler,
            Some(b"sbtl" | b"subt" | b"text" | b"subp" | b"clcp")
        )
    }

    /// Reads a box in the body of the `trak` box.
    pub(super) fn read(&mut self, reader: &mut Reader, head: BoxHead) -> Option<()> {
        match &head.name {
            b"stsd" => {
                // The entries follow version, flags and the number of entries.
                self.entry = reader.body(head.body.from(8), MAX_ENTRY)?;
                let size = u32_at(&self.entry, 0).and_then(|size| usize::try_from(size).ok());
                self.entry
                    .truncate(size.filter(|&size| size >= 8).unwrap_or(usize::MAX));
            }
            b"name" => self.title = printable_text(&reader.body(head.body, MAX_TITLE)?),
            b"stsz" | b"stz2" => {
                self.sizes = head.body;
                self.has_compact_sizes = &head.name == b"stz2";
            }
            b"stsc" => self.chunks = head.body,
            b"stco" => self.offsets = (head.body, 4),
            b"co64" => self.offsets = (head.body, 8),
            b"tkhd" | b"chap" | b"mdhd" | b"elng" | b"hdlr" | b"stts" | b"elst" => {
                let fields = reader.body(head.body, MAX_FIELDS)?;
                self.field(head, fields);
            }
            _ => {}
        }
        Some(())
    }

    fn field(&mut self, head: BoxHead, fields: Vec<u8>) {
        let wide = width(&fields) == 8;
        let number = |at| u32_at(&fields, at).unwrap_or(0);
        match &head.name {
            b"tkhd" => {
                self.is_disabled = fields.get(3).is_some_and(|flags| flags & 1 == 0);
                self.id = number(if wide { 20 } else { 12 });
                self.is_rotated = is_rotated(&fields, if wide { 52 } else { 40 });
            }
            b"chap" => {
                let ids = fields.chunks_exact(4).filter_map(|id| u32_at(id, 0));
                self.chapters = ids.collect();
            }
            b"mdhd" => {
                self.timescale = number(if wide { 20 } else { 12 });
                let code = language(&fields, if wide { 32 } else { 20 });
                self.language = self.language.take().or(code);
            }
            // A BCP 47 tag is more precise than the three letters of `mdhd`.
            b"elng" => {
                let tag = fields.get(4..).and_then(printable_text);
                self.language = tag.filter(|tag| tag != "und").or(self.language.take());
            }
            // QuickTime has a second `hdlr`, which describes the location of the data.
            b"hdlr" if fourcc_at(&fields, 4) != Some(*b"dhlr") => {
                self.handler = fourcc_at(&fields, 8);
            }
            b"stts" => {
                self.has_samples = number(4) > 0;
                self.durations = head.body;
            }
            b"elst" => self.edits = fields,
            _ => {}
        }
    }
}

/// Returns the language: three letters of five bits each. A value below 0x400 is a language code of the classic Mac OS.
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
