//! The subtitles beside a video.
//!
//! Knows which files of a folder go with a video by their names; must not know what is in them.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;

use rustix::fs::FileType;

use super::dir::MediaDir;
use super::file::Details;
use super::folder::OpenFolder;
use super::name::MediaName;
use crate::subtitles::{Format, MAX_LENGTH, Track};

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
    /// One pass over the folder, which keeps no more than it returns. Hidden names, what is no regular file below the
    /// directory, links followed, and what is too long to be converted are left out.
    ///
    /// # Errors
    ///
    /// `NotFound` if there is no such folder, `PermissionDenied` if it may not be read, or what reading it reports.
    pub(crate) fn subtitles_of(&self, video: &MediaName) -> io::Result<Vec<SubtitleFile>> {
        let folder = video.folder();
        let stem = video.stem().as_bytes();
        let open = OpenFolder::open(self, &folder)?;
        // In order, so few that a place is quickly found.
        let mut found: Vec<(TrackKey, Format, MediaName)> = Vec::new();
        open.each(|name, said| {
            let Some((key, format)) = belongs(name, stem) else {
                return Ok(());
            };
            let Some(file) = folder.join(name) else {
                return Ok(());
            };
            let place = found.binary_search_by(|(other, ..)| other.cmp(&key));
            let is_wanted = match place {
                Ok(at) => (format, file.as_path()) < (found[at].1, found[at].2.as_path()),
                Err(at) => at < MAX_TRACKS,
            };
            // What is too long to be converted would be a line in the menu that does nothing.
            let is_offered =
                |it: Details| it.file_type == FileType::RegularFile && it.length <= MAX_LENGTH;
            if is_wanted && open.look_at(name, said)?.is_some_and(is_offered) {
                match place {
                    Ok(at) => found[at] = (key, format, file),
                    Err(at) => found.insert(at, (key, format, file)),
                }
                found.truncate(MAX_TRACKS);
            }
            Ok(())
        })?;
        let file = |(key, _, name): (TrackKey, _, _)| SubtitleFile {
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
