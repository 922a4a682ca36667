//! The time of a film: edit lists (ISO/IEC 14496-12 §8.6.6), and where parts are split because of them.

use super::boxes::{number, wide};
use super::error::{CutError, Result};
use super::numbers::{scale, signed};
use super::tables::rows;
use crate::container::u32_at;

/// A longer track lies about its times: ten years.
pub(super) const LONGEST_SECONDS: u64 = 10 * 366 * 24 * 60 * 60;

/// Edits of one track.
const MAX_EDITS: usize = 1000;
/// Pieces that all parts are split into.
const MAX_PIECES: usize = 4000;

const SPEED: &str =
    "This film plays at another speed than it was recorded at, which a cut cannot carry";

/// A part of a track and where in the film it is shown.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Edit {
    /// In ticks of the film's own timescale.
    start: i64,
    end: Option<i64>,
    /// The media time of the first moment.
    media: i64,
}

/// An edit with its times in ticks of the new film.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed {
    pub(super) start: i64,
    pub(super) end: i64,
    /// The media time of the start of the film, in ticks of the track.
    origin: i64,
    track: u32,
    movie: u32,
}

impl Placed {
    /// The media time of a moment of the film.
    pub(super) fn media(&self, time: i64) -> i64 {
        self.origin + scale(time, self.track, self.movie)
    }

    /// The moment of the film at which a media time is shown.
    pub(super) fn time(&self, media: i64) -> i64 {
        scale(media.saturating_sub(self.origin), self.movie, self.track)
    }
}

/// Reads the body of an `elst`, in a movie with so many ticks a second. Only the edits that show something.
pub(super) fn edits(elst: &[u8], movie: u32) -> Result<Vec<Edit>> {
    let (mut edits, mut start) = (Vec::new(), 0_u64);
    let width = wide(elst);
    let list = match width {
        8 => rows::<5>(elst, 4)?.as_flattened(),
        _ => rows::<3>(elst, 4)?.as_flattened(),
    };
    let list = list.as_flattened().chunks_exact(2 * width + 4);
    let count = list.len();
    if count > MAX_EDITS {
        return Err(CutError::TOO_LARGE);
    }
    for (row, at) in list.zip(1..) {
        let (duration, media) = (number(row, 0, width)?, number(row, width, width)?);
        let end = start.saturating_add(duration);
        if end / u64::from(movie) > LONGEST_SECONDS {
            return Err(CutError::DAMAGED);
        }
        // An empty edit has the media time −1. One without a duration is open if it is the last one.
        let is_empty = media == u64::MAX >> (64 - 8 * width);
        if !is_empty && (duration > 0 || at == count) {
            if u32_at(row, 2 * width) != Some(0x1_0000) {
                return Err(CutError::File(SPEED));
            }
            edits.push(Edit {
                start: signed(start),
                end: (duration > 0).then_some(signed(end)),
                media: signed(media),
            });
        }
        start = end;
    }
    Ok(edits)
}

/// Places the edits of a track of `track` ticks a second, whose media end at `end`, in a new film of `movie` ticks a
/// second, made of one of `source` ticks.
pub(super) fn place(
    edits: Option<&[Edit]>,
    track: u32,
    end: i64,
    source: u32,
    movie: u32,
) -> Vec<Placed> {
    let whole = [Edit::default()];
    let edits = edits
        .unwrap_or(&whole)
        .iter()
        .filter(|edit| edit.media < end);
    let placed = edits.map(|edit| {
        let mut placed = Placed {
            start: scale(edit.start, movie, source),
            end: edit.end.map_or(i64::MAX, |end| scale(end, movie, source)),
            origin: edit.media - scale(edit.start, track, source),
            track,
            movie,
        };
        placed.end = placed.end.min(placed.time(end));
        placed
    });
    placed.filter(|edit| edit.start < edit.end).collect()
}

/// A time that a part begins or ends at, in ticks of the new film.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bound {
    pub(super) at: i64,
    /// A frame from here on counts as at or after it: pages round the times of frames to milliseconds.
    pub(super) from: i64,
}

impl Bound {
    pub(super) fn exact(at: i64) -> Self {
        Self { at, from: at }
    }

    pub(super) fn milliseconds(time: u64, movie: u32) -> Self {
        let time = signed(time);
        // Half a millisecond earlier, rounded up.
        let from = (i128::from(2 * time - 1) * i128::from(movie)).div_euclid(2000) + 1;
        Self {
            at: scale(time, movie, 1000),
            from: i64::try_from(from).unwrap_or(i64::MAX),
        }
    }
}

/// A part of the film without a joint inside.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub(super) start: Bound,
    pub(super) end: Bound,
}

/// Splits parts where a later edit begins, and where the picture begins and ends. `video` and `sounds`: the edits of
/// the tracks.
pub(super) fn split(parts: &[Part], video: &[Placed], sounds: &[Vec<Placed>]) -> Result<Vec<Part>> {
    let picture = video.iter().flat_map(|edit| [edit.start, edit.end]);
    let later = sounds
        .iter()
        .flat_map(|edits| edits.iter().skip(1).map(|edit| edit.start));
    let mut joints: Vec<i64> = picture.chain(later).collect();
    joints.sort_unstable();
    joints.dedup();
    let mut split = Vec::new();
    for part in parts {
        let mut start = part.start;
        for &joint in &joints {
            // A part that begins within half a millisecond of a joint begins there.
            if joint > start.at && joint < part.end.at {
                if split.len() > MAX_PIECES {
                    return Err(CutError::TOO_LARGE);
                }
                split.push(Part {
                    start,
                    end: Bound::exact(joint),
                });
                start = Bound::exact(joint);
            }
        }
        split.push(Part {
            start,
            end: part.end,
        });
    }
    Ok(split)
}

/// The edit that shows something at a moment.
pub(super) fn active(edits: &[Placed], time: i64) -> Option<&Placed> {
    edits
        .iter()
        .find(|edit| (edit.start..edit.end).contains(&time))
}
