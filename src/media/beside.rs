//! Selection of the files that belong to a video, by their names.
//!
//! It processes each name once, for any number of videos and subtitles in the folder, and opens no file.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use super::entry::Entry;
use super::folder::Folder;
use super::name::{MediaName, is_video};
use crate::fold::fold;
use crate::subtitles::{Extension, Track, is_separator};

/// The maximum number of files in one folder that are examined further for one video.
const MAX_CANDIDATES: usize = 1_000;

/// A file with subtitles of a video, or a file that may contain some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SubtitleFile {
    /// The file.
    pub(crate) name: MediaName,
    /// The format that the name promises.
    pub(crate) extension: Extension,
    /// The language and notes from the name of the file.
    pub(crate) track: Track,
}

/// The video for which subtitles are searched.
#[derive(Debug)]
pub(super) struct Video {
    /// The name without the extension, folded.
    stem: String,
    /// The texts that follow the stem in the names of the other videos of the folder, folded. Files with these names
    /// belong to the other videos.
    claims: HashSet<String>,
    /// Whether the folder contains no other video.
    pub(super) is_alone: bool,
}

impl Video {
    /// Creates the video. `around` is its folder.
    pub(super) fn new(video: &MediaName, around: &Folder<'_>) -> Video {
        let stem = fold(&video.stem().to_string_lossy());
        let (mut claims, mut is_alone) = (HashSet::new(), true);
        let others = around.files().iter().map(|entry| &*entry.name);
        for other in others.filter(|it| is_video(it) && *it != video.file_name()) {
            is_alone = false;
            // Another video owns every file whose name begins with the video's name, with its extension
            // (`film.mkv.srt`) or without.
            if let Some(rest) = after(&other.to_string_lossy(), &stem).map(fold) {
                let without = rest.rsplit_once('.').map(|(stem, _)| stem.to_owned());
                claims.extend(without.filter(|stem| !stem.is_empty()));
                claims.insert(rest);
            }
        }
        Video {
            stem,
            claims,
            is_alone,
        }
    }

    /// Whether a folder has the name of the video.
    pub(super) fn is_named_like(&self, folder: &OsStr) -> bool {
        after(&folder.to_string_lossy(), &self.stem) == Some("")
    }

    /// Returns the files of a folder that have the video's name, except files that belong to another video with a
    /// longer name. With `all`, the second list has the subtitles with any other name.
    pub(super) fn candidates(&self, folder: &Folder<'_>, all: bool) -> [Vec<SubtitleFile>; 2] {
        let mut found = [Vec::new(), Vec::new()];
        for Entry { name, .. } in folder.files() {
            let Some((extension, stem)) = Extension::of(name.as_bytes()) else {
                continue;
            };
            let stem = String::from_utf8_lossy(stem);
            let infix = after(&stem, &self.stem);
            let infix = infix.filter(|it| it.is_empty() || it.starts_with(is_separator));
            let is_candidate = match infix {
                Some(infix) => !self.is_claimed(infix),
                // A `.txt` file without the video's name is probably no subtitle file.
                None => all && extension != Extension::Text,
            };
            let list = &mut found[usize::from(infix.is_none())];
            if is_candidate && list.len() < MAX_CANDIDATES {
                let track = Track::parse(infix.unwrap_or(&stem), infix.is_none());
                list.extend(folder.name.join(name).map(|name| SubtitleFile {
                    name,
                    extension,
                    track,
                }));
            }
        }
        found
    }

    fn is_claimed(&self, infix: &str) -> bool {
        let infix = fold(infix);
        let ends = infix.match_indices(is_separator).map(|(at, _)| at);
        let mut starts = ends.chain([infix.len()]).map(|end| &infix[..end]);
        starts.any(|start| self.claims.contains(start))
    }
}

/// Returns the rest of `text` after a folded prefix. `text` may be unfolded. Returns `None` if `text` has another
/// start.
fn after<'t>(text: &'t str, folded: &str) -> Option<&'t str> {
    let mut expected = folded;
    for (at, c) in text.char_indices() {
        // A combining accent is empty: it belongs to the letter before it.
        match expected.strip_prefix(&*fold(c.encode_utf8(&mut [0; 4]))) {
            Some(rest) => expected = rest,
            None => return expected.is_empty().then_some(&text[at..]),
        }
    }
    expected.is_empty().then_some("")
}
