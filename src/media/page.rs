//! A page of a folder, in an order that the user selects.

use std::cmp::Reverse;
use std::mem;
use std::ops::Range;

use super::entry::Entry;
use super::folder::Folder;
use super::name::{FolderName, MediaName, is_playable};

/// The order of a listing. Folders always sort before files. Entries with an equal date or size are in natural order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Name,
    /// By date: newest first, entries without a known date last.
    Date,
    /// By size: largest first. A folder has no size.
    Size,
}

impl Order {
    /// Sorts entries that are in natural order. The sort is stable, so equal entries stay in this order.
    pub(super) fn sort(self, entries: &mut [Entry]) {
        match self {
            Order::Name => {}
            Order::Date => entries.sort_by_key(|it| Reverse((it.is_folder, it.modified))),
            Order::Size => entries.sort_by_key(|it| Reverse((it.is_folder, it.length))),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Selection {
    /// The entries from this index on. If the index is past the end, the entries at the end of the list.
    After(usize),
    /// The entries directly before this index.
    Before(usize),
}

impl Selection {
    /// Returns the indices of at most `limit` entries of `total`.
    pub(super) fn range(self, total: usize, limit: usize) -> Range<usize> {
        match self {
            Self::After(start) if start < total => start..total.min(start + limit),
            Self::After(_) => total.saturating_sub(limit)..total,
            Self::Before(end) => end.min(total).saturating_sub(limit)..end.min(total),
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) folder: FolderName,
    pub(crate) entry: Entry,
    /// The name of a file; `None` for a folder.
    pub(crate) file: Option<MediaName>,
    pub(crate) poster: Option<MediaName>,
}

impl Item {
    pub(super) fn new(folder: &FolderName, entry: Entry) -> Item {
        Item {
            folder: folder.clone(),
            file: folder.join(&entry.name).filter(|_| !entry.is_folder),
            entry,
            poster: None,
        }
    }
}

/// A part of the entries of a folder, or of the results of a search.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// The entries in order, with their details. An entry that was deleted after the folder was read is missing.
    pub(crate) items: Vec<Item>,
    /// The number of entries before the page.
    pub(crate) before: usize,
    /// The number of entries after the page.
    pub(crate) after: usize,
    pub(crate) folders: usize,
    /// The number of video and audio files in the whole folder.
    pub(crate) files: usize,
    /// The number of other files in the whole folder.
    pub(crate) others: usize,
    /// True if the folder has more entries than were read, or the search did not cover all folders.
    pub(crate) is_truncated: bool,
}

impl Folder<'_> {
    pub(crate) fn poster_of(&self, file: &MediaName) -> Option<MediaName> {
        file.poster(|it| self.has_file(it.file_name()))
    }

    /// Returns at most `limit` entries: folders, video and audio files. Leaves out folders with subtitles only.
    ///
    /// Requests the details of the returned entries. If the order needs details, requests the details of all entries.
    pub(crate) fn page(mut self, order: Order, selection: Selection, limit: usize) -> Page {
        let entries = mem::take(&mut self.entries).into_iter();
        let (mut shown, others): (Vec<_>, Vec<_>) = entries
            .filter(|it| !self.has_only_subtitles(it))
            .partition(|it| it.is_folder || is_playable(&it.name));
        self.entries = others;
        if order != Order::Name {
            self.ask_details_of(&mut shown);
        }
        order.sort(&mut shown);
        let folders = shown.partition_point(|it| it.is_folder);
        let (total, range) = (shown.len(), selection.range(shown.len(), limit));
        let mut entries: Vec<Entry> = shown.drain(range.clone()).collect();
        self.ask_details_of(&mut entries);
        let item = |entry| {
            let mut item = Item::new(self.name, entry);
            // `poster_of` searches `self.entries`, which now contains only files that the page cannot show, such as
            // images.
            item.poster = item.file.as_ref().and_then(|it| self.poster_of(it));
            item
        };
        Page {
            items: entries.into_iter().map(item).collect(),
            before: range.start,
            after: total - range.end,
            folders,
            files: total - folders,
            others: self.entries.len(),
            is_truncated: self.is_truncated,
        }
    }
}
