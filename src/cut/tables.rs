//! The sample tables of one track (ISO/IEC 14496-12 §8.6 and §8.7), read where they lie in memory.
//!
//! Nothing is unpacked: a track of PCM has one sample for each PCM sample, all in one run. A mark for every 64 rows
//! finds a sample or a time without a walk from the start.

use std::ops::Range;

use super::error::{CutError, Result};
use super::numbers::{index, length};
use crate::container::{number_at, u32_at};

/// Rows between two marks.
const STRIDE: usize = 64;

/// A number of four bytes.
pub(super) type Field = [u8; 4];

/// A table of runs of samples with one value each: `stts` and `ctts`.
#[derive(Debug)]
pub(super) struct Runs<'a> {
    rows: &'a [[Field; 2]],
    /// The first sample of every 64th row, and the sum of the values before it.
    marks: Vec<(u64, u64)>,
    /// The number of samples.
    pub(super) samples: u64,
    /// The sum of all values: the length of the track where they are durations.
    pub(super) sum: u64,
}

/// A run of samples with one value.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Run {
    row: usize,
    pub(super) samples: (u64, u64),
    pub(super) value: u32,
    /// The sum of the values before it.
    pub(super) sum: u64,
}

impl Run {
    pub(super) fn contains(&self, sample: u64) -> bool {
        (self.samples.0..self.samples.1).contains(&sample)
    }

    /// The sum of the values before a sample of the run, which are durations.
    pub(super) fn time(&self, sample: u64) -> u64 {
        let before = (sample - self.samples.0).saturating_mul(self.value.into());
        self.sum.saturating_add(before)
    }
}

impl<'a> Runs<'a> {
    /// Reads the body of the box.
    pub(super) fn read(body: &'a [u8]) -> Result<Self> {
        let (rows, mut marks) = (rows(body, 4)?, Vec::new());
        let (mut samples, mut sum) = (0_u64, 0_u64);
        for (row, [count, value]) in rows.iter().enumerate() {
            if row % STRIDE == 0 {
                marks.push((samples, sum));
            }
            samples += number(count);
            sum = sum.saturating_add(number(count) * number(value));
        }
        Ok(Self {
            rows,
            marks,
            samples,
            sum,
        })
    }

    /// The values, as signed numbers.
    pub(super) fn values(&self) -> impl Iterator<Item = i64> {
        let values = self.rows.iter().map(|row| i32::from_be_bytes(row[1]));
        values.map(i64::from)
    }

    /// The run of a row, whose first sample and sum are known.
    fn run(&self, row: usize, first: u64, sum: u64) -> Option<Run> {
        let [count, value] = self.rows.get(row)?;
        Some(Run {
            row,
            samples: (first, first + number(count)),
            value: u32::from_be_bytes(*value),
            sum,
        })
    }

    /// The run with this sample.
    pub(super) fn at(&self, sample: u64) -> Option<Run> {
        let mark = self.marks.partition_point(|mark| mark.0 <= sample);
        self.find(mark, |run| sample < run.samples.1)
    }

    /// The run with this sum, which is a time where the values are durations.
    pub(super) fn at_sum(&self, sum: u64) -> Option<Run> {
        let mark = self.marks.partition_point(|mark| mark.1 <= sum);
        self.find(mark, |run| sum < run.time(run.samples.1))
    }

    /// The first run from the mark before `mark` on for which `is_it` holds.
    fn find(&self, mark: usize, is_it: impl Fn(&Run) -> bool) -> Option<Run> {
        let mark = mark.checked_sub(1)?;
        let (first, sum) = self.marks[mark];
        let first = self.run(mark * STRIDE, first, sum);
        std::iter::successors(first, |run| self.after(run)).find(is_it)
    }

    fn after(&self, run: &Run) -> Option<Run> {
        let end = run.samples.1;
        self.run(run.row + 1, end, run.time(end))
    }

    /// The run with this sample, which is `last` or the next one where samples are visited in order.
    pub(super) fn near(&self, last: Run, sample: u64) -> Option<Run> {
        if last.contains(sample) {
            return Some(last);
        }
        let next = self.after(&last).filter(|next| next.contains(sample));
        next.filter(|_| last.samples.1 > 0)
            .or_else(|| self.at(sample))
    }
}

/// The sizes of samples: `stsz`.
#[derive(Debug)]
pub(super) enum Sizes<'a> {
    /// All have one size; how many there are.
    Same(u32, u64),
    Each(&'a [Field]),
}

impl<'a> Sizes<'a> {
    /// Reads the body of the box.
    pub(super) fn read(body: &'a [u8]) -> Result<Self> {
        let size = u32_at(body, 4).ok_or(CutError::DAMAGED)?;
        let count = u32_at(body, 8).ok_or(CutError::DAMAGED)?;
        Ok(match size {
            0 => Self::Each(rows::<1>(body, 8)?.as_flattened()),
            size => Self::Same(size, count.into()),
        })
    }

    /// The number of samples.
    pub(super) fn count(&self) -> u64 {
        match self {
            Self::Same(_, count) => *count,
            Self::Each(sizes) => length(sizes),
        }
    }

    /// The fields of samples; none where all have one size.
    pub(super) fn fields(&self, samples: &Range<u64>) -> &'a [Field] {
        match self {
            Self::Same(..) => &[],
            Self::Each(sizes) => {
                (sizes.get(index(samples.start)..index(samples.end))).unwrap_or_default()
            }
        }
    }

    /// The sum of the sizes of samples.
    pub(super) fn sum(&self, samples: &Range<u64>) -> u64 {
        match self {
            Self::Same(size, _) => (samples.end - samples.start).saturating_mul((*size).into()),
            Self::Each(_) => self.fields(samples).iter().map(number).sum(),
        }
    }
}

/// Where the chunks lie and which samples they hold: `stsc` with `stco` or `co64`.
#[derive(Debug)]
pub(super) struct Chunks<'a> {
    /// First chunk from 1 on, samples in each, sample entry.
    runs: &'a [[Field; 3]],
    offsets: &'a [Field],
    /// Fields of an offset.
    width: usize,
    /// The number of chunks.
    count: u64,
    /// The first sample of every 64th row.
    marks: Vec<u64>,
    /// The number of samples.
    pub(super) samples: u64,
}

/// A chunk.
#[derive(Debug, Default, Clone)]
pub(super) struct Chunk {
    row: usize,
    pub(super) number: u64,
    pub(super) offset: u64,
    pub(super) samples: Range<u64>,
    /// The number of its sample entry.
    pub(super) entry: u32,
}

impl<'a> Chunks<'a> {
    /// Reads the bodies of `stsc` and of `stco` or `co64`.
    pub(super) fn read(stsc: &'a [u8], offsets: &'a [u8], is_wide: bool) -> Result<Self> {
        let (offsets, width, count) = if is_wide {
            let rows = rows::<2>(offsets, 4)?;
            (rows.as_flattened(), 2, length(rows))
        } else {
            let rows = rows::<1>(offsets, 4)?;
            (rows.as_flattened(), 1, length(rows))
        };
        let mut chunks = Self {
            runs: rows(stsc, 4)?,
            offsets,
            width,
            count,
            marks: Vec::new(),
            samples: 0,
        };
        for row in 0..chunks.runs.len() {
            if row % STRIDE == 0 {
                chunks.marks.push(chunks.samples);
            }
            let (numbers, per_chunk) = chunks.row(row).ok_or(CutError::DAMAGED)?;
            let samples = (numbers.end - numbers.start).checked_mul(per_chunk);
            let samples = samples.and_then(|samples| chunks.samples.checked_add(samples));
            chunks.samples = samples.ok_or(CutError::DAMAGED)?;
        }
        Ok(chunks)
    }

    /// The numbers of the chunks of a row, from 0 on, and the samples in each.
    fn row(&self, row: usize) -> Option<(Range<u64>, u64)> {
        let [first, per_chunk, _] = self.runs.get(row)?;
        let first = number(first).checked_sub(1)?;
        let next = self.runs.get(row + 1).map(|next| number(&next[0]));
        let end = next.map_or(self.count, |next| next.saturating_sub(1));
        let is_valid = first <= end && end <= self.count && (row > 0 || first == 0);
        is_valid.then(|| (first..end, number(per_chunk)))
    }

    fn offset(&self, number: u64) -> Option<u64> {
        let at = index(number).checked_mul(self.width)?;
        number_at(
            self.offsets.get(at..at + self.width)?.as_flattened(),
            0,
            4 * self.width,
        )
    }

    /// The chunk with this sample, which is `last` or the next one where samples are visited in order.
    pub(super) fn near(&self, last: Chunk, sample: u64) -> Option<Chunk> {
        if last.samples.contains(&sample) {
            return Some(last);
        }
        let (mut row, mut first) = if sample == last.samples.end && last.number > 0 {
            let (numbers, per_chunk) = self.row(last.row)?;
            let samples = (last.number - numbers.start) * per_chunk;
            (last.row, last.samples.end - samples)
        } else {
            let mark = self.marks.partition_point(|first| *first <= sample);
            let mark = mark.checked_sub(1)?;
            (mark * STRIDE, self.marks[mark])
        };
        loop {
            let (numbers, per_chunk) = self.row(row)?;
            let samples = (numbers.end - numbers.start) * per_chunk;
            if sample < first + samples {
                let number = (sample - first) / per_chunk;
                let first = first + number * per_chunk;
                let number = numbers.start + number;
                return Some(Chunk {
                    row,
                    // From 1 on, so that 0 stands for no chunk.
                    number: number + 1,
                    offset: self.offset(number)?,
                    samples: first..first + per_chunk,
                    entry: u32::from_be_bytes(self.runs[row][2]),
                });
            }
            first += samples;
            row += 1;
        }
    }
}

/// The rows of a table whose number of rows stands at `at`.
pub(super) fn rows<const N: usize>(body: &[u8], at: usize) -> Result<&[[Field; N]]> {
    let count = u32_at(body, at).and_then(|count| usize::try_from(count).ok());
    let (fields, _) = body.get(at + 4..).unwrap_or_default().as_chunks();
    let (rows, _) = fields.as_chunks();
    count
        .and_then(|count| rows.get(..count))
        .ok_or(CutError::DAMAGED)
}

/// The number in a field.
pub(super) fn number(field: &Field) -> u64 {
    u32::from_be_bytes(*field).into()
}
