//! The subtitles of a video: beside it, and in the folders for subtitles beside it.
//!
//! Which names belong to a video is decided in `beside`; here they are looked up, and what is found is put into order.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::PathBuf;

use rustix::fs::FileType;

use super::beside::{Beside, Candidate, is_subtitle_folder};
use super::dir::MediaDir;
use super::entry::{EntryKind, unless_gone};
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

/// What a video has in subtitles.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Subtitles {
    /// What becomes a track, in order, each with a label of its own.
    pub(crate) tracks: Vec<SubtitleFile>,
    /// What is not converted, with the format in words.
    pub(crate) unsupported: Vec<(MediaName, &'static str)>,
}

/// One of the tracks of a video.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SubtitleFile {
    /// The file.
    pub(crate) name: MediaName,
    /// What its name says about it.
    pub(crate) track: Track,
}

/// A candidate and where it is.
#[derive(Debug)]
struct Found {
    file: MediaName,
    extension: Extension,
    track: Track,
}

impl MediaDir {
    /// Returns the subtitles of a video: `film.srt`, `film.en.vtt`, `Film (English).ass` for `film.mp4`, and those in
    /// `Subs`. Where the same name has several extensions, the one that loses least is taken.
    ///
    /// `around` is the folder of the video. One pass over each folder. Hidden names, what is no regular file below the directory, links followed, and what is
    /// too long to be converted are left out.
    ///
    /// # Errors
    ///
    /// What reading reports, where the system runs out of something.
    pub(crate) fn subtitles_of(
        &self,
        around: &Folder<'_>,
        video: &MediaName,
        is_video: impl Fn(&OsStr) -> bool,
    ) -> io::Result<Subtitles> {
        let folder = video.folder();
        let mut beside = Beside::new(video);
        let mut folders = Vec::new();
        for entry in around.entries() {
            match entry.kind {
                EntryKind::File => beside.add(&entry.name, is_video(&entry.name)),
                EntryKind::Folder if is_subtitle_folder(&entry.name) => {
                    push_folder(&mut folders, &folder, &entry.name);
                }
                EntryKind::Folder => {}
            }
        }
        let mut found = Vec::new();
        add(&mut found, &folder, beside.take());
        for folder in folders {
            let mut own = Vec::new();
            self.read_subtitle_folder(&folder, &mut beside, |beside, name| {
                if beside.is_named_like(name) {
                    push_folder(&mut own, &folder, name);
                }
            })?;
            add(&mut found, &folder, beside.take_of_folder(false));
            for folder in own {
                self.read_subtitle_folder(&folder, &mut beside, |_, _| {})?;
                add(&mut found, &folder, beside.take_of_folder(true));
            }
        }
        found.sort_unstable_by(Found::order);
        self.choose(found)
    }

    /// Gives `beside` the files of a folder, and `each_folder` what may be a folder. One that cannot be read has none.
    fn read_subtitle_folder(
        &self,
        folder: &FolderName,
        beside: &mut Beside,
        mut each_folder: impl FnMut(&Beside, &OsStr),
    ) -> io::Result<()> {
        let Some(read) = unless_gone(self.read_folder(folder))? else {
            return Ok(());
        };
        for entry in read.entries() {
            match entry.kind {
                EntryKind::File => beside.add(&entry.name, false),
                EntryKind::Folder => each_folder(beside, &entry.name),
            }
        }
        Ok(())
    }

    /// Takes what can be opened: one file for each name among those that are converted, and one among the others.
    fn choose(&self, found: Vec<Found>) -> io::Result<Subtitles> {
        let root = self.root()?;
        let mut chosen = Subtitles::default();
        let mut taken = HashSet::new();
        for found in found {
            let mut key = (found.key(), found.extension.unsupported().is_some());
            if taken.contains(&key) || chosen.is_full(key.1) {
                continue;
            }
            let details = unless_gone(self.look(&root, found.file.as_path()))?;
            let Some(details) = details.filter(|it| it.file_type == FileType::RegularFile) else {
                continue;
            };
            let mut unsupported = found.extension.unsupported();
            if found.extension == Extension::Doubtful && !self.holds_text(&found.file)? {
                // Without text a .sub holds the pictures of VobSub; a .txt is about something else.
                if has_extension(&found.file, "txt") {
                    continue;
                }
                unsupported = PICTURES.unsupported();
            }
            key.1 = unsupported.is_some();
            match unsupported {
                None if details.length > MAX_LENGTH => {}
                Some(_) if taken.contains(&key) => {}
                Some(what) => {
                    chosen.unsupported.push((found.file, what));
                    taken.insert(key);
                }
                None => {
                    let (name, track) = (found.file, found.track);
                    chosen.tracks.push(SubtitleFile { name, track });
                    taken.insert(key);
                }
            }
        }
        tell_apart(&mut chosen.tracks);
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
    fn is_full(&self, of_unsupported: bool) -> bool {
        if of_unsupported {
            self.unsupported.len() >= MAX_UNSUPPORTED
        } else {
            self.tracks.len() >= MAX_TRACKS
        }
    }
}

impl Found {
    /// What several formats of the same subtitles share: the folder, and the name without its extension.
    fn key(&self) -> PathBuf {
        self.file.as_path().with_extension("")
    }

    /// The order of tracks, which is the order of what their names say; the video's own folder goes first.
    fn order(&self, other: &Found) -> Ordering {
        let depth = |found: &Found| found.file.as_path().components().count();
        let by_track = self.track.cmp(&other.track);
        by_track
            .then_with(|| depth(self).cmp(&depth(other)))
            .then_with(|| self.key().cmp(&other.key()))
            .then_with(|| self.extension.cmp(&other.extension))
            .then_with(|| self.file.as_path().cmp(other.file.as_path()))
    }
}

fn has_extension(file: &MediaName, wanted: &str) -> bool {
    let extension = file.as_path().extension();
    extension.is_some_and(|extension| extension.eq_ignore_ascii_case(wanted))
}

fn add(found: &mut Vec<Found>, folder: &FolderName, candidates: Vec<Candidate>) {
    for Candidate {
        name,
        extension,
        track,
    } in candidates
    {
        if let Some(file) = folder.join(&name) {
            found.push(Found {
                file,
                extension,
                track,
            });
        }
    }
}

fn push_folder(folders: &mut Vec<FolderName>, parent: &FolderName, name: &OsStr) {
    if folders.len() < MAX_FOLDERS {
        folders.extend(parent.join_folder(name));
    }
}

/// Gives every track a label of its own, and lets at most one be the default.
fn tell_apart(tracks: &mut [SubtitleFile]) {
    let label = |track: &Track| match &track.language {
        Some(language) => (language.clone(), track.note.clone()),
        None => (String::new(), track.label()),
    };
    let mut labels = HashSet::new();
    let mut has_default = false;
    for SubtitleFile { track, .. } in tracks {
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
