//! One track of the source: the boxes that are copied, and the tables that are rewritten.

use std::ops::Range;

use super::boxes::{child, need};
use super::error::{CutError, Result};
use super::numbers::{signed, unsigned};
use super::tables::{Chunks, Field, Run, Runs, Sizes, number, rows};
use super::timeline::{Edit, LONGEST_SECONDS, edits};
use crate::container::{fourcc_at, in_memory, sample_entry, u16_at, u32_at};

/// Kinds of sample groups that are kept of one track.
const MAX_GROUPS: usize = 16;

/// Sample entries of encrypted tracks.
const ENCRYPTED: [&[u8; 4]; 5] = [b"encv", b"enca", b"drmi", b"drms", b"p608"];

/// What a track holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Video,
    Sound,
}

/// One track of the source.
#[derive(Debug)]
pub(super) struct Track<'a> {
    pub(super) kind: Kind,
    pub(super) is_enabled: bool,
    /// The body of `tkhd`.
    pub(super) tkhd: &'a [u8],
    /// The bodies of boxes by the box that they stand in: copied as they are.
    pub(super) copied: Copied<'a>,
    /// Samples of sound that a decoder needs before the first that is heard.
    pub(super) preroll: u64,
    /// The language in `mdhd`.
    pub(super) language: u16,
    pub(super) timescale: u32,
    /// From the edit list, if there is one.
    pub(super) edits: Option<Vec<Edit>>,
    /// The number of samples that all tables know.
    pub(super) samples: u64,
    pub(super) durations: Runs<'a>,
    /// Composition time − decoding time.
    pub(super) offsets: Option<Runs<'a>>,
    /// The least and the greatest of them.
    pub(super) reach: (i64, i64),
    pub(super) sizes: Sizes<'a>,
    pub(super) chunks: Chunks<'a>,
    /// The rows of `stss`. Without it every sample is a key frame.
    syncs: Option<&'a [Field]>,
    pub(super) sdtp: Option<&'a [u8]>,
    /// The groups of samples: the fields of each `sbgp` before its rows, and the rows.
    pub(super) groups: Vec<(&'a [u8], Runs<'a>)>,
}

/// Boxes that are copied.
type Boxes<'a> = Vec<([u8; 4], &'a [u8])>;

/// Boxes that are copied, by the box that they stand in.
#[derive(Debug, Default)]
pub(super) struct Copied<'a> {
    pub(super) trak: Boxes<'a>,
    pub(super) mdia: Boxes<'a>,
    pub(super) minf: Boxes<'a>,
    pub(super) stbl: Boxes<'a>,
}

impl<'a> Track<'a> {
    /// Reads the body of a `trak`, in a movie with so many ticks a second. `None` for a track that a cut leaves out.
    pub(super) fn read(trak: &'a [u8], movie: u32) -> Result<Option<Self>> {
        let mdia = need(trak, b"mdia")?;
        let kind = match fourcc_at(need(mdia, b"hdlr")?, 8) {
            Some(handler) if &handler == b"vide" => Kind::Video,
            Some(handler) if &handler == b"soun" => Kind::Sound,
            _ => return Ok(None),
        };
        let minf = need(mdia, b"minf")?;
        let stbl = need(minf, b"stbl")?;
        let table = |name| child(stbl, name);
        let durations = Runs::read(need(stbl, b"stts")?)?;
        if durations.samples == 0 {
            return Ok(None);
        }
        check_references(minf)?;
        let mdhd = need(mdia, b"mdhd")?;
        let at = if mdhd.first() == Some(&1) { 20 } else { 12 };
        let timescale = u32_at(mdhd, at)
            .filter(|ticks| *ticks > 0)
            .ok_or(CutError::DAMAGED)?;
        if durations.sum / u64::from(timescale) > LONGEST_SECONDS {
            return Err(CutError::DAMAGED);
        }
        let offsets = table(b"ctts").map(Runs::read).transpose()?;
        let reach = offsets.as_ref().map_or((0, 0), reach);
        let sizes = Sizes::read(need(stbl, b"stsz")?)?;
        let (offset_table, is_wide) = match table(b"co64") {
            Some(co64) => (co64, true),
            None => (need(stbl, b"stco")?, false),
        };
        let chunks = Chunks::read(need(stbl, b"stsc")?, offset_table, is_wide)?;
        let samples = sizes.count().min(durations.samples).min(chunks.samples);
        if samples == 0 {
            return Err(CutError::DAMAGED);
        }
        let tkhd = need(trak, b"tkhd")?;
        let mut track = Self {
            kind,
            is_enabled: tkhd.get(3).is_some_and(|flags| flags & 1 == 1),
            tkhd,
            preroll: 0,
            copied: Copied::of(trak, mdia, minf, stbl),
            language: u16_at(mdhd, at + if at == 20 { 12 } else { 8 }).unwrap_or(0),
            timescale,
            edits: None,
            samples,
            durations,
            offsets,
            reach,
            sizes,
            chunks,
            syncs: table(b"stss")
                .map(|body| rows::<1>(body, 4).map(<[_]>::as_flattened))
                .transpose()?,
            sdtp: table(b"sdtp").and_then(|body| body.get(4..)),
            groups: groups(stbl)?,
        };
        track.check_entry()?;
        let list = child(trak, b"edts").and_then(|edts| child(edts, b"elst"));
        track.edits = list.map(|elst| edits(elst, movie)).transpose()?;
        Ok(Some(track))
    }

    /// The first sample entry, its head included.
    pub(super) fn entry(&self) -> &'a [u8] {
        let stsd = self.copied.stbl.iter().find(|it| &it.0 == b"stsd");
        stsd.and_then(|it| it.1.get(8..)).unwrap_or_default()
    }

    /// Whether the pictures are HEVC, which has random access pictures that need the one before.
    pub(super) fn is_hevc(&self) -> bool {
        let names = [b"hvc1", b"hev1", b"dvh1", b"dvhe"];
        fourcc_at(self.entry(), 4).is_some_and(|name| names.contains(&&name))
    }

    /// Refuses what a key is needed for, and what counts samples in another way than its sizes say.
    fn check_entry(&mut self) -> Result<()> {
        let entries = self.entry();
        let mut names = in_memory(entries).map(|it| it.0);
        let entry = sample_entry(self.kind == Kind::Video, entries).ok_or(CutError::DAMAGED)?;
        if entry.protected || names.any(|name| ENCRYPTED.contains(&&name)) {
            return Err(CutError::File("This film is encrypted"));
        }
        self.preroll = match entry.codec.as_ref() {
            "PCM" | "FLAC" | "ALAC" => 0,
            "Opus" => 5,
            "MP3" => 10,
            _ => 2,
        };
        let bytes = |at| u16_at(entries, at).map_or(0, u32::from);
        let is_plain = entry.codec == "PCM" && bytes(16) < 2;
        match self.sizes {
            // Old QuickTime files give every sample of sound the size 1.
            Sizes::Same(1, _)
                if self.kind == Kind::Sound && !(is_plain && bytes(24) * bytes(26) <= 8) =>
            {
                Err(CutError::File(
                    "The sound of this film is stored in an old way, which cannot be cut",
                ))
            }
            _ => Ok(()),
        }
    }

    /// The first sample that is decoded at or after a time. `near`: a run that the time may lie in.
    pub(super) fn first_decoded_from(&self, time: i64, near: Run) -> u64 {
        let Some(time) = u64::try_from(time).ok().filter(|time| *time > 0) else {
            return 0;
        };
        let is_inside = near.sum <= time && time < near.time(near.samples.1);
        let run = if is_inside {
            Some(near)
        } else {
            self.durations.at_sum(time)
        };
        let first = run.map(|run| run.samples.0 + (time - run.sum).div_ceil(run.value.into()));
        first.unwrap_or(self.samples).min(self.samples)
    }

    /// The sample that a time lies in; the last one for a time after it.
    pub(super) fn sample_at(&self, time: i64) -> u64 {
        let time = unsigned(time);
        let sample = self
            .durations
            .at_sum(time)
            .map(|run| run.samples.0 + (time - run.sum) / u64::from(run.value));
        sample.unwrap_or(u64::MAX).min(self.samples - 1)
    }

    /// The decoding time of a sample; the end of the last one for its successor.
    pub(super) fn time_of(&self, sample: u64) -> i64 {
        let time = match self.durations.at(sample) {
            Some(run) => run.time(sample),
            None => self.durations.sum,
        };
        signed(time)
    }

    /// The key frames of `samples`; `None` where all are key frames.
    pub(super) fn syncs(
        &self,
        samples: Range<u64>,
    ) -> Option<impl DoubleEndedIterator<Item = u64>> {
        let rows = self.syncs?;
        // They count from 1 on.
        let first = rows.partition_point(|row| number(row) <= samples.start);
        let end = rows.partition_point(|row| number(row) <= samples.end);
        let rows = rows.get(first..end).unwrap_or_default();
        Some(rows.iter().map(move |row| number(row).saturating_sub(1)))
    }
}

impl<'a> Copied<'a> {
    fn of(trak: &'a [u8], mdia: &'a [u8], minf: &'a [u8], stbl: &'a [u8]) -> Self {
        let some = |body, names: &[&[u8; 4]]| {
            in_memory(body)
                .filter(|it| names.contains(&&it.0))
                .collect()
        };
        Self {
            // The aperture of QuickTime, which says how the pixels are shown.
            trak: some(trak, &[b"tapt"]),
            mdia: some(mdia, &[b"hdlr", b"elng"]),
            minf: in_memory(minf).filter(|it| &it.0 != b"stbl").collect(),
            stbl: some(stbl, &[b"stsd", b"sgpd"]),
        }
    }
}

/// Refuses media in another file.
fn check_references(minf: &[u8]) -> Result<()> {
    let dref = child(minf, b"dinf").and_then(|dinf| child(dinf, b"dref"));
    let mut entries = in_memory(dref.and_then(|dref| dref.get(8..)).unwrap_or_default());
    match entries.all(|(_, body)| body.get(3).is_some_and(|flags| flags & 1 == 1)) {
        true => Ok(()),
        false => Err(CutError::File("The media of this film lie in another file")),
    }
}

/// Reads each `sbgp`. Version 1 has one field more before the rows.
fn groups(stbl: &[u8]) -> Result<Vec<(&[u8], Runs<'_>)>> {
    let bodies = in_memory(stbl)
        .filter(|it| &it.0 == b"sbgp")
        .take(MAX_GROUPS);
    let groups = bodies.map(|(_, body)| {
        let fields = if body.first() == Some(&1) { 12 } else { 8 };
        let (fields, _) = body.split_at_checked(fields).ok_or(CutError::DAMAGED)?;
        Ok((fields, Runs::read(&body[fields.len() - 4..])?))
    });
    groups.collect()
}

fn reach(offsets: &Runs) -> (i64, i64) {
    offsets.values().fold((0, 0), |(least, greatest), value| {
        (least.min(value), greatest.max(value))
    })
}
