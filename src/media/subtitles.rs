//! Finds the subtitle files of a video: next to the video, and in folders such as `Subs`.
//!
//! `beside` decides which names belong to a video. This module reads the folders and sorts the files.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::Path;

use rustix::fs::FileType;

use super::beside::{SubtitleFile, Video};
use super::dir::MediaDir;
use super::entry::unless_gone;
use super::file::FileDetails;
use super::folder::{Folder, is_subtitle_folder};
use super::name::MediaName;
use crate::subtitles::{Extension, MenuTrack, PICTURES, is_text};

/// The maximum number of tracks. A longer menu is not useful.
const MAX_TRACKS: usize = 50;
const MAX_UNSUPPORTED: usize = 10;
/// The maximum number of folders such as `Subs` that are read for one video.
const MAX_FOLDERS: usize = 4;
/// The maximum number of folders that are read inside each of these folders.
const MAX_INNER: usize = 20;
const TOO_LONG: Extension = Extension::Unsupported("subtitles above the size limit");
/// The number of bytes that are read to check whether a file with an ambiguous extension contains subtitles.
const HEAD: u64 = 4096;

#[derive(Debug, Default)]
pub(crate) struct Subtitles {
    /// The files that become tracks, in order. Each has a unique label.
    pub(crate) tracks: Vec<SubtitleFile>,
    pub(crate) unsupported: Vec<SubtitleFile>,
}

impl MediaDir {
    /// Returns the subtitles of a video. For `film.mp4`, they are `film.srt`, `film.en.vtt`, `Film (English).ass` and
    /// files in `Subs`, `Subs/film` and `Subs/English`. If files differ only in the extension, the format that comes
    /// first in [`Extension`] is used. The result omits hidden names, empty files, and names that are not a regular
    /// file below the directory. A file of more than `limit` bytes becomes unsupported.
    ///
    /// If the folder contains only one video, files that are named after a language also belong to it (`English.srt`).
    /// If, in addition, no subtitle file has the name of the video, all subtitle files belong to it.
    ///
    /// # Errors
    ///
    /// If the system has run out of file descriptors or memory.
    pub(crate) fn subtitles_of(
        &self,
        around: &Folder<'_>,
        video: &MediaName,
        limit: u64,
    ) -> io::Result<Subtitles> {
        let video = Video::new(video, around);
        let [mut found, mut others] = video.candidates(around, video.is_alone);
        if found.iter().any(|it| it.extension < Extension::Doubtful) {
            others.retain(|it| it.track.is_understood);
        }
        found.append(&mut others);
        for folder in around.folders_named(is_subtitle_folder).take(MAX_FOLDERS) {
            let Some(read) = unless_gone(self.read_folder(&folder))? else {
                continue;
            };
            found.extend(video.candidates(&read, video.is_alone).concat());
            let is_wanted = |name: &OsStr| video.is_named_like(name) || language_of(name).is_some();
            for folder in read.folders_named(is_wanted).take(MAX_INNER) {
                let Some(read) = unless_gone(self.read_folder(&folder))? else {
                    continue;
                };
                let name = folder.file_name().unwrap_or_default();
                let language = language_of(name);
                let wants_others = video.is_alone || video.is_named_like(name);
                for mut file in video.candidates(&read, wants_others).concat() {
                    file.track.add_language(language.as_ref());
                    found.push(file);
                }
            }
        }
        self.choose(found, limit)
    }

    /// Selects regular files with content. If several names differ only in the extension, selects at most one file that
    /// can be converted and one that cannot.
    fn choose(&self, mut found: Vec<SubtitleFile>, limit: u64) -> io::Result<Subtitles> {
        found.sort_unstable_by(|a, b| rank(a).cmp(&rank(b)));
        let mut chosen = Subtitles::default();
        for mut file in found {
            if !chosen.has_room_for(&file) {
                continue;
            }
            let details = unless_gone(self.look(file.name.as_path()))?;
            let is_usable =
                |it: &FileDetails| it.file_type == FileType::RegularFile && it.length > 0;
            let Some(details) = details.filter(is_usable) else {
                continue;
            };
            match file.extension {
                // Without text, a .sub file contains images (VobSub), and a .txt file is not a subtitle file.
                Extension::Doubtful if !self.holds_text(&file.name)? => file.extension = PICTURES,
                Extension::Text if !self.holds_text(&file.name)? => continue,
                _ => {}
            }
            if details.length > limit && file.extension.unsupported().is_none() {
                file.extension = TOO_LONG;
            }
            if chosen.has_room_for(&file) {
                chosen.list_for(&file).0.push(file);
            }
        }
        make_labels_unique(chosen.tracks.iter_mut().map(|it| &mut it.track));
        Ok(chosen)
    }

    /// Whether the start of a file looks like subtitles; `false` if the file cannot be read.
    fn holds_text(&self, file: &MediaName) -> io::Result<bool> {
        let is_text = self.open(file).and_then(|file| {
            let mut head = Vec::new();
            file.file().take(HEAD).read_to_end(&mut head)?;
            Ok(is_text(&head))
        });
        Ok(unless_gone(is_text)? == Some(true))
    }
}

impl Subtitles {
    /// Returns the list for a file, and its maximum length.
    fn list_for(&mut self, file: &SubtitleFile) -> (&mut Vec<SubtitleFile>, usize) {
        match file.extension.unsupported() {
            None => (&mut self.tracks, MAX_TRACKS),
            Some(_) => (&mut self.unsupported, MAX_UNSUPPORTED),
        }
    }

    /// Returns whether the list has room for a file and does not contain its name in another format. Files with the
    /// same name follow each other, so a comparison with the last file of the list is enough.
    fn has_room_for(&mut self, file: &SubtitleFile) -> bool {
        let (list, most) = self.list_for(file);
        list.len() < most && list.last().is_none_or(|last| key(last) != key(file))
    }
}

/// Returns the language that a folder is named after, such as `English` or `pt-BR`. Skips names with digits to save
/// time: `Subs` of a long series has thousands of folders such as `Show.S01E01`.
fn language_of(folder: &OsStr) -> Option<MenuTrack> {
    let name = folder.to_string_lossy();
    let has_digit = name.bytes().any(|byte| byte.is_ascii_digit());
    let track = (!has_digit).then(|| MenuTrack::parse(&name, true))?;
    (track.language.is_some() && track.is_understood).then_some(track)
}

/// Returns the folder, and the name without the extension. Two files with equal keys are formats of the same subtitles.
fn key(file: &SubtitleFile) -> (Option<&Path>, &OsStr) {
    (file.name.as_path().parent(), file.name.stem())
}

/// Returns the sort key of a file: languages by their tags, then tracks without a language. If two tracks are equal,
/// the track in the folder of the video comes first.
fn rank(file: &SubtitleFile) -> impl Ord {
    let (track, path) = (&file.track, file.name.as_path());
    let (is_other, depth) = (track.language.is_none(), path.components().count());
    (is_other, track, depth, key(file), file.extension, path)
}

/// Gives every track a unique label, and makes at most one track the default.
pub(crate) fn make_labels_unique<'a>(tracks: impl Iterator<Item = &'a mut MenuTrack>) {
    let (mut shown, mut has_default) = (HashSet::new(), false);
    for track in tracks {
        let plain = track.note.clone();
        let mut number = 1;
        // The text that the player shows must be unique: the language and the note, or the label if there is no
        // language.
        let text = |track: &MenuTrack| match track.language {
            Some(_) => track.note.clone(),
            None => track.label(),
        };
        while !shown.insert((track.language.clone(), text(track))) {
            number += 1;
            let separator = if plain.is_empty() { "" } else { ", " };
            track.note = format!("{plain}{separator}{number}");
        }
        track.is_default &= !has_default;
        has_default |= track.is_default;
    }
}
