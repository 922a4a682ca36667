//! The head of the cut: `ftyp`, `moov`, and the head of `mdat` (ISO/IEC 14496-12).

use super::boxes::{need, wide};
use super::error::{CutError, Result};
use super::layout::Layout;
use super::numbers::{length, scale, signed, unsigned};
use super::output::{RunRows, Tables};
use super::plan::{OutputEdit, Plan};
use super::source::Source;
use super::track::Track;
use crate::container::{in_memory, number_at};

/// The head of a box with a size of 64 bits.
const WIDE_HEAD: u64 = 16;
/// The brands of a film that has no `ftyp`: QuickTime before 2001.
const QUICKTIME: &[u8] = b"qt  \0\0\0\0qt  ";

/// A track of the cut.
type Output<'o, 'a> = ((&'o Track<'a>, &'o Tables), &'o [OutputEdit]);

/// Writes the head. `ftyp` is the body of the source's.
pub(super) fn head(source: &Source, ftyp: &[u8], plan: &Plan, layout: &Layout) -> Result<Vec<u8>> {
    let tracks = source.tracks.iter().zip(&layout.tables).zip(&plan.edits);
    let outputs = tracks.filter_map(|((track, tables), edits)| {
        let track = track.as_ref().filter(|_| tables.samples > 0)?;
        Some(((track, tables), edits.as_slice()))
    });
    let outputs: Vec<Output> = outputs.collect();
    let longest = outputs.iter().map(|output| media_length(output, source));
    let longest = longest.max().unwrap_or(0).max(plan.duration);
    let tables: usize = layout.tables.iter().map(Tables::memory).sum();
    let mut writer = Writer {
        out: Vec::with_capacity(tables + 4096),
        // Edit lists have signed times.
        times: if longest > i32::MAX.into() { 8 } else { 4 },
        // The head is far smaller than what is left of 32 bits.
        positions: if layout.length > (u32::MAX / 2).into() {
            8
        } else {
            4
        },
        chunks: Vec::new(),
    };
    writer.boxed(b"ftyp", |it| {
        it.bytes(if ftyp.len() < 8 { QUICKTIME } else { ftyp })
    });
    writer.boxed(b"moov", |it| {
        it.header(
            b"mvhd",
            source.mvhd,
            Some(source.timescale),
            plan.duration,
            80,
        )?;
        for output in &outputs {
            it.boxed(b"trak", |it| it.trak(output, source))?;
        }
        Result::Ok(())
    })?;
    let is_wide = writer.positions == 8;
    writer.number(if is_wide { 1 } else { layout.length + 8 }, 4);
    writer.bytes(b"mdat");
    if is_wide {
        writer.number(layout.length + WIDE_HEAD, 8);
    }
    writer.place_chunks();
    Ok(writer.out)
}

/// The length of a track in its own ticks. An edit can end after the last decoding time.
fn media_length(((track, tables), edits): &Output, source: &Source) -> i64 {
    let shown = edits.iter().filter_map(|(duration, media)| {
        Some((*media)? + scale(*duration, track.timescale, source.timescale))
    });
    shown.max().unwrap_or(0).max(signed(tables.duration()))
}

struct Writer {
    out: Vec<u8>,
    /// Bytes of a time.
    times: usize,
    /// Bytes of the position of a chunk.
    positions: usize,
    /// Where the positions of chunks stand; they count from the first byte of media on.
    chunks: Vec<std::ops::Range<usize>>,
}

impl Writer {
    fn bytes(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    /// A number in the last bytes of which it fits.
    fn number(&mut self, number: u64, width: usize) {
        self.bytes(&number.to_be_bytes()[8 - width..]);
    }

    fn boxed<T>(&mut self, name: &[u8; 4], fill: impl FnOnce(&mut Self) -> T) -> T {
        let start = self.out.len();
        self.number(0, 4);
        self.bytes(name);
        let result = fill(self);
        let size = u32::try_from(self.out.len() - start).unwrap_or(u32::MAX);
        self.out[start..start + 4].copy_from_slice(&size.to_be_bytes());
        result
    }

    /// Copies the boxes of these names.
    fn copy(&mut self, body: &[u8], names: &[&[u8; 4]]) {
        for (name, body) in in_memory(body).filter(|it| names.contains(&&it.0)) {
            self.boxed(&name, |it| it.bytes(body));
        }
    }

    /// Version and flags.
    fn version(&mut self) {
        self.number(if self.times == 8 { 1 << 24 } else { 0 }, 4);
    }

    /// A header as in the source, with another duration. `timescale`: in place of that of the source; `tkhd` has none,
    /// and eight bytes with the number of the track. `tail`: bytes behind the duration.
    fn header(
        &mut self,
        name: &[u8; 4],
        source: &[u8],
        timescale: Option<u32>,
        duration: i64,
        tail: usize,
    ) -> Result<()> {
        let at = 4 + 2 * wide(source);
        let end = at + if timescale.is_some() { 4 } else { 8 };
        let rest = end + wide(source);
        let rest = source.get(rest..rest + tail).ok_or(CutError::DAMAGED)?;
        self.boxed(name, |it| {
            let version = u8::from(it.times == 8);
            it.bytes(&[version, source[1], source[2], source[3]]);
            it.number(0, it.times);
            it.number(0, it.times);
            match timescale {
                Some(timescale) => it.number(timescale.into(), 4),
                None => it.bytes(&source[at..end]),
            }
            it.number(unsigned(duration), it.times);
            it.bytes(rest);
        });
        Ok(())
    }

    fn trak(&mut self, output: &Output, source: &Source) -> Result<()> {
        let ((track, tables), edits) = *output;
        let duration = edits.iter().map(|edit| edit.0).sum();
        self.header(b"tkhd", need(track.trak, b"tkhd")?, None, duration, 60)?;
        // The aperture of QuickTime, which says how the pixels are shown.
        self.copy(track.trak, &[b"tapt"]);
        self.boxed(b"edts", |it| it.boxed(b"elst", |it| it.elst(edits)));
        let length = media_length(output, source);
        self.boxed(b"mdia", |it| {
            let mdhd = need(track.mdia, b"mdhd")?;
            it.header(b"mdhd", mdhd, Some(track.timescale), length, 4)?;
            it.copy(track.mdia, &[b"hdlr", b"elng"]);
            it.boxed(b"minf", |it| {
                for (name, body) in in_memory(track.minf).filter(|child| &child.0 != b"stbl") {
                    it.boxed(&name, |it| it.bytes(body));
                }
                it.boxed(b"stbl", |it| it.stbl(track, tables));
            });
            Ok(())
        })
    }

    fn elst(&mut self, edits: &[OutputEdit]) {
        self.version();
        self.number(length(edits), 4);
        for (duration, media) in edits {
            self.number(unsigned(*duration), self.times);
            self.number(media.map_or(u64::MAX, unsigned), self.times);
            self.number(0x1_0000, 4);
        }
    }

    /// A table of `count` rows behind `head`.
    fn table(&mut self, name: &[u8; 4], head: &[u8], count: u64, numbers: &[u32]) {
        self.boxed(name, |it| {
            it.bytes(head);
            it.number(count, 4);
            for number in numbers {
                it.bytes(&number.to_be_bytes());
            }
        });
    }

    fn runs(&mut self, name: &[u8; 4], head: &[u8], rows: &RunRows) {
        self.table(name, head, length(rows), rows.as_flattened());
    }

    fn stbl(&mut self, track: &Track, tables: &Tables) {
        self.copy(track.stbl, &[b"stsd", b"sgpd"]);
        self.runs(b"stts", &[0; 4], &tables.stts);
        if track.is_video {
            let is_signed = tables.ctts.iter().any(|row| row[1].cast_signed() < 0);
            self.runs(b"ctts", &[u8::from(is_signed), 0, 0, 0], &tables.ctts);
        }
        if track.syncs(0..0).is_some() {
            self.table(b"stss", &[0; 4], length(&tables.stss), &tables.stss);
        }
        if !tables.sdtp.is_empty() {
            self.boxed(b"sdtp", |it| {
                it.number(0, 4);
                it.bytes(&tables.sdtp);
            });
        }
        for ((head, _), rows) in track.groups.iter().zip(&tables.groups) {
            self.runs(b"sbgp", head, rows);
        }
        let stsc = &tables.stsc;
        self.table(b"stsc", &[0; 4], length(stsc), stsc.as_flattened());
        let same = (u64::from(track.sizes.same)).to_be_bytes();
        self.table(b"stsz", &same, tables.samples, &tables.stsz);
        let is_wide = self.positions == 8;
        self.boxed(if is_wide { b"co64" } else { b"stco" }, |it| {
            it.number(0, 4);
            it.number(length(&tables.chunks), 4);
            let start = it.out.len();
            for chunk in &tables.chunks {
                it.number(*chunk, it.positions);
            }
            it.chunks.push(start..it.out.len());
        });
    }

    /// Moves all chunks behind the head, whose length is known now.
    fn place_chunks(&mut self) {
        let (head, width) = (length(&self.out), self.positions);
        for table in &self.chunks {
            for field in self.out[table.clone()].chunks_exact_mut(width) {
                let at = number_at(field, 0, width).unwrap_or(0) + head;
                field.copy_from_slice(&at.to_be_bytes()[8 - width..]);
            }
        }
    }
}
