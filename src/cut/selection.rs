//! Selects the frames of each part of the film: exact starts and ends, key frames, and hidden frames.

use std::ops::Range;

use super::error::{CutError, Result};
use super::frames::{Frame, Frames, IsStart};
use super::source::Source;
use super::timeline::{Bound, PlacedEdit, TickRange, split};

/// A frame that is visible for more than 1/`SLIDES` s is a slide. A part may begin or end within a slide, but not
/// within a shorter frame.
const SLIDES: i64 = 10;
/// The maximum number of frames to visit. This is 18 hours at 120 frames per second.
const WORK: u32 = 8_000_000;

/// The start and the end of a part, in milliseconds from the start of the film. Without an end, the part ends with the
/// film.
pub(crate) type Interval = (u64, Option<u64>);

/// The frames of a part. All times are media times of the video track.
#[derive(Debug)]
pub(super) struct Pictures {
    /// The first sample of the part: the key frame that the first visible frame needs.
    pub(super) key: Frame,
    /// The samples after `key`, up to the latest key frame before the first visible frame. If the decoder cannot start
    /// at this latest key frame, `key` is an earlier one. The cut does not mark these samples as key frames, so that
    /// ffmpeg starts the part at `key`.
    pub(super) no_starts: Range<u64>,
    /// The index after the final sample of the part, in decoding order.
    pub(super) end: u64,
    pub(super) shown: Range<i64>,
    /// The index of the first visible frame.
    first: u64,
    /// The time at which the last frame of the part ends. This frame can be visible or hidden.
    pub(super) latest: i64,
    /// The time from the decoding of the first visible frame to the start of the part.
    pub(super) lead: i64,
}

impl Pictures {
    /// Returns the composition time of a frame. For the first visible frame, this is the start of the part. Returns
    /// `None` for a frame that is shown before the key frame, because it may need frames that the cut lacks.
    pub(super) fn shown_at(&self, frame: &Frame) -> Option<i64> {
        if frame.index == self.first {
            return Some(self.shown.start);
        }
        (frame.shown >= self.key.shown).then_some(frame.shown)
    }
}

/// A part of the film with its samples. All times are in ticks of the cut, from the start of the source film.
#[derive(Debug)]
pub(super) struct Piece {
    /// The visible and audible time range.
    pub(super) time: Range<i64>,
    /// The time range of all frames, including hidden frames.
    pub(super) all: Range<i64>,
    pub(super) pictures: Option<Pictures>,
}

impl Piece {
    /// Returns the edit of the audio track that is audible in the part.
    pub(super) fn audible_edit<'e>(&self, edits: &'e [PlacedEdit]) -> Option<&'e PlacedEdit> {
        let is_inside =
            |edit: &&PlacedEdit| edit.start < self.time.end && edit.end > self.time.start;
        edits.iter().find(is_inside)
    }
}

/// Chooses the samples for the parts of a film. `is_start` returns whether a decoder can start at a key frame.
pub(super) fn select(
    source: &Source,
    intervals: &[Interval],
    is_start: IsStart,
) -> Result<Vec<Piece>> {
    let (movie, last) = (source.timescale, Bound::exact(source.end));
    let mut parts = Vec::new();
    for &(start, end) in intervals {
        let start = Bound::milliseconds(start, movie);
        if start.at >= last.at {
            return Err(CutError::Parts("A part begins after the end of the film"));
        }
        let end = end.map(|end| Bound::milliseconds(end, movie));
        let end = end.filter(|end| end.at < last.at).unwrap_or(last);
        parts.push(start..end);
    }
    let [video, sound] = &source.edits;
    let track = source.tracks[0].as_ref();
    let mut frames = track.map(|track| Frames { track, work: WORK });
    let has_pictures = |piece: &Piece| piece.pictures.is_some();
    let mut pieces: Vec<Piece> = Vec::new();
    for part in split(&parts, video, sound)? {
        let is_first = !pieces.iter().any(has_pictures);
        let piece = piece(frames.as_mut(), video, &part, is_first, is_start)?;
        pieces.extend(piece.filter(|it| has_pictures(it) || it.audible_edit(sound).is_some()));
    }
    if pieces.is_empty() {
        let cause = "The parts lie between two frames of the film";
        return Err(CutError::Parts(cause));
    }
    // The cut leaves out pieces without pictures between the first and the last piece with pictures. Such a piece needs
    // an empty edit, and players ignore an empty edit that follows another edit.
    let first = pieces.iter().position(has_pictures);
    if let (Some(first), Some(last)) = (first, pieces.iter().rposition(has_pictures)) {
        let gaps = pieces.extract_if(first..last, |piece| !has_pictures(piece));
        gaps.for_each(drop);
    }
    Ok(pieces)
}

/// Returns the samples of a part. Returns `None` if the part selects no frame.
fn piece(
    frames: Option<&mut Frames>,
    edits: &[PlacedEdit],
    part: &TickRange,
    is_first: bool,
    is_start: IsStart,
) -> Result<Option<Piece>> {
    let is_shown = |edit: &&PlacedEdit| (edit.start..edit.end).contains(&part.start.at);
    let (Some(frames), Some(edit)) = (frames, edits.iter().find(is_shown)) else {
        let time = part.start.at..part.end.at;
        return Ok((!time.is_empty()).then_some(Piece {
            all: time.clone(),
            time,
            pictures: None,
        }));
    };
    let (Some(first), start) = frame_at(frames, edit, part.start)? else {
        return Ok(None);
    };
    let (_, end) = frame_at(frames, edit, part.end)?;
    if end <= start {
        return Ok(None);
    }
    let [key, latest_key] = frames.key_of(first, is_first, is_start)?;
    let mut pictures = Pictures {
        key,
        no_starts: key.index + 1..latest_key.index + 1,
        end: key.index + 1,
        shown: start..end,
        first: first.index,
        latest: end,
        lead: start - key.decoded,
    };
    add_frames(frames, &mut pictures)?;
    Ok(Some(Piece {
        time: edit.time(start)..edit.time(end),
        all: edit.time(key.shown)..edit.time(pictures.latest),
        pictures: Some(pictures),
    }))
}

/// Returns the first frame at or after a bound, and its media time. Within a slide, returns the slide and the exact
/// time. Returns no frame if the edit ends before the next frame.
fn frame_at(frames: &mut Frames, edit: &PlacedEdit, bound: Bound) -> Result<(Option<Frame>, i64)> {
    let rate = i64::from(frames.track.timescale);
    // The requested time is rounded, so a frame can be half a millisecond later than this time.
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

fn add_frames(frames: &mut Frames, pictures: &mut Pictures) -> Result<()> {
    let track = frames.track;
    let (mut latest, mut first) = (pictures.shown.end, None);
    for index in pictures.key.index..track.samples {
        let frame = frames.get(index)?;
        if frame.decoded + track.reach.0 >= pictures.shown.end {
            break;
        }
        let Some(shown) = pictures.shown_at(&frame) else {
            continue;
        };
        latest = latest.max(shown + frame.duration);
        if pictures.shown.contains(&shown) {
            let first = *first.get_or_insert(frame.decoded);
            pictures.lead = pictures.shown.start - first;
            pictures.end = index + 1;
            pictures.latest = latest;
        }
    }
    Ok(())
}
