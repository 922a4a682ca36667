//! Reads one track of the source: the boxes that the cut copies, and the tables that the cut rewrites.

use std::ops::Range;

use super::error::{CutError, Result};
use super::numbers::signed;
use super::tables::{Chunks, Field, Runs, SamplePosition, Sizes, number, rows};
use super::timeline::LONGEST_SECONDS;
use crate::container::{
    child, fourcc_at, in_memory, is_encrypted, mp4_width, named, sample_entry, u32_at,
};

/// The maximum number of kinds of sample groups of one track.
const MAX_GROUPS: usize = 16;

const OLD_SOUND: &str = "The sound of this film has an old QuickTime format, which cannot be cut";

#[derive(Debug)]
pub(super) struct SourceTrack<'a> {
    /// True for a video track, false for an audio track.
    pub(super) is_video: bool,
    pub(super) is_enabled: bool,
    pub(super) trak: &'a [u8],
    pub(super) mdia: &'a [u8],
    pub(super) minf: &'a [u8],
    pub(super) stbl: &'a [u8],
    pub(super) entries: &'a [u8],
    /// The number of audio samples that a decoder needs before the first audible sample.
    pub(super) preroll: u64,
    pub(super) timescale: u32,
    /// The number of samples. If the tables disagree, the smallest number counts.
    pub(super) samples: u64,
    pub(super) durations: Runs<'a>,
    /// For each sample: composition time minus decoding time.
    pub(super) offsets: Runs<'a>,
    /// The least and the greatest of 0 and all `offsets`.
    pub(super) reach: (i64, i64),
    pub(super) sizes: Sizes<'a>,
    chunks: Chunks<'a>,
    /// The rows of `stss`. Without this table, every sample is a key frame.
    syncs: Option<&'a [Field]>,
    pub(super) sdtp: Option<&'a [u8]>,
    /// The sample groups: the fields of each `sbgp` before its rows, and the rows.
    pub(super) groups: Vec<(&'a [u8], Runs<'a>)>,
}

impl<'a> SourceTrack<'a> {
    /// Reads the body of a `trak`. Returns `None` for a track that a cut leaves out: it has no samples, or is neither
    /// video nor audio.
    pub(super) fn read(trak: &'a [u8]) -> Result<Option<Self>> {
        let mdia = require_box(trak, b"mdia")?;
        let is_video = match fourcc_at(require_box(mdia, b"hdlr")?, 8) {
            Some(handler) if [b"vide", b"soun"].contains(&&handler) => &handler == b"vide",
            _ => return Ok(None),
        };
        let minf = require_box(mdia, b"minf")?;
        let stbl = require_box(minf, b"stbl")?;
        let table = |name| child(stbl, name);
        let durations = Runs::read(require_box(stbl, b"stts")?)?;
        if durations.samples == 0 {
            return Ok(None);
        }
        check_references(minf)?;
        let timescale = timescale(require_box(mdia, b"mdhd")?)?;
        if durations.sum / u64::from(timescale) > LONGEST_SECONDS {
            return Err(CutError::DAMAGED);
        }
        let offsets = Runs::read(table(b"ctts").unwrap_or(&[0; 8]))?;
        let sizes = Sizes::read(require_box(stbl, b"stsz")?)?;
        let (positions, fields) = match table(b"co64") {
            Some(co64) => (co64, 2),
            None => (require_box(stbl, b"stco")?, 1),
        };
        let chunks = Chunks::read(require_box(stbl, b"stsc")?, positions, fields)?;
        let entries = require_box(stbl, b"stsd")?.get(8..).unwrap_or_default();
        let samples = sizes.count.min(durations.samples).min(chunks.runs.samples);
        if samples == 0 {
            return Err(CutError::DAMAGED);
        }
        // `sdtp` has one byte for each sample. Audio does not need this table, because audio samples are independent.
        let sdtp = table(b"sdtp").filter(|_| is_video);
        let track = Self {
            is_video,
            is_enabled: require_box(trak, b"tkhd")?
                .get(3)
                .is_some_and(|it| it & 1 == 1),
            trak,
            mdia,
            minf,
            stbl,
            entries,
            preroll: preroll(is_video, entries, sizes.same)?,
            timescale,
            samples,
            durations,
            reach: offsets.values().fold((0, 0), |(least, greatest), value| {
                (least.min(value), greatest.max(value))
            }),
            offsets,
            sizes,
            chunks,
            syncs: table(b"stss").map(|body| rows(body, 4, 1)).transpose()?,
            sdtp: sdtp.and_then(|body| body.get(4..)),
            groups: groups(stbl)?,
        };
        Ok(Some(track))
    }

    /// Returns the position of `sample`. `known` is the position of any sample. If `sample` is this sample or a later
    /// sample of its chunk, no search is necessary.
    pub(super) fn place(&self, known: SamplePosition, sample: u64) -> Result<SamplePosition> {
        let mut place = known;
        if !(known.sample..known.end).contains(&sample) {
            place = (self.chunks.at(sample)).ok_or(CutError::DAMAGED)?;
        }
        let before = self.sizes.sum(&(place.sample..sample));
        place.sample = sample;
        place.offset = place.offset.checked_add(before).ok_or(CutError::DAMAGED)?;
        Ok(place)
    }

    /// Returns the first sample with a decoding time at or after `time`.
    pub(super) fn first_decoded_from(&self, time: i64) -> u64 {
        match time {
            ..=0 => 0,
            _ => self.sample_at(time - 1) + 1,
        }
    }

    /// Returns the sample that is decoded at `time`. After the end of the track, returns the final sample.
    pub(super) fn sample_at(&self, time: i64) -> u64 {
        let time = time.max(0).cast_unsigned();
        let run = self.durations.at_sum(time);
        let sample = run.map(|run| run.first + (time - run.sum) / u64::from(run.value));
        sample.unwrap_or(u64::MAX).min(self.samples - 1)
    }

    /// Returns the decoding time of a sample. For the number after the final sample, returns the end of the final
    /// sample.
    pub(super) fn time_of(&self, sample: u64) -> i64 {
        let run = self.durations.at(sample);
        signed(run.map_or(self.durations.sum, |run| run.time(sample)))
    }

    /// Returns the key frames of `samples`, or `None` if all samples are key frames.
    pub(super) fn syncs(
        &self,
        samples: Range<u64>,
    ) -> Option<impl DoubleEndedIterator<Item = u64>> {
        let rows = self.syncs?;
        // The numbers in `stss` start at 1.
        let first = rows.partition_point(|row| number(row) <= samples.start);
        let end = rows.partition_point(|row| number(row) <= samples.end);
        let rows = rows.get(first..end).unwrap_or_default();
        let frames = rows.iter().map(|row| number(row).saturating_sub(1));
        // In a damaged table, the rows can have the wrong order.
        Some(frames.filter(move |frame| samples.contains(frame)))
    }
}

pub(super) fn require_box<'a>(body: &'a [u8], name: &[u8; 4]) -> Result<&'a [u8]> {
    child(body, name).ok_or(CutError::DAMAGED)
}

/// Returns the timescale of an `mdhd` or `mvhd`: ticks per second.
pub(super) fn timescale(header: &[u8]) -> Result<u32> {
    let ticks = u32_at(header, 4 + 2 * mp4_width(header));
    ticks.filter(|ticks| *ticks > 0).ok_or(CutError::DAMAGED)
}

/// Returns the number of audio samples that a decoder needs before the first audible sample. Returns an error for an
/// encrypted track, and for audio in an old QuickTime format.
fn preroll(is_video: bool, entries: &[u8], size: u32) -> Result<u64> {
    let entry = sample_entry(is_video, entries).ok_or(CutError::DAMAGED)?;
    if entry.protected || in_memory(entries).any(|it| is_encrypted(it.0)) {
        return Err(CutError::File("This film is encrypted"));
    }
    // Old QuickTime files store the size 1 for every audio sample.
    if size == 1 && !is_video {
        return Err(CutError::File(OLD_SOUND));
    }
    Ok(match entry.codec.as_ref() {
        "PCM" | "FLAC" | "ALAC" => 0,
        "Opus" => 5,
        "MP3" => 10,
        _ => 2,
    })
}

fn check_references(minf: &[u8]) -> Result<()> {
    let dref = child(minf, b"dinf").and_then(|dinf| child(dinf, b"dref"));
    let mut entries = in_memory(dref.and_then(|dref| dref.get(8..)).unwrap_or_default());
    match entries.all(|(_, body)| body.get(3).is_some_and(|flags| flags & 1 == 1)) {
        true => Ok(()),
        false => Err(CutError::File("The media of this film lie in another file")),
    }
}

/// Reads the sample groups (`sbgp`). Leaves out the group `rap `, which marks random access points, because a cut lists
/// its key frames only in `stss`.
fn groups(stbl: &[u8]) -> Result<Vec<(&[u8], Runs<'_>)>> {
    let is_kept = |body: &&[u8]| fourcc_at(body, 4).is_some_and(|kind| &kind != b"rap ");
    let bodies = named(stbl, b"sbgp").filter(is_kept);
    let groups = bodies.take(MAX_GROUPS).map(|body| {
        // Version 1 has one more field before the rows.
        let fields = if body.first() == Some(&1) { 12 } else { 8 };
        let (fields, _) = body.split_at_checked(fields).ok_or(CutError::DAMAGED)?;
        Ok((fields, Runs::read(&body[fields.len() - 4..])?))
    });
    groups.collect()
}
