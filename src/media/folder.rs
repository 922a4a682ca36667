//! The entries of a folder, which are read once. Symlinks are followed as in [`MediaDir::open`].

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;

use rustix::fs::{Dir, FileType};

use super::dir::MediaDir;
use super::entry::{Entry, UnreadableEntries, is_folder, is_shortage};
use super::file::FileDetails;
use super::name::{FolderName, MediaName, is_playable};
use super::order::natural_cmp;
use crate::fold::fold;

/// The names of folders for subtitles, folded (without case and accents).
const SUBTITLE_FOLDERS: &str = "subs|sub|subtitles|subtitle|subtitulos|sous-titres|sous titres|untertitel|sottotitoli|\
                                legendas|napisy|titulky|feliratok|ondertitels|undertexter|субтитры|字幕|vobsub|vobsubs";

/// Returns whether a folder with this name contains subtitles for the videos next to it.
pub(super) fn is_subtitle_folder(name: &OsStr) -> bool {
    let name = fold(&name.to_string_lossy());
    SUBTITLE_FOLDERS.split('|').any(|folder| folder == name)
}

/// The neighbours of a file in natural order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Neighbours {
    /// The nearest video or audio file before this file.
    pub(crate) previous: Option<MediaName>,
    /// The nearest video or audio file after this file.
    pub(crate) next: Option<MediaName>,
    /// True if the folder contains no other video or audio file, and no folder except folders of subtitles.
    pub(crate) is_alone: bool,
}

/// The entries of a folder: folders first, then files, each in natural order.
///
/// The list omits hidden names, leftovers of operating systems, and symlinks without a target below the directory. It
/// also omits entries that are neither file nor folder. It includes files without read permission, so that their owner
/// sees them.
#[derive(Debug)]
pub(crate) struct Folder<'a> {
    dir: &'a MediaDir,
    pub(crate) name: &'a FolderName,
    handle: Dir,
    pub(crate) entries: Vec<Entry>,
    /// Whether the folder has more entries than this list.
    pub(crate) is_truncated: bool,
}

impl MediaDir {
    /// Reads the first `max_entries` entries of a folder, in the order of the file system. Requests details only for
    /// symlinks, and for entries whose type is not stored in the folder. A symlink into a network share with a dead
    /// server therefore blocks the call. A mount point of such a share does not.
    ///
    /// # Errors
    ///
    /// `NotFound` if there is no such folder, `PermissionDenied` if the process may not read it, or another read error.
    pub(crate) fn read_folder<'a>(&'a self, name: &'a FolderName) -> io::Result<Folder<'a>> {
        let mut folder = Folder {
            dir: self,
            name,
            handle: self.open_folder(name)?,
            entries: Vec::new(),
            is_truncated: false,
        };
        let mut unreadable = UnreadableEntries::default();
        while let Some(entry) = folder.handle.read() {
            let entry = entry?;
            let child = OsStr::from_bytes(entry.file_name().to_bytes());
            if !name.lists(child) {
                continue;
            }
            if folder.entries.len() >= self.max_entries {
                folder.is_truncated = true;
                break;
            }
            let found = match entry.file_type() {
                FileType::Symlink | FileType::Unknown => folder.look(child, &mut unreadable)?,
                known => is_folder(known).map(|is_folder| Entry::new(child, is_folder)),
            };
            folder.entries.extend(found);
        }
        unreadable.warn();
        folder.entries.shrink_to_fit();
        folder.entries.sort_unstable_by(|a, b| {
            let by_name = || natural_cmp(a.name.as_bytes(), b.name.as_bytes());
            b.is_folder.cmp(&a.is_folder).then_with(by_name)
        });
        Ok(folder)
    }
}

impl Folder<'_> {
    pub(super) fn folders(&self) -> &[Entry] {
        &self.entries[..self.entries.len() - self.files().len()]
    }

    pub(crate) fn files(&self) -> &[Entry] {
        &self.entries[self.entries.partition_point(|it| it.is_folder)..]
    }

    pub(super) fn folders_named(
        &self,
        is_wanted: impl Fn(&OsStr) -> bool,
    ) -> impl Iterator<Item = FolderName> {
        let wanted = self.folders().iter().filter(move |it| is_wanted(&it.name));
        wanted.filter_map(|it| self.name.join_folder(&it.name))
    }

    /// Whether there is a file with this name.
    pub(crate) fn has_file(&self, name: &OsStr) -> bool {
        self.position(name).is_ok()
    }

    /// Returns the neighbours of a file among the video and audio files. The file itself may be missing.
    pub(crate) fn neighbours(&self, own: &OsStr) -> Neighbours {
        let files = self.files();
        let (before, after) = match self.position(own) {
            Ok(at) => (&files[..at], &files[at + 1..]),
            Err(at) => files.split_at(at),
        };
        let is_counted = |entry: &&Entry| is_playable(&entry.name);
        let previous = before.iter().rfind(is_counted);
        let next = after.iter().find(is_counted);
        let mut folders = self.folders().iter();
        Neighbours {
            is_alone: previous.is_none()
                && next.is_none()
                && folders.all(|it| self.has_only_subtitles(it)),
            previous: previous.and_then(|it| self.name.join(&it.name)),
            next: next.and_then(|it| self.name.join(&it.name)),
        }
    }

    /// Returns whether a folder has a name such as `Subs`, and contains no folder, video or audio file. Reads only
    /// folders with such a name.
    pub(super) fn has_only_subtitles(&self, entry: &Entry) -> bool {
        let is_named = entry.is_folder && is_subtitle_folder(&entry.name);
        let name = self.name.join_folder(&entry.name).filter(|_| is_named);
        let has_nothing_else = |read: Folder<'_>| {
            read.folders().is_empty() && !read.files().iter().any(|it| is_playable(&it.name))
        };
        name.is_some_and(|name| self.dir.read_folder(&name).is_ok_and(has_nothing_else))
    }

    /// Returns the index of a file among the files. If the file is missing, returns its insertion index as the error.
    fn position(&self, name: &OsStr) -> Result<usize, usize> {
        let order = |entry: &Entry| natural_cmp(entry.name.as_bytes(), name.as_bytes());
        self.files().binary_search_by(order)
    }

    /// Requests the details of all entries. Removes entries that no longer exist.
    pub(crate) fn ask_details(&mut self) {
        let mut entries = std::mem::take(&mut self.entries);
        self.ask_details_of(&mut entries);
        self.entries = entries;
    }

    /// Requests the details of these entries. Removes entries that no longer exist.
    pub(super) fn ask_details_of(&self, entries: &mut Vec<Entry>) {
        let mut unreadable = UnreadableEntries::default();
        entries.retain_mut(|entry| {
            entry.modified.is_some() || {
                let details = self.details_of(&entry.name);
                entry.fill(self.name.as_path(), details, &mut unreadable)
            }
        });
        unreadable.warn();
    }

    fn details_of(&self, name: &OsStr) -> io::Result<FileDetails> {
        FileDetails::for_listing(self.handle.fd()?, name)
    }

    /// Returns the entry for a symlink, or for a name of unknown type; `None` if the entry must not be listed.
    fn look(&self, name: &OsStr, unreadable: &mut UnreadableEntries) -> io::Result<Option<Entry>> {
        let details = self.details_of(name);
        let details = details.and_then(|own| match own.file_type {
            // The path begins at the root, because a symlink may leave this folder (`../other`).
            FileType::Symlink => self.dir.look(&self.name.as_path().join(name)),
            _ => Ok(own),
        });
        let is_folder = match &details {
            Ok(details) => is_folder(details.file_type),
            Err(error) if is_shortage(error) => return details.map(|_| None),
            // The type of the target is unknown, for example on a dead disk. It counts as a file, because a film is
            // more probable than a folder.
            Err(_) => Some(false),
        };
        let mut entry = is_folder.map(|is_folder| Entry::new(name, is_folder));
        let folder = self.name.as_path();
        Ok(entry.take_if(|entry| entry.fill(folder, details, unreadable)))
    }
}
