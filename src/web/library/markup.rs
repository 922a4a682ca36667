//! The markup of a library page, except its entries. The markup type escapes all text.

use maud::{Markup, PreEscaped, html};

use super::super::pages::{folder_title, page};
use super::query::ORDERS;
use super::{Item, LibraryPage};
use crate::media::{FolderName, Window};

/// The maximum number of parent folders with a link.
const CRUMBS: usize = 5;
/// The maximum number of characters of the query that the page shows. A search uses no more characters.
const MAX_TEXT: usize = 200;

/// The formats that all common browsers can play.
const FORMATS: &str = "Browsers play MP4 and WebM, and as audio MP3, M4A, Ogg, Opus, FLAC and WAV. \
                       MKV, AVI, TS and others are listed too; where a browser cannot play one, VLC can.";

impl LibraryPage {
    /// Returns the page with these entries.
    pub(super) fn markup(&self, entries: &PreEscaped<String>) -> Markup {
        let name = folder_title(&self.folder);
        let (title, content) = match self.query.is_search() {
            true => (format!("{} – search", self.text()), self.results(entries)),
            false if self.is_part() => (format!("{name} ({})", self.span()), self.listing(entries)),
            false => (name.into_owned(), self.listing(entries)),
        };
        let content = html! {
            header {
                (self.crumbs())
                form role="search" action=(self.links.to("/")) {
                    input type="search" name="q" value=(self.text()) aria-label="Search in all folders"
                        placeholder="Search in all folders" autocomplete="off";
                    button { "Search" }
                }
            }
            main { (content) }
        };
        page(&self.links, &title, "library", &content)
    }

    fn is_part(&self) -> bool {
        self.page.before + self.page.after > 0
    }

    /// Returns the text of the query, cut to the part that the search uses.
    fn text(&self) -> &str {
        let text = self.query.text.as_str();
        let end = text.char_indices().nth(MAX_TEXT);
        end.map_or(text, |(end, _)| &text[..end])
    }

    /// Returns links to the parent folders; the nearest folder is last.
    fn crumbs(&self) -> Markup {
        if self.query.is_search() {
            return html! { nav #crumbs aria-label="Folders" { a href=(self.links.to("/?list")) { "All videos" } } };
        }
        let above: Vec<FolderName> =
            std::iter::successors(self.folder.parent(), FolderName::parent).collect();
        let Some((root, folders)) = above.split_last() else {
            return html! {};
        };
        // The links are relative, because the page would otherwise repeat a long path for each folder in it.
        let near = folders.iter().enumerate().take(CRUMBS).rev();
        html! {
            nav #crumbs aria-label="Folders above" {
                a href=(self.links.browse(root)) { (folder_title(root)) }
                @if folders.len() > CRUMBS { " / …" }
                @for (index, folder) in near {
                    " / " a href=("../".repeat(index + 1)) { bdi { (folder_title(folder)) } }
                }
            }
        }
    }

    fn listing(&self, entries: &PreEscaped<String>) -> Markup {
        let (folders, files, others) = (self.page.folders, self.page.files, self.page.others);
        html! {
            h1 { bdi { (folder_title(&self.folder)) } }
            @if folders + files == 0 {
                (self.nothing(others))
            } @else {
                div.tools {
                    p #count {
                        @if self.is_part() { (self.span()) " of " (grouped(folders + files)) }
                        @else { (counts(folders, files)) }
                    }
                    @if folders + files > 1 { (self.sorting()) }
                    @if files > 0 {
                        a #playlist.button href=(self.links.playlist(&self.folder)) { "Playlist for VLC" }
                    }
                    @if let Some(first) = self.items.iter().find_map(Item::file) {
                        a #loop-all.button.js href={ (self.links.watch(&first)) "?loop=folder" } { "Repeat all" }
                    }
                }
                ul #entries { (entries) }
                @if self.is_part() { (self.paging()) }
            }
            @if self.page.is_truncated {
                p #truncated {
                    "This folder has more than " (grouped(folders + files + others)) " entries. The server reads no more entries. \
                     Move some files into other folders."
                }
            }
        }
    }

    fn results(&self, entries: &PreEscaped<String>) -> Markup {
        let count = self.items.len();
        html! {
            h1 { "Search: " bdi { (self.text()) } }
            @if count == 0 {
                p #empty {
                    "Nothing was found. All words must be in the name of a video or in the names of its folders. "
                    a href=(self.links.to("/?list")) { "Show all videos" }
                }
            } @else {
                p #count role="status" {
                    @if self.page.after > 0 {
                        "The best " (count) " of " (grouped(count + self.page.after)) " results. Add words to get fewer results."
                    } @else { (plural(count, "result")) }
                }
                ul #entries { (entries) }
            }
            @if self.page.is_truncated {
                p #incomplete { "Some folders were not searched, because there are too many or because they do not answer. Results may be missing." }
            }
        }
    }

    fn sorting(&self) -> Markup {
        html! {
            nav #sort aria-label="Sort" {
                @for (order, word, label) in ORDERS {
                    a.button href={ "?sort=" (word) } aria-current=[(order == self.query.order).then_some("true")] {
                        (label)
                    }
                }
            }
        }
    }

    fn paging(&self) -> Markup {
        let link = |window, rel: Option<&str>, text: &str| {
            html! { a.button href=(self.query.part(window)) rel=[rel] { (text) } }
        };
        html! {
            nav #pages aria-label="Pages" {
                @if self.page.before > 0 {
                    (link(Window::After(0), None, "« First"))
                    (link(Window::Before(self.page.before), Some("prev"), "‹ Previous"))
                }
                span { (self.span()) }
                @if self.page.after > 0 {
                    (link(Window::After(self.page.before + self.items.len()), Some("next"), "Next ›"))
                    (link(Window::Before(usize::MAX), None, "Last »"))
                }
            }
        }
    }

    /// Returns the text for an empty folder.
    fn nothing(&self, others: usize) -> Markup {
        html! {
            p #empty {
                "There is nothing to play here yet. Copy videos into "
                @match self.folder.file_name() {
                    Some(name) => { "the folder " strong { bdi { (name.to_string_lossy()) } } }
                    None => "the folder that this server shows",
                }
                ", then " a href=(self.links.browse(&self.folder)) { "load the page again" } ". " (FORMATS)
            }
            @if others > 0 {
                p #others {
                    (match others {
                        1 => "One other file is not shown, because it is neither video nor audio.".to_owned(),
                        _ => format!("{} other files are not shown, because they are neither video nor audio.", grouped(others)),
                    })
                }
            }
        }
    }

    /// Returns the numbers of the first and last entry, counted from 1.
    fn span(&self) -> String {
        let last = self.page.before + self.items.len();
        format!(
            "{}–{}",
            grouped(last.min(self.page.before + 1)),
            grouped(last)
        )
    }
}

fn counts(folders: usize, files: usize) -> String {
    match (folders, files) {
        (0, files) => plural(files, "file"),
        (folders, 0) => plural(folders, "folder"),
        (folders, files) => format!("{}, {}", plural(folders, "folder"), plural(files, "file")),
    }
}

fn plural(count: usize, word: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{} {word}{ending}", grouped(count))
}

/// Formats a number with separators: 20,000.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_has_separators_and_a_unit() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (20_000, "20,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(grouped(number), text);
        }
        assert_eq!(counts(0, 1), "1 file");
        assert_eq!(counts(1, 0), "1 folder");
        assert_eq!(counts(2, 20_000), "2 folders, 20,000 files");
    }
}
