//! The library page: a part of a folder, or the results of a search.

use std::io;
use std::time::{Duration, Instant};

use maud::PreEscaped;

use super::urls::Links;
use crate::http::Target;
use crate::media::{
    FolderName, Limits, MediaDir, MediaName, Order, Page, Window, Words, is_playable,
};

mod markup;

/// The maximum number of bytes for the entries of a page. The next page begins after the last entry. The limit is
/// enough for a hundred entries of normal length. A complete page has less than 64 KiB, which a phone loads at once.
pub(crate) const LIBRARY_BYTES: usize = 40_000;
/// The limit for a page that is sent while all stream permits are taken. The rest of the page fits into the difference
/// to [`SHORT_BODY`](crate::limits::SHORT_BODY).
pub(crate) const SHORT_LIBRARY_BYTES: usize = 8_000;
/// The maximum number of entries on a page, and of results of a search.
const ENTRIES: usize = 120;
/// The maximum duration of a search. It includes the time in which a disk starts to spin.
const SEARCH_TIME: Duration = Duration::from_secs(2);
/// The maximum number of names that a search compares.
const SEARCH_NAMES: u64 = 200_000;
/// The maximum number of characters of a search that are used and shown.
const MAX_TEXT: usize = 200;

/// An order with its value in a URL and its label on a page.
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
    pub(crate) window: Window,
    /// The text of a search.
    text: String,
    /// The words of a search; `None` for a folder.
    words: Option<Words>,
    /// Whether the query is empty.
    is_plain: bool,
}

impl LibraryQuery {
    /// Parses the query of a target.
    pub(crate) fn read(target: &Target) -> LibraryQuery {
        let value = |key| target.query_value(key);
        let text = value("q").unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let text: String = text.chars().take(MAX_TEXT).collect();
        let words = Words::parse(&text);
        let number = |key| str::from_utf8(&value(key)?).ok()?.parse().ok();
        let window = match (number("after"), number("before")) {
            // A search has only one page.
            _ if words.is_some() => Window::After(0),
            (Some(count), _) => Window::After(count),
            (None, Some(count @ 1..)) => Window::Before(count),
            (None, None) if value("last").is_some() => Window::Before(usize::MAX),
            (None, _) => Window::After(0),
        };
        let sort = value("sort").unwrap_or_default();
        let order = ORDERS.iter().find(|(_, word, _)| *sort == *word.as_bytes());
        LibraryQuery {
            order: order.unwrap_or(&ORDERS[0]),
            window,
            text,
            words,
            is_plain: target.query.as_deref().is_none_or(str::is_empty),
        }
    }

    /// Returns whether the whole tree is searched.
    pub(crate) fn is_search(&self) -> bool {
        self.words.is_some()
    }

    /// Returns the query for another part of the folder in the same order.
    pub(crate) fn part(&self, window: Window) -> String {
        let (_, sort, _) = self.order;
        match window {
            Window::After(0) => format!("?sort={sort}"),
            Window::After(count) => format!("?sort={sort}&after={count}"),
            Window::Before(usize::MAX) => format!("?sort={sort}&last"),
            Window::Before(count) => format!("?sort={sort}&before={count}"),
        }
    }
}

/// A library page that is ready to be rendered.
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
    /// `NotFound` and `PermissionDenied` as [`MediaDir::read_folder`], or another read error.
    pub(crate) fn open(
        dir: &MediaDir,
        folder: FolderName,
        query: LibraryQuery,
        links: Links,
    ) -> io::Result<LibraryPage> {
        let limits = Limits {
            deadline: Instant::now() + SEARCH_TIME,
            names: SEARCH_NAMES,
            results: ENTRIES,
        };
        let page = match &query.words {
            None => dir
                .read_folder(&folder)?
                .page(query.order.0, query.window, ENTRIES),
            Some(words) => dir.search(words, limits, is_playable)?,
        };
        Ok(LibraryPage {
            folder,
            query,
            page,
            links,
        })
    }

    /// Returns the file if it is the only content of the folder, so that the user can go directly to it. Returns `None`
    /// if the query contains more than the folder.
    pub(crate) fn only_file(&self) -> Option<MediaName> {
        let is_alone = (self.page.folders, self.page.files) == (0, 1) && self.query.is_plain;
        self.page.items.first().filter(|_| is_alone)?.file.clone()
    }

    /// Renders the page with as many entries as fit into `limit` bytes, but at least one. The pages before and after it
    /// continue from there. The other entries are removed: a second call needs a lower limit.
    pub(crate) fn render(&mut self, limit: usize) -> String {
        let items = self.page.items.iter();
        let mut entries: Vec<String> = items.map(|it| self.entry(it).into_string()).collect();
        let mut bytes: usize = entries.iter().map(String::len).sum();
        // On the way back, a page ends where the next page begins.
        let is_back = matches!(self.query.window, Window::Before(_));
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
