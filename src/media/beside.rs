//! Selects the files that belong to a video, by their names.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use super::entry::Entry;
use super::folder::Folder;
use super::name::{MediaName, is_video};
use crate::fold::fold;
use crate::subtitles::{Extension, MenuTrack, is_separator};

/// The maximum number of files in each list of [`Video::candidates`].
const MAX_CANDIDATES: usize = 1_000;

/// A file that may contain subtitles of a video.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SubtitleFile {
    pub(crate) name: MediaName,
    /// The format, from the extension of the name.
    pub(crate) extension: Extension,
    /// The language and the label, from the rest of the name.
    pub(crate) track: MenuTrack,
}

/// The video for which subtitles are searched.
#[derive(Debug)]
pub(super) struct Video {
    /// The name without the extension, folded (without case and accents).
    stem: String,
    /// For each other video whose name begins with `stem`: the rest of its name after `stem`, folded. Example: for
    /// `film.mkv`, the video `film 2.mkv` gives ` 2` and ` 2.mkv`. A subtitle file whose name has such a rest after
    /// `stem` belongs to the other video.
    claims: HashSet<String>,
    /// Whether the folder contains no other video.
    pub(super) is_alone: bool,
}

impl Video {
    pub(super) fn new(video: &MediaName, around: &Folder<'_>) -> Video {
        let stem = fold(&video.stem().to_string_lossy());
        let (mut claims, mut is_alone) = (HashSet::new(), true);
        let others = around.files().iter().map(|entry| &*entry.name);
        for other in others.filter(|it| is_video(it) && *it != video.file_name()) {
            is_alone = false;
            // The subtitles of the other video may be `film 2.srt` or `film 2.mkv.srt`.
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

    /// Returns two lists of the subtitle files in a folder. The first list has the files whose names begin with the
    /// name of the video, but not the files that belong to another video. If `all` is true, the second list has the
    /// files whose names begin differently. Otherwise, it is empty.
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
                let track = MenuTrack::parse(infix.unwrap_or(&stem), infix.is_none());
                list.extend(folder.name.join(name).map(|name| SubtitleFile {
                    name,
                    extension,
                    track,
                }));
            }
        }
        found
    }

    /// Returns whether a subtitle file belongs to another video. `infix` is the part of its name after the stem of this
    /// video. The file belongs to another video if `claims` contains `infix`, or a part of `infix` from its start to a
    /// separator.
    fn is_claimed(&self, infix: &str) -> bool {
        let infix = fold(infix);
        let ends = infix.match_indices(is_separator).map(|(at, _)| at);
        let mut starts = ends.chain([infix.len()]).map(|end| &infix[..end]);
        starts.any(|start| self.claims.contains(start))
    }
}

/// Returns the rest of `text` after the prefix `folded`; `None` if `text` does not begin with it. `text` itself is not
/// folded: `after("FILM.en", "film")` → `.en`.
fn after<'t>(text: &'t str, folded: &str) -> Option<&'t str> {
    let mut expected = folded;
    for (at, c) in text.char_indices() {
        // A combining accent folds to an empty text, so it stays with the letter before it.
        match expected.strip_prefix(&*fold(c.encode_utf8(&mut [0; 4]))) {
            Some(rest) => expected = rest,
            None => return expected.is_empty().then_some(&text[at..]),
        }
    }
    expected.is_empty().then_some("")
}
