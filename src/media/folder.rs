//! A folder that was read once: its entries in order, and what is known about them.
//!
//! Types and details of entries follow links exactly as [`MediaDir::open`] does.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;

use cap_std::fs::Dir;
use rustix::fs::{FileType, Mode, OFlags, openat};

use super::dir::MediaDir;
use super::entry::{Entry, EntryKind, Unanswered, fill, is_shortage};
use super::file::Details;
use super::name::{FolderName, MediaName};
use super::order::natural_cmp;
use crate::limits::FOLDER_ENTRIES;

/// The files beside a file that count, in natural order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Neighbours {
    /// The last one before it.
    pub(crate) previous: Option<MediaName>,
    /// The first one after it.
    pub(crate) next: Option<MediaName>,
    /// Whether the folder holds no other file that counts, and no folder.
    pub(crate) is_alone: bool,
}

/// The entries of a folder: folders first, then files, each in natural order.
///
/// Left out are hidden names, leftovers of operating systems, links that lead out or have no target, and everything that is
/// neither file nor folder. Files that may not be read are listed: their owner should see that they are there.
#[derive(Debug)]
pub(crate) struct Folder<'a> {
    dir: &'a MediaDir,
    name: &'a FolderName,
    root: Dir,
    handle: Dir,
    entries: Vec<Entry>,
    is_truncated: bool,
}

impl MediaDir {
    /// Reads a folder, at most [`FOLDER_ENTRIES`] entries of it, the first that the file system names. Asks for details
    /// only where the folder does not say what an entry is: for links, and on file systems that keep no types. A link into
    /// a network share whose server is down therefore blocks; the mount point of the share does not.
    ///
    /// # Errors
    ///
    /// `NotFound` if there is no such folder, `PermissionDenied` if it may not be read, or what reading it reports.
    pub(crate) fn read_folder<'a>(&'a self, name: &'a FolderName) -> io::Result<Folder<'a>> {
        self.read_some_of_folder(name, FOLDER_ENTRIES)
    }

    /// Reads a folder, at most `limit` entries of it.
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
        folder.read(limit)?;
        Ok(folder)
    }
}

impl Folder<'_> {
    fn read(&mut self, limit: usize) -> io::Result<()> {
        let mut unanswered = Unanswered::default();
        for entry in names(&self.handle)? {
            let entry = entry?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if !self.name.lists(name) {
                continue;
            }
            if self.entries.len() >= limit {
                self.is_truncated = true;
                break;
            }
            let found = match entry.file_type() {
                said @ (FileType::Symlink | FileType::Unknown) => {
                    self.look(name, said, &mut unanswered)?
                }
                known => EntryKind::of(known).map(|kind| Entry::new(name, kind, None)),
            };
            self.entries.extend(found);
        }
        unanswered.warn();
        self.entries.shrink_to_fit();
        self.entries.sort_unstable_by(|a, b| {
            let by_name = || natural_cmp(a.name.as_bytes(), b.name.as_bytes());
            a.kind.cmp(&b.kind).then_with(by_name)
        });
        Ok(())
    }

    /// The entries in order.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Whether the folder has more entries than were read.
    pub(crate) fn is_truncated(&self) -> bool {
        self.is_truncated
    }

    /// The folders in order.
    pub(super) fn folders(&self) -> &[Entry] {
        &self.entries[..self.entries.len() - self.files().len()]
    }

    /// The files in order.
    pub(crate) fn files(&self) -> &[Entry] {
        let folders = |entry: &Entry| entry.kind == EntryKind::Folder;
        &self.entries[self.entries.partition_point(folders)..]
    }

    /// Whether there is a file of this name.
    pub(crate) fn has_file(&self, name: &OsStr) -> bool {
        self.position(name).is_ok()
    }

    /// Returns the neighbours of a file among the files whose names pass `counts`. The file itself need neither pass nor
    /// exist.
    pub(crate) fn neighbours(&self, own: &OsStr, counts: impl Fn(&OsStr) -> bool) -> Neighbours {
        let files = self.files();
        let (before, after) = match self.position(own) {
            Ok(at) => (&files[..at], &files[at + 1..]),
            Err(at) => files.split_at(at),
        };
        let counts = |entry: &&Entry| counts(&entry.name);
        let previous = before.iter().rfind(counts);
        let next = after.iter().find(counts);
        Neighbours {
            is_alone: previous.is_none() && next.is_none() && self.folders().is_empty(),
            previous: previous.and_then(|it| self.name.join(&it.name)),
            next: next.and_then(|it| self.name.join(&it.name)),
        }
    }

    /// The index of a file among the files, or where it would stand.
    fn position(&self, name: &OsStr) -> Result<usize, usize> {
        let order = |entry: &Entry| natural_cmp(entry.name.as_bytes(), name.as_bytes());
        self.files().binary_search_by(order)
    }

    /// Asks for the details of the entries that pass `is_wanted`. Those that are gone by now are left out.
    pub(crate) fn ask_details(&mut self, is_wanted: impl Fn(&Entry) -> bool) {
        let entries = std::mem::take(&mut self.entries);
        self.entries = self.with_details(entries, is_wanted);
    }

    /// Returns entries of this folder with the details of those that pass `is_wanted`, without those that are gone.
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
            let details = Details::of_entry(&self.handle, &entry.name);
            fill(entry, self.name.as_path(), details, &mut unanswered)
        });
        unanswered.warn();
        entries
    }

    /// Returns the entry of a link, or of a name whose type the folder did not tell; `None` if it is not listed.
    fn look(
        &self,
        name: &OsStr,
        said: FileType,
        unanswered: &mut Unanswered,
    ) -> io::Result<Option<Entry>> {
        match self.details_of(name, said) {
            Ok(details) => {
                let kind = EntryKind::of(details.file_type);
                Ok(kind.map(|kind| Entry::new(name, kind, Some(details))))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) if is_shortage(&error) => Err(error),
            // Its target is unknown, on a dead disk say. It is more likely a film than a folder.
            Err(error) => {
                unanswered.note(self.name.as_path().join(name), error);
                Ok(Some(Entry::new(name, EntryKind::File, None)))
            }
        }
    }

    fn details_of(&self, name: &OsStr, said: FileType) -> io::Result<Details> {
        if said != FileType::Symlink {
            let details = Details::of_entry(&self.handle, name)?;
            if details.file_type != FileType::Symlink {
                return Ok(details);
            }
        }
        // From the root, not from the folder: a link may lead to a neighbour of the folder.
        self.dir.look(&self.root, &self.name.as_path().join(name))
    }
}

/// Returns all names of a folder with their types. The folder is opened once more through `.`, because a handle of cap-std
/// may only stand for a folder and not be readable.
fn names(handle: &Dir) -> io::Result<rustix::fs::Dir> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let readable = openat(handle, ".", flags, Mode::empty())?;
    Ok(rustix::fs::Dir::new(readable)?)
}
