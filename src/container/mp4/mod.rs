//! Reads ISO base media files and QuickTime files.

mod boxes;
mod chapters;
mod cover;
mod fragments;
mod movie;
mod sample_entry;
mod samples;
mod subtitles;
mod timed_text;

use std::ops::Range;
use std::time::Duration;

use super::bits::fourcc_at;
use super::info::{MediaInfo, SubtitleTrack};
use super::reader::Reader;
use movie::Movie;

pub(crate) use boxes::{child, in_memory, named, width};
pub(super) use chapters::chapters;
pub(super) use cover::cover;
pub(crate) use sample_entry::{is_encrypted, sample_entry};
pub(super) use subtitles::cues;

/// Finds the body of `moov`. Returns `None` if no complete `moov` precedes the fragments.
pub(super) fn index(reader: &mut Reader) -> Option<Range<u64>> {
    let moov = movie::find(reader).1.filter(|head| !head.is_cut)?;
    Some(moov.body.start..moov.body.end)
}

/// Returns whether the first box of a file is one of ISO base media or QuickTime. Not every file begins with `ftyp`.
pub(super) fn starts(start: &[u8]) -> bool {
    let name = fourcc_at(start, 4).unwrap_or_default();
    [
        b"ftyp", b"styp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"uuid",
    ]
    .contains(&&name)
}

pub(super) fn read(reader: &mut Reader) -> Option<MediaInfo> {
    let (container, moov) = movie::find(reader);
    let mut found = MediaInfo {
        container: container?,
        ..MediaInfo::default()
    };
    if let Some(moov) = moov {
        let mut movie = Movie::default();
        movie.read(reader, moov.body);
        describe(&movie, &mut found);
        found.is_fragmented = movie.is_fragmented;
        if !reader.is_stopped {
            found.duration = duration(&movie, reader, moov.body.end);
        }
    }
    Some(found.finish())
}

/// Returns the duration of the movie. If the `moov` of a fragmented movie has samples, its `mvhd` has only the duration
/// of these samples. The function then ignores `mvhd`.
fn duration(movie: &Movie, reader: &mut Reader, end: u64) -> Option<Duration> {
    let has_samples = movie.tracks.iter().any(|track| track.has_samples);
    let is_whole = !movie.is_fragmented || !has_samples;
    let duration = movie.duration.filter(|_| is_whole);
    match movie.fragmented_duration.or(duration) {
        None if movie.is_fragmented => fragments::duration(reader, end, movie),
        known => known,
    }
}

/// Adds the tracks to the description. Skips tracks that contain the images or titles of chapters.
fn describe(movie: &Movie, found: &mut MediaInfo) {
    for track in movie.tracks.iter().filter(|it| !movie.is_chapters(it.id)) {
        if let Some(fourcc) = fourcc_at(&track.entry, 4).filter(|_| track.is_subtitle()) {
            found.subtitles.push(SubtitleTrack {
                number: track.id.into(),
                format: subtitles::format(fourcc),
                language: track.language.clone(),
                title: track.title.clone(),
                is_default: !track.is_disabled,
                is_forced: false,
            });
        }
        let is_video = &track.handler == b"vide";
        let entry = sample_entry(is_video, &track.entry).filter(|_| track.is_picture_or_sound());
        let Some(mut described) = entry else {
            continue;
        };
        if track.is_rotated != movie.is_rotated {
            std::mem::swap(&mut described.width, &mut described.height);
        }
        described.language = track.language.clone();
        described.title = track.title.clone();
        described.is_disabled = track.is_disabled;
        if is_video {
            found.add_video(described);
        } else {
            found.audio.push(described);
        }
    }
}
