//! The library page: a part of a folder, or the results of a search.

use std::io;
use std::time::{Duration, Instant};

use maud::PreEscaped;

use super::playable::is_playable;
use super::urls::Links;
use crate::media::{Entry, EntryKind, FolderName, Limits, MediaDir, MediaName, Page, Window};

mod entry;
mod markup;
mod query;
#[cfg(test)]
mod tests;

pub(crate) use query::LibraryQuery;

/// The maximum number of bytes for the entries of a page. The next page begins after the last entry. The limit is
/// enough for a hundred entries of normal length. A complete page has less than 64 KiB, which a phone loads at once.
pub(crate) const LIBRARY_BYTES: usize = 40_000;
/// The limit for a page that is sent while all stream permits are taken. The rest of the page fits into the difference
/// to [`SHORT_BODY`](crate::limits::SHORT_BODY).
pub(crate) const SHORT_LIBRARY_BYTES: usize = 8_000;
/// The maximum number of entries on a page, and of results of a search.
const ENTRIES: usize = 120;
/// The extensions of the image next to a video. The first existing file is used.
const POSTERS: [&str; 5] = ["jpg", "jpeg", "png", "webp", "JPG"];
/// The maximum duration of a search. It includes the time in which a disk starts to spin.
const SEARCH_TIME: Duration = Duration::from_secs(2);
/// The maximum number of names that a search compares.
const SEARCH_NAMES: u64 = 200_000;
/// The maximum depth of folders that a search visits.
const SEARCH_DEPTH: usize = 32;

/// A library page that is ready to be rendered.
pub(crate) struct LibraryPage {
    folder: FolderName,
    query: LibraryQuery,
    items: Vec<Item>,
    /// The page without its entries, which are the items.
    page: Page,
    links: Links,
}

/// An entry with its folder and its image.
struct Item {
    folder: FolderName,
    entry: Entry,
    /// The image next to the file.
    poster: Option<MediaName>,
}

impl Item {
    fn new(folder: FolderName, entry: Entry, is_file: &dyn Fn(&MediaName) -> bool) -> Item {
        let mut item = Item {
            folder,
            entry,
            poster: None,
        };
        item.poster = item.file().and_then(|it| poster_of(&it, is_file));
        item
    }

    /// Returns the name of a file; `None` for a folder.
    fn file(&self) -> Option<MediaName> {
        match self.entry.kind {
            EntryKind::Folder => None,
            EntryKind::File => self.folder.join(&self.entry.name),
        }
    }
}

/// Returns the image next to a file: `film.jpg` for `film.mp4`.
pub(crate) fn poster_of(
    name: &MediaName,
    is_file: impl Fn(&MediaName) -> bool,
) -> Option<MediaName> {
    let mut posters = POSTERS.iter().filter_map(|it| name.with_extension(it));
    posters.find(is_file)
}

impl LibraryPage {
    /// Reads the data for the page: the folder, or the whole tree for a search.
    ///
    /// # Errors
    ///
    /// `NotFound` and `PermissionDenied` as [`MediaDir::read_folder`], or another read error.
    pub(crate) fn open(
        dir: &MediaDir,
        folder: FolderName,
        query: LibraryQuery,
        links: Links,
    ) -> io::Result<LibraryPage> {
        let Some(words) = &query.words else {
            let mut read = dir.read_folder(&folder)?;
            let mut page = read.page(query.order, query.window, ENTRIES, is_playable);
            let is_file = |it: &MediaName| read.has_file(it.file_name());
            let entries = std::mem::take(&mut page.entries).into_iter();
            let items = entries.map(|entry| Item::new(folder.clone(), entry, &is_file));
            return Ok(LibraryPage {
                items: items.collect(),
                folder,
                query,
                page,
                links,
            });
        };
        let limits = Limits {
            deadline: Instant::now() + SEARCH_TIME,
            names: SEARCH_NAMES,
            depth: SEARCH_DEPTH,
            results: ENTRIES,
        };
        let found = dir.search(words, limits, is_playable)?;
        let items = found.entries.into_iter();
        let items = items.map(|(folder, it)| Item::new(folder, it, &|it| dir.has_file(it)));
        Ok(LibraryPage {
            folder: FolderName::root(),
            items: items.collect(),
            page: Page {
                after: found.more,
                is_truncated: !found.is_complete,
                ..Page::default()
            },
            query,
            links,
        })
    }

    /// Returns the file if it is the only content of the folder, so that the user can go directly to it. Returns `None`
    /// if the query contains more than the folder.
    pub(crate) fn only_file(&self) -> Option<MediaName> {
        let is_alone = (self.page.folders, self.page.files) == (0, 1);
        let first = self.items.first().filter(|_| is_alone)?;
        first.file().filter(|_| self.query.is_plain)
    }

    /// Renders the page with as many entries as fit into `limit` bytes, but at least one. The pages before and after it
    /// continue from there. The other entries are removed: a second call needs a lower limit.
    pub(crate) fn render(&mut self, limit: usize) -> String {
        let items = self.items.iter();
        let entries = items.map(|it| entry::markup(self, it).into_string());
        let entries: Vec<String> = entries.collect();
        let mut bytes = 0;
        let fits = |entry: &&String| {
            bytes += entry.len();
            bytes <= limit
        };
        let total = entries.len();
        // On the way back, a page ends where the next page begins.
        let is_back = matches!(self.query.window, Window::Before(_));
        let count = match is_back {
            true => entries.iter().rev().take_while(fits).count(),
            false => entries.iter().take_while(fits).count(),
        };
        let count = count.max(1).min(total);
        let start = if is_back { total - count } else { 0 };
        self.items.truncate(start + count);
        self.items.drain(..start);
        self.page.before += start;
        self.page.after += total - start - count;
        let entries = PreEscaped(entries[start..start + count].concat());
        self.markup(&entries).into_string()
    }
}
