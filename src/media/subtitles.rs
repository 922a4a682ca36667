//! The subtitles beside a video.
//!
//! Knows which files of a folder go with a video by their names; must not know what is in them.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;

use super::dir::MediaDir;
use super::folder::{OpenFolder, Rank};
use super::name::MediaName;
use crate::subtitles::{Format, Track};

/// So many tracks are offered at the most: a menu of more would be of use to nobody.
const MAX_TRACKS: usize = 50;

/// One of the tracks of a video.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SubtitleFile {
    /// The file.
    pub(crate) name: MediaName,
    /// What its name says about it.
    pub(crate) track: Track,
}

/// The order of tracks: those without a language first, then by label. Two names that say the same (`en`, `eng`) are two
/// tracks; one name in two formats is one.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct TrackKey {
    has_language: bool,
    track: Track,
    infix: String,
}

impl MediaDir {
    /// The subtitles of a video: `film.srt`, `film.en.vtt`, `film.pt-BR.forced.srt` for `film.mp4`, in their order. Where
    /// the same name has both extensions, WebVTT is taken.
    ///
    /// Where `film.en.mp4` lies beside `film.mp4`, `film.en.srt` goes with both: with the one by its whole name, with the
    /// other by its language. One track too many is a line in a menu; one that is missing is a film that somebody
    /// cannot follow. Players that look for subtitles by themselves do the same.
    ///
    /// One pass over the folder, which keeps no more than it returns. Hidden names, and what is no regular file below
    /// the directory, links followed, are left out.
    ///
    /// # Errors
    ///
    /// `NotFound` if there is no such folder, `PermissionDenied` if it may not be read, or what reading it reports.
    pub(crate) fn subtitles_of(&self, video: &MediaName) -> io::Result<Vec<SubtitleFile>> {
        let folder = video.folder();
        let stem = video.stem().as_bytes();
        let open = OpenFolder::open(self, &folder)?;
        let mut found: BTreeMap<TrackKey, (Format, MediaName)> = BTreeMap::new();
        open.each(|name, said| {
            let Some((key, format)) = belongs(name, stem) else {
                return Ok(());
            };
            let Some(file) = folder.join(name) else {
                return Ok(());
            };
            let is_full = found.len() >= MAX_TRACKS;
            let is_beyond = found.last_key_value().is_some_and(|(last, _)| *last < key);
            let is_better = |other: &(Format, MediaName)| {
                (format, file.as_path()) < (other.0, other.1.as_path())
            };
            if is_full && is_beyond || found.get(&key).is_some_and(|other| !is_better(other)) {
                return Ok(());
            }
            if open.rank(name, said)? == Some(Rank::File) {
                found.insert(key, (format, file));
                if found.len() > MAX_TRACKS {
                    found.pop_last();
                }
            }
            Ok(())
        })?;
        let file = |(key, (_, name)): (TrackKey, _)| SubtitleFile {
            name,
            track: key.track,
        };
        Ok(found.into_iter().map(file).collect())
    }
}

/// What the name of a file says if the file goes with the video of that stem.
fn belongs(name: &OsStr, stem: &[u8]) -> Option<(TrackKey, Format)> {
    let (format, own_stem) = Format::of(name.as_bytes())?;
    let infix = match own_stem.strip_prefix(stem)? {
        [] => "",
        [b'.', infix @ ..] if !infix.is_empty() => std::str::from_utf8(infix).ok()?,
        _ => return None,
    };
    let track = Track::parse(infix)?;
    let key = TrackKey {
        has_language: track.language.is_some(),
        track,
        infix: infix.to_owned(),
    };
    Some((key, format))
}
