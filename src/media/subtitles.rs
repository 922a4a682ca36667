//! The subtitles of a video: the files next to it, and the files in folders for subtitles next to it.
//!
//! `beside` decides which names belong to a video. This module finds and sorts the files.

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

/// The maximum number of tracks. A longer menu is not useful.
const MAX_TRACKS: usize = 50;
/// The maximum number of listed files in unsupported formats.
const MAX_UNSUPPORTED: usize = 10;
/// The maximum number of folders that are read for one video, in addition to its own folder.
const MAX_FOLDERS: usize = 4;
/// The number of bytes that are read to check whether a file with an ambiguous extension contains subtitles.
const HEAD: u64 = 4096;

/// The subtitles of a video.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Subtitles {
    /// The files that become tracks, in order. Each has a unique label.
    pub(crate) tracks: Vec<SubtitleFile>,
    /// The files that cannot be converted, with a description of their format.
    pub(crate) unsupported: Vec<(MediaName, &'static str)>,
}

/// A subtitle track of a video.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SubtitleFile {
    /// The file.
    pub(crate) name: MediaName,
    /// The language and notes from the name of the file.
    pub(crate) track: Track,
}

impl MediaDir {
    /// Returns the subtitles of a video. For `film.mp4`, they are `film.srt`, `film.en.vtt`, `Film (English).ass` and
    /// files in `Subs`. If a name exists with several extensions, the format that preserves the most is used. The
    /// result omits hidden names, files that are too long, and names that are not a regular file below the directory.
    ///
    /// If the folder contains only one video, files with other names can also belong to it: files whose names consist
    /// of a language only. If no file has the video's name, all subtitle files belong to it.
    ///
    /// `around` is the folder of the video. The function reads each folder once.
    ///
    /// # Errors
    ///
    /// If the system has run out of file descriptors or memory.
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
            // A folder that cannot be read counts as a folder without subtitles.
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

    /// Selects files that can be opened. From files that differ only in the extension, selects at most one file that
    /// can be converted and one other.
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
                // A .sub file without text contains VobSub images; a .txt file without the video's name is probably not
                // a subtitle file.
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

    /// Whether the start of a file looks like subtitles; `false` if the file cannot be read.
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
    /// Whether the list has room for a file and does not contain its name yet. The candidates are sorted, so the check
    /// compares with the last file only.
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

/// Returns the path without the extension. It is equal for several formats of the same subtitles.
fn key(file: &MediaName) -> PathBuf {
    file.as_path().with_extension("")
}

/// Compares tracks: languages by their tags, then tracks without a language. If two tracks are equal, the track in the
/// video's own folder comes first.
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

/// Returns the first folders in a folder whose names match `is_wanted`.
fn folders(
    parent: &FolderName,
    folder: &Folder<'_>,
    is_wanted: impl Fn(&OsStr) -> bool,
) -> Vec<FolderName> {
    let all = folder.folders().iter().map(|entry| &*entry.name);
    let wanted = all.filter(|name| is_wanted(name)).take(MAX_FOLDERS);
    wanted.filter_map(|name| parent.join_folder(name)).collect()
}

/// Gives every track a unique label, and makes at most one track the default.
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
