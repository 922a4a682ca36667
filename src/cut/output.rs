//! Collects the edit list and the sample tables of one track of the cut.

use std::ops::Range;

use super::error::{CutError, Result};
use super::frames::Frame;
use super::numbers::{index, length};
use super::tables::Runs;
use super::track::SourceTrack;

/// Rows of a table. Each row has a number of samples and their common value.
pub(super) type RunRows = Vec<[u32; 2]>;

fn push(rows: &mut RunRows, count: u64, value: u32) {
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    let last = rows.last_mut().filter(|last| last[1] == value);
    match last.and_then(|last| Some((last[0].checked_add(count)?, last))) {
        Some((sum, last)) => last[0] = sum,
        None => rows.push([count, value]),
    }
}

/// A row of an edit list: a duration in ticks of the cut, and a media time. An empty edit has no media time.
pub(super) type OutputEdit = (i64, Option<i64>);

#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) edits: Vec<OutputEdit>,
    pub(super) samples: u64,
    /// The duration of all samples, in ticks of the track.
    pub(super) duration: i64,
    pub(super) stts: RunRows,
    pub(super) ctts: RunRows,
    pub(super) stss: Vec<u32>,
    /// The size of each sample. Empty if all samples have the same size.
    pub(super) stsz: Vec<u32>,
    pub(super) sdtp: Vec<u8>,
    pub(super) groups: Vec<RunRows>,
    pub(super) stsc: Vec<[u32; 3]>,
    /// The offset of each chunk in the content of `mdat`.
    pub(super) chunks: Vec<u64>,
    /// The latest frame that `add_frame` added, with its times in the cut.
    pub(super) last_frame: Option<Frame>,
}

impl Tables {
    pub(super) fn memory(&self) -> usize {
        let runs = self.groups.iter().chain([&self.stts, &self.ctts]);
        let runs: usize = runs.map(Vec::len).sum();
        let wide = runs + self.chunks.len();
        8 * wide + 12 * self.stsc.len() + 4 * (self.stss.len() + self.stsz.len()) + self.sdtp.len()
    }

    /// Adds a frame with its times in the cut. Also adds the duration of the previous frame, which ends when this frame
    /// is decoded.
    pub(super) fn add_frame(&mut self, frame: Frame) -> Result<()> {
        if let Some(last) = self.last_frame.replace(frame) {
            self.add_duration(frame.decoded - last.decoded)?;
        }
        let offset = i32::try_from(frame.shown - frame.decoded).map_err(|_| CutError::DAMAGED)?;
        push(&mut self.ctts, 1, offset.cast_unsigned());
        Ok(())
    }

    /// Adds the duration of the final frame. Removes the empty edits at the end of the edit list.
    pub(super) fn finish(&mut self) -> Result<()> {
        while self.edits.pop_if(|edit| edit.1.is_none()).is_some() {}
        let last = self.last_frame.take();
        last.map_or(Ok(()), |last| self.add_duration(last.duration))
    }

    fn add_duration(&mut self, duration: i64) -> Result<()> {
        self.duration += duration;
        let duration = u32::try_from(duration).map_err(|_| CutError::DAMAGED)?;
        push(&mut self.stts, 1, duration);
        Ok(())
    }

    /// Copies the table rows of `samples` from the source. For video, `add_frame` adds the times instead. Samples in
    /// `no_starts` are not marked as key frames.
    pub(super) fn add_samples(
        &mut self,
        track: &SourceTrack,
        samples: &Range<u64>,
        no_starts: &Range<u64>,
    ) {
        let sizes = track.sizes.of(samples).iter().copied();
        self.stsz.extend(sizes.map(u32::from_be_bytes));
        let count = self.samples + samples.end - samples.start;
        if !track.is_video {
            copy(&mut self.stts, &track.durations, samples);
            self.duration += track.time_of(samples.end) - track.time_of(samples.start);
        }
        if let Some(sdtp) = track.sdtp {
            let end = index(samples.end).min(sdtp.len());
            let rows = sdtp.get(index(samples.start)..end);
            self.sdtp.extend_from_slice(rows.unwrap_or_default());
            // If the table is too short, the values of the remaining samples are zero.
            self.sdtp.resize(index(count), 0);
        }
        if let Some(syncs) = track.syncs(samples.clone()) {
            let starts = syncs.filter(|sample| !no_starts.contains(sample));
            let numbers = starts.map(|sample| sample - samples.start + self.samples + 1);
            let numbers = numbers.map(|number| u32::try_from(number).unwrap_or(u32::MAX));
            self.stss.extend(numbers);
        }
        self.groups.resize(track.groups.len(), Vec::new());
        for (rows, (_, runs)) in self.groups.iter_mut().zip(&track.groups) {
            copy(rows, runs, samples);
        }
        self.samples = count;
    }

    /// Adds a chunk. `entry` is the number of the sample entry.
    pub(super) fn add_chunk(&mut self, at: u64, samples: u64, entry: u32) {
        self.chunks.push(at);
        let samples = u32::try_from(samples).unwrap_or(u32::MAX);
        let is_new = |last: &[u32; 3]| last[1..] != [samples, entry];
        if self.stsc.last().is_none_or(is_new) {
            let number = u32::try_from(length(&self.chunks)).unwrap_or(u32::MAX);
            self.stsc.push([number, samples, entry]);
        }
    }
}

/// Copies the rows of `samples`. A sample after the end of the table gets the value zero. In `sbgp`, zero means that
/// the sample has no group.
fn copy(rows: &mut RunRows, runs: &Runs, samples: &Range<u64>) {
    let mut first = samples.start;
    while first < samples.end {
        let run = runs.at(first);
        let end = run.map_or(samples.end, |run| run.end.min(samples.end));
        push(rows, end - first, run.map_or(0, |run| run.value));
        first = end;
    }
}
