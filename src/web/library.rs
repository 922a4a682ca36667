//! The library page: a part of a folder, or what a search found.
//!
//! Knows what such a page is made of and how large it may be; how it looks is `library/markup.rs`'s. Must not know
//! requests or how a page is sent.

use std::io;
use std::time::{Duration, Instant};

use super::{Links, is_playable};
use crate::media::{
    Entry, EntryKind, FolderName, Limits, MediaDir, MediaName, Place, Section, Window,
};

mod markup;
mod query;
#[cfg(test)]
mod tests;

pub(crate) use query::LibraryQuery;

/// A page is never longer: so much that a phone has it at once, whatever the names are.
pub(crate) const LIBRARY_BYTES: usize = 40_000;
/// Nor has it more entries. Where names are very long, it has fewer.
const ENTRIES: usize = 120;
/// The pictures that are looked for beside a video, in this order.
const POSTERS: [&str; 5] = ["jpg", "jpeg", "png", "webp", "JPG"];
/// How long a search may take. A disk that sleeps needs some of it to wake up.
const SEARCH_TIME: Duration = Duration::from_secs(2);
/// Names that a search looks at.
const SEARCH_NAMES: u64 = 200_000;
/// Folders within folders that it goes into.
const SEARCH_DEPTH: usize = 32;

/// What is behind the address of a folder.
#[derive(Debug)]
pub(crate) enum Library {
    /// Nothing but this, which is what whoever came here wants to see.
    Single(MediaName),
    /// All else.
    Page(Box<LibraryPage>),
}

/// A library page that is ready to be rendered.
#[derive(Debug)]
pub(crate) struct LibraryPage {
    folder: FolderName,
    query: LibraryQuery,
    items: Vec<Item>,
    extent: Extent,
    links: Links,
}

/// An entry with what is shown beside its name.
#[derive(Debug)]
struct Item {
    folder: FolderName,
    entry: Entry,
    /// The extension of the picture beside it.
    poster: Option<&'static str>,
}

/// How much there is besides the items.
#[derive(Debug, Clone, Copy)]
enum Extent {
    Folder {
        before: u64,
        after: u64,
        folders: u64,
        files: u64,
        others: u64,
    },
    Search {
        more: u64,
        is_complete: bool,
    },
}

impl Library {
    /// Reads what the page needs: one pass over the folder, or a search.
    ///
    /// # Errors
    ///
    /// `NotFound` and `PermissionDenied` as [`MediaDir::section`], or what reading reports.
    pub(crate) fn open(
        dir: &MediaDir,
        folder: FolderName,
        query: LibraryQuery,
        links: Links,
    ) -> io::Result<Library> {
        if let Some(words) = &query.words {
            let limits = Limits {
                deadline: Instant::now() + SEARCH_TIME,
                names: SEARCH_NAMES,
                depth: SEARCH_DEPTH,
                results: ENTRIES,
            };
            let found = dir.search(words, limits, is_playable)?;
            let extent = Extent::Search {
                more: found.more,
                is_complete: found.is_complete,
            };
            let items = with_posters(dir, found.entries)?;
            let folder = FolderName::root();
            return Ok(Library::page(folder, query, items, extent, links));
        }
        let section = section(dir, &folder, &query)?;
        let counts = (section.folders, section.files);
        if query.is_plain
            && counts == (0, 1)
            && let Some(name) = section
                .entries
                .first()
                .and_then(|entry| folder.join(&entry.name))
        {
            return Ok(Library::Single(name));
        }
        let extent = Extent::Folder {
            before: section.before,
            after: section.after,
            folders: section.folders,
            files: section.files,
            others: section.others,
        };
        let entries = section.entries.into_iter();
        let entries = entries.map(|entry| (folder.clone(), entry)).collect();
        let items = with_posters(dir, entries)?;
        Ok(Library::page(folder, query, items, extent, links))
    }

    fn page(
        folder: FolderName,
        query: LibraryQuery,
        items: Vec<Item>,
        extent: Extent,
        links: Links,
    ) -> Library {
        Library::Page(Box::new(LibraryPage {
            folder,
            query,
            items,
            extent,
            links,
        }))
    }
}

/// The part that is asked for; where nothing is left of it, its nearest end of the folder.
fn section(dir: &MediaDir, folder: &FolderName, query: &LibraryQuery) -> io::Result<Section> {
    let read = |window: &Window| dir.section(folder, query.order, window, ENTRIES, is_playable);
    let section = read(&query.window)?;
    if !section.entries.is_empty() {
        return Ok(section);
    }
    match query.window {
        Window::After(_) => read(&Window::Last),
        Window::Before(_) => read(&Window::First),
        Window::First | Window::Last => Ok(section),
    }
}

fn with_posters(dir: &MediaDir, entries: Vec<(FolderName, Entry)>) -> io::Result<Vec<Item>> {
    let mut items = Vec::with_capacity(entries.len());
    for (folder, entry) in entries {
        items.push(Item {
            folder,
            entry,
            poster: None,
        });
    }
    let names: Vec<_> = items.iter().map(Item::file_name).collect();
    let posters = dir.posters(names.iter().flatten(), &POSTERS)?;
    let with_name = items.iter_mut().zip(&names);
    let with_name = with_name.filter_map(|(item, name)| name.as_ref().and(Some(item)));
    for (item, poster) in with_name.zip(posters) {
        item.poster = poster;
    }
    Ok(items)
}

/// The picture beside one file, if there is one.
pub(crate) fn poster_of(dir: &MediaDir, name: &MediaName) -> io::Result<Option<MediaName>> {
    let found = dir.posters([name], &POSTERS)?;
    Ok(found
        .into_iter()
        .flatten()
        .find_map(|extension| name.with_extension(extension)))
}

impl Item {
    /// `None` for a folder.
    fn file_name(&self) -> Option<MediaName> {
        match self.entry.kind {
            EntryKind::Folder => None,
            EntryKind::File { .. } => self.folder.join(&self.entry.name),
        }
    }
}

impl LibraryPage {
    /// The page in at most so many bytes. Where it would be longer it gets fewer entries, for good, and the page after it
    /// begins where it ends. `None` if it would be longer with a single one.
    pub(crate) fn render(&mut self, limit: usize) -> Option<String> {
        loop {
            let page = self.markup().into_string();
            if page.len() <= limit {
                return Some(page);
            }
            let count = self.items.len();
            if count <= 1 {
                return None;
            }
            // The share that would fit if all were equally long and there was nothing else; at least one fewer.
            let share = count.saturating_mul(limit) / page.len();
            self.shorten(share.clamp(1, count - 1));
        }
    }

    /// Leaves out entries at the end where the next page takes them up.
    fn shorten(&mut self, limit: usize) {
        let surplus = self.items.len().saturating_sub(limit);
        let count = surplus as u64;
        match (&mut self.extent, &self.query.window) {
            (Extent::Search { more, .. }, _) => {
                self.items.truncate(limit);
                *more += count;
            }
            (Extent::Folder { after, .. }, Window::First | Window::After(_)) => {
                self.items.truncate(limit);
                *after += count;
            }
            (Extent::Folder { before, .. }, Window::Last | Window::Before(_)) => {
                self.items.drain(..surplus);
                *before += count;
            }
        }
    }

    /// The places of the first and the last entry.
    fn ends(&self) -> Option<(Place, Place)> {
        let place = |item: &Item| Place::of(self.query.order, &item.entry);
        Some((place(self.items.first()?), place(self.items.last()?)))
    }
}
