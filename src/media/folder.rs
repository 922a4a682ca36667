//! The content of a folder after one read: its entries in order, and their known details.
//!
//! Types and details of entries follow symlinks exactly as [`MediaDir::open`] does.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;

use cap_std::fs::Dir;
use rustix::fs::{FileType, Mode, OFlags, openat};

use super::beside::is_subtitle_folder;
use super::dir::MediaDir;
use super::entry::{Entry, EntryKind, Unanswered, fill, is_shortage};
use super::file::Details;
use super::name::{FolderName, MediaName};
use super::order::natural_cmp;
use crate::limits::FOLDER_ENTRIES;

/// The neighbours of a file in natural order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Neighbours {
    /// The nearest file before it.
    pub(crate) previous: Option<MediaName>,
    /// The nearest file after it.
    pub(crate) next: Option<MediaName>,
    /// Whether the folder contains no other matching file, and no folder except for subtitles.
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
    pub(super) name: &'a FolderName,
    root: Dir,
    handle: Dir,
    entries: Vec<Entry>,
    is_truncated: bool,
}

impl MediaDir {
    /// Reads the first [`FOLDER_ENTRIES`] entries of a folder, in the order of the file system. Requests details of an
    /// entry only if the folder does not contain its type: for symlinks, and on file systems that store no types. So a
    /// symlink into a network share with a dead server blocks the call. The mount point of the share does not.
    ///
    /// # Errors
    ///
    /// `NotFound` if there is no such folder, `PermissionDenied` if the process may not read it, or another read error.
    pub(crate) fn read_folder<'a>(&'a self, name: &'a FolderName) -> io::Result<Folder<'a>> {
        self.read_some_of_folder(name, FOLDER_ENTRIES)
    }

    /// Reads the first `limit` entries of a folder.
    pub(crate) fn read_some_of_folder<'a>(
        &'a self,
        name: &'a FolderName,
        limit: usize,
    ) -> io::Result<Folder<'a>> {
        let root = self.root()?;
        let handle = self.open_folder(&root, name)?;
        let mut folder = Folder {
            dir: self,
            name,
            root,
            handle,
            entries: Vec::new(),
            is_truncated: false,
        };
        let mut unanswered = Unanswered::default();
        for entry in names(&folder.handle)? {
            let entry = entry?;
            let child = OsStr::from_bytes(entry.file_name().to_bytes());
            if !name.lists(child) {
                continue;
            }
            if folder.entries.len() >= limit {
                folder.is_truncated = true;
                break;
            }
            let found = match entry.file_type() {
                listed @ (FileType::Symlink | FileType::Unknown) => {
                    folder.look(child, listed, &mut unanswered)?
                }
                known => EntryKind::of(known).map(|kind| Entry::new(child, kind, None)),
            };
            folder.entries.extend(found);
        }
        unanswered.warn();
        folder.entries.shrink_to_fit();
        folder.entries.sort_unstable_by(|a, b| {
            let by_name = || natural_cmp(a.name.as_bytes(), b.name.as_bytes());
            a.kind.cmp(&b.kind).then_with(by_name)
        });
        Ok(folder)
    }
}

impl Folder<'_> {
    /// Returns the entries in order.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Whether the folder has more entries than this list.
    pub(crate) fn is_truncated(&self) -> bool {
        self.is_truncated
    }

    /// Returns the folders in order.
    pub(super) fn folders(&self) -> &[Entry] {
        &self.entries[..self.entries.len() - self.files().len()]
    }

    /// Returns the files in order.
    pub(crate) fn files(&self) -> &[Entry] {
        let folders = |entry: &Entry| entry.kind == EntryKind::Folder;
        &self.entries[self.entries.partition_point(folders)..]
    }

    /// Returns the names of the folders in this folder that match `is_wanted`.
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

    /// Returns the neighbours of a file among the files whose names match `counts`. The file itself may be missing or
    /// may not match.
    pub(crate) fn neighbours(&self, own: &OsStr, counts: impl Fn(&OsStr) -> bool) -> Neighbours {
        let files = self.files();
        let (before, after) = match self.position(own) {
            Ok(at) => (&files[..at], &files[at + 1..]),
            Err(at) => files.split_at(at),
        };
        let is_counted = |entry: &&Entry| counts(&entry.name);
        let previous = before.iter().rfind(is_counted);
        let next = after.iter().find(is_counted);
        let mut folders = self.folders().iter();
        Neighbours {
            is_alone: previous.is_none()
                && next.is_none()
                && folders.all(|it| self.has_only_subtitles(it, &counts)),
            previous: previous.and_then(|it| self.name.join(&it.name)),
            next: next.and_then(|it| self.name.join(&it.name)),
        }
    }

    /// Whether a folder has a name for folders of subtitles, and contains no folder and no file that matches `counts`.
    /// Reads only folders with such a name.
    pub(super) fn has_only_subtitles(
        &self,
        entry: &Entry,
        counts: impl Fn(&OsStr) -> bool,
    ) -> bool {
        let is_named = entry.kind == EntryKind::Folder && is_subtitle_folder(&entry.name);
        let name = self.name.join_folder(&entry.name).filter(|_| is_named);
        let has_nothing_else = |read: Folder<'_>| {
            read.folders().is_empty() && !read.files().iter().any(|it| counts(&it.name))
        };
        name.is_some_and(|name| self.dir.read_folder(&name).is_ok_and(has_nothing_else))
    }

    /// Returns the index of a file among the files. If the file is missing, returns its insertion index as the error.
    fn position(&self, name: &OsStr) -> Result<usize, usize> {
        let order = |entry: &Entry| natural_cmp(entry.name.as_bytes(), name.as_bytes());
        self.files().binary_search_by(order)
    }

    /// Removes the entries that do not match `is_kept`.
    pub(super) fn retain(&mut self, is_kept: impl Fn(&Self, &Entry) -> bool) {
        let mut entries = std::mem::take(&mut self.entries);
        entries.retain(|entry| is_kept(self, entry));
        self.entries = entries;
    }

    /// Requests the details of the entries that match `is_wanted`. Removes entries that no longer exist.
    pub(crate) fn ask_details(&mut self, is_wanted: impl Fn(&Entry) -> bool) {
        let entries = std::mem::take(&mut self.entries);
        self.entries = self.with_details(entries, is_wanted);
    }

    /// Returns a copy of `entries` with the details of the entries that match `is_wanted`, without deleted entries.
    pub(super) fn with_details(
        &self,
        mut entries: Vec<Entry>,
        is_wanted: impl Fn(&Entry) -> bool,
    ) -> Vec<Entry> {
        let mut unanswered = Unanswered::default();
        entries.retain_mut(|entry| {
            if entry.details.is_some() || !is_wanted(entry) {
                return true;
            }
            let details = Details::for_listing(&self.handle, &entry.name);
            fill(entry, self.name.as_path(), details, &mut unanswered)
        });
        unanswered.warn();
        entries
    }

    /// Returns the entry of a symlink, or of a name whose type is not in the folder; `None` if it is not listed.
    fn look(
        &self,
        name: &OsStr,
        listed: FileType,
        unanswered: &mut Unanswered,
    ) -> io::Result<Option<Entry>> {
        match self.details_of(name, listed) {
            Ok(details) => {
                let kind = EntryKind::of(details.file_type);
                Ok(kind.map(|kind| Entry::new(name, kind, Some(details))))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) if is_shortage(&error) => Err(error),
            // The type of the target is unknown, for example on a dead disk. A film is more probable than a folder.
            Err(error) => {
                unanswered.note(self.name.as_path().join(name), error);
                Ok(Some(Entry::new(name, EntryKind::File, None)))
            }
        }
    }

    fn details_of(&self, name: &OsStr, listed: FileType) -> io::Result<Details> {
        if listed != FileType::Symlink {
            let details = Details::for_listing(&self.handle, name)?;
            if details.file_type != FileType::Symlink {
                return Ok(details);
            }
        }
        // The path begins at the root and not at the folder, because a symlink may point to a neighbour of the folder.
        self.dir.look(&self.root, &self.name.as_path().join(name))
    }
}

/// Returns all names of a folder with their types. Opens the folder again through `.`, because a handle of cap-std may
/// be a path handle, which is not readable.
fn names(handle: &Dir) -> io::Result<rustix::fs::Dir> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let readable = openat(handle, ".", flags, Mode::empty())?;
    Ok(rustix::fs::Dir::new(readable)?)
}
