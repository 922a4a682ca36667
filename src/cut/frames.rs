//! Reads the frames of a video track: their decoding and composition times, and the key frames that they need.

use super::error::{CutError, Result};
use super::numbers::signed;
use super::track::SourceTrack;

/// The number of final samples that `end_of` examines to find the frame that is shown last. Codecs reorder fewer
/// frames.
const LAST_FRAMES: u64 = 64;

/// If a decoder cannot start at the latest key frame before a part, the part begins at an earlier key frame. This is
/// the maximum number of seconds between these two key frames. Players that ignore edit lists show these seconds.
const MAX_LEAD_IN: i64 = 60;

const NO_START: &str = "A part after the first cannot begin: its key frame needs earlier pictures (open GOP), \
    and the 60 seconds before it contain no independent key frame (IDR)";

/// A function that returns whether a decoder can start at the sample with this number, which is a key frame.
pub(super) type IsStart<'f> = &'f mut dyn FnMut(&SourceTrack, u64) -> Result<bool>;

/// A sample with its times, in ticks of its track.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub(super) index: u64,
    pub(super) decoded: i64,
    pub(super) shown: i64,
    pub(super) duration: i64,
}

#[derive(Debug)]
pub(super) struct Frames<'t, 'a> {
    pub(super) track: &'t SourceTrack<'a>,
    /// The number of further samples that `get` may visit.
    pub(super) work: u32,
}

impl Frames<'_, '_> {
    pub(super) fn get(&mut self, index: u64) -> Result<Frame> {
        self.work = self.work.checked_sub(1).ok_or(CutError::TOO_LARGE)?;
        let duration = (self.track.durations.at(index)).ok_or(CutError::DAMAGED)?;
        let decoded = signed(duration.time(index));
        let offset = self.track.offsets.at(index);
        Ok(Frame {
            index,
            decoded,
            shown: decoded + offset.map_or(0, |run| run.value.cast_signed().into()),
            duration: duration.value.into(),
        })
    }

    /// Returns the latest frame before a time, and the first frame at or after the time.
    pub(super) fn around(&mut self, time: i64) -> Result<(Option<Frame>, Option<Frame>)> {
        let (least, greatest) = self.track.reach;
        let middle = (self.track).first_decoded_from(time.saturating_sub(greatest));
        let (mut before, mut after): (Option<Frame>, Option<Frame>) = (None, None);
        for index in middle..self.track.samples {
            let frame = self.get(index)?;
            if after.is_some_and(|after| frame.decoded + least >= after.shown) {
                break;
            }
            if frame.shown < time {
                before = before.filter(|it| it.shown >= frame.shown).or(Some(frame));
            } else {
                after = after.filter(|it| it.shown <= frame.shown).or(Some(frame));
            }
        }
        for index in (0..middle).rev() {
            let frame = self.get(index)?;
            if before.is_some_and(|before| frame.decoded + greatest <= before.shown) {
                break;
            }
            before = before.filter(|it| it.shown >= frame.shown).or(Some(frame));
        }
        Ok((before, after))
    }

    /// Returns two key frames: `[start, latest]`. `latest` is the latest key frame that is shown at or before `frame`.
    /// `start` is the latest key frame up to `latest` at which a decoder can start. It is at most [`MAX_LEAD_IN`] s
    /// earlier than `latest`.
    ///
    /// If there is no such `start`, the first part of the cut begins at `latest`. For other parts, this is an error.
    pub(super) fn key_of(
        &mut self,
        frame: Frame,
        is_first: bool,
        is_start: IsStart,
    ) -> Result<[Frame; 2]> {
        let track = self.track;
        let Some(syncs) = track.syncs(0..frame.index + 1) else {
            // Every sample is a key frame, so players start at the frame itself.
            let can_start = is_first || is_start(track, frame.index)?;
            let start = can_start.then_some([frame; 2]);
            return start.ok_or(CutError::File(NO_START));
        };
        let mut latest: Option<Frame> = None;
        // If no key frame precedes `frame`, decoding begins with the first sample.
        for index in syncs.rev().chain([0]) {
            let key = self.get(index)?;
            if key.shown > frame.shown && index > 0 {
                continue;
            }
            let latest = *latest.get_or_insert(key);
            if latest.shown - key.shown > MAX_LEAD_IN * i64::from(track.timescale) {
                break;
            }
            if is_start(track, index)? {
                return Ok([key, latest]);
            }
        }
        // As in ffmpeg, the first part may begin at a key frame that continues earlier pictures.
        let latest = latest.filter(|_| is_first);
        Ok([latest.ok_or(CutError::File(NO_START))?; 2])
    }
}

/// Returns the media time at which a track ends.
pub(super) fn end_of(track: &SourceTrack) -> Result<i64> {
    let work = u32::MAX;
    let mut frames = Frames { track, work };
    let mut end = 0;
    for index in track.samples.saturating_sub(LAST_FRAMES)..track.samples {
        let frame = frames.get(index)?;
        end = end.max(frame.shown + frame.duration);
    }
    Ok(end)
}
