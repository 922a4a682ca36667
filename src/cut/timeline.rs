//! Reads edit lists (ISO/IEC 14496-12 §8.6.6), and splits parts at the edits.

use std::collections::BTreeSet;
use std::ops::Range;

use super::error::{CutError, Result};
use super::numbers::{scale, signed};
use super::tables::rows;
use crate::container::{mp4_width, number_at, u32_at};

/// The maximum duration of a film, in seconds: six days. Then each time of a cut, in ticks, fits in 63 bits: 2^19
/// seconds × 2^32 ticks per second × 2000 pieces < 2^63.
pub(super) const LONGEST_SECONDS: u64 = 1 << 19;

const MAX_EDITS: usize = 1000;
/// The maximum number of pieces that [`split`] returns.
const MAX_PIECES: usize = 2000;

const SPEED: &str = "The edit list of this film changes the speed; a cut cannot store this speed";

/// An edit with its times in ticks of the cut.
#[derive(Debug, Clone, Copy)]
pub(super) struct PlacedEdit {
    pub(super) start: i64,
    pub(super) end: i64,
    /// The media time minus the time of the film, in ticks of the track. It is constant within the edit.
    origin: i64,
    /// The number of ticks per second of the track.
    pub(super) track: u32,
    /// The number of ticks per second of the cut.
    pub(super) movie: u32,
}

impl PlacedEdit {
    pub(super) fn media(&self, time: i64) -> i64 {
        self.origin + scale(time, self.track, self.movie)
    }

    /// Returns the time of the film at which a media time is shown.
    pub(super) fn time(&self, media: i64) -> i64 {
        scale(media.saturating_sub(self.origin), self.movie, self.track)
    }
}

/// Returns the edits of a track, without the empty edits.
///
/// `elst` is the body of the box. `end` is the media time of the end of the track. `timescales` are the ticks per
/// second of the source film, the track and the cut.
pub(super) fn edits(
    elst: Option<&[u8]>,
    end: i64,
    timescales: [u32; 3],
) -> Result<Vec<PlacedEdit>> {
    let [source, track, movie] = timescales;
    let place = |start: u64, stop: Option<u64>, media: u64| {
        let (start, media) = (signed(start), signed(media));
        let mut placed = PlacedEdit {
            start: scale(start, movie, source),
            end: stop.map_or(i64::MAX, |stop| scale(signed(stop), movie, source)),
            origin: media - scale(start, track, source),
            track,
            movie,
        };
        placed.end = placed.end.min(placed.time(end));
        (media < end && placed.start < placed.end).then_some(placed)
    };
    let Some(elst) = elst else {
        return Ok(place(0, None, 0).into_iter().collect());
    };
    let width = mp4_width(elst);
    let list = rows(elst, 4, width / 2 + 1)?.as_flattened();
    let list = list.chunks_exact(2 * width + 4);
    let count = list.len();
    if count > MAX_EDITS {
        return Err(CutError::TOO_LARGE);
    }
    let (mut edits, mut start) = (Vec::new(), 0_u64);
    for (row, at) in list.zip(1..) {
        let number = |at| number_at(row, at, width).unwrap_or(0);
        let (duration, media) = (number(0), number(width));
        let stop = start.saturating_add(duration);
        if stop / u64::from(source) > LONGEST_SECONDS {
            return Err(CutError::DAMAGED);
        }
        // The media time −1 marks an empty edit. A final edit with the duration 0 continues to the end of the track.
        let is_empty = media == u64::MAX >> (64 - 8 * width);
        if !is_empty && (duration > 0 || at == count) {
            if u32_at(row, 2 * width) != Some(0x1_0000) {
                return Err(CutError::File(SPEED));
            }
            edits.extend(place(start, (duration > 0).then_some(stop), media));
        }
        start = stop;
    }
    Ok(edits)
}

/// The start or end of a part, in ticks of the cut.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bound {
    pub(super) at: i64,
    /// If a frame is shown at this tick or later, it counts as at or after the bound. The tick is up to half a
    /// millisecond earlier than `at`. Pages round the times of frames to milliseconds, so `at` can be later than the
    /// requested frame.
    pub(super) from: i64,
}

impl Bound {
    pub(super) fn exact(at: i64) -> Self {
        Self { at, from: at }
    }

    pub(super) fn milliseconds(time: u64, movie: u32) -> Self {
        let time = signed(time);
        // The first tick after `time` − 0.5 ms.
        let from = ((2 * i128::from(time) - 1) * i128::from(movie)).div_euclid(2000) + 1;
        Self {
            at: scale(time, movie, 1000),
            from: i64::try_from(from).unwrap_or(i64::MAX),
        }
    }
}

pub(super) type TickRange = Range<Bound>;

/// Splits parts into pieces: at the start and end of each video edit, and at the start of each sound edit after the
/// first.
pub(super) fn split(
    parts: &[TickRange],
    video: &[PlacedEdit],
    sound: &[PlacedEdit],
) -> Result<Vec<TickRange>> {
    let picture = video.iter().flat_map(|edit| [edit.start, edit.end]);
    let later = sound.iter().skip(1).map(|edit| edit.start);
    let joints: BTreeSet<i64> = picture.chain(later).collect();
    let mut split = Vec::new();
    for part in parts {
        let mut start = part.start;
        let inside = joints.range(start.at + 1..);
        for &joint in inside.take_while(|joint| **joint < part.end.at) {
            split.push(start..Bound::exact(joint));
            start = Bound::exact(joint);
        }
        split.push(start..part.end);
        if split.len() > MAX_PIECES {
            return Err(CutError::TOO_LARGE);
        }
    }
    Ok(split)
}
