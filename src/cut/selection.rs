//! Which frames and which sound a part of the film is made of: exact starts and ends, key frames, lead-in.

use std::ops::Range;

use super::error::Result;
use super::frames::Frames;
use super::timeline::{Part, Placed, active};
use super::track::Track;

/// Frames that lie further apart than a second divided by this are slides: a part may begin and end within one.
const SLIDES: i64 = 10;

/// The frames of a part. All times are media times of the video track.
#[derive(Debug, Clone)]
pub(super) struct Pictures {
    /// From the key frame to the last frame that is shown, in decoding order.
    pub(super) samples: Range<u64>,
    /// When the key frame is shown; those that are shown earlier are left out.
    pub(super) key: i64,
    /// When the key frame is decoded.
    pub(super) decoded: i64,
    /// What is shown is from here to there.
    pub(super) shown: Range<i64>,
    /// A frame that is shown before the start, and is moved there.
    pub(super) moved: Option<u64>,
    /// The end of the latest frame, whether it is shown or not.
    pub(super) latest: i64,
    /// How long before the start the first frame is decoded that is shown.
    pub(super) lead: i64,
}

/// The samples of sound of a part.
#[derive(Debug, Clone)]
pub(super) struct Sound {
    pub(super) samples: Range<u64>,
    /// The media time of the first moment that is heard.
    pub(super) media: i64,
    /// The samples that are heard.
    pub(super) heard: Range<u64>,
    /// Times without sound before and after it, in ticks of the new film.
    pub(super) silence: (i64, i64),
    /// When its first sample would be heard, in ticks of the new film.
    pub(super) start: i64,
}

/// A part with what it is made of.
#[derive(Debug)]
pub(super) struct Piece {
    /// Ticks of the source film.
    pub(super) time: Range<i64>,
    pub(super) pictures: Option<Pictures>,
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
            pictures: None,
        })
    }
}

/// The pictures of a part; `None` where it selects none.
pub(super) fn pictures(
    frames: &mut Frames,
    edits: &[Placed],
    part: &Part,
) -> Result<Option<Piece>> {
    let Some(edit) = active(edits, part.start.at) else {
        return Ok(Piece::without_pictures(part));
    };
    let rate = i64::from(frames.track().timescale);
    // Where it was rounded, a frame lies as far from the time asked for.
    let near = rate / 2000 + 1;
    let is_slide = |before: i64, after: i64| after - before > rate / SLIDES;

    let exact = edit.media(part.start.at);
    let (before, after) = frames.around(edit.media(part.start.from.max(edit.start)))?;
    let after = after.filter(|after| after.shown < edit.media(edit.end));
    let next = after.map_or(edit.media(edit.end), |after| after.shown);
    let (first, start) = match (before, after) {
        (Some(before), _) if next > exact + near && is_slide(before.shown, next) => (before, exact),
        (_, Some(after)) => (after, next),
        (_, None) => return Ok(None),
    };
    let end = if part.end.from >= edit.end {
        edit.media(edit.end)
    } else {
        let exact = edit.media(part.end.at);
        let (before, after) = frames.around(edit.media(part.end.from))?;
        let next = after.map_or(i64::MAX, |after| after.shown);
        let next = next.min(edit.media(edit.end));
        match before {
            Some(before) if next > exact + near && is_slide(before.shown, next) => exact,
            _ => next,
        }
    };
    if end <= start {
        return Ok(None);
    }
    let key = frames.key_of(first)?;
    let moved = (first.shown < start).then_some(first.index);
    let mut pictures = Pictures {
        samples: key.index..key.index,
        key: key.shown,
        decoded: key.decoded,
        shown: start..end,
        moved,
        latest: end,
        lead: 0,
    };
    add_frames(frames, &mut pictures)?;
    Ok(Some(Piece {
        time: edit.time(start)..edit.time(end),
        key: edit.time(key.shown),
        latest: edit.time(pictures.latest),
        pictures: Some(pictures),
    }))
}

/// Finds the frames from the key frame on.
fn add_frames(frames: &mut Frames, pictures: &mut Pictures) -> Result<()> {
    let track = frames.track();
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
            pictures.latest = latest;
        }
    }
    pictures.lead = pictures.shown.start - first.unwrap_or(pictures.decoded);
    Ok(())
}

impl Pictures {
    /// When a frame is shown.
    pub(super) fn shown_at(&self, index: u64, shown: i64) -> i64 {
        if self.moved == Some(index) {
            self.shown.start
        } else {
            shown
        }
    }

    /// Whether a frame is left out: it belongs to the time before the key frame, and may need what is not there.
    pub(super) fn leaves_out(&self, index: u64, shown: i64) -> bool {
        shown < self.key && index > self.samples.start && self.moved != Some(index)
    }
}

/// The sound of a piece, from at least `lead` before its key frame on. `None` where there is no sound.
pub(super) fn sound(track: &Track, edits: &[Placed], piece: &Piece, lead: i64) -> Option<Sound> {
    let is_inside = |edit: &&Placed| edit.start < piece.time.end && edit.end > piece.time.start;
    let edit = edits.iter().find(is_inside)?;
    let heard = piece.time.start.max(edit.start)..piece.time.end.min(edit.end);
    let media = edit.media(heard.start);
    let (start, end) = (
        edit.media(piece.key),
        edit.media(piece.latest.max(heard.end)),
    );
    let preroll = track
        .sample_at(start.min(media))
        .saturating_sub(track.preroll);
    let first = preroll.min(track.sample_at(edit.media(piece.key - lead)));
    let last = track.sample_at(end - 1).max(track.sample_at(media));
    Some(Sound {
        heard: track.sample_at(media)..track.sample_at(edit.media(heard.end) - 1) + 1,
        samples: first..last + 1,
        media,
        silence: (heard.start - piece.time.start, piece.time.end - heard.end),
        start: edit.time(track.time_of(first)),
    })
}

/// The length of samples of sound in ticks of their track.
pub(super) fn duration(track: &Track, samples: &Range<u64>) -> i64 {
    track.time_of(samples.end) - track.time_of(samples.start)
}
