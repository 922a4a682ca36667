//! The library page: a part of a folder, or the results of a search.

use std::io;
use std::time::{Duration, Instant};

use maud::PreEscaped;

use super::urls::Links;
use crate::http::Target;
use crate::media::{
    FolderName, MediaDir, MediaName, Order, Page, SearchLimits, Selection, Words, is_playable,
};

mod markup;

/// The maximum size of the entries of a page, in bytes: about a hundred entries. The whole page has less than 64 KiB,
/// so a phone loads it quickly.
pub(crate) const LIBRARY_BYTES: usize = 40_000;
/// The maximum size of the entries in bytes while the server has no capacity for another long response. With this
/// limit, the page is smaller than [`SHORT_BODY`](crate::limits::SHORT_BODY). The server sends so short a page at any
/// time.
pub(crate) const SHORT_LIBRARY_BYTES: usize = 8_000;
/// The maximum number of entries on a page, and of results of a search.
const ENTRIES: usize = 120;
/// The maximum duration of a search. A sleeping disk may use a part of this time to start.
const SEARCH_TIME: Duration = Duration::from_secs(2);
/// The maximum number of names that a search compares.
const SEARCH_NAMES: u64 = 200_000;
/// The maximum length of a search text, in characters. The rest is ignored.
const MAX_TEXT: usize = 200;

/// An order of the entries, its value in the URL (`?sort=`), and its label on the page.
type OrderRow = (Order, &'static str, &'static str);
static ORDERS: [OrderRow; 3] = [
    (Order::Name, "name", "Name"),
    (Order::Date, "date", "Newest"),
    (Order::Size, "size", "Largest"),
];

/// The query of a library page. Invalid values are ignored.
#[derive(Debug)]
pub(crate) struct LibraryQuery {
    order: &'static OrderRow,
    /// The requested part of the folder.
    pub(crate) selection: Selection,
    text: String,
    /// The words of a search; `None` for a folder.
    words: Option<Words>,
    /// True if the query is empty.
    is_plain: bool,
}

impl LibraryQuery {
    pub(crate) fn read(target: &Target) -> LibraryQuery {
        let value = |key| target.query_value(key);
        let text = value("q").unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let text: String = text.chars().take(MAX_TEXT).collect();
        let words = Words::parse(&text);
        let number = |key| str::from_utf8(&value(key)?).ok()?.parse().ok();
        let selection = match (number("after"), number("before")) {
            // A search has only one page.
            _ if words.is_some() => Selection::After(0),
            (Some(count), _) => Selection::After(count),
            (None, Some(count @ 1..)) => Selection::Before(count),
            (None, None) if value("last").is_some() => Selection::Before(usize::MAX),
            (None, _) => Selection::After(0),
        };
        let sort = value("sort").unwrap_or_default();
        let order = ORDERS.iter().find(|(_, word, _)| *sort == *word.as_bytes());
        LibraryQuery {
            order: order.unwrap_or(&ORDERS[0]),
            selection,
            text,
            words,
            is_plain: target.query.as_deref().is_none_or(str::is_empty),
        }
    }

    /// Returns whether the query is a search of the whole tree.
    pub(crate) fn is_search(&self) -> bool {
        self.words.is_some()
    }

    /// Returns the query for another part of the folder in the same order.
    pub(crate) fn part(&self, selection: Selection) -> String {
        let (_, sort, _) = self.order;
        match selection {
            Selection::After(0) => format!("?sort={sort}"),
            Selection::After(count) => format!("?sort={sort}&after={count}"),
            Selection::Before(usize::MAX) => format!("?sort={sort}&last"),
            Selection::Before(count) => format!("?sort={sort}&before={count}"),
        }
    }
}

pub(crate) struct LibraryPage {
    folder: FolderName,
    query: LibraryQuery,
    page: Page,
    links: Links,
}

impl LibraryPage {
    /// Reads the data for the page: the folder, or the whole tree for a search.
    ///
    /// # Errors
    ///
    /// Returns `NotFound` and `PermissionDenied` as [`MediaDir::read_folder`] does, or another read error.
    pub(crate) fn open(
        dir: &MediaDir,
        folder: FolderName,
        query: LibraryQuery,
        links: Links,
    ) -> io::Result<LibraryPage> {
        let limits = SearchLimits {
            deadline: Instant::now() + SEARCH_TIME,
            names: SEARCH_NAMES,
            results: ENTRIES,
        };
        let page = match &query.words {
            None => dir
                .read_folder(&folder)?
                .page(query.order.0, query.selection, ENTRIES),
            Some(words) => dir.search(words, limits, is_playable)?,
        };
        Ok(LibraryPage {
            folder,
            query,
            page,
            links,
        })
    }

    /// Returns the file if the folder contains one playable file and no folder, and if the query is empty. The server
    /// then redirects to the page of this file.
    pub(crate) fn only_file(&self) -> Option<MediaName> {
        let is_alone = (self.page.folders, self.page.files) == (0, 1) && self.query.is_plain;
        self.page.items.first().filter(|_| is_alone)?.file.clone()
    }

    /// Renders as many entries as fit into `limit` bytes, but at least one, and removes the others. The links to other
    /// pages lead to the removed entries.
    pub(crate) fn render(&mut self, limit: usize) -> String {
        let items = self.page.items.iter();
        let mut entries: Vec<String> = items.map(|it| self.entry(it).into_string()).collect();
        let mut bytes: usize = entries.iter().map(String::len).sum();
        // `Before(index)` selects the entries in front of `index`. The last of them must stay on the page, so entries
        // are removed at the start of the page.
        let is_back = matches!(self.query.selection, Selection::Before(_));
        while bytes > limit && entries.len() > 1 {
            let (removed, count) = match is_back {
                true => (0, &mut self.page.before),
                false => (entries.len() - 1, &mut self.page.after),
            };
            *count += 1;
            bytes -= entries.remove(removed).len();
            self.page.items.remove(removed);
        }
        self.markup(&PreEscaped(entries.concat())).into_string()
    }
}
