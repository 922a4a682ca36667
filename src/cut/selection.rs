//! Selects the frames of a part of the film: exact starts and ends, key frames, and hidden frames.

use std::ops::Range;

use super::error::Result;
use super::frames::{Frame, Frames, IsStart};
use super::timeline::{Bound, Part, Placed};

/// Frames further apart than a second divided by this number are slides. A part may begin and end within a slide.
const SLIDES: i64 = 10;

/// The frames of a part. All times are media times of the video track.
#[derive(Debug, Default)]
pub(super) struct Pictures {
    /// The samples from the key frame to the last visible frame, in decoding order.
    pub(super) samples: Range<u64>,
    /// The samples that are no key frames in the cut. If an edit begins behind a key frame, ffmpeg starts there.
    pub(super) no_starts: Range<u64>,
    /// The composition time of the key frame. The cut leaves out frames with an earlier composition time.
    pub(super) key: i64,
    /// The decoding time of the key frame.
    pub(super) decoded: i64,
    /// The decoding time of the last sample.
    pub(super) last_decoded: i64,
    /// The visible time range.
    pub(super) shown: Range<i64>,
    /// The first visible frame. A frame with a composition time before the start is moved to the start.
    pub(super) first: u64,
    /// The end of the latest frame, visible or hidden.
    pub(super) latest: i64,
    /// The time from the decoding of the first visible frame to the start.
    pub(super) lead: i64,
    /// The composition time in the cut minus the composition time in the source.
    pub(super) shift: i64,
    /// The amount by which decoding times change less than composition times.
    pub(super) lower: i64,
}

/// A part of the film with its samples.
#[derive(Debug, Default)]
pub(super) struct Piece {
    /// The time range in ticks of the source film.
    pub(super) time: Range<i64>,
    pub(super) pictures: Option<Pictures>,
    /// The audio samples: the samples before the audible range, the audible samples, and the samples after the range.
    pub(super) sound: [Range<u64>; 3],
    /// The composition time of the key frame. Without video, the start.
    pub(super) key: i64,
    /// The end of the latest frame.
    pub(super) latest: i64,
}

impl Piece {
    /// Returns a part without video.
    pub(super) fn without_pictures(part: &Part) -> Option<Self> {
        let time = part.start.at..part.end.at;
        (!time.is_empty()).then_some(Self {
            key: time.start,
            latest: time.end,
            time,
            ..Self::default()
        })
    }

    /// Returns the edit of the audio track that is audible in the part.
    pub(super) fn heard<'e>(&self, edits: &'e [Placed]) -> Option<&'e Placed> {
        let is_inside = |edit: &&Placed| edit.start < self.time.end && edit.end > self.time.start;
        edits.iter().find(is_inside)
    }
}

/// Returns the frames of a part. Returns `None` if the part selects no frame.
pub(super) fn pictures(
    frames: &mut Frames,
    edits: &[Placed],
    part: &Part,
    is_first: bool,
    is_start: IsStart,
) -> Result<Option<Piece>> {
    let is_shown = |edit: &&Placed| (edit.start..edit.end).contains(&part.start.at);
    let Some(edit) = edits.iter().find(is_shown) else {
        return Ok(Piece::without_pictures(part));
    };
    let (Some(first), start) = snap(frames, edit, part.start)? else {
        return Ok(None);
    };
    let (_, end) = snap(frames, edit, part.end)?;
    if end <= start {
        return Ok(None);
    }
    let [key, latest_key] = frames.key_of(first, is_first, is_start)?;
    let mut pictures = Pictures {
        samples: key.index..key.index,
        no_starts: key.index + 1..latest_key.index + 1,
        key: key.shown,
        decoded: key.decoded,
        last_decoded: key.decoded,
        shown: start..end,
        first: first.index,
        latest: end,
        ..Pictures::default()
    };
    add_frames(frames, &mut pictures)?;
    Ok(Some(Piece {
        time: edit.time(start)..edit.time(end),
        key: edit.time(key.shown),
        latest: edit.time(pictures.latest),
        pictures: Some(pictures),
        ..Piece::default()
    }))
}

/// Returns the frame at a bound and its media time: the first frame at or after the bound, or the visible slide.
/// Returns no frame if the edit ends before the next frame.
fn snap(frames: &mut Frames, edit: &Placed, bound: Bound) -> Result<(Option<Frame>, i64)> {
    let rate = i64::from(frames.track.timescale);
    // Rounding moves a frame by at most half a millisecond from the requested time.
    let near = rate / 2000 + 1;
    let (exact, last) = (edit.media(bound.at), edit.media(edit.end));
    let (before, after) = frames.around(edit.media(bound.from.max(edit.start)))?;
    let after = after.filter(|after| after.shown < last);
    let next = after.map_or(last, |after| after.shown);
    let is_slide = |before: &Frame| next > exact + near && next - before.shown > rate / SLIDES;
    Ok(match before.filter(is_slide) {
        Some(before) => (Some(before), exact),
        None => (after, next),
    })
}

/// Adds the frames from the key frame on.
fn add_frames(frames: &mut Frames, pictures: &mut Pictures) -> Result<()> {
    let track = frames.track;
    let (mut latest, mut first) = (pictures.shown.end, None);
    for index in pictures.samples.start..track.samples {
        let frame = frames.get(index)?;
        if frame.decoded + track.reach.0 >= pictures.shown.end {
            break;
        }
        let shown = pictures.shown_at(index, frame.shown);
        latest = latest.max(shown + frame.duration);
        if pictures.shown.contains(&shown) {
            first.get_or_insert(frame.decoded);
            pictures.samples.end = index + 1;
            pictures.last_decoded = frame.decoded;
            pictures.latest = latest;
        }
    }
    pictures.lead = pictures.shown.start - first.unwrap_or(pictures.decoded);
    Ok(())
}

impl Pictures {
    /// Returns the composition time of a frame in the cut.
    pub(super) fn shown_at(&self, index: u64, shown: i64) -> i64 {
        if self.first == index {
            self.shown.start
        } else {
            shown
        }
    }

    /// Returns whether the cut leaves out a frame. A frame before the key frame may depend on frames that are missing.
    pub(super) fn leaves_out(&self, index: u64, shown: i64) -> bool {
        shown < self.key && index > self.samples.start && index != self.first
    }
}
