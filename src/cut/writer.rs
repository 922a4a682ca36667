//! Writes the head of the cut: `ftyp`, `moov`, and the box header of `mdat` (ISO/IEC 14496-12).

use super::error::{CutError, Result};
use super::layout::Layout;
use super::numbers::{length, scale};
use super::output::{OutputEdit, RunRows, Tables};
use super::source::Source;
use super::track::{SourceTrack, require_box};
use crate::container::{in_memory, mp4_width, number_at};

/// The number of bytes of a box header with a 64-bit size.
const WIDE_HEADER: u64 = 16;

/// Returns the head of the cut. `ftyp` is the body of the `ftyp` box.
pub(super) fn head(source: &Source, ftyp: &[u8], layout: &Layout) -> Result<Vec<u8>> {
    let tables: usize = layout.tables.iter().map(Tables::memory).sum();
    let edits = layout.tables.iter().flat_map(|it| &it.edits);
    let media = edits.filter_map(|edit| edit.1);
    let durations = layout.tables.iter().map(|it| it.duration);
    let longest = media.chain(durations).fold(layout.duration, i64::max);
    let width = |is_wide: bool| if is_wide { 8 } else { 4 };
    let mut writer = BoxWriter {
        out: Vec::with_capacity(tables + 4096),
        // Times in edit lists are signed, so four bytes have the limit `i32::MAX`.
        times: width(longest > i32::MAX.into()),
        // A chunk offset counts from the start of the head, but the length of the head is not known yet. So half of the
        // 32-bit range is reserved for the head.
        positions: width(layout.length > (u32::MAX / 2).into()),
        chunks: Vec::new(),
    };
    writer.write_box(b"ftyp", |it| it.bytes(ftyp));
    writer.write_box(b"moov", |it| it.moov(source, layout))?;
    let is_wide = writer.positions == 8;
    writer.number(if is_wide { 1 } else { layout.length + 8 }, 4);
    writer.bytes(b"mdat");
    if is_wide {
        writer.number(layout.length + WIDE_HEADER, 8);
    }
    writer.place_chunks();
    Ok(writer.out)
}

struct BoxWriter {
    out: Vec<u8>,
    /// The number of bytes of a time.
    times: usize,
    /// The number of bytes of a chunk offset.
    positions: usize,
    /// The ranges of `out` that contain chunk offsets. Before `place_chunks`, the offsets count from the first byte of
    /// the media.
    chunks: Vec<std::ops::Range<usize>>,
}

impl BoxWriter {
    fn bytes(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    /// Writes the last `width` bytes of a number in big-endian order.
    fn number(&mut self, number: u64, width: usize) {
        self.bytes(&number.to_be_bytes()[8 - width..]);
    }

    fn write_box<T>(&mut self, name: &[u8; 4], fill: impl FnOnce(&mut Self) -> T) -> T {
        let start = self.out.len();
        self.number(0, 4);
        self.bytes(name);
        let result = fill(self);
        let size = u32::try_from(self.out.len() - start).unwrap_or(u32::MAX);
        self.out[start..start + 4].copy_from_slice(&size.to_be_bytes());
        result
    }

    fn copy(&mut self, body: &[u8], is_copied: fn(&[u8; 4]) -> bool) {
        for (name, body) in in_memory(body).filter(|it| is_copied(&it.0)) {
            self.write_box(&name, |it| it.bytes(body));
        }
    }

    /// Copies an `mvhd`, `mdhd` or `tkhd` of the source with a new duration and timescale. A `tkhd` has the number of
    /// the track instead of a timescale, so `timescale` is `None`. `tail` is the number of bytes to copy after the
    /// duration.
    fn header(
        &mut self,
        name: &[u8; 4],
        source: &[u8],
        timescale: Option<u32>,
        duration: i64,
        tail: usize,
    ) -> Result<()> {
        let at = 4 + 2 * mp4_width(source);
        let end = at + if timescale.is_some() { 4 } else { 8 };
        let rest = end + mp4_width(source);
        let rest = source.get(rest..rest + tail).ok_or(CutError::DAMAGED)?;
        self.write_box(name, |it| {
            let version = u8::from(it.times == 8);
            it.bytes(&[version, source[1], source[2], source[3]]);
            it.number(0, it.times);
            it.number(0, it.times);
            match timescale {
                Some(timescale) => it.number(timescale.into(), 4),
                None => it.bytes(&source[at..end]),
            }
            it.number(duration.cast_unsigned(), it.times);
            it.bytes(rest);
        });
        Ok(())
    }

    fn moov(&mut self, source: &Source, layout: &Layout) -> Result<()> {
        let movie = source.timescale;
        self.header(b"mvhd", source.mvhd, Some(movie), layout.duration, 80)?;
        for (track, tables) in source.tracks.iter().zip(&layout.tables) {
            if let Some(track) = track.as_ref().filter(|_| tables.samples > 0) {
                self.write_box(b"trak", |it| it.trak(track, tables, movie))?;
            }
        }
        Ok(())
    }

    fn trak(&mut self, track: &SourceTrack, tables: &Tables, movie: u32) -> Result<()> {
        let edits = &tables.edits;
        let duration = edits.iter().map(|edit| edit.0).sum();
        self.header(
            b"tkhd",
            require_box(track.trak, b"tkhd")?,
            None,
            duration,
            60,
        )?;
        // `tapt` of QuickTime contains the size at which the picture is shown.
        self.copy(track.trak, |name| name == b"tapt");
        self.write_box(b"edts", |it| it.write_box(b"elst", |it| it.elst(edits)));
        // An edit can end later than the last decoded sample. The duration in `mdhd` must include all edits, so it is
        // at least the end of each edit.
        let shown = edits.iter().filter_map(|(duration, media)| {
            Some((*media)? + scale(*duration, track.timescale, movie))
        });
        let media_end = shown.fold(tables.duration, i64::max);
        self.write_box(b"mdia", |it| {
            let mdhd = require_box(track.mdia, b"mdhd")?;
            it.header(b"mdhd", mdhd, Some(track.timescale), media_end, 4)?;
            it.copy(track.mdia, |name| [b"hdlr", b"elng"].contains(&name));
            it.write_box(b"minf", |it| {
                it.copy(track.minf, |name| name != b"stbl");
                it.write_box(b"stbl", |it| it.stbl(track, tables));
            });
            Ok(())
        })
    }

    fn elst(&mut self, edits: &[OutputEdit]) {
        self.bytes(&[u8::from(self.times == 8), 0, 0, 0]);
        self.number(length(edits), 4);
        for (duration, media) in edits {
            self.number(duration.cast_unsigned(), self.times);
            // An empty edit has the media time −1.
            let media = media.map_or(-1, |media| media.max(0));
            self.number(media.cast_unsigned(), self.times);
            self.number(0x1_0000, 4);
        }
    }

    /// Writes a box with a table: `head`, the number of rows, and the fields of the rows.
    fn table(&mut self, name: &[u8; 4], head: &[u8], count: u64, numbers: &[u32]) {
        self.write_box(name, |it| {
            it.bytes(head);
            it.number(count, 4);
            let start = it.out.len();
            it.out.resize(start + 4 * numbers.len(), 0);
            let (fields, _) = it.out[start..].as_chunks_mut();
            for (field, number) in fields.iter_mut().zip(numbers) {
                *field = number.to_be_bytes();
            }
        });
    }

    fn runs(&mut self, name: &[u8; 4], head: &[u8], rows: &RunRows) {
        self.table(name, head, length(rows), rows.as_flattened());
    }

    fn stbl(&mut self, track: &SourceTrack, tables: &Tables) {
        self.copy(track.stbl, |name| [b"stsd", b"sgpd"].contains(&name));
        self.runs(b"stts", &[0; 4], &tables.stts);
        if track.is_video {
            let is_signed = tables.ctts.iter().any(|row| row[1].cast_signed() < 0);
            self.runs(b"ctts", &[u8::from(is_signed), 0, 0, 0], &tables.ctts);
        }
        if track.syncs(0..0).is_some() {
            self.table(b"stss", &[0; 4], length(&tables.stss), &tables.stss);
        }
        if track.sdtp.is_some() {
            let sdtp = [&[0; 4], &tables.sdtp[..]].concat();
            self.write_box(b"sdtp", |it| it.bytes(&sdtp));
        }
        for ((head, _), rows) in track.groups.iter().zip(&tables.groups) {
            self.runs(b"sbgp", head, rows);
        }
        let stsc = &tables.stsc;
        self.table(b"stsc", &[0; 4], length(stsc), stsc.as_flattened());
        let same = (u64::from(track.sizes.same)).to_be_bytes();
        self.table(b"stsz", &same, tables.samples, &tables.stsz);
        let is_wide = self.positions == 8;
        self.write_box(if is_wide { b"co64" } else { b"stco" }, |it| {
            it.number(0, 4);
            it.number(length(&tables.chunks), 4);
            let start = it.out.len();
            for chunk in &tables.chunks {
                it.number(*chunk, it.positions);
            }
            it.chunks.push(start..it.out.len());
        });
    }

    /// Adds the number of bytes of the head to all chunk offsets.
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
