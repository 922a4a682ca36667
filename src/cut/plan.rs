//! Plans the decoding and composition times of the samples in the cut, and the edit lists.
//!
//! Players that ignore edit lists also show the frames between the key frame and the start of each part. These players
//! must stay in sync. So the media times of both tracks are parallel. From the first audio sample of a part to its key
//! frame, the cut and the source have the same interval.

use super::error::{CutError, Result};
use super::frames::{Frames, IsStart};
use super::numbers::scale;
use super::selection::{Pictures, Piece, pictures};
use super::source::Source;
use super::timeline::{Bound, split};

/// The maximum number of frames to visit. Half of this number are ten hours at 120 frames a second.
const WORK: u32 = 8_000_000;

/// A row of an edit list: a duration in ticks of the cut, and a media time. An empty edit has no media time.
pub(super) type OutputEdit = (i64, Option<i64>);

/// The content of the cut.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) pieces: Vec<Piece>,
    /// The edit lists of the video track and of the audio track.
    pub(super) edits: [Vec<OutputEdit>; 2],
    /// The duration in ticks of the cut.
    pub(super) duration: i64,
}

/// The start and the end of a part, in milliseconds from the start of the film. Without an end, the part ends with the
/// film.
pub(crate) type Interval = (u64, Option<u64>);

/// Chooses the samples for the parts of a film. Each part begins at a key frame for which `is_start` returns true, the
/// first part only if such a key frame is near.
pub(super) fn plan(source: &Source, intervals: &[Interval], is_start: IsStart) -> Result<Plan> {
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
    let (video, sound) = (source.edits(0), source.edits(1));
    let track = source.tracks[0].as_ref();
    let mut frames = track.map(|track| Frames::new(track, WORK));
    let mut pieces: Vec<Piece> = Vec::new();
    for part in split(&parts, video, sound)? {
        let piece = match &mut frames {
            Some(frames) => {
                let is_first = pieces.iter().all(|it| it.pictures.is_none());
                pictures(frames, video, &part, is_first, is_start)?
            }
            None => Piece::without_pictures(&part),
        };
        pieces.extend(piece.filter(|it| it.pictures.is_some() || it.heard(sound).is_some()));
    }
    if pieces.is_empty() {
        return Err(CutError::Parts(
            "The parts lie between two frames of the film",
        ));
    }
    drop_gaps(&mut pieces);
    Ok(compose(source, pieces))
}

/// Removes the pieces without a picture between two pieces with pictures. They would be empty edits, and players do not
/// apply an empty edit after another edit.
fn drop_gaps(pieces: &mut Vec<Piece>) {
    let has_pictures = |piece: &Piece| piece.pictures.is_some();
    let first = pieces.iter().position(has_pictures);
    let last = pieces.iter().rposition(has_pictures);
    if let (Some(first), Some(last)) = (first, last) {
        let gaps = pieces.extract_if(first..last, |piece| piece.pictures.is_none());
        gaps.for_each(drop);
    }
}

/// Places the pieces one after the other.
fn compose(source: &Source, mut pieces: Vec<Piece>) -> Plan {
    let leads = pieces.iter().filter_map(|piece| piece.pictures.as_ref());
    let mut composer = Composer {
        lead: leads.map(|pictures| pictures.lead).max().unwrap_or(0),
        ..Composer::default()
    };
    for piece in &mut pieces {
        let length = piece.time.end - piece.time.start;
        let key = composer.add_sound(source, piece);
        let pictures = piece.pictures.as_mut();
        let shown = pictures.map(|pictures| composer.add_pictures(pictures, key));
        composer.plan.edits[0].push((length, shown));
        composer.plan.duration += length;
    }
    let mut plan = composer.plan;
    for edits in &mut plan.edits {
        while edits.pop_if(|edit| edit.1.is_none()).is_some() {}
    }
    Plan { pieces, ..plan }
}

/// The position of the next piece.
#[derive(Default)]
struct Composer {
    plan: Plan,
    /// The maximum time between decoding and composition that a piece needs.
    lead: i64,
    /// The time between decoding and composition in the cut. `None` until the first frame is placed.
    delay: Option<i64>,
    /// The media time at which the video samples so far end.
    end: i64,
    /// The decoding time of the last frame so far.
    decoded: i64,
    /// The media time at which the audio samples so far end, in ticks of the audio track.
    heard: i64,
}

impl Composer {
    /// Adds the audio samples of a piece, with the samples that a decoder needs before them. Returns the media time for
    /// the key frame.
    fn add_sound(&mut self, source: &Source, piece: &mut Piece) -> i64 {
        let edits = &mut self.plan.edits[1];
        let track = source.tracks[1].as_ref();
        let edit = track.and_then(|track| piece.heard(&track.edits));
        let (Some(track), Some(edit)) = (track, edit) else {
            edits.push((piece.time.end - piece.time.start, None));
            return self.end;
        };
        let heard = piece.time.start.max(edit.start)..piece.time.end.min(edit.end);
        let media = edit.media(heard.start);
        let end = edit.media(piece.latest.max(heard.end));
        let preroll = track.sample_at(edit.media(piece.key).min(media));
        let mut first = preroll.saturating_sub(track.preroll);
        // The first key frame of the cut is decoded before its composition time.
        let pictures = piece.pictures.as_ref().filter(|_| self.delay.is_none());
        let lead = pictures.map_or(0, |pictures| least_key(pictures, self.lead));
        first = first.min(track.sample_at(edit.media(piece.key - lead)));
        let last = track.sample_at(end - 1).max(track.sample_at(media));

        let start = track.time_of(first);
        let rows = [
            (heard.start - piece.time.start, None),
            (heard.end - heard.start, Some(self.heard + media - start)),
            (piece.time.end - heard.end, None),
        ];
        edits.extend(rows.into_iter().filter(|edit| edit.0 > 0));
        let from = track.sample_at(media);
        let to = track.sample_at(edit.media(heard.end) - 1) + 1;
        piece.sound = [first..from, from..to, to..last + 1];
        let before = scale(self.heard, source.timescale, track.timescale);
        self.heard += track.time_of(last + 1) - start;
        self.end.max(before + piece.key - edit.time(start))
    }

    /// Adds the video samples of a piece, with the key frame at `key` or later. Returns the media time of the first
    /// visible frame.
    fn add_pictures(&mut self, pictures: &mut Pictures, mut key: i64) -> i64 {
        let offset = pictures.key - pictures.decoded;
        let is_first = self.delay.is_none();
        if is_first {
            key = key.max(least_key(pictures, self.lead));
        }
        // In all pieces, the first visible frame has the same time between decoding and start. ffmpeg derives times
        // from the decoding time, and browsers derive times from the start.
        let delay = *self.delay.get_or_insert(pictures.lead + key - offset);
        pictures.lower = delay - pictures.lead;
        if !is_first {
            key = key.max(self.decoded + 1 + pictures.lower + offset);
        }
        pictures.shift = key - pictures.key;
        self.decoded = pictures.last_decoded + pictures.shift - pictures.lower;
        self.end = pictures.latest + pictures.shift;
        pictures.shown.start + pictures.shift
    }
}

/// Returns the least media time of the first key frame of the cut, whose decoding time is zero.
fn least_key(pictures: &Pictures, lead: i64) -> i64 {
    pictures.key - pictures.decoded + lead - pictures.lead
}
