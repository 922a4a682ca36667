//! Reads presentation times and positions of the samples of a track from its tables (ISO/IEC 14496-12 §8.6 and §8.7).
//!
//! The module is only for tracks with few samples, such as subtitle tracks.

use std::time::Duration;

use super::boxes::{duration_of_ticks, width};
use super::movie::Trak;
use crate::container::bits::{number_at, u32_at};
use crate::container::reader::{Reader, Span};

/// The maximum number of bytes to read from one table.
const MAX_TABLE: usize = 1 << 20;

const MAX_SAMPLES: usize = 100_000;

#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    pub(super) start: Duration,
    pub(super) end: Duration,
    pub(super) place: Span,
}

/// The samples of a track, and the effect of its edit list.
#[derive(Debug)]
pub(super) struct Samples {
    pub(super) list: Vec<Sample>,
    /// The time of the sample that `add` adds next, in ticks.
    pub(super) time: u64,
    timescale: u32,
    /// The duration of the empty edits at the start. Before the first sample, players show nothing for this time.
    delay: Duration,
    /// The media time at which players begin, in ticks. Media time is the time in the track without its edit list.
    media_time: u64,
}

impl Samples {
    /// Reads the tables of a track. `movie_timescale` is the number of ticks per second in the movie.
    pub(super) fn read(reader: &mut Reader, track: &Trak, movie_timescale: u32) -> Self {
        let width = width(&track.edits);
        // An empty edit has the media time −1.
        let empty = u64::MAX >> (64 - 8 * width);
        let mut samples = Self {
            list: Vec::new(),
            time: 0,
            timescale: track.timescale,
            delay: Duration::ZERO,
            media_time: 0,
        };
        for edit in rows(&track.edits, 2 * width + 4) {
            let number = |at| number_at(edit, at, width).unwrap_or(0);
            if number(width) != empty {
                samples.media_time = number(width);
                break;
            }
            samples.delay += duration_of_ticks(number(0), movie_timescale).unwrap_or_default();
        }
        samples.add_tables(reader, track);
        samples
    }

    /// Adds the samples of the tables, up to the end of the shortest table.
    fn add_tables(&mut self, reader: &mut Reader, track: &Trak) -> Option<()> {
        let mut table = |name: &[u8; 4]| reader.body(*track.tables.get(name)?, MAX_TABLE);
        let (durations, chunks) = (table(b"stts")?, table(b"stsc")?);
        let (sizes, is_compact) = match table(b"stz2") {
            Some(sizes) => (sizes, true),
            None => (table(b"stsz")?, false),
        };
        let (offsets, width) = match table(b"co64") {
            Some(offsets) => (offsets, 8),
            None => (table(b"stco")?, 4),
        };
        // The tables contain runs of samples with equal durations, and runs of chunks with equal sample counts.
        let mut durations = rows(&durations, 8)
            .flat_map(|run| std::iter::repeat_n(number_at(run, 4, 4), count(run, 0)));
        let mut runs = rows(&chunks, 12).peekable();
        // In `stsz`, this number is the size of all samples, or 0 if the sizes differ. In `stz2`, it is the number of
        // bits of each size.
        let common = number_at(&sizes, 4, 4)?;
        let mut sizes = (0..count(&sizes, 8)).map_while(|index| match (is_compact, common) {
            (false, 0) => number_at(&sizes, 12 + 4 * index, 4),
            (false, size) => Some(size),
            (true, 4) => {
                let pair = number_at(&sizes, 12 + index / 2, 1)?;
                Some(if index % 2 == 0 { pair >> 4 } else { pair & 15 })
            }
            (true, 8) => number_at(&sizes, 12 + index, 1),
            (true, _) => number_at(&sizes, 12 + 2 * index, 2),
        });
        let mut in_chunk = 0;
        for (number, offset) in (1..).zip(rows(&offsets, width)) {
            if let Some(run) = runs.next_if(|run| count(run, 0) <= number) {
                in_chunk = count(run, 4);
            }
            let mut place = number_at(offset, 0, width)?;
            for _ in 0..in_chunk {
                self.add(durations.next()??, &mut place, sizes.next()?)?;
            }
        }
        Some(())
    }

    /// Converts the media time of a sample to the time at which players show the sample.
    pub(super) fn shown_at(&self, ticks: u64) -> Duration {
        let time = duration_of_ticks(ticks.saturating_sub(self.media_time), self.timescale);
        time.unwrap_or_default().saturating_add(self.delay)
    }

    /// Adds the sample at `place`, and moves `place` to its end. Returns `None` if the track has too many samples.
    pub(super) fn add(&mut self, ticks: u64, place: &mut u64, size: u64) -> Option<()> {
        let (time, start) = (self.time, *place);
        self.time = time.saturating_add(ticks);
        *place = start.saturating_add(size);
        self.list.push(Sample {
            start: self.shown_at(time),
            end: self.shown_at(self.time),
            place: Span { start, end: *place },
        });
        (self.list.len() < MAX_SAMPLES).then_some(())
    }
}

/// Returns the rows of a table. The rows follow the version, the flags and the number of rows (8 bytes).
fn rows(table: &[u8], width: usize) -> impl Iterator<Item = &[u8]> {
    table.get(8..).unwrap_or_default().chunks_exact(width)
}

pub(super) fn count(table: &[u8], at: usize) -> usize {
    let count = u32_at(table, at).and_then(|count| usize::try_from(count).ok());
    count.unwrap_or(0)
}
