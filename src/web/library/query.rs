//! The query of a library page. Invalid values are ignored.

use crate::http::Target;
use crate::media::{Order, Window, Words};

/// The query of a library page.
#[derive(Debug)]
pub(crate) struct LibraryQuery {
    /// The order of the entries.
    pub(crate) order: Order,
    /// The requested part of the folder.
    pub(crate) window: Window,
    /// The text of a search, unchanged.
    pub(super) text: String,
    /// The words of a search; `None` for a folder.
    pub(super) words: Option<Words>,
    /// Whether the query is empty.
    pub(super) is_plain: bool,
}

impl LibraryQuery {
    /// Parses the query of a target.
    pub(crate) fn read(target: &Target) -> LibraryQuery {
        let value = |key| target.query_value(key);
        let text = value("q").unwrap_or_default();
        let text = String::from_utf8_lossy(&text).into_owned();
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
        LibraryQuery {
            order: value("sort").map_or(Order::Name, |word| order(&word)),
            window,
            words,
            text,
            is_plain: target.query.as_ref().is_none_or(String::is_empty),
        }
    }

    /// Returns whether the whole tree is searched.
    pub(crate) fn is_search(&self) -> bool {
        self.words.is_some()
    }

    /// Returns the query for another part of the folder in the same order.
    pub(crate) fn part(&self, window: Window) -> String {
        let known = ORDERS.iter().find(|(known, ..)| *known == self.order);
        let sort = known.map_or("name", |(_, word, _)| word);
        match window {
            Window::After(0) => format!("?sort={sort}"),
            Window::After(count) => format!("?sort={sort}&after={count}"),
            Window::Before(usize::MAX) => format!("?sort={sort}&last"),
            Window::Before(count) => format!("?sort={sort}&before={count}"),
        }
    }
}

/// The orders, with their values in a URL and their labels on a page.
pub(super) const ORDERS: [(Order, &str, &str); 3] = [
    (Order::Name, "name", "Name"),
    (Order::Date, "date", "Newest"),
    (Order::Size, "size", "Largest"),
];

fn order(word: &[u8]) -> Order {
    let known = ORDERS.iter().find(|(_, it, _)| it.as_bytes() == word);
    known.map_or(Order::Name, |(order, ..)| *order)
}
