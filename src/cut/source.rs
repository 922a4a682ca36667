//! Reads the film that is cut: the position of its index (`moov`), and its tracks.

use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;

use super::error::{CutError, Result};
use super::frames::end_of;
use super::numbers::index;
use super::timeline::{self, PlacedEdit};
use super::track::{self, SourceTrack, require_box};
use crate::container::{child, mp4_index, named};

const NO_INDEX: &str = "Only complete MP4 and QuickTime files can be cut";
const FRAGMENTED: &str = "This film is fragmented; only a film with a complete index can be cut";

pub(crate) fn find_index<R: Read + Seek>(input: &mut R) -> Result<Range<u64>> {
    mp4_index(input)
        .map_err(CutError::Io)?
        .ok_or(CutError::File(NO_INDEX))
}

/// Reads `length` bytes, or fewer at the end of the file.
pub(super) fn read<R: Read + Seek>(input: &mut R, at: u64, length: u64) -> Result<Vec<u8>> {
    // The callers reject a box that is larger than the file, so this allocation is limited.
    let mut bytes = Vec::with_capacity(index(length));
    let seek = input.seek(SeekFrom::Start(at));
    let read = seek.and_then(|_| input.take(length).read_to_end(&mut bytes));
    read.map_err(CutError::Io)?;
    Ok(bytes)
}

/// The tracks that a cut takes from a film.
#[derive(Debug)]
pub(super) struct Source<'a> {
    pub(super) mvhd: &'a [u8],
    pub(super) tracks: [Option<SourceTrack<'a>>; 2],
    /// The edits of each track. They map the times of the film to the media times of the track.
    pub(super) edits: [Vec<PlacedEdit>; 2],
    /// The number of ticks per second in the cut. It is the timescale of the video track, so that edits of whole video
    /// frames have exact durations. Without a video track, it is the timescale of the audio track.
    pub(super) timescale: u32,
    /// The end of the film in ticks of the cut.
    pub(super) end: i64,
}

impl<'a> Source<'a> {
    /// Reads the body of `moov`. Keeps the video track and the audio track that a player plays.
    pub(super) fn read(moov: &'a [u8]) -> Result<Self> {
        if child(moov, b"mvex").is_some() {
            return Err(CutError::File(FRAGMENTED));
        }
        let mvhd = require_box(moov, b"mvhd")?;
        let mut tracks = [None::<SourceTrack>, None];
        for trak in named(moov, b"trak") {
            let Some(track) = SourceTrack::read(trak)? else {
                continue;
            };
            // Keeps the first enabled track. If all are disabled, keeps the first track.
            let kept = &mut tracks[usize::from(!track.is_video)];
            let is_better = |kept: &SourceTrack| track.is_enabled && !kept.is_enabled;
            if kept.as_ref().is_none_or(is_better) {
                *kept = Some(track);
            }
        }
        // A disabled video track beside an audio track is a cover picture, so the cut leaves it out.
        if tracks[1].is_some() {
            tracks[0].take_if(|track| !track.is_enabled);
        }
        let main = tracks.iter().flatten().next();
        let timescale = main.ok_or(CutError::File(NO_INDEX))?.timescale;
        let (movie, mut edits) = (track::timescale(mvhd)?, [Vec::new(), Vec::new()]);
        for (track, edits) in tracks.iter().zip(&mut edits) {
            if let Some(track) = track {
                let elst = child(track.trak, b"edts").and_then(|edts| child(edts, b"elst"));
                let timescales = [movie, track.timescale, timescale];
                *edits = timeline::edits(elst, end_of(track)?, timescales)?;
            }
        }
        let ends = edits.iter().flatten().map(|edit| edit.end);
        let end = ends.max().unwrap_or(0);
        // Audio often ends some milliseconds later than video. If the difference is less than half a second, the final
        // frame stays visible until the audio ends. So the cut has no extra part without a picture.
        let last = edits[0].last_mut();
        if let Some(last) = last.filter(|it| end - it.end < i64::from(timescale / 2)) {
            last.end = end;
        }
        Ok(Self {
            mvhd,
            tracks,
            edits,
            timescale,
            end,
        })
    }
}
