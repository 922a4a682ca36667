//! The samples of one track: presentation times and positions, from its tables (ISO/IEC 14496-12 §8.6 and §8.7).
//!
//! The module is only for tracks with few samples, such as subtitle tracks.

use std::time::Duration;

use super::boxes::{length_of_time, width};
use super::movie::Trak;
use crate::container::bits::{number_at, u32_at};
use crate::container::reader::{Reader, Span};

/// The maximum number of bytes to read from one table.
const MAX_TABLE: usize = 1 << 20;

/// The maximum number of samples of one track.
const MAX_SAMPLES: usize = 100_000;

/// A sample with its presentation time and its position.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    pub(super) start: Duration,
    pub(super) end: Duration,
    pub(super) place: Span,
}

/// The samples of a track. An edit list delays the samples, and defines the first visible media time.
#[derive(Debug)]
pub(super) struct Samples {
    pub(super) list: Vec<Sample>,
    /// The time of the next sample, in ticks.
    pub(super) time: u64,
    timescale: u32,
    delay: Duration,
    media_time: u64,
}

impl Samples {
    /// Reads the tables of a track. `movie_timescale` is the ticks of a second in the movie.
    pub(super) fn read(reader: &mut Reader, track: &Trak, movie_timescale: u32) -> Self {
        let width = width(&track.edits);
        let unused = u64::MAX >> (64 - 8 * width);
        let mut samples = Self {
            list: Vec::new(),
            time: 0,
            timescale: track.timescale,
            delay: Duration::ZERO,
            media_time: 0,
        };
        for edit in rows(&track.edits, 2 * width + 4) {
            let number = |at| number_at(edit, at, width).unwrap_or(0);
            if number(width) != unused {
                samples.media_time = number(width);
                break;
            }
            // The media time −1 marks an empty edit.
            samples.delay += length_of_time(number(0), movie_timescale).unwrap_or_default();
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
        // The size of all samples, or zero. In a compact list, the number of bits of a size.
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

    /// Returns the time at which a media time is shown.
    pub(super) fn shown_at(&self, ticks: u64) -> Duration {
        let time = length_of_time(ticks.saturating_sub(self.media_time), self.timescale);
        time.unwrap_or_default().saturating_add(self.delay)
    }

    /// Adds the next sample. `place` is its position, and moves to its end. Returns `None` if the track has too many
    /// samples.
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

/// Returns the rows of a table behind its version and count.
fn rows(table: &[u8], width: usize) -> impl Iterator<Item = &[u8]> {
    table.get(8..).unwrap_or_default().chunks_exact(width)
}

/// Returns the count at a position of a table.
pub(super) fn count(table: &[u8], at: usize) -> usize {
    let count = u32_at(table, at).and_then(|count| usize::try_from(count).ok());
    count.unwrap_or(0)
}
