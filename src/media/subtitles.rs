//! The subtitles of a video: beside it, and in the folders for subtitles beside it.
//!
//! `beside` decides which names belong to a video. This module looks them up and puts them into order.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::PathBuf;

use rustix::fs::FileType;

use super::beside::{Candidate, Video, has_extension, is_subtitle_folder};
use super::dir::MediaDir;
use super::entry::unless_gone;
use super::folder::Folder;
use super::name::{FolderName, MediaName};
use crate::subtitles::{Extension, MAX_LENGTH, PICTURES, Track, is_text};

/// The most tracks that are offered. A longer menu is of no use.
const MAX_TRACKS: usize = 50;
/// The most files in other formats that are named.
const MAX_UNSUPPORTED: usize = 10;
/// The most folders that are read for one video, beside its own.
const MAX_FOLDERS: usize = 4;
/// The bytes that tell whether a file of a doubtful name holds subtitles.
const HEAD: u64 = 4096;

/// Subtitles of a video.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Subtitles {
    /// Files that become tracks, in order, each with a label of its own.
    pub(crate) tracks: Vec<SubtitleFile>,
    /// Files that are not converted, with the format in words.
    pub(crate) unsupported: Vec<(MediaName, &'static str)>,
}

/// One of the tracks of a video.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SubtitleFile {
    /// The file.
    pub(crate) name: MediaName,
    /// Language and notes from its name.
    pub(crate) track: Track,
}

impl MediaDir {
    /// Returns the subtitles of a video: `film.srt`, `film.en.vtt`, `Film (English).ass` for `film.mp4`, and those in
    /// `Subs`. Where the same name has several extensions, the one that loses least is taken. Left out are hidden names,
    /// what is no regular file below the directory, links followed, and what is too long to be converted.
    ///
    /// Beside the only video of a folder, files of other names belong to it as well: those whose names say a language and
    /// nothing else, and all if none has the video's name.
    ///
    /// `around` is the folder of the video. Each folder is read once.
    ///
    /// # Errors
    ///
    /// If the system has run out of descriptors or memory.
    pub(crate) fn subtitles_of(
        &self,
        around: &Folder<'_>,
        video: &MediaName,
        is_video: impl Fn(&OsStr) -> bool,
    ) -> io::Result<Subtitles> {
        let folder = video.folder();
        let names = around.files().iter().map(|entry| &*entry.name);
        let video = Video::new(video, names.filter(|name| is_video(name)));
        let (mut found, mut others) = video.candidates(&folder, around.files(), video.is_alone);
        if found.iter().any(|it| it.extension < Extension::Doubtful) {
            others.retain(|it| it.track.is_understood);
        }
        found.append(&mut others);
        for folder in folders(&folder, around, is_subtitle_folder) {
            // A folder that cannot be read has no subtitles.
            let Some(read) = unless_gone(self.read_folder(&folder))? else {
                continue;
            };
            let (named, others) = video.candidates(&folder, read.files(), video.is_alone);
            found.extend(named.into_iter().chain(others));
            for folder in folders(&folder, &read, |name| video.is_named_like(name)) {
                let Some(read) = unless_gone(self.read_folder(&folder))? else {
                    continue;
                };
                let (named, others) = video.candidates(&folder, read.files(), true);
                found.extend(named.into_iter().chain(others));
            }
        }
        self.choose(found)
    }

    /// Takes what can be opened: of the files with one name but for the extension, one that is converted, and one other.
    fn choose(&self, mut found: Vec<Candidate>) -> io::Result<Subtitles> {
        found.sort_unstable_by(order);
        let root = self.root()?;
        let mut chosen = Subtitles::default();
        for Candidate {
            file,
            extension,
            track,
        } in found
        {
            let mut unsupported = extension.unsupported();
            if !chosen.needs(&file, unsupported) {
                continue;
            }
            let details = unless_gone(self.look(&root, file.as_path()))?;
            let Some(details) = details.filter(|it| it.file_type == FileType::RegularFile) else {
                continue;
            };
            if extension == Extension::Doubtful && !self.holds_text(&file)? {
                unsupported = PICTURES.unsupported();
                // Without text a .sub holds the pictures of VobSub; a .txt is about something else.
                if has_extension(file.file_name(), "txt") || !chosen.needs(&file, unsupported) {
                    continue;
                }
            }
            match unsupported {
                Some(format) => chosen.unsupported.push((file, format)),
                None if details.length > MAX_LENGTH => {}
                None => chosen.tracks.push(SubtitleFile { name: file, track }),
            }
        }
        tell_apart(chosen.tracks.iter_mut().map(|it| &mut it.track));
        Ok(chosen)
    }

    /// Whether a file begins as subtitles do. One that cannot be read does not.
    fn holds_text(&self, file: &MediaName) -> io::Result<bool> {
        let head = self.open(file).and_then(|file| {
            let mut head = Vec::new();
            file.file().take(HEAD).read_to_end(&mut head)?;
            Ok(head)
        });
        Ok(unless_gone(head)?.is_some_and(|head| is_text(&head)))
    }
}

impl Subtitles {
    /// Whether there is room for a file, and none of its name yet. In the order of candidates, that one would be the last.
    fn needs(&self, file: &MediaName, unsupported: Option<&str>) -> bool {
        let (length, most, last) = match unsupported {
            None => (
                self.tracks.len(),
                MAX_TRACKS,
                self.tracks.last().map(|it| &it.name),
            ),
            Some(_) => {
                let last = self.unsupported.last().map(|(name, _)| name);
                (self.unsupported.len(), MAX_UNSUPPORTED, last)
            }
        };
        length < most && last.is_none_or(|last| key(last) != key(file))
    }
}

/// Returns what several formats of the same subtitles share: the path without the extension.
fn key(file: &MediaName) -> PathBuf {
    file.as_path().with_extension("")
}

/// Compares tracks: languages by their tags, then tracks without a language. Of equal tracks, the one in the video's own
/// folder goes first.
fn order(a: &Candidate, b: &Candidate) -> Ordering {
    let depth = |it: &Candidate| it.file.as_path().components().count();
    let has_no_language = |it: &Candidate| it.track.language.is_none();
    let by_language = has_no_language(a).cmp(&has_no_language(b));
    by_language
        .then_with(|| a.track.cmp(&b.track))
        .then_with(|| depth(a).cmp(&depth(b)))
        .then_with(|| key(&a.file).cmp(&key(&b.file)))
        .then_with(|| a.extension.cmp(&b.extension))
        .then_with(|| a.file.as_path().cmp(b.file.as_path()))
}

/// Returns the first folders in a folder whose names pass `is_wanted`.
fn folders(
    parent: &FolderName,
    folder: &Folder<'_>,
    is_wanted: impl Fn(&OsStr) -> bool,
) -> Vec<FolderName> {
    let all = folder.folders().iter().map(|entry| &*entry.name);
    let wanted = all.filter(|name| is_wanted(name)).take(MAX_FOLDERS);
    wanted.filter_map(|name| parent.join_folder(name)).collect()
}

/// Gives every track a label of its own, and lets at most one be the default.
pub(crate) fn tell_apart<'a>(tracks: impl Iterator<Item = &'a mut Track>) {
    let label = |track: &Track| match &track.language {
        Some(language) => (language.clone(), track.note.clone()),
        None => (String::new(), track.label()),
    };
    let mut labels = HashSet::new();
    let mut has_default = false;
    for track in tracks {
        let plain = track.clone();
        let mut number = 1;
        while !labels.insert(label(track)) {
            number += 1;
            *track = plain.clone();
            track.number(number);
        }
        track.is_default &= !has_default;
        has_default |= track.is_default;
    }
}
