//! A page of a folder, in an order that the user selects.

use std::cmp::Reverse;
use std::ffi::OsStr;
use std::ops::Range;

use super::entry::{Entry, EntryKind};
use super::folder::Folder;

/// The order of a listing. Folders sort before files in every order. Equal entries are in natural order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// By name, in natural order.
    Name,
    /// By date: newest first, entries without a known date last.
    Date,
    /// By size: largest first. A folder has no size.
    Size,
}

impl Order {
    fn needs_details(self, entry: &Entry) -> bool {
        self == Order::Date || self == Order::Size && entry.kind == EntryKind::File
    }

    /// Sorts entries that are in natural order. The sort is stable.
    pub(super) fn sort(self, entries: &mut [&Entry]) {
        match self {
            Order::Name => {}
            Order::Date => entries.sort_by_key(|it| (it.kind, Reverse(it.modified()))),
            Order::Size => entries.sort_by_key(|it| (it.kind, Reverse(it.length()))),
        }
    }
}

/// The requested part of a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Window {
    /// The first entries from this index on. If there are none, the last entries.
    After(usize),
    /// The last entries before this index.
    Before(usize),
}

impl Window {
    /// Returns the indices of at most `limit` entries of `total`.
    pub(super) fn range(self, total: usize, limit: usize) -> Range<usize> {
        match self {
            Window::After(start) if start < total => start..total.min(start + limit),
            Window::After(_) => total.saturating_sub(limit)..total,
            Window::Before(end) => end.min(total).saturating_sub(limit)..end.min(total),
        }
    }
}

/// A part of a folder, or of the results of a search.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// The entries in order, with their details. An entry that was deleted in the meantime is missing.
    pub(crate) entries: Vec<Entry>,
    /// The number of entries before the page.
    pub(crate) before: usize,
    /// The number of entries after the page.
    pub(crate) after: usize,
    /// The number of folders in the whole folder.
    pub(crate) folders: usize,
    /// The number of visible files in the whole folder.
    pub(crate) files: usize,
    /// The number of other files in the whole folder.
    pub(crate) others: usize,
    /// Whether the folder has more entries than were read, or the search did not cover all folders.
    pub(crate) is_truncated: bool,
}

impl Folder<'_> {
    /// Returns at most `limit` entries: folders, and files whose names match `shows`. Leaves out folders with subtitles
    /// only.
    ///
    /// Requests the details of the returned entries. Requests the details of other entries only if the order needs
    /// them.
    pub(crate) fn page(
        &mut self,
        order: Order,
        window: Window,
        limit: usize,
        shows: impl Fn(&OsStr) -> bool,
    ) -> Page {
        self.retain(|folder, entry| !folder.has_only_subtitles(entry, &shows));
        let shows = |entry: &Entry| entry.kind == EntryKind::Folder || shows(&entry.name);
        self.ask_details(|entry| order.needs_details(entry) && shows(entry));
        let mut shown: Vec<&Entry> = self.entries().iter().filter(|it| shows(it)).collect();
        order.sort(&mut shown);
        let range = window.range(shown.len(), limit);
        let entries = shown[range.clone()].iter().map(|&it| it.clone());
        let folders = self.folders().len();
        Page {
            before: range.start,
            after: shown.len() - range.end,
            folders,
            files: shown.len() - folders,
            others: self.entries().len() - shown.len(),
            is_truncated: self.is_truncated(),
            entries: self.with_details(entries.collect(), |_| true),
        }
    }
}
