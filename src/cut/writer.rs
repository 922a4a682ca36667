//! The head of the cut: `ftyp`, `moov`, and the head of `mdat` (ISO/IEC 14496-12).

use super::boxes::wide;
use super::error::{CutError, Result};
use super::layout::Layout;
use super::numbers::{length, signed, unsigned};
use super::output::Tables;
use super::plan::{OutputEdit, Plan};
use super::source::Source;
use super::tables::Sizes;
use super::track::{Kind, Track};

/// The head of a box with a size of 64 bits.
const WIDE_HEAD: u64 = 16;
/// The brands of a film that has no `ftyp`: QuickTime before 2001.
const QUICKTIME: &[u8] = b"qt  \0\0\0\0qt  ";

/// Writes the head. `ftyp` is the body of the source's.
pub(super) fn head(source: &Source, ftyp: &[u8], plan: &Plan, layout: &Layout) -> Result<Vec<u8>> {
    let tables: usize = layout.tables.iter().map(Tables::memory).sum();
    let mut writer = Writer {
        out: Vec::with_capacity(tables + 4096),
        // The head is far smaller than what is left of 32 bits.
        is_wide: layout.length > u64::from(u32::MAX / 2),
        offsets: Vec::new(),
    };
    writer.boxed(b"ftyp", |it| {
        it.bytes(if ftyp.len() < 8 { QUICKTIME } else { ftyp })
    });
    writer.boxed(b"moov", |it| it.moov(source, plan, layout))?;
    let content = layout.length;
    if writer.is_wide {
        writer.u32(1);
        writer.bytes(b"mdat");
        writer.u64(content + WIDE_HEAD);
    } else {
        writer.u32(u32::try_from(content + 8).map_err(|_| CutError::TOO_LARGE)?);
        writer.bytes(b"mdat");
    }
    writer.place_chunks()?;
    Ok(writer.out)
}

struct Writer {
    out: Vec<u8>,
    /// Whether the positions of chunks take 64 bits.
    is_wide: bool,
    /// Where the positions of chunks stand, and how many; they count from the first byte of media on.
    offsets: Vec<(usize, usize)>,
}

impl Writer {
    fn bytes(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    fn u32(&mut self, number: u32) {
        self.bytes(&number.to_be_bytes());
    }

    fn u64(&mut self, number: u64) {
        self.bytes(&number.to_be_bytes());
    }

    /// The number of things, which were read out of fewer than 32 bits.
    fn count(&mut self, number: u64) {
        self.u32(u32::try_from(number).unwrap_or(u32::MAX));
    }

    /// A time of four or eight bytes.
    fn time(&mut self, time: u64, is_wide: bool) {
        match is_wide {
            true => self.u64(time),
            false => self.count(time),
        }
    }

    fn boxed<T>(&mut self, name: &[u8; 4], fill: impl FnOnce(&mut Self) -> T) -> T {
        let start = self.out.len();
        self.u32(0);
        self.bytes(name);
        let result = fill(self);
        let size = u32::try_from(self.out.len() - start).unwrap_or(u32::MAX);
        self.out[start..start + 4].copy_from_slice(&size.to_be_bytes());
        result
    }

    fn copy(&mut self, boxes: &[([u8; 4], &[u8])]) {
        for (name, body) in boxes {
            self.boxed(name, |it| it.bytes(body));
        }
    }

    /// Version and flags.
    fn version(&mut self, is_wide: bool, flags: u32) {
        self.u32(u32::from(is_wide) << 24 | flags);
    }

    fn moov(&mut self, source: &Source, plan: &Plan, layout: &Layout) -> Result<()> {
        let movie = source.timescale();
        let duration = unsigned(plan.duration);
        let is_wide = duration >= u32::MAX.into();
        let tail = if wide(source.mvhd) == 8 { 32 } else { 20 };
        let tail = source.mvhd.get(tail..tail + 80).ok_or(CutError::DAMAGED)?;
        self.boxed(b"mvhd", |it| {
            it.version(is_wide, 0);
            it.time(0, is_wide);
            it.time(0, is_wide);
            it.u32(movie);
            it.time(duration, is_wide);
            // Rate, volume, matrix, the number of the next track.
            it.bytes(tail);
        });
        let parts = source.tracks().zip(&layout.tables).zip(&plan.edits);
        for ((track, tables), edits) in parts.filter(|((_, tables), _)| tables.samples > 0) {
            self.boxed(b"trak", |it| it.trak(track, tables, edits, movie))?;
        }
        Ok(())
    }

    fn trak(
        &mut self,
        track: &Track,
        tables: &Tables,
        edits: &[OutputEdit],
        movie: u32,
    ) -> Result<()> {
        let duration = edits.iter().map(|edit| unsigned(edit.0)).sum();
        let is_wide = duration >= u64::from(u32::MAX);
        let old = track.tkhd;
        let (id, tail) = if wide(old) == 8 { (20, 36) } else { (12, 24) };
        let id = old.get(id..id + 4).ok_or(CutError::DAMAGED)?;
        let tail = old.get(tail..tail + 60).ok_or(CutError::DAMAGED)?;
        self.boxed(b"tkhd", |it| {
            it.bytes(&[u8::from(is_wide)]);
            it.bytes(&old[1..4]);
            it.time(0, is_wide);
            it.time(0, is_wide);
            it.bytes(id);
            it.u32(0);
            it.time(duration, is_wide);
            // Layer, group, volume, matrix, size.
            it.bytes(tail);
        });
        self.copy(&track.copied.trak);
        self.boxed(b"edts", |it| it.boxed(b"elst", |it| it.elst(edits)));
        self.boxed(b"mdia", |it| {
            it.mdhd(track, tables, edits, movie);
            it.copy(&track.copied.mdia);
            it.boxed(b"minf", |it| {
                it.copy(&track.copied.minf);
                it.boxed(b"stbl", |it| it.stbl(track, tables));
            });
        });
        Ok(())
    }

    fn elst(&mut self, edits: &[OutputEdit]) {
        let limit = i64::from(i32::MAX);
        let is_wide = edits
            .iter()
            .any(|edit| edit.0 > limit || edit.1 > Some(limit));
        self.version(is_wide, 0);
        self.count(length(edits));
        for (duration, media) in edits {
            self.time(unsigned(*duration), is_wide);
            match media {
                Some(media) => self.time(unsigned(*media), is_wide),
                None => self.bytes(&[0xff; 8][..if is_wide { 8 } else { 4 }]),
            }
            self.u32(0x1_0000);
        }
    }

    fn mdhd(&mut self, track: &Track, tables: &Tables, edits: &[OutputEdit], movie: u32) {
        let end = |(duration, media): &OutputEdit| {
            media.map_or(0, |media| {
                media + super::numbers::scale(*duration, track.timescale, movie)
            })
        };
        // An edit can end after the last decoding time.
        let end = edits.iter().map(end).max().unwrap_or(0);
        let duration = signed(tables.duration).max(end);
        let is_wide = duration >= i64::from(u32::MAX);
        self.boxed(b"mdhd", |it| {
            it.version(is_wide, 0);
            it.time(0, is_wide);
            it.time(0, is_wide);
            it.u32(track.timescale);
            it.time(unsigned(duration), is_wide);
            it.bytes(&track.language.to_be_bytes());
            it.bytes(&[0; 2]);
        });
    }

    fn stbl(&mut self, track: &Track, tables: &Tables) {
        self.copy(&track.copied.stbl);
        let runs = |it: &mut Self, rows: &[u8]| {
            it.count(length(rows) / 8);
            it.bytes(rows);
        };
        self.boxed(b"stts", |it| {
            it.u32(0);
            runs(it, tables.stts.rows());
        });
        if track.kind == Kind::Video {
            self.boxed(b"ctts", |it| {
                it.version(tables.has_negative_offsets, 0);
                runs(it, tables.ctts.rows());
            });
        }
        if let Some(stss) = &tables.stss {
            self.boxed(b"stss", |it| {
                it.u32(0);
                it.count(length(stss) / 4);
                it.bytes(stss);
            });
        }
        if !tables.sdtp.is_empty() {
            self.boxed(b"sdtp", |it| {
                it.u32(0);
                it.bytes(&tables.sdtp);
            });
        }
        for ((head, _), writer) in track.groups.iter().zip(&tables.groups) {
            self.boxed(b"sbgp", |it| {
                it.bytes(head);
                runs(it, writer.rows());
            });
        }
        self.boxed(b"stsc", |it| {
            it.u32(0);
            it.count(length(&tables.stsc) / 12);
            it.bytes(&tables.stsc);
        });
        self.boxed(b"stsz", |it| {
            let same = if let Sizes::Same(size, _) = track.sizes {
                size
            } else {
                0
            };
            it.u32(0);
            it.u32(same);
            it.count(tables.samples);
            it.bytes(&tables.stsz);
        });
        self.chunks(&tables.chunks);
    }

    /// Where the chunks begin, from the first byte of media on.
    fn chunks(&mut self, chunks: &[u64]) {
        let is_wide = self.is_wide;
        self.boxed(if is_wide { b"co64" } else { b"stco" }, |it| {
            it.u32(0);
            it.count(length(chunks));
            it.offsets.push((it.out.len(), chunks.len()));
            for chunk in chunks {
                it.time(*chunk, is_wide);
            }
        });
    }

    /// Moves all chunks behind the head, whose length is known now.
    fn place_chunks(&mut self) -> Result<()> {
        let head = length(&self.out);
        let width = if self.is_wide { 8 } else { 4 };
        for (start, count) in std::mem::take(&mut self.offsets) {
            for field in self.out[start..start + count * width].chunks_exact_mut(width) {
                let at = crate::container::number_at(field, 0, width).unwrap_or(0) + head;
                match width {
                    8 => field.copy_from_slice(&at.to_be_bytes()),
                    _ => {
                        let at = u32::try_from(at).map_err(|_| CutError::TOO_LARGE)?;
                        field.copy_from_slice(&at.to_be_bytes());
                    }
                }
            }
        }
        Ok(())
    }
}
