//! Which frames a part of the film is made of: exact starts and ends, key frames, lead-in.

use std::ops::Range;

use super::error::Result;
use super::frames::{Frame, Frames};
use super::timeline::{Bound, Part, Placed};

/// Frames that lie further apart than a second divided by this are slides: a part may begin and end within one.
const SLIDES: i64 = 10;

/// The frames of a part. All times are media times of the video track.
#[derive(Debug, Default)]
pub(super) struct Pictures {
    /// From the key frame to the last frame that is shown, in decoding order.
    pub(super) samples: Range<u64>,
    /// When the key frame is shown; those that are shown earlier are left out.
    pub(super) key: i64,
    /// When the key frame is decoded.
    pub(super) decoded: i64,
    /// When the last of the samples is decoded.
    pub(super) last_decoded: i64,
    /// What is shown is from here to there.
    pub(super) shown: Range<i64>,
    /// The frame that is shown first. Where it is shown before the start, it is moved there.
    pub(super) first: u64,
    /// The end of the latest frame, whether it is shown or not.
    pub(super) latest: i64,
    /// How long before the start the first frame is decoded that is shown.
    pub(super) lead: i64,
    /// Composition time in the cut − in the source.
    pub(super) shift: i64,
    /// By how much less the decoding times change.
    pub(super) lower: i64,
}

/// A part with what it is made of.
#[derive(Debug, Default)]
pub(super) struct Piece {
    /// Ticks of the source film.
    pub(super) time: Range<i64>,
    pub(super) pictures: Option<Pictures>,
    /// The samples of sound: those before what is heard, what is heard, and those after it.
    pub(super) sound: [Range<u64>; 3],
    /// When the key frame would be shown; without pictures, the start.
    pub(super) key: i64,
    /// The end of the latest frame.
    pub(super) latest: i64,
}

impl Piece {
    /// A part that has only sound.
    pub(super) fn without_pictures(part: &Part) -> Option<Self> {
        let time = part.start.at..part.end.at;
        (!time.is_empty()).then_some(Self {
            key: time.start,
            latest: time.end,
            time,
            ..Self::default()
        })
    }

    /// The edit of the track of sound that is heard in it.
    pub(super) fn heard<'e>(&self, edits: &'e [Placed]) -> Option<&'e Placed> {
        let is_inside = |edit: &&Placed| edit.start < self.time.end && edit.end > self.time.start;
        edits.iter().find(is_inside)
    }
}

/// The pictures of a part; `None` where it selects none.
pub(super) fn pictures(
    frames: &mut Frames,
    edits: &[Placed],
    part: &Part,
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
    let key = frames.key_of(first)?;
    let mut pictures = Pictures {
        samples: key.index..key.index,
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

/// The frame that a part begins with at a bound, and the media time at which it is shown: the first frame from there
/// on, or the slide on show. No frame where the edit ends before one.
fn snap(frames: &mut Frames, edit: &Placed, bound: Bound) -> Result<(Option<Frame>, i64)> {
    let rate = i64::from(frames.track.timescale);
    // Where it was rounded, a frame lies as far from the time asked for.
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

/// Finds the frames from the key frame on.
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
    /// When a frame is shown.
    pub(super) fn shown_at(&self, index: u64, shown: i64) -> i64 {
        if self.first == index {
            self.shown.start
        } else {
            shown
        }
    }

    /// Whether a frame is left out: it belongs to the time before the key frame, and may need what is not there.
    pub(super) fn leaves_out(&self, index: u64, shown: i64) -> bool {
        shown < self.key && index > self.samples.start && index != self.first
    }
}
