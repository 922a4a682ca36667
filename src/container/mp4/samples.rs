//! Reads the samples of one track from its tables (ISO/IEC 14496-12 §8.6 and §8.7): presentation times and positions.
//!
//! The module is only for tracks with few samples, such as subtitle tracks.

use std::time::Duration;

use super::boxes::{length_of_time, width};
use super::trak::Trak;
use crate::container::bits::{number_at, u16_at, u32_at};
use crate::container::reader::{Reader, Span};

/// The maximum number of bytes to read from one table.
const MAX_TABLE: usize = 1 << 20;

/// The maximum number of samples of one track.
pub(super) const MAX_SAMPLES: usize = 100_000;

/// A sample with its presentation time and its position.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    pub(super) start: Duration,
    pub(super) end: Duration,
    pub(super) place: Span,
}

/// Reads the tables of a track. `movie_timescale` is the ticks of a second in the movie.
pub(super) fn list(reader: &mut Reader, track: &Trak, movie_timescale: u32) -> Option<Vec<Sample>> {
    let mut table = |span: Span| reader.body(span, MAX_TABLE);
    let durations = table(track.durations)?;
    let sizes = table(track.sizes)?;
    let chunks = table(track.chunks)?;
    // A track without offsets has no width.
    let (offsets, width) = (table(track.offsets.0)?, track.offsets.1.max(4));

    // The tables contain runs of samples with equal durations, and runs of chunks with equal sample counts.
    let mut durations = (rows(&durations, 8, 8))
        .flat_map(|run| std::iter::repeat_n(u32_at(run, 4).unwrap_or(0), count(run, 0)));
    let mut runs = rows(&chunks, 8, 12).peekable();
    // The sizes are one size for all samples, or a list. A compact list has sizes of 4, 8 or 16 bits.
    let (all, total) = (u32_at(&sizes, 4).filter(|&size| size > 0), count(&sizes, 8));
    let mut sizes = (0..).map_while(|index| match all {
        Some(4) if track.has_compact_sizes => {
            let pair = sizes.get(12 + index / 2)?;
            Some(u32::from(if index % 2 == 0 {
                pair >> 4
            } else {
                pair & 15
            }))
        }
        Some(8) if track.has_compact_sizes => sizes.get(12 + index).copied().map(u32::from),
        Some(_) if track.has_compact_sizes => u16_at(&sizes, 12 + 2 * index).map(u32::from),
        Some(size) => (index < total).then_some(size),
        None => u32_at(&sizes, 12 + 4 * index),
    });
    let timeline = Timeline::of(track, movie_timescale);
    let mut samples = Vec::new();
    let (mut time, mut in_chunk) = (0_u64, 0);
    for (number, offset) in (1..).zip(rows(&offsets, 8, width)) {
        if let Some(run) = runs.next_if(|run| count(run, 0) <= number) {
            in_chunk = count(run, 4);
        }
        let mut start = number_at(offset, 0, width).unwrap_or(0);
        for _ in 0..in_chunk {
            let (Some(size), Some(duration)) = (sizes.next(), durations.next()) else {
                return Some(samples);
            };
            samples.push(timeline.sample(&mut time, duration, &mut start, size.into()));
            if samples.len() == MAX_SAMPLES {
                return Some(samples);
            }
        }
    }
    Some(samples)
}

/// Returns the rows of a table behind its head.
fn rows(table: &[u8], head: usize, width: usize) -> impl Iterator<Item = &[u8]> {
    table.get(head..).unwrap_or_default().chunks_exact(width)
}

/// Returns the count in a row.
fn count(row: &[u8], at: usize) -> usize {
    u32_at(row, at)
        .and_then(|count| usize::try_from(count).ok())
        .unwrap_or(0)
}

/// The presentation times of the samples of a track. An edit list delays the samples, and defines the first visible
/// media time.
#[derive(Debug)]
pub(super) struct Timeline {
    timescale: u32,
    delay: Duration,
    media_time: u64,
}

impl Timeline {
    pub(super) fn of(track: &Trak, movie_timescale: u32) -> Self {
        let width = width(&track.edits);
        let unused = u64::MAX >> (64 - 8 * width);
        let mut timeline = Self {
            timescale: track.timescale,
            delay: Duration::ZERO,
            media_time: 0,
        };
        for edit in rows(&track.edits, 8, 2 * width + 4) {
            let (Some(duration), Some(media_time)) =
                (number_at(edit, 0, width), number_at(edit, width, width))
            else {
                break;
            };
            if media_time != unused {
                timeline.media_time = media_time;
                break;
            }
            // The media time −1 marks an empty edit.
            timeline.delay += length_of_time(duration, movie_timescale).unwrap_or_default();
        }
        timeline
    }

    pub(super) fn shown_at(&self, ticks: u64) -> Duration {
        let time = length_of_time(ticks.saturating_sub(self.media_time), self.timescale);
        time.unwrap_or_default().saturating_add(self.delay)
    }

    /// Returns the sample that begins at `time`, in ticks, at the position `place`. Moves both to the end of the
    /// sample.
    pub(super) fn sample(&self, time: &mut u64, ticks: u32, place: &mut u64, size: u64) -> Sample {
        let (from, start) = (*time, *place);
        *time = from.saturating_add(ticks.into());
        *place = start.saturating_add(size);
        Sample {
            start: self.shown_at(from),
            end: self.shown_at(*time),
            place: Span { start, end: *place },
        }
    }
}
