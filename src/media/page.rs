//! A page of a folder, in an order that the user selects.

use std::cmp::{Ordering, Reverse};
use std::ffi::{OsStr, OsString};
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;
use std::time::{SystemTime, UNIX_EPOCH};

use super::entry::{Entry, EntryKind};
use super::folder::Folder;
use super::order::natural_cmp;

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

    /// Returns the sort value of an entry; the largest value comes first.
    fn value(self, entry: &Entry) -> i128 {
        match self {
            Order::Name => 0,
            Order::Date => entry.modified().map_or(i128::MIN, nanoseconds),
            Order::Size => entry.length().unwrap_or(0).into(),
        }
    }
}

/// A position in an order. It stays valid if its entry no longer exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cursor {
    kind: EntryKind,
    value: i128,
    name: OsString,
}

impl Cursor {
    /// Returns the position of an entry.
    pub(crate) fn of(order: Order, entry: &Entry) -> Cursor {
        Cursor {
            kind: entry.kind,
            value: order.value(entry),
            name: entry.name.to_os_string(),
        }
    }

    /// Compares two positions of one order.
    pub(super) fn compare(&self, other: &Cursor) -> Ordering {
        (self.kind, Reverse(self.value))
            .cmp(&(other.kind, Reverse(other.value)))
            .then_with(|| natural_cmp(self.name.as_bytes(), other.name.as_bytes()))
    }

    /// Encodes the position for the URL of another page.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let kind = if self.kind == EntryKind::Folder {
            'd'
        } else {
            'f'
        };
        let value = Some(self.value).filter(|value| *value != 0);
        let value = value.map_or_else(String::new, |value| value.to_string());
        [format!("{kind}{value}.").as_bytes(), self.name.as_bytes()].concat()
    }

    /// Decodes the output of [`to_bytes`](Self::to_bytes). Other bytes of the same form are also a valid position.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Cursor> {
        let dot = bytes.iter().position(|&byte| byte == b'.')?;
        let (kind, value) = bytes[..dot].split_first()?;
        Some(Cursor {
            kind: match kind {
                b'd' => EntryKind::Folder,
                b'f' => EntryKind::File,
                _ => return None,
            },
            value: match std::str::from_utf8(value).ok()? {
                "" => 0,
                value => value.parse().ok()?,
            },
            name: OsStr::from_bytes(&bytes[dot + 1..]).to_os_string(),
        })
    }
}

/// The requested part of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Window {
    /// The first entries.
    First,
    /// The first entries after this position, or the last entries if none follow.
    After(Cursor),
    /// The last entries before this position, or the first entries if none precede.
    Before(Cursor),
    /// The last entries.
    Last,
}

/// A part of a folder.
#[derive(Debug)]
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
        window: &Window,
        limit: usize,
        shows: impl Fn(&OsStr) -> bool,
    ) -> Page {
        self.retain(|folder, entry| !folder.has_only_subtitles(entry, &shows));
        let shows = |entry: &Entry| entry.kind == EntryKind::Folder || shows(&entry.name);
        self.ask_details(|entry| order.needs_details(entry) && shows(entry));
        let mut shown: Vec<&Entry> = self.entries().iter().filter(|it| shows(it)).collect();
        // The entries are in natural order, and the sort is stable.
        shown.sort_by_cached_key(|it| (it.kind, Reverse(order.value(it))));
        let range = range(&shown, order, window, limit);
        let entries = shown[range.clone()].iter().map(|&it| it.clone());
        let folders = self.folders().len();
        Page {
            before: range.start,
            after: shown.len() - range.end,
            folders,
            files: shown.len() - folders,
            others: self.entries().len() - shown.len(),
            entries: self.with_details(entries.collect(), |_| true),
        }
    }
}

/// Returns the indices of a window.
fn range(shown: &[&Entry], order: Order, window: &Window, limit: usize) -> Range<usize> {
    let total = shown.len();
    let before = |cursor: &Cursor, up_to: Ordering| {
        shown.partition_point(|entry| Cursor::of(order, entry).compare(cursor) <= up_to)
    };
    let last = total.saturating_sub(limit);
    let start = match window {
        Window::First => 0,
        Window::Last => last,
        Window::After(cursor) => match before(cursor, Ordering::Equal) {
            start if start < total => start,
            _ => last,
        },
        Window::Before(cursor) => match before(cursor, Ordering::Less) {
            0 => 0,
            end => return end.saturating_sub(limit)..end,
        },
    };
    start..total.min(start + limit)
}

/// Returns the nanoseconds since 1970, negative before 1970.
fn nanoseconds(time: SystemTime) -> i128 {
    let number = |nanoseconds: u128| i128::try_from(nanoseconds).unwrap_or(i128::MAX);
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => number(after.as_nanos()),
        Err(error) => -number(error.duration().as_nanos()),
    }
}
