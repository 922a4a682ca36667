//! The sample tables of one track of the cut, as far as they are written.

use std::ops::Range;

use super::boxes::bytes_of;
use super::error::{CutError, Result};
use super::numbers::{length, unsigned};
use super::tables::Runs;
use super::track::Track;

/// A table of runs of equal values. Eight bytes a row: the number of samples, and the value.
#[derive(Debug, Default)]
pub(super) struct RunWriter {
    rows: Vec<u8>,
    last: (u32, u32),
}

impl RunWriter {
    fn push(&mut self, count: u64, value: u32) {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        match self.last.0.checked_add(count) {
            Some(sum) if self.last.1 == value || self.last.0 == 0 => self.last = (sum, value),
            _ => {
                self.finish();
                self.last = (count, value);
            }
        }
    }

    fn finish(&mut self) {
        if self.last.0 > 0 {
            self.rows.extend(self.last.0.to_be_bytes());
            self.rows.extend(self.last.1.to_be_bytes());
        }
        self.last = (0, 0);
    }

    /// The rows, once it is finished.
    pub(super) fn rows(&self) -> &[u8] {
        &self.rows
    }
}

/// The sample tables of one track of the cut.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) samples: u64,
    pub(super) stts: RunWriter,
    pub(super) ctts: RunWriter,
    pub(super) has_negative_offsets: bool,
    pub(super) stss: Option<Vec<u8>>,
    /// Four bytes for each sample; none where all have one size.
    pub(super) stsz: Vec<u8>,
    pub(super) sdtp: Vec<u8>,
    pub(super) groups: Vec<RunWriter>,
    pub(super) stsc: Vec<u8>,
    /// Where each chunk begins, from the first byte of media on.
    pub(super) chunks: Vec<u64>,
    /// The sum of all durations.
    pub(super) duration: u64,
    /// Number of samples and sample entry of the last chunk.
    last_chunk: (u64, u32),
    /// Decoding time and duration of the last frame.
    last_frame: Option<(i64, i64)>,
}

impl Tables {
    pub(super) fn of(track: &Track) -> Self {
        Self {
            stss: track.syncs(0..0).map(|_| Vec::new()),
            groups: track.groups.iter().map(|_| RunWriter::default()).collect(),
            ..Self::default()
        }
    }

    /// Bytes of memory, roughly.
    pub(super) fn memory(&self) -> usize {
        let groups: usize = self.groups.iter().map(|group| group.rows.len()).sum();
        let lists = [
            &self.stts.rows,
            &self.ctts.rows,
            &self.stsz,
            &self.sdtp,
            &self.stsc,
        ];
        let lists: usize = lists.into_iter().map(Vec::len).sum();
        lists + groups + self.stss.as_ref().map_or(0, Vec::len) + 8 * self.chunks.len()
    }

    /// Adds the times of one frame.
    pub(super) fn add_frame(&mut self, decoded: i64, shown: i64, duration: i64) -> Result<()> {
        if let Some((last, _)) = self.last_frame {
            self.add_duration(1, decoded - last)?;
        }
        self.last_frame = Some((decoded, duration));
        let offset = i32::try_from(shown - decoded).map_err(|_| CutError::DAMAGED)?;
        self.has_negative_offsets |= offset < 0;
        self.ctts.push(1, offset.cast_unsigned());
        Ok(())
    }

    /// Adds the durations of samples as they are in the source.
    pub(super) fn add_durations(&mut self, track: &Track, samples: &Range<u64>) -> Result<()> {
        let mut first = samples.start;
        while first < samples.end {
            let run = track.durations.at(first).ok_or(CutError::DAMAGED)?;
            let end = run.samples.1.min(samples.end);
            self.add_duration(end - first, run.value.into())?;
            first = end;
        }
        Ok(())
    }

    fn add_duration(&mut self, samples: u64, duration: i64) -> Result<()> {
        let duration = u32::try_from(duration).map_err(|_| CutError::DAMAGED)?;
        self.stts.push(samples, duration);
        self.duration += samples * u64::from(duration);
        Ok(())
    }

    /// Adds what the other tables of the source say of samples.
    pub(super) fn add_samples(&mut self, track: &Track, samples: &Range<u64>) {
        self.stsz
            .extend_from_slice(track.sizes.fields(samples).as_flattened());
        if let Some(sdtp) = track.sdtp {
            self.sdtp.extend_from_slice(bytes_of(sdtp, samples));
            // A table that is too short says nothing of the rest.
            let count = length(&self.sdtp);
            let missing = (self.samples + samples.end - samples.start).saturating_sub(count);
            self.sdtp.extend((0..missing).map(|_| 0));
        }
        if let (Some(stss), Some(syncs)) = (&mut self.stss, track.syncs(samples.clone())) {
            for sample in syncs {
                let number = sample - samples.start + self.samples + 1;
                stss.extend(u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes());
            }
        }
        for (writer, (_, runs)) in self.groups.iter_mut().zip(&track.groups) {
            copy_runs(writer, runs, samples);
        }
        self.samples += samples.end - samples.start;
    }

    pub(super) fn add_chunk(&mut self, at: u64, samples: u64, entry: u32) {
        self.chunks.push(at);
        if self.last_chunk != (samples, entry) {
            self.last_chunk = (samples, entry);
            let fields = [length(&self.chunks), samples, entry.into()];
            for field in fields {
                self.stsc
                    .extend(u32::try_from(field).unwrap_or(u32::MAX).to_be_bytes());
            }
        }
    }

    /// Writes what is left.
    pub(super) fn finish(&mut self) {
        if let Some((_, duration)) = self.last_frame.take() {
            self.stts.push(1, u32::try_from(duration).unwrap_or(0));
            self.duration += unsigned(duration);
        }
        self.stts.finish();
        self.ctts.finish();
        self.groups.iter_mut().for_each(RunWriter::finish);
    }
}

/// Copies the groups of samples. Those that the table does not name belong to none.
fn copy_runs(writer: &mut RunWriter, runs: &Runs, samples: &Range<u64>) {
    let mut first = samples.start;
    while first < samples.end {
        let (end, value) = match runs.at(first) {
            Some(run) => (run.samples.1.min(samples.end), run.value),
            None => (samples.end, 0),
        };
        writer.push(end - first, value);
        first = end;
    }
}
