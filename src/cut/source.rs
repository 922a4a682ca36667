//! The film that is cut: where its index lies, and what is in it.

use std::io::{Read, Seek, SeekFrom};

use super::boxes::{child, wide};
use super::error::{CutError, Result};
use super::numbers::index;
use super::track::{Kind, Track};
use crate::container::{fourcc_at, in_memory, number_at, u32_at};

/// Boxes of the file that are passed to find its index.
const MAX_BOXES: usize = 4096;
/// Bytes of the longest `ftyp`.
const MAX_FTYP: u64 = 4096;
/// Sound tracks that are kept.
const MAX_SOUNDS: usize = 8;

const NO_INDEX: &str = "Only complete MP4 and QuickTime files can be cut";
const FRAGMENTED: &str = "This film is fragmented: it has no index that a cut could be made from";

/// Where the boxes lie that say what is in a file: positions of their bodies, and lengths.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Index {
    ftyp: (u64, u64),
    moov: (u64, u64),
}

impl Index {
    /// Finds the index of a file.
    ///
    /// # Errors
    /// What the input reports, or [`CutError::File`] where there is no index.
    pub(crate) fn find<R: Read + Seek>(input: &mut R) -> Result<Self> {
        let file = input.seek(SeekFrom::End(0))?;
        let (mut found, mut at) = (Self::default(), 0);
        for _ in 0..MAX_BOXES {
            let head = read(input, at, 16)?;
            let Some((name, size)) = fourcc_at(&head, 4).zip(number_at(&head, 0, 4)) else {
                break;
            };
            let (header, size) = match size {
                0 => (8, file - at),
                1 => (16, number_at(&head, 8, 8).unwrap_or(0)),
                size => (8, size),
            };
            let Some(end) = at
                .checked_add(size)
                .filter(|end| size >= header && *end <= file)
            else {
                break;
            };
            match &name {
                b"ftyp" => found.ftyp = (at + header, size - header),
                b"moov" => {
                    found.moov = (at + header, size - header);
                    return Ok(found);
                }
                b"moof" => return Err(CutError::File(FRAGMENTED)),
                _ => {}
            }
            at = end;
        }
        Err(CutError::File(NO_INDEX))
    }

    /// The bytes of the index in memory.
    pub(crate) fn length(&self) -> u64 {
        self.moov.1
    }

    /// Reads the bodies of `ftyp` and `moov`.
    pub(super) fn read<R: Read + Seek>(&self, input: &mut R) -> Result<(Vec<u8>, Vec<u8>)> {
        let ftyp = read(input, self.ftyp.0, self.ftyp.1.min(MAX_FTYP))?;
        let moov = read(input, self.moov.0, self.moov.1)?;
        Ok((ftyp, moov))
    }
}

/// Reads so many bytes; fewer at the end of the file.
pub(super) fn read<R: Read + Seek>(input: &mut R, at: u64, length: u64) -> Result<Vec<u8>> {
    input.seek(SeekFrom::Start(at))?;
    // Never more than the file has: a box that claims more has been refused.
    let mut bytes = Vec::with_capacity(index(length));
    input.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The tracks of a film that a cut carries.
#[derive(Debug)]
pub(super) struct Source<'a> {
    /// The body of `mvhd`.
    pub(super) mvhd: &'a [u8],
    pub(super) movie_timescale: u32,
    pub(super) video: Option<Track<'a>>,
    pub(super) sounds: Vec<Track<'a>>,
}

impl<'a> Source<'a> {
    /// Reads the body of `moov`. Keeps the picture that a player shows, and the sound.
    pub(super) fn read(moov: &'a [u8]) -> Result<Self> {
        if child(moov, b"mvex").is_some() {
            return Err(CutError::File(FRAGMENTED));
        }
        let mvhd = child(moov, b"mvhd").ok_or(CutError::DAMAGED)?;
        let at = if wide(mvhd) == 8 { 20 } else { 12 };
        let movie_timescale = u32_at(mvhd, at)
            .filter(|ticks| *ticks > 0)
            .ok_or(CutError::DAMAGED)?;
        let (mut videos, mut sounds) = (Vec::new(), Vec::new());
        for (_, trak) in in_memory(moov).filter(|it| &it.0 == b"trak") {
            if let Some(track) = Track::read(trak, movie_timescale)? {
                match track.kind {
                    Kind::Video => videos.push(track),
                    Kind::Sound => sounds.push(track),
                }
            }
        }
        sounds.sort_by_key(|track: &Track| !track.is_enabled);
        sounds.truncate(MAX_SOUNDS);
        videos.sort_by_key(|track: &Track| !track.is_enabled);
        // A disabled picture beside sound is a cover.
        let is_shown = |track: &Track| track.is_enabled || sounds.is_empty();
        let video = videos.into_iter().next().filter(is_shown);
        if video.is_none() && sounds.is_empty() {
            return Err(CutError::File(NO_INDEX));
        }
        Ok(Self {
            mvhd,
            movie_timescale,
            video,
            sounds,
        })
    }

    /// Ticks of a second in the cut: those of the picture, so that the edits of all tracks can have the same durations.
    pub(super) fn timescale(&self) -> u32 {
        self.tracks().next().map_or(1, |track| track.timescale)
    }

    /// All tracks, the picture first.
    pub(super) fn tracks(&self) -> impl Iterator<Item = &Track<'a>> {
        self.video.iter().chain(&self.sounds)
    }
}
