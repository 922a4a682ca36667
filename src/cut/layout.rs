//! Orders the samples in the cut, and fills the tables of its tracks.

use std::ops::Range;

use super::error::{CutError, Result};
use super::frames::{Frame, Frames};
use super::numbers::length;
use super::output::{Tables, copy};
use super::plan::Plan;
use super::selection::Pictures;
use super::source::Source;
use super::tables::Place;
use super::track::Track;

/// The number of frames or chunks between two checks of the memory in use.
const CHECK: u64 = 256;
/// A run of contiguous samples of one track lasts at most a second divided by this number, or has one sample.
const RUNS_PER_SECOND: u32 = 2;
/// In the cut, one track may be at most this many seconds ahead of the other track.
const AHEAD: i64 = 3;

/// The content of `mdat` behind its head, and the tables that describe the content.
#[derive(Debug)]
pub(super) struct Layout {
    /// The tables of the video track and of the audio track.
    pub(super) tables: [Tables; 2],
    /// The ranges of the source.
    pub(super) pieces: Vec<Range<u64>>,
    /// The number of bytes of all ranges.
    pub(super) length: u64,
    /// The maximum number of bytes of memory for the tables and the ranges.
    limit: usize,
    /// The length of the source in bytes.
    file: u64,
}

/// Lays out the samples of a plan in at most `limit` bytes of memory. `file` is the length of the source in bytes.
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
            layout.add_samples(&mut walks, (0, track), samples, &pictures.no_starts)?;
        }
        if let Some(track) = sound {
            // ffmpeg plays whole chunks of PCM, so the audible samples must begin and end at a chunk border.
            let samples = piece.sound.iter().filter(|samples| !samples.is_empty());
            let samples: Vec<_> = samples.cloned().collect();
            for samples in &samples {
                copy(&mut layout.tables[1].stts, &track.durations, samples);
            }
            layout.add_samples(&mut walks, (1, track), samples, &(0..0))?;
        }
        layout.interleave(walks)?;
    }
    for tables in &mut layout.tables {
        tables.finish()?;
    }
    Ok(layout)
}

/// Iterates over the contiguous runs of samples of one track in a piece.
#[derive(Debug)]
struct Walk<'t, 'a> {
    table: usize,
    track: &'t Track<'a>,
    /// The remaining samples, in reverse order.
    samples: Vec<Range<u64>>,
    start: i64,
    /// The position of the run.
    place: Place,
    /// The end of the samples of the run.
    end: u64,
    /// The time since the first sample of the piece, in milliseconds.
    time: i64,
}

impl Walk<'_, '_> {
    /// Moves to the next run. Returns false if there is no further run.
    fn advance(&mut self) -> Result<bool> {
        let Some(rest) = self.samples.last_mut() else {
            return Ok(false);
        };
        let (track, first) = (self.track, rest.start);
        self.place = track.place(self.place, first)?;
        let time = track.time_of(first);
        let limit = time + i64::from((track.timescale / RUNS_PER_SECOND).max(1));
        let end = track.first_decoded_from(limit).max(first + 1);
        self.end = end.min(rest.end).min(self.place.end);
        self.time = (time - self.start).saturating_mul(1000) / i64::from(track.timescale);
        rest.start = self.end;
        self.samples.pop_if(|rest| rest.is_empty());
        Ok(true)
    }
}

impl Layout {
    /// Writes the times of video samples. Returns the samples that the cut keeps.
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

    /// Adds samples to the tables of a track. Adds an iterator over their runs to `walks`.
    fn add_samples<'t, 'a>(
        &mut self,
        walks: &mut Vec<Walk<'t, 'a>>,
        (table, track): (usize, &'t Track<'a>),
        mut samples: Vec<Range<u64>>,
        no_starts: &Range<u64>,
    ) -> Result<()> {
        for samples in &samples {
            self.tables[table].add_samples(track, samples, no_starts);
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
            end: 0,
            time: 0,
        };
        if walk.advance()? {
            walks.push(walk);
        }
        Ok(())
    }

    /// Returns an error if the tables of the cut take too much memory.
    fn check(&self, more: usize) -> Result<()> {
        let tables: usize = self.tables.iter().map(Tables::memory).sum();
        let pieces = self.pieces.len() * size_of::<Range<u64>>();
        match tables + pieces + more > self.limit {
            true => Err(CutError::TOO_LARGE),
            false => Ok(()),
        }
    }

    /// Writes the runs of one piece in the order of the source, or by time if the tracks are far apart.
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
