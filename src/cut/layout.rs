//! The order of the samples in the cut, and the tables of its tracks.

use std::ops::Range;
use std::vec::IntoIter;

use super::error::{CutError, Result};
use super::frames::Frames;
use super::numbers::{length, signed};
use super::output::Tables;
use super::plan::{Plan, PlannedPictures};
use super::source::Source;
use super::tables::{self, Chunk};
use super::timeline::LONGEST_SECONDS;
use super::track::Track;
use crate::http::ByteRange;

/// Frames or chunks between two looks at the memory that is used.
const CHECK: u64 = 256;
/// Samples of one track that lie together last at most a second divided by this.
const RUNS_PER_SECOND: u32 = 2;
/// Seconds that the samples of one track may be ahead of another's, where they lie far apart in the source.
const AHEAD: i64 = 3;

/// What follows the head of `mdat`, and the tables that describe it.
#[derive(Debug)]
pub(super) struct Layout {
    /// The tables of each track.
    pub(super) tables: Vec<Tables>,
    /// Parts of the source.
    pub(super) pieces: Vec<ByteRange>,
    /// The bytes of all parts.
    pub(super) length: u64,
    /// Bytes of memory that all may take.
    limit: usize,
    /// The length of the source.
    file: u64,
}

/// Lays out the samples of a plan, in at most `limit` bytes of memory, from a file of so many bytes.
pub(super) fn lay_out(source: &Source, plan: &Plan, file: u64, limit: usize) -> Result<Layout> {
    let mut layout = Layout {
        tables: source.tracks().map(Tables::of).collect(),
        pieces: Vec::new(),
        length: 0,
        limit,
        file,
    };
    let first = usize::from(source.video.is_some());
    for piece in &plan.pieces {
        let mut walks = Vec::new();
        if let (Some(track), Some(planned)) = (&source.video, &piece.pictures) {
            let samples = add_pictures(&mut layout.tables[0], track, planned, limit)?;
            walks.push(Walk::new(0, track, samples));
        }
        let sounds = source.sounds.iter().zip(&piece.sounds).zip(first..);
        for ((track, samples), at) in sounds {
            // ffmpeg plays chunks of PCM whole, so that what is heard must begin and end with a chunk.
            let samples = samples.iter().filter(|samples| !samples.is_empty());
            let samples: Vec<_> = samples.cloned().collect();
            for samples in &samples {
                layout.tables[at].add_durations(track, samples)?;
            }
            walks.push(Walk::new(at, track, samples));
        }
        for walk in &walks {
            for samples in walk.samples.as_slice() {
                layout.tables[walk.table].add_samples(walk.track, samples);
            }
        }
        layout.interleave(walks)?;
    }
    layout.tables.iter_mut().for_each(Tables::finish);
    let is_long = |(track, tables): (&Track, &Tables)| {
        tables.duration / u64::from(track.timescale) > LONGEST_SECONDS
    };
    match source.tracks().zip(&layout.tables).any(is_long) {
        true => Err(CutError::TOO_LARGE),
        false => Ok(layout),
    }
}

/// Writes the times of pictures; returns the samples that stay.
fn add_pictures(
    tables: &mut Tables,
    track: &Track,
    planned: &PlannedPictures,
    limit: usize,
) -> Result<Vec<Range<u64>>> {
    let pictures = &planned.pictures;
    let mut frames = Frames::new(track, u32::MAX);
    let mut samples: Vec<Range<u64>> = Vec::new();
    for index in pictures.samples.clone() {
        let frame = frames.get(index)?;
        if pictures.leaves_out(index, frame.shown) {
            continue;
        }
        let decoded = frame.decoded + planned.shift - planned.lower;
        let shown = pictures.shown_at(index, frame.shown) + planned.shift;
        tables.add_frame(decoded, shown, frame.duration)?;
        match samples.last_mut().filter(|last| last.end == index) {
            Some(last) => last.end = index + 1,
            None => samples.push(index..index + 1),
        }
        if index.is_multiple_of(CHECK) && tables.memory() + 16 * samples.len() > limit {
            return Err(CutError::TOO_LARGE);
        }
    }
    Ok(samples)
}

/// Samples of one chunk of the source.
#[derive(Debug)]
struct Run {
    samples: u64,
    entry: u32,
    offset: u64,
    bytes: u64,
    /// Seconds · 1000 since the first sample of the piece.
    time: i64,
}

/// Walks over the runs of one track in a piece.
#[derive(Debug)]
struct Walk<'t, 'a> {
    table: usize,
    track: &'t Track<'a>,
    samples: IntoIter<Range<u64>>,
    rest: Range<u64>,
    start: i64,
    chunk: Chunk,
    durations: tables::Run,
    /// A sample of the chunk, and where it begins.
    place: (u64, u64),
    next: Option<Run>,
}

impl<'t, 'a> Walk<'t, 'a> {
    fn new(table: usize, track: &'t Track<'a>, samples: Vec<Range<u64>>) -> Self {
        Self {
            table,
            track,
            start: samples
                .first()
                .map_or(0, |first| track.time_of(first.start)),
            samples: samples.into_iter(),
            rest: 0..0,
            chunk: Chunk::default(),
            durations: tables::Run::default(),
            place: (0, 0),
            next: None,
        }
    }

    /// Moves to the next run.
    fn advance(&mut self) -> Result<()> {
        if self.rest.is_empty() {
            self.rest = self.samples.next().unwrap_or(0..0);
        }
        self.next = match self.rest.is_empty() {
            true => None,
            false => Some(self.run()?),
        };
        Ok(())
    }

    fn run(&mut self) -> Result<Run> {
        let (track, first) = (self.track, self.rest.start);
        let number = self.chunk.number;
        let chunk = track.chunks.near(std::mem::take(&mut self.chunk), first);
        self.chunk = chunk.ok_or(CutError::DAMAGED)?;
        if self.chunk.number != number || self.place.0 > first {
            self.place = (self.chunk.samples.start, self.chunk.offset);
        }
        let before = track.sizes.sum(&(self.place.0..first));
        let offset = self.place.1.checked_add(before).ok_or(CutError::DAMAGED)?;
        self.durations = (track.durations.near(self.durations, first)).ok_or(CutError::DAMAGED)?;
        let time = signed(self.durations.time(first));
        let limit = time + i64::from((track.timescale / RUNS_PER_SECOND).max(1));
        let end = track
            .first_decoded_from(limit, self.durations)
            .max(first + 1);
        let end = end.min(self.rest.end).min(self.chunk.samples.end);
        let bytes = track.sizes.sum(&(first..end));
        self.place = (end, offset.saturating_add(bytes));
        self.rest.start = end;
        Ok(Run {
            samples: end - first,
            entry: self.chunk.entry,
            offset,
            bytes,
            time: (time - self.start).saturating_mul(1000) / i64::from(track.timescale),
        })
    }
}

impl Layout {
    /// Writes the runs of one piece in the order of the source; by time where tracks lie far apart.
    fn interleave(&mut self, mut walks: Vec<Walk>) -> Result<()> {
        for walk in &mut walks {
            walk.advance()?;
        }
        loop {
            let runs = walks.iter().enumerate();
            let runs = runs.filter_map(|(at, walk)| walk.next.as_ref().map(|run| (at, run)));
            let Some(first) = runs.clone().min_by_key(|(_, run)| run.offset) else {
                return Ok(());
            };
            let latest = runs.min_by_key(|(_, run)| run.time).unwrap_or(first);
            let is_ahead = first.1.time > latest.1.time + AHEAD * 1000;
            let next = if is_ahead { latest.0 } else { first.0 };
            let walk = &mut walks[next];
            if let Some(run) = walk.next.take() {
                self.add(walk.table, &run)?;
            }
            walk.advance()?;
        }
    }

    fn add(&mut self, table: usize, run: &Run) -> Result<()> {
        let end = run
            .offset
            .checked_add(run.bytes)
            .filter(|end| *end <= self.file);
        let last = end.ok_or(CutError::DAMAGED)?.checked_sub(1);
        self.tables[table].add_chunk(self.length, run.samples, run.entry);
        if let Some(range) = last.and_then(|last| ByteRange::new(run.offset, last)) {
            match self.pieces.last_mut() {
                Some(piece) if piece.last_pos() + 1 == run.offset => {
                    *piece = ByteRange::new(piece.first_pos(), range.last_pos()).unwrap_or(range);
                }
                _ => self.pieces.push(range),
            }
        }
        self.length += run.bytes;
        if !length(&self.tables[table].chunks).is_multiple_of(CHECK) {
            return Ok(());
        }
        let tables: usize = self.tables.iter().map(Tables::memory).sum();
        match tables + self.pieces.len() * size_of::<ByteRange>() > self.limit {
            true => Err(CutError::TOO_LARGE),
            false => Ok(()),
        }
    }
}
