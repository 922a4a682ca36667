//! Reads a `moov` box and its `trak` boxes.
//!
//! The sample tables can have megabytes, so the module keeps only their positions.

use std::collections::BTreeMap;
use std::time::Duration;

use super::boxes::{BoxHead, BoxWalk, duration, is_rotated, width};
use crate::container::bits::{fourcc_at, printable_text, u16_at, u32_at};
use crate::container::info::{Container, MAX_TITLE, MAX_TRACKS};
use crate::container::reader::{Reader, Span};

/// The boxes whose children are read.
const ENTERED: [&[u8; 4]; 8] = [
    b"trak", b"mdia", b"minf", b"stbl", b"tref", b"edts", b"udta", b"mvex",
];

/// The maximum number of bytes to read from the sample entries. The relevant fields are at the start.
const MAX_ENTRY: usize = 16 * 1024;

/// The maximum number of bytes to read from a box with fixed fields.
const MAX_FIELDS: usize = 96;

#[derive(Debug, Default)]
pub(super) struct Movie {
    /// The duration in `mvhd`.
    pub(super) duration: Option<Duration>,
    pub(super) timescale: u32,
    pub(super) is_rotated: bool,
    /// Whether `mvex` announces fragments.
    pub(super) is_fragmented: bool,
    /// The duration with all fragments, in `mehd`.
    pub(super) fragmented_duration: Option<Duration>,
    /// The `trex` boxes: the default values for the samples in fragments.
    pub(super) trex: Vec<Vec<u8>>,
    pub(super) tracks: Vec<Trak>,
    /// The position of the chapter list of Nero.
    pub(super) chapter_list: Option<Span>,
}

impl Movie {
    pub(super) fn find(reader: &mut Reader) -> Option<Self> {
        let moov = find(reader).1?;
        let mut movie = Self::default();
        movie.read(reader, moov.body);
        (!reader.is_stopped).then_some(movie)
    }

    pub(super) fn read(&mut self, reader: &mut Reader, moov: Span) -> Option<()> {
        let mut walk = BoxWalk::new(moov);
        let mut track_end = 0;
        loop {
            let head = walk.next(reader, &ENTERED)?;
            let mut fields = || reader.body(head.body, MAX_FIELDS);
            match &head.name {
                b"trak" if self.tracks.len() < MAX_TRACKS => {
                    self.tracks.push(Trak::default());
                    track_end = head.body.end;
                }
                b"mvhd" => {
                    let mvhd = fields()?;
                    let width = width(&mvhd);
                    self.timescale = u32_at(&mvhd, 4 + 2 * width).unwrap_or(0);
                    self.duration = duration(&mvhd, 8 + 2 * width, self.timescale);
                    self.is_rotated = is_rotated(&mvhd, 24 + 3 * width);
                }
                b"mvex" => self.is_fragmented = true,
                b"mehd" => self.fragmented_duration = duration(&fields()?, 4, self.timescale),
                b"trex" if self.trex.len() < MAX_TRACKS => self.trex.push(fields()?),
                b"chpl" => self.chapter_list = Some(head.body),
                _ => {
                    let last = self.tracks.last_mut().filter(|_| head.start < track_end);
                    if let Some(track) = last {
                        track.read(reader, head)?;
                        if matches!(&head.name, b"stsd" | b"stts") && track.is_known() {
                            walk.leave();
                        }
                    }
                }
            }
        }
    }

    /// Returns whether a track counts for the duration of the film. Text tracks do not count.
    pub(super) fn is_extended_by(&self, id: u32) -> bool {
        let track = self.tracks.iter().find(|track| track.id == id);
        track.is_none_or(Trak::is_picture_or_sound)
    }

    /// Returns whether a track contains the titles or images of chapters. Another track then names it in `chap`.
    pub(super) fn is_chapters(&self, id: u32) -> bool {
        self.tracks.iter().any(|track| track.chapters.contains(&id))
    }
}

#[derive(Debug, Default)]
pub(super) struct Trak {
    pub(super) id: u32,
    pub(super) is_disabled: bool,
    pub(super) is_rotated: bool,
    pub(super) handler: [u8; 4],
    pub(super) timescale: u32,
    pub(super) language: Option<String>,
    pub(super) title: Option<String>,
    /// The first sample entry. The other entries are ignored.
    pub(super) entry: Vec<u8>,
    pub(super) has_samples: bool,
    /// The IDs of the tracks that contain the chapters of this track.
    pub(super) chapters: Vec<u32>,
    /// The body of the edit list.
    pub(super) edits: Vec<u8>,
    /// The positions of the sample tables, by their names.
    pub(super) tables: BTreeMap<[u8; 4], Span>,
}

impl Trak {
    /// Returns whether all values of a video or audio track are known. The caller then skips the remaining tables.
    pub(super) fn is_known(&self) -> bool {
        let has_durations = self.tables.contains_key(b"stts");
        self.is_picture_or_sound() && !self.entry.is_empty() && has_durations
    }

    pub(super) fn is_picture_or_sound(&self) -> bool {
        matches!(&self.handler, b"vide" | b"soun")
    }

    pub(super) fn is_subtitle(&self) -> bool {
        let kinds = [b"sbtl", b"subt", b"text", b"subp", b"clcp"];
        kinds.contains(&&self.handler)
    }

    pub(super) fn read(&mut self, reader: &mut Reader, head: BoxHead) -> Option<()> {
        let limit = match &head.name {
            b"stsd" => MAX_ENTRY,
            b"name" => MAX_TITLE,
            _ => MAX_FIELDS,
        };
        let fields = reader.body(head.body, limit)?;
        let width = width(&fields);
        let number = |at| u32_at(&fields, at).unwrap_or(0);
        match &head.name {
            b"tkhd" => {
                self.is_disabled = fields.get(3).is_some_and(|flags| flags & 1 == 0);
                self.id = number(4 + 2 * width);
                self.is_rotated = is_rotated(&fields, 28 + 3 * width);
            }
            b"mdhd" => {
                self.timescale = number(4 + 2 * width);
                let code = language(&fields, 8 + 3 * width);
                self.language = self.language.take().or(code);
            }
            // A BCP 47 tag is more precise than the three letters of `mdhd`.
            b"elng" => {
                let tag = fields.get(4..).and_then(printable_text);
                self.language = tag.filter(|tag| tag != "und").or(self.language.take());
            }
            // A QuickTime track has two `hdlr` boxes. Skip the box of the type `dhlr`, which describes the location of
            // the data.
            b"hdlr" if fourcc_at(&fields, 4) != Some(*b"dhlr") => {
                self.handler = fourcc_at(&fields, 8).unwrap_or_default();
            }
            b"name" => self.title = printable_text(&fields),
            b"chap" => {
                let ids = fields.chunks_exact(4).filter_map(|id| u32_at(id, 0));
                self.chapters = ids.collect();
            }
            b"elst" => self.edits = fields,
            b"stsd" => {
                // The entries follow version, flags and the number of entries.
                let entries = fields.get(8..).unwrap_or_default();
                let size = usize::try_from(number(8)).unwrap_or(usize::MAX);
                let size = if size < 8 { usize::MAX } else { size };
                self.entry = entries[..size.min(entries.len())].to_vec();
            }
            b"stts" | b"stsz" | b"stz2" | b"stsc" | b"stco" | b"co64" => {
                self.has_samples |= &head.name == b"stts" && number(4) > 0;
                self.tables.insert(head.name, head.body);
            }
            _ => {}
        }
        Some(())
    }
}

/// Returns the language: three letters of five bits each. A value below 0x400 is a code of the classic Mac OS, and is
/// ignored.
fn language(mdhd: &[u8], at: usize) -> Option<String> {
    let packed = u16_at(mdhd, at).filter(|packed| (0x400..0x7fff).contains(packed))?;
    let letters = [10, 5, 0].map(|shift| char::from_u32(0x60 + u32::from((packed >> shift) & 31)));
    let code: String = letters.into_iter().flatten().collect();
    let is_code = code != "und" && code.bytes().all(|byte| byte.is_ascii_lowercase());
    is_code.then_some(code)
}

/// Returns the container that the `ftyp` box names, and the first `moov` box before the fragments.
pub(super) fn find(reader: &mut Reader) -> (Option<Container>, Option<BoxHead>) {
    let mut walk = BoxWalk::new(reader.from(0));
    let mut container = None;
    while let Some(head) = walk.next(reader, &[]) {
        match &head.name {
            b"ftyp" => {
                container = reader.peek(head.body, 4).map(|brand| match brand {
                    b"qt  " => Container::QuickTime,
                    _ => Container::Mp4,
                });
            }
            b"moov" => return (container.or(Some(Container::QuickTime)), Some(head)),
            b"moof" => break,
            _ => {}
        }
    }
    (container, None)
}
