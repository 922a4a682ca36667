//! Decides the order of the samples in the cut, and fills the tables of its tracks. A piece is a contiguous time range
//! of the film, with the samples of this range.
//!
//! Each piece begins with a key frame, which can be earlier than the requested start. An edit list hides the frames
//! between the key frame and the start. Players that ignore edit lists show these frames. In these players, sound and
//! picture must also stay in sync. So the time from the first audio sample to the key frame is the same as in the
//! source.

use std::ops::Range;

use super::error::{CutError, Result};
use super::frames::{Frame, Frames};
use super::numbers::scale;
use super::output::Tables;
use super::selection::{Pictures, Piece};
use super::source::Source;
use super::tables::SamplePosition;
use super::timeline::PlacedEdit;
use super::track::SourceTrack;

/// A run is a sequence of contiguous samples of one track. It lasts at most half a second. A sample that is longer than
/// half a second is a run of its own.
const RUNS_PER_SECOND: u32 = 2;
/// In the cut, one track may be at most this many milliseconds ahead of the other track.
const AHEAD: i64 = 3000;

/// The content of `mdat` as byte ranges of the source, and the tables that describe this content.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// The tables of the video track and of the audio track.
    pub(super) tables: [Tables; 2],
    pub(super) ranges: Vec<Range<u64>>,
    /// The number of bytes of all ranges.
    pub(super) length: u64,
    /// The duration of the cut, in ticks of the cut.
    pub(super) duration: i64,
    /// In the cut, the time from the decoding of the first visible frame of a piece to the start of the piece. In the
    /// source, this time is the `lead` of the piece. ffmpeg computes the time of a piece from the decoding time, but
    /// browsers compute it from the start of the piece. All pieces have the same delay, so ffmpeg and browsers agree on
    /// the distance between pieces. The delay is at least the `lead` of each piece.
    delay: i64,
    /// The media time at which the video samples end.
    end: i64,
    limit: usize,
    file: u64,
}

/// Lays out pieces in at most `limit` bytes of memory. `file` is the size of the source in bytes.
pub(super) fn lay_out(
    source: &Source,
    pieces: &[Piece],
    file: u64,
    limit: usize,
) -> Result<Layout> {
    let pictures = pieces.iter().filter_map(|it| it.pictures.as_ref());
    let mut layout = Layout {
        delay: pictures.map(|it| it.lead).max().unwrap_or(0),
        limit,
        file,
        ..Layout::default()
    };
    for piece in pieces {
        layout.add_piece(source, piece)?;
    }
    for tables in &mut layout.tables {
        tables.finish()?;
    }
    Ok(layout)
}

/// Iterates over the contiguous runs of samples of one track in a piece.
#[derive(Debug)]
struct ChunkRuns<'t, 'a> {
    table: usize,
    track: &'t SourceTrack<'a>,
    /// The remaining samples. The next range is the last element of the vector.
    samples: Vec<Range<u64>>,
    start: i64,
    place: SamplePosition,
    end: u64,
    /// The time since the first sample of the piece, in milliseconds.
    time: i64,
}

impl ChunkRuns<'_, '_> {
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
    fn add_piece(&mut self, source: &Source, piece: &Piece) -> Result<()> {
        let duration = piece.time.end - piece.time.start;
        self.duration += duration;
        let [video, sound] = &source.tracks;
        let pictures = video.as_ref().zip(piece.pictures.as_ref());
        let mut key = pictures.map_or(0, |(_, pictures)| self.least_key(pictures));
        let mut walks = Vec::new();
        if let (Some(track), Some(edit)) = (sound, piece.audible_edit(&source.edits[1])) {
            // In the cut, the sound begins at time 0, and the first key frame is shown at `key` or later. To stay in
            // sync, the cut takes the sound from at least `key` ticks before the key frame.
            let ahead = if self.tables[0].samples == 0 { key } else { 0 };
            let (samples, after) = self.place_sound(track, edit, piece, ahead);
            key = key.max(after);
            walks.extend(self.add_samples(1, track, samples, &(0..0))?);
        } else {
            self.tables[1].edits.push((duration, None));
        }
        if let Some((track, pictures)) = pictures {
            let (samples, start) = self.add_frames(track, pictures, key.max(self.end))?;
            self.tables[0].edits.push((duration, Some(start)));
            walks.extend(self.add_samples(0, track, samples, &pictures.no_starts)?);
        } else {
            self.tables[0].edits.push((duration, None));
        }
        self.interleave(walks)
    }

    /// Returns the earliest media time at which the key frame of the next piece can be shown. This key frame must be
    /// decoded after all previous frames.
    fn least_key(&self, pictures: &Pictures) -> i64 {
        let last = self.tables[0].last_frame;
        let decoded = last.map_or(0, |last| last.decoded + 1);
        decoded + self.delay - pictures.lead + pictures.key.shown - pictures.key.decoded
    }

    /// Adds the edits for the sound of a piece. Returns the audio samples of the piece, and the media time at which its
    /// key frame must be shown. The audio samples begin at least `ahead` ticks before the key frame. They include the
    /// preroll: the samples that a decoder needs before the first audible sample.
    fn place_sound(
        &mut self,
        track: &SourceTrack,
        edit: &PlacedEdit,
        piece: &Piece,
        ahead: i64,
    ) -> (Vec<Range<u64>>, i64) {
        let heard = piece.time.start.max(edit.start)..piece.time.end.min(edit.end);
        let media = edit.media(heard.start);
        let end = edit.media(piece.all.end.max(heard.end));
        let preroll = track.sample_at(edit.media(piece.all.start).min(media));
        let first = preroll.saturating_sub(track.preroll);
        let first = first.min(track.sample_at(edit.media(piece.all.start - ahead)));
        let last = track.sample_at(end - 1).max(track.sample_at(media));

        let (start, before) = (track.time_of(first), self.tables[1].duration);
        let rows = [
            (heard.start - piece.time.start, None),
            (heard.end - heard.start, Some(before + media - start)),
            (piece.time.end - heard.end, None),
        ];
        let rows = rows.into_iter().filter(|edit| edit.0 > 0);
        self.tables[1].edits.extend(rows);
        let from = track.sample_at(media);
        let to = track.sample_at(edit.media(heard.end) - 1) + 1;
        // ffmpeg plays whole chunks of PCM, so the audible samples must begin and end at a chunk border.
        let samples = [first..from, from..to, to..last + 1].into_iter();
        let samples = samples.filter(|samples| !samples.is_empty());
        let before = scale(before, edit.movie, edit.track);
        let key = before + piece.all.start - edit.time(start);
        (samples.collect(), key)
    }

    /// Adds the times of the frames of a piece. `key` is the media time of the key frame. Returns the samples that the
    /// cut keeps, and the media time of the first visible frame.
    fn add_frames(
        &mut self,
        track: &SourceTrack,
        pictures: &Pictures,
        key: i64,
    ) -> Result<(Vec<Range<u64>>, i64)> {
        let shift = key - pictures.key.shown;
        if self.tables[0].samples == 0 {
            self.delay = pictures.lead + shift + pictures.key.decoded;
        }
        self.end = pictures.latest + shift;
        let work = u32::MAX;
        let mut frames = Frames { track, work };
        let mut samples: Vec<Range<u64>> = Vec::new();
        for index in pictures.key.index..pictures.end {
            let frame = frames.get(index)?;
            let Some(shown) = pictures.shown_at(&frame) else {
                continue;
            };
            self.tables[0].add_frame(Frame {
                decoded: frame.decoded + shift + pictures.lead - self.delay,
                shown: shown + shift,
                ..frame
            })?;
            match samples.last_mut().filter(|last| last.end == index) {
                Some(last) => last.end = index + 1,
                None => samples.push(index..index + 1),
            }
        }
        Ok((samples, pictures.shown.start + shift))
    }

    /// Adds samples to the tables of a track. Returns an iterator over their runs.
    fn add_samples<'t, 'a>(
        &mut self,
        table: usize,
        track: &'t SourceTrack<'a>,
        mut samples: Vec<Range<u64>>,
        no_starts: &Range<u64>,
    ) -> Result<Option<ChunkRuns<'t, 'a>>> {
        for samples in &samples {
            self.tables[table].add_samples(track, samples, no_starts);
        }
        self.check()?;
        samples.reverse();
        let mut walk = ChunkRuns {
            table,
            track,
            start: samples.last().map_or(0, |first| track.time_of(first.start)),
            samples,
            place: SamplePosition::default(),
            end: 0,
            time: 0,
        };
        Ok(walk.advance()?.then_some(walk))
    }

    fn check(&self) -> Result<()> {
        let tables: usize = self.tables.iter().map(Tables::memory).sum();
        let ranges = self.ranges.len() * size_of::<Range<u64>>();
        match tables + ranges > self.limit {
            true => Err(CutError::TOO_LARGE),
            false => Ok(()),
        }
    }

    /// Adds the runs of a piece in the order of the source file. A track that is more than [`AHEAD`] ms ahead waits for
    /// the other track.
    fn interleave(&mut self, mut walks: Vec<ChunkRuns>) -> Result<()> {
        loop {
            let earliest = walks.iter().map(|walk| walk.time).min().unwrap_or(0);
            let is_near = |at: &usize| walks[*at].time <= earliest + AHEAD;
            let near = (0..walks.len()).filter(is_near);
            let Some(next) = near.min_by_key(|at| walks[*at].place.offset) else {
                return Ok(());
            };
            self.add_run(&walks[next])?;
            if !walks[next].advance()? {
                walks.remove(next);
            }
        }
    }

    fn add_run(&mut self, walk: &ChunkRuns) -> Result<()> {
        let (first, samples) = (walk.place.offset, walk.place.sample..walk.end);
        let bytes = walk.track.sizes.sum(&samples);
        let end = first.checked_add(bytes).filter(|end| *end <= self.file);
        let end = end.ok_or(CutError::DAMAGED)?;
        let count = samples.end - samples.start;
        self.tables[walk.table].add_chunk(self.length, count, walk.place.entry);
        self.length += bytes;
        match self.ranges.last_mut() {
            Some(range) if range.end == first => range.end = end,
            _ if bytes > 0 => self.ranges.push(first..end),
            _ => {}
        }
        self.check()
    }
}
