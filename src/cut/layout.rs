//! The order of the samples in the cut, and the tables of its tracks.

use std::ops::Range;

use super::error::{CutError, Result};
use super::frames::{Frame, Frames};
use super::numbers::{length, signed};
use super::output::{Tables, copy};
use super::plan::Plan;
use super::selection::Pictures;
use super::source::Source;
use super::tables::{Place, Run};
use super::track::Track;

/// Frames or chunks between two looks at the memory that is used.
const CHECK: u64 = 256;
/// Samples of one track that lie together last at most a second divided by this.
const RUNS_PER_SECOND: u32 = 2;
/// Seconds that the samples of one track may be ahead of another's, where they lie far apart in the source.
const AHEAD: i64 = 3;

/// What follows the head of `mdat`, and the tables that describe it.
#[derive(Debug)]
pub(super) struct Layout {
    /// The tables of the picture and the sound.
    pub(super) tables: [Tables; 2],
    /// Parts of the source.
    pub(super) pieces: Vec<Range<u64>>,
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
        tables: Default::default(),
        pieces: Vec::new(),
        length: 0,
        limit,
        file,
    };
    let [video, sound] = &source.tracks;
    for piece in &plan.pieces {
        let mut walks = Vec::new();
        if let (Some(track), Some(pictures)) = (video, &piece.pictures) {
            let samples = layout.add_pictures(track, pictures)?;
            layout.add_samples(&mut walks, (0, track), samples)?;
        }
        if let Some(track) = sound {
            // ffmpeg plays chunks of PCM whole, so that what is heard must begin and end with a chunk.
            let samples = piece.sound.iter().filter(|samples| !samples.is_empty());
            let samples: Vec<_> = samples.cloned().collect();
            for samples in &samples {
                copy(&mut layout.tables[1].stts, &track.durations, samples);
            }
            layout.add_samples(&mut walks, (1, track), samples)?;
        }
        layout.interleave(walks)?;
    }
    for tables in &mut layout.tables {
        tables.finish()?;
    }
    Ok(layout)
}

/// Walks over the samples of one track in a piece, in runs that lie together.
#[derive(Debug)]
struct Walk<'t, 'a> {
    table: usize,
    track: &'t Track<'a>,
    /// What is left, the first samples last.
    samples: Vec<Range<u64>>,
    start: i64,
    /// Where the run begins.
    place: Place,
    durations: Run,
    /// The end of its samples.
    end: u64,
    /// Its time since the first sample of the piece, in seconds · 1000.
    time: i64,
}

impl Walk<'_, '_> {
    /// Moves to the next run, if there is one.
    fn advance(&mut self) -> Result<bool> {
        let Some(rest) = self.samples.last_mut() else {
            return Ok(false);
        };
        let (track, first) = (self.track, rest.start);
        self.place = track.place(self.place, first)?;
        self.durations = (track.durations.near(self.durations, first)).ok_or(CutError::DAMAGED)?;
        let time = signed(self.durations.time(first));
        let limit = time + i64::from((track.timescale / RUNS_PER_SECOND).max(1));
        let end = track
            .first_decoded_from(limit, self.durations)
            .max(first + 1);
        self.end = end.min(rest.end).min(self.place.end);
        self.time = (time - self.start).saturating_mul(1000) / i64::from(track.timescale);
        rest.start = self.end;
        self.samples.pop_if(|rest| rest.is_empty());
        Ok(true)
    }
}

impl Layout {
    /// Writes the times of pictures; returns the samples that stay.
    fn add_pictures(&mut self, track: &Track, pictures: &Pictures) -> Result<Vec<Range<u64>>> {
        let mut frames = Frames::new(track, u32::MAX);
        let mut samples: Vec<Range<u64>> = Vec::new();
        for index in pictures.samples.clone() {
            let frame = frames.get(index)?;
            if pictures.leaves_out(index, frame.shown) {
                continue;
            }
            self.tables[0].add_frame(Frame {
                decoded: frame.decoded + pictures.shift - pictures.lower,
                shown: pictures.shown_at(index, frame.shown) + pictures.shift,
                ..frame
            })?;
            match samples.last_mut().filter(|last| last.end == index) {
                Some(last) => last.end = index + 1,
                None => samples.push(index..index + 1),
            }
            if index.is_multiple_of(CHECK) {
                self.check(16 * samples.len())?;
            }
        }
        Ok(samples)
    }

    /// Adds samples to the tables of a track, and a walk over them.
    fn add_samples<'t, 'a>(
        &mut self,
        walks: &mut Vec<Walk<'t, 'a>>,
        (table, track): (usize, &'t Track<'a>),
        mut samples: Vec<Range<u64>>,
    ) -> Result<()> {
        for samples in &samples {
            self.tables[table].add_samples(track, samples);
        }
        self.check(0)?;
        let first = samples.first().map_or(0, |first| first.start);
        samples.reverse();
        let mut walk = Walk {
            table,
            track,
            samples,
            start: track.time_of(first),
            place: Place::default(),
            durations: Run::default(),
            end: 0,
            time: 0,
        };
        if walk.advance()? {
            walks.push(walk);
        }
        Ok(())
    }

    /// Refuses a cut whose tables take too much memory.
    fn check(&self, more: usize) -> Result<()> {
        let tables: usize = self.tables.iter().map(Tables::memory).sum();
        let pieces = self.pieces.len() * size_of::<Range<u64>>();
        match tables + pieces + more > self.limit {
            true => Err(CutError::TOO_LARGE),
            false => Ok(()),
        }
    }

    /// Writes the runs of one piece in the order of the source; by time where tracks lie far apart.
    fn interleave(&mut self, mut walks: Vec<Walk>) -> Result<()> {
        while let Some(first) = (0..walks.len()).min_by_key(|at| walks[*at].place.offset) {
            let earliest = (0..walks.len()).min_by_key(|at| walks[*at].time);
            let earliest = earliest.unwrap_or(first);
            let is_ahead = walks[first].time > walks[earliest].time + AHEAD * 1000;
            let next = if is_ahead { earliest } else { first };
            self.add(&walks[next])?;
            if !walks[next].advance()? {
                walks.remove(next);
            }
        }
        Ok(())
    }

    fn add(&mut self, walk: &Walk) -> Result<()> {
        let (first, samples) = (walk.place.offset, walk.place.sample..walk.end);
        let bytes = walk.track.sizes.sum(&samples);
        let end = first.checked_add(bytes).filter(|end| *end <= self.file);
        let end = end.ok_or(CutError::DAMAGED)?;
        let count = samples.end - samples.start;
        self.tables[walk.table].add_chunk(self.length, count, walk.place.entry);
        self.length += bytes;
        match self.pieces.last_mut() {
            Some(piece) if piece.end == first => piece.end = end,
            _ if bytes > 0 => self.pieces.push(first..end),
            _ => {}
        }
        let chunks = length(&self.tables[walk.table].chunks);
        if chunks.is_multiple_of(CHECK) {
            self.check(0)?;
        }
        Ok(())
    }
}
