//! Listing a folder, one page at a time.
//!
//! Knows how to walk a folder of any size in the memory of one page; must not know how a listing looks.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::time::SystemTime;

use rustix::fs::FileType;

use super::dir::MediaDir;
use super::file::Details;
use super::folder::{OpenFolder, Rank};
use super::name::FolderName;
use super::order::natural_cmp;

/// A file that [`MediaDir::open`] would open, or a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Its name in the folder: bytes, perhaps not UTF-8.
    pub(crate) name: OsString,
    /// File or folder.
    pub(crate) kind: EntryKind,
    /// Modification time of what the name leads to.
    pub(crate) modified: SystemTime,
}

impl Entry {
    pub(super) fn new(name: OsString, rank: Rank, details: Details) -> Entry {
        let kind = match rank {
            Rank::Folder => EntryKind::Folder,
            Rank::File => EntryKind::File {
                length: details.length,
            },
        };
        Entry {
            name,
            kind,
            modified: details.modified,
        }
    }
}

/// What an entry is, links followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EntryKind {
    /// A folder, which can be listed in turn.
    Folder,
    /// A regular file.
    File {
        /// Its length in bytes.
        length: u64,
    },
}

/// A place in the order of a listing: folders first, then files, each in natural order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EntryKey {
    rank: Rank,
    name: OsString,
}

/// A part of a listing.
#[derive(Debug)]
pub(crate) struct Page {
    /// In order. May be empty although more follow, if they vanished while they were read.
    pub(crate) entries: Vec<Entry>,
    /// Where the next page begins; `None` at the end.
    pub(crate) next: Option<EntryKey>,
}

impl EntryKey {
    fn cmp_to(&self, rank: Rank, name: &OsStr) -> Ordering {
        self.rank
            .cmp(&rank)
            .then_with(|| natural_cmp(self.name.as_bytes(), name.as_bytes()))
    }
}

impl Ord for EntryKey {
    fn cmp(&self, other: &Self) -> Ordering {
        self.cmp_to(other.rank, &other.name)
    }
}

impl PartialOrd for EntryKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl MediaDir {
    /// The first `limit` entries of a folder, at least one, that come after a place in its order.
    ///
    /// Each call reads all names once and keeps only those that it returns: a folder of a million names costs time, not
    /// memory. Hidden names, links that lead out or nowhere, and what is neither file nor folder are left out. Files
    /// that exist but may not be read are listed: their owner should see that they are there.
    ///
    /// # Errors
    ///
    /// `NotFound` if there is no such folder, `PermissionDenied` if it may not be read, or what reading it reports.
    pub(crate) fn entries_after(
        &self,
        folder: &FolderName,
        after: Option<&EntryKey>,
        limit: usize,
    ) -> io::Result<Page> {
        let open = OpenFolder::open(self, folder)?;
        let mut page = Smallest {
            after,
            limit: limit.max(1),
            kept: BTreeMap::new(),
            more: false,
        };
        open.each(|name, said| {
            match said {
                // Only a stat can say where these belong, and most of them belong to other pages.
                FileType::Symlink | FileType::Unknown => {
                    if !page.wants_either(name) {
                        return Ok(());
                    }
                    let details = open.look_at(name, said)?;
                    if let Some((details, rank)) =
                        details.and_then(|it| Some((it, Rank::of(it.file_type)?)))
                    {
                        page.offer(rank, name, Some(details));
                    }
                }
                known => {
                    if let Some(rank) = Rank::of(known) {
                        page.offer(rank, name, None);
                    }
                }
            }
            Ok(())
        })?;
        page.finish(|name| open.stat(name))
    }
}

/// The smallest names beyond the cursor, at most `limit` of them.
#[derive(Debug)]
struct Smallest<'a> {
    after: Option<&'a EntryKey>,
    limit: usize,
    /// With what is already known about them.
    kept: BTreeMap<EntryKey, Option<Details>>,
    /// Whether some were left for later pages.
    more: bool,
}

impl Smallest<'_> {
    /// Whether a name belongs to this page as far as is known; notes if it belongs to a later one.
    fn wants(&mut self, rank: Rank, name: &OsStr) -> bool {
        if self
            .after
            .is_some_and(|after| after.cmp_to(rank, name).is_ge())
        {
            return false;
        }
        let full = self.kept.len() >= self.limit;
        let wanted = !full
            || self
                .kept
                .last_key_value()
                .is_some_and(|(last, _)| last.cmp_to(rank, name).is_gt());
        self.more |= !wanted;
        wanted
    }

    /// The same for a name that may turn out to be either. May note a later page for a name that turns out to be nothing:
    /// that page is then empty, no harm done.
    fn wants_either(&mut self, name: &OsStr) -> bool {
        self.wants(Rank::Folder, name) || self.wants(Rank::File, name)
    }

    fn offer(&mut self, rank: Rank, name: &OsStr, details: Option<Details>) {
        if !self.wants(rank, name) {
            return;
        }
        self.kept.insert(
            EntryKey {
                rank,
                name: name.to_os_string(),
            },
            details,
        );
        if self.kept.len() > self.limit {
            self.kept.pop_last();
            self.more = true;
        }
    }

    /// Asks for the details that are still missing. What vanished meanwhile is left out, but the next page begins after
    /// it all the same.
    fn finish(self, stat: impl Fn(&OsStr) -> io::Result<Option<Details>>) -> io::Result<Page> {
        let next = self
            .kept
            .last_key_value()
            .filter(|_| self.more)
            .map(|(key, _)| key.clone());
        let mut entries = Vec::with_capacity(self.kept.len());
        for (EntryKey { rank, name }, details) in self.kept {
            let details = match details {
                Some(details) => Some(details),
                None => stat(&name)?,
            };
            // Something else of the same name by now would stand in the wrong place.
            let Some(details) = details.filter(|details| Rank::of(details.file_type) == Some(rank))
            else {
                continue;
            };
            entries.push(Entry::new(name, rank, details));
        }
        Ok(Page { entries, next })
    }
}
