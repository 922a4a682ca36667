//! When each sample of the cut is decoded and shown, and the edit lists.
//!
//! Players that ignore edit lists show the lead-in of each part too, and must stay in sync. So the media times of the
//! tracks run side by side: a key frame is shown as long after the first sound of its part as in the source.

use std::ops::Range;

use super::error::{CutError, Result};
use super::frames::{Frames, end_of};
use super::numbers::scale;
use super::selection::{Pictures, Piece, duration, pictures, sound};
use super::source::Source;
use super::timeline::{Bound, Part, Placed, place, split};
use super::track::Track;

/// Frames that are looked at to choose those of a cut: ten hours at 120 frames a second are half of them.
const WORK: u32 = 8_000_000;

/// A row of an edit list: a duration in ticks of the cut, and a media time, which an empty edit lacks.
pub(super) type OutputEdit = (i64, Option<i64>);

/// What the cut is made of.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) pieces: Vec<PlannedPiece>,
    /// The edit list of each track, the video track first.
    pub(super) edits: Vec<Vec<OutputEdit>>,
    /// In ticks of the cut.
    pub(super) duration: i64,
}

/// The samples of one piece.
#[derive(Debug, Default)]
pub(super) struct PlannedPiece {
    pub(super) pictures: Option<PlannedPictures>,
    /// The samples of each sound track: those before what is heard, what is heard, and those after it.
    pub(super) sounds: Vec<[Range<u64>; 3]>,
}

/// Pictures and by how much their times change.
#[derive(Debug)]
pub(super) struct PlannedPictures {
    pub(super) pictures: Pictures,
    /// New composition time − old one.
    pub(super) shift: i64,
    /// By how much less the decoding times change.
    pub(super) lower: i64,
}

/// Milliseconds from the start of the film; to its end where there is no end.
pub(crate) type Interval = (u64, Option<u64>);

/// Chooses the samples for the parts of a film.
pub(super) fn plan(source: &Source, intervals: &[Interval]) -> Result<Plan> {
    let movie = source.timescale();
    let placed = |track: &Track| {
        let (edits, end) = (track.edits.as_deref(), end_of(track)?);
        Ok(place(
            edits,
            track.timescale,
            end,
            source.movie_timescale,
            movie,
        ))
    };
    let mut video = source
        .video
        .as_ref()
        .map(placed)
        .transpose()?
        .unwrap_or_default();
    let sounds: Vec<Vec<Placed>> = source.sounds.iter().map(placed).collect::<Result<_>>()?;
    let all = video.iter().chain(sounds.iter().flatten());
    let movie_end = all.map(|edit| edit.end).max().unwrap_or(0);
    // Sound often goes on for some milliseconds. The last frame stays on show, so that this is no part of its own.
    let near = |last: &&mut Placed| movie_end - last.end < i64::from(movie / 2);
    if let Some(last) = video.last_mut().filter(near) {
        last.end = movie_end;
    }
    let mut parts = Vec::new();
    for &(start, end) in intervals {
        let start = Bound::milliseconds(start, movie);
        if start.at >= movie_end {
            return Err(CutError::Parts("A part begins after the end of the film"));
        }
        let end = end.map(|end| Bound::milliseconds(end, movie));
        let end = end.filter(|end| end.at < movie_end);
        parts.push(Part {
            start,
            end: end.unwrap_or(Bound::exact(movie_end)),
        });
    }
    let mut frames = source.video.as_ref().map(|track| Frames::new(track, WORK));
    let mut pieces = Vec::new();
    for part in split(&parts, &video, &sounds)? {
        let piece = match &mut frames {
            Some(frames) => pictures(frames, &video, &part)?,
            None => Piece::without_pictures(&part),
        };
        let has_sound = |piece: &Piece| {
            let tracks = source.sounds.iter().zip(&sounds);
            tracks
                .into_iter()
                .any(|(track, edits)| sound(track, edits, piece, 0).is_some())
        };
        pieces.extend(piece.filter(|piece| piece.pictures.is_some() || has_sound(piece)));
    }
    if pieces.is_empty() {
        return Err(CutError::Parts(
            "The parts lie between two frames of the film",
        ));
    }
    Ok(Composer::new(source, &sounds, &pieces).compose(&pieces))
}

/// Lays pieces one after the other.
struct Composer<'s, 'a> {
    source: &'s Source<'a>,
    placed: &'s [Vec<Placed>],
    plan: Plan,
    /// The greatest time between decoding and showing that a piece needs.
    lead: i64,
    /// That time in the cut, once its first frame is placed.
    delay: Option<i64>,
    /// The media time of the end of the pictures so far.
    end: i64,
    /// The decoding time of the last frame so far.
    decoded: i64,
    /// The media time of the end of each sound track so far, in its own ticks.
    heard: Vec<i64>,
}

impl<'s, 'a> Composer<'s, 'a> {
    fn new(source: &'s Source<'a>, placed: &'s [Vec<Placed>], pieces: &[Piece]) -> Self {
        let tracks = source.sounds.len() + usize::from(source.video.is_some());
        let leads = pieces.iter().filter_map(|piece| piece.pictures.as_ref());
        Self {
            source,
            placed,
            plan: Plan {
                pieces: Vec::new(),
                edits: vec![Vec::new(); tracks],
                duration: 0,
            },
            lead: leads.map(|pictures| pictures.lead).max().unwrap_or(0),
            delay: None,
            end: 0,
            decoded: 0,
            heard: vec![0; source.sounds.len()],
        }
    }

    fn compose(mut self, pieces: &[Piece]) -> Plan {
        for piece in pieces {
            let length = piece.time.end - piece.time.start;
            let mut planned = PlannedPiece::default();
            let key = self.add_sounds(piece, &mut planned);
            if let Some(pictures) = &piece.pictures {
                let placed = self.place(pictures, key);
                self.plan.edits[0].push((length, Some(pictures.shown.start + placed.shift)));
                planned.pictures = Some(placed);
            } else if self.source.video.is_some() {
                self.plan.edits[0].push((length, None));
            }
            self.plan.duration += length;
            self.plan.pieces.push(planned);
        }
        for edits in &mut self.plan.edits {
            while edits.pop_if(|edit| edit.1.is_none()).is_some() {}
        }
        self.plan
    }

    /// Adds the sound of a piece; returns the media time for its key frame.
    fn add_sounds(&mut self, piece: &Piece, planned: &mut PlannedPiece) -> i64 {
        let movie = self.source.timescale();
        let length = piece.time.end - piece.time.start;
        let lead = match &piece.pictures {
            Some(pictures) if self.delay.is_none() => self.least_key(pictures),
            _ => 0,
        };
        let mut key = self.end;
        let first = usize::from(self.source.video.is_some());
        for (at, track) in self.source.sounds.iter().enumerate() {
            let edits = &mut self.plan.edits[first + at];
            let Some(sound) = sound(track, &self.placed[at], piece, lead) else {
                edits.push((length, None));
                planned.sounds.push(Default::default());
                continue;
            };
            let position = &mut self.heard[at];
            key = key.max(scale(*position, movie, track.timescale) + piece.key - sound.start);
            let media = *position + sound.media - track.time_of(sound.samples.start);
            let (before, after) = sound.silence;
            let rows = [
                (before, None),
                (length - before - after, Some(media)),
                (after, None),
            ];
            edits.extend(rows.into_iter().filter(|edit| edit.0 > 0));
            *position += duration(track, &sound.samples);
            let (all, heard) = (sound.samples, sound.heard);
            let before = all.start..heard.start;
            planned
                .sounds
                .push([before, heard.clone(), heard.end..all.end]);
        }
        key
    }

    /// The least media time of the first key frame of the cut, whose decoding time is zero.
    fn least_key(&self, pictures: &Pictures) -> i64 {
        pictures.key - pictures.decoded + self.lead - pictures.lead
    }

    fn place(&mut self, pictures: &Pictures, mut key: i64) -> PlannedPictures {
        let offset = pictures.key - pictures.decoded;
        let is_first = self.delay.is_none();
        if is_first {
            key = key.max(self.least_key(pictures));
        }
        // The time from the decoding of the first frame that is shown to its start is the same in all pieces, because
        // ffmpeg derives times from the one and browsers from the other.
        let delay = *self.delay.get_or_insert(pictures.lead + key - offset);
        let lower = delay - pictures.lead;
        if !is_first {
            key = key.max(self.decoded + 1 + lower + offset);
        }
        let shift = key - pictures.key;
        let last = |track: &Track| track.time_of(pictures.samples.end - 1);
        let last = self.source.video.as_ref().map_or(0, last);
        self.decoded = last + shift - lower;
        self.end = pictures.latest + shift;
        PlannedPictures {
            pictures: pictures.clone(),
            shift,
            lower,
        }
    }
}
