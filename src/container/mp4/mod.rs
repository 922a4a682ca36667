//! ISO base media files and QuickTime: from the boxes of a file to its tracks.
//!
//! Knows where the movie lies, and which tracks play. Must not know Matroska.

mod boxes;
mod fragments;
mod movie;
mod sample_entry;

use std::time::Duration;

use super::bits::fourcc_at;
use super::info::{Container, Found, FoundTrack, Kind};
use super::reader::{Reader, Result};
use boxes::Walk;
use movie::Movie;

/// Whether a file begins like one of this family. Old QuickTime files have no `ftyp`, and some begin with the media.
pub(super) fn starts(start: &[u8]) -> bool {
    let name = fourcc_at(start, 4).unwrap_or_default();
    [
        b"ftyp", b"styp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"uuid",
    ]
    .contains(&&name)
}

/// Reads what the file says. What is found before an error stays.
pub(super) fn read(reader: &mut Reader, found: &mut Found) -> Result<()> {
    let mut walk = Walk::new(reader.from(0));
    while let Some(head) = walk.next(reader, &[])? {
        match &head.name {
            b"ftyp" => {
                found.container = Some(match reader.body(head.body, 4)?.as_slice() {
                    b"qt  " => Container::QuickTime,
                    _ => Container::Mp4,
                });
            }
            b"moov" => {
                found.container.get_or_insert(Container::QuickTime);
                let mut movie = Movie::default();
                let result = movie.read(reader, head.body);
                describe(&mut movie, found);
                result?;
                found.duration = duration(&movie, reader, head.body.end)?;
                return Ok(());
            }
            _ => {}
        }
    }
    Ok(())
}

/// How long the movie plays. The `mvhd` of a fragmented movie counts only the samples that `moov` names, or, where it
/// names none, all of them.
fn duration(movie: &Movie, reader: &mut Reader, end: u64) -> Result<Option<Duration>> {
    let has_samples = movie.tracks.iter().any(|track| track.has_samples);
    let is_whole = !movie.is_fragmented || !has_samples;
    let known = movie
        .fragmented_length
        .or(movie.length.filter(|_| is_whole));
    if known.is_some() || !movie.is_fragmented {
        return Ok(known);
    }
    fragments::duration(reader, end, movie)
}

/// Adds the tracks that play.
fn describe(movie: &mut Movie, found: &mut Found) {
    let chapters = movie.tracks.iter().flat_map(|track| track.chapters.clone());
    let chapters: Vec<u32> = chapters.collect();
    for track in &mut movie.tracks {
        let kind = match track.handler.as_ref() {
            // The pictures of chapters are no film.
            Some(b"vide") if !chapters.contains(&track.id) => Kind::Video,
            Some(b"soun") => Kind::Audio,
            _ => continue,
        };
        let Some(mut described) = sample_entry::read(kind, &track.entry) else {
            continue;
        };
        if track.is_rotated != movie.is_rotated {
            described.rotate();
        }
        described.language = track.language.take();
        found.add(FoundTrack {
            kind,
            enabled: !track.is_disabled,
            track: described,
        });
    }
}
