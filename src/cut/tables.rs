//! Reads the sample tables of one track (ISO/IEC 14496-12 §8.6 and §8.7) in place.
//!
//! The tables are not unpacked into one value per sample, because a PCM track has millions of samples. Instead, the
//! module stores a mark for every 16th row: the first sample of the row, and the sum of the values before this sample.
//! A search for a sample or a time begins at a mark.

use std::ops::Range;

use super::error::{CutError, Result};
use super::numbers::{index, length};
use crate::container::{number_at, u32_at};

const STRIDE: usize = 16;

/// The bytes of a 32-bit number.
pub(super) type Field = [u8; 4];

/// A table of runs: `stts`, `ctts`, `sbgp` or `stsc`. A run is a sequence of samples with the same value.
#[derive(Debug)]
pub(super) struct Runs<'a> {
    fields: &'a [Field],
    /// The number of fields in a row: 3 for `stsc`, 2 for other tables.
    width: usize,
    /// The number of chunks. Only for `stsc`.
    chunks: u64,
    /// A mark for every 16th row: its first sample, and the sum of the values before this sample.
    marks: Vec<(u64, u64)>,
    pub(super) samples: u64,
    /// The sum of the values of all samples. In `stts`, it is the duration of the track. For `stsc`, this field
    /// contains the number of chunks instead.
    pub(super) sum: u64,
}

#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Run {
    row: usize,
    pub(super) first: u64,
    pub(super) end: u64,
    pub(super) value: u32,
    /// The sum of the values before the run. In `stsc`, it is the number of chunks before the run.
    pub(super) sum: u64,
    /// `sum` at the end of the run.
    sum_end: u64,
}

impl Run {
    /// Returns the decoding time of a sample of the run. Only for `stts`, whose values are durations.
    pub(super) fn time(&self, sample: u64) -> u64 {
        let before = (sample - self.first).saturating_mul(self.value.into());
        self.sum.saturating_add(before)
    }
}

impl<'a> Runs<'a> {
    pub(super) fn read(body: &'a [u8]) -> Result<Self> {
        Self::of(rows(body, 4, 2)?, 2, 0)
    }

    fn of(fields: &'a [Field], width: usize, chunks: u64) -> Result<Self> {
        let mut runs = Self {
            fields,
            width,
            chunks,
            marks: Vec::new(),
            samples: 0,
            sum: 0,
        };
        for row in 0..fields.len() / width {
            if row % STRIDE == 0 {
                runs.marks.push((runs.samples, runs.sum));
            }
            let run = runs.run(row, runs.samples, runs.sum);
            let run = run.ok_or(CutError::DAMAGED)?;
            (runs.samples, runs.sum) = (run.end, run.sum_end);
        }
        Ok(runs)
    }

    pub(super) fn values(&self) -> impl Iterator<Item = i64> {
        let values = self.fields.iter().skip(1).step_by(self.width);
        values.map(|value| i32::from_be_bytes(*value).into())
    }

    /// Returns the run of a row. `first` is its first sample, and `sum` is the sum before it.
    fn run(&self, row: usize, first: u64, sum: u64) -> Option<Run> {
        let fields = self.fields.get(row * self.width..(row + 1) * self.width)?;
        let (value, count) = (u32::from_be_bytes(fields[1]), number(&fields[0]));
        let (samples, sum_end) = if self.width == 2 {
            (count, sum.saturating_add(count * u64::from(value)))
        } else {
            // In `stsc`, `count` is the number of the first chunk of the row. Numbers start at 1. The row ends before
            // the first chunk of the next row.
            let next = self.fields.get((row + 1) * self.width);
            let end = next.map_or(Some(self.chunks), |next| number(next).checked_sub(1))?;
            let is_valid = count == sum + 1 && end <= self.chunks;
            let chunks = end.checked_sub(sum).filter(|_| is_valid)?;
            (chunks * u64::from(value), end)
        };
        Some(Run {
            row,
            first,
            end: first.checked_add(samples)?,
            value,
            sum,
            sum_end,
        })
    }

    pub(super) fn at(&self, sample: u64) -> Option<Run> {
        let mark = self.marks.partition_point(|mark| mark.0 <= sample);
        self.find(mark, |run| sample < run.end)
    }

    /// Returns the run that is decoded at the time `sum`. Only for `stts`.
    pub(super) fn at_sum(&self, sum: u64) -> Option<Run> {
        let mark = self.marks.partition_point(|mark| mark.1 <= sum);
        self.find(mark, |run| sum < run.sum_end)
    }

    /// Returns the first run for which `is_it` holds. `mark` is the number of marks at or before this run. The search
    /// begins at the last of these marks.
    fn find(&self, mark: usize, is_it: impl Fn(&Run) -> bool) -> Option<Run> {
        let mark = mark.checked_sub(1)?;
        let (first, sum) = self.marks[mark];
        let first = self.run(mark * STRIDE, first, sum);
        let after = |run: &Run| self.run(run.row + 1, run.end, run.sum_end);
        std::iter::successors(first, after).find(is_it)
    }
}

/// The sizes of samples: `stsz`.
#[derive(Debug)]
pub(super) struct Sizes<'a> {
    /// The size of all samples, or zero if the sizes differ.
    pub(super) same: u32,
    /// The size of each sample. Empty if `same` is not zero.
    each: &'a [Field],
    pub(super) count: u64,
}

impl<'a> Sizes<'a> {
    pub(super) fn read(body: &'a [u8]) -> Result<Self> {
        let same = u32_at(body, 4).ok_or(CutError::DAMAGED)?;
        let count = u32_at(body, 8).ok_or(CutError::DAMAGED)?;
        Ok(Self {
            same,
            each: rows(body, 8, usize::from(same == 0))?,
            count: count.into(),
        })
    }

    pub(super) fn of(&self, samples: &Range<u64>) -> &'a [Field] {
        let range = index(samples.start)..index(samples.end);
        self.each.get(range).unwrap_or_default()
    }

    pub(super) fn sum(&self, samples: &Range<u64>) -> u64 {
        let same = (samples.end - samples.start).saturating_mul(self.same.into());
        same.saturating_add(self.of(samples).iter().map(number).sum())
    }
}

/// The positions of the chunks, and their samples: `stsc` with `stco` or `co64`.
#[derive(Debug)]
pub(super) struct Chunks<'a> {
    pub(super) runs: Runs<'a>,
    offsets: &'a [u8],
    width: usize,
}

/// The byte offset of a sample in the file, and the chunk that contains the sample.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct SamplePosition {
    pub(super) sample: u64,
    pub(super) offset: u64,
    /// The number of the first sample after the chunk.
    pub(super) end: u64,
    pub(super) entry: u32,
}

impl<'a> Chunks<'a> {
    /// Reads the bodies of `stsc` and of `stco` or `co64`. `fields` is the number of 32-bit fields of an offset: 1 in
    /// `stco`, 2 in `co64`.
    pub(super) fn read(stsc: &'a [u8], offsets: &'a [u8], fields: usize) -> Result<Self> {
        let offsets = rows(offsets, 4, fields)?;
        let count = length(offsets) / if fields == 2 { 2 } else { 1 };
        Ok(Self {
            runs: Runs::of(rows(stsc, 4, 3)?, 3, count)?,
            offsets: offsets.as_flattened(),
            width: 4 * fields,
        })
    }

    /// Returns the first sample of the chunk that contains `sample`.
    pub(super) fn at(&self, sample: u64) -> Option<SamplePosition> {
        let run = self.runs.at(sample)?;
        let per_chunk = u64::from(run.value);
        let before = sample.checked_sub(run.first)?.checked_div(per_chunk)?;
        let first = run.first + before * per_chunk;
        let at = index(run.sum + before).checked_mul(self.width)?;
        Some(SamplePosition {
            sample: first,
            offset: number_at(self.offsets, at, self.width)?,
            end: first + per_chunk,
            entry: u32::from_be_bytes(self.runs.fields[run.row * 3 + 2]),
        })
    }
}

/// Returns the fields of a table with `width` fields in a row. The number of rows is at byte `at`.
pub(super) fn rows(body: &[u8], at: usize, width: usize) -> Result<&[Field]> {
    let count = u32_at(body, at).and_then(|count| usize::try_from(count).ok());
    let (fields, _) = body.get(at + 4..).unwrap_or_default().as_chunks();
    let rows = count.and_then(|it| fields.get(..it.checked_mul(width)?));
    rows.ok_or(CutError::DAMAGED)
}

pub(super) fn number(field: &Field) -> u64 {
    u32::from_be_bytes(*field).into()
}
