//! The markup of a library page. The macro `html!` escapes all text.

use maud::{Markup, PreEscaped, html};

use super::super::pages::{folder_title, page, readable_size};
use super::super::urls::folder_path;
use super::{LibraryPage, ORDERS};
use crate::http::format_day;
use crate::media::{FolderName, Item, Selection, kind};

/// The maximum number of parent folders that have a link on the page. The link to the root is not counted.
const CRUMBS: usize = 5;

/// The formats that all common browsers can play.
const FORMATS: &str = "Browsers play MP4 and WebM videos, and MP3, M4A, Ogg, Opus, FLAC and WAV audio files. \
                       MKV, AVI, TS and others are listed too; where a browser cannot play one, VLC can.";

impl LibraryPage {
    pub(super) fn markup(&self, entries: &PreEscaped<String>) -> Markup {
        let name = folder_title(&self.folder);
        let title = match self.query.is_search() {
            true => format!("{} – search", self.query.text),
            false if self.is_part() => format!("{name} ({})", self.span()),
            false => name.into_owned(),
        };
        let content = html! {
            header {
                (self.crumbs())
                form role="search" action=(self.links.to("/")) {
                    input type="search" name="q" value=(self.query.text) aria-label="Search in all folders"
                        placeholder="Search in all folders" autocomplete="off";
                    button { "Search" }
                }
            }
            main {
                @if self.query.is_search() { (self.results(entries)) } @else { (self.listing(entries)) }
            }
        };
        page(&self.links, &title, "library", &content)
    }

    fn is_part(&self) -> bool {
        self.page.before + self.page.after > 0
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
        // The links are relative, because absolute links would repeat a long path for each folder.
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
                        @if self.is_part() { (self.span()) " of " (with_separators(folders + files)) }
                        @else { (counts(folders, files)) }
                    }
                    @if folders + files > 1 { (self.sorting()) }
                    @if files > 0 {
                        a #playlist.button href=(self.links.playlist(&self.folder)) { "Playlist for VLC" }
                    }
                    @if let Some(first) = self.page.items.iter().find_map(|it| it.file.as_ref()) {
                        a #loop-all.button.js href={ (self.links.watch(first)) "?loop=folder" } { "Repeat all" }
                    }
                }
                ul #entries { (entries) }
                @if self.is_part() { (self.paging()) }
            }
            @if self.page.is_truncated {
                p #truncated {
                    "This folder has more than " (with_separators(folders + files + others)) " entries. The server reads no more entries. \
                     Move some files into other folders."
                }
            }
        }
    }

    fn results(&self, entries: &PreEscaped<String>) -> Markup {
        let count = self.page.items.len();
        html! {
            h1 { "Search: " bdi { (self.query.text) } }
            @if count == 0 {
                p #empty {
                    "Nothing was found. All words must be in the name of a video or in the names of its folders. "
                    a href=(self.links.to("/?list")) { "Show all videos" }
                }
            } @else {
                p #count role="status" {
                    @if self.page.after > 0 {
                        "The best " (count) " of " (with_separators(count + self.page.after)) " results. Add words to get fewer results."
                    } @else { (plural(count, "result")) }
                }
                ul #entries { (entries) }
            }
            @if self.page.is_truncated {
                p #incomplete { "Some folders were not searched, because there are too many or because they do not answer. Results may be missing." }
            }
        }
    }

    /// Returns one entry. A page has up to 120 entries, so the markup of an entry is short.
    ///
    /// An `li` without a class is a video. `bdi` contains the name, which may be written from right to left. `small`
    /// contains the size, and `time` the date. The style sheet and the script use these elements.
    pub(super) fn entry(&self, item: &Item) -> Markup {
        let (folder, entry, poster) = (&item.folder, &item.entry, &item.poster);
        let name = entry.name.to_string_lossy();
        let below = html! {
            @if let Some(day) = entry.modified.and_then(format_day) { " " time { (day) } }
            @if self.query.is_search() && folder.file_name().is_some() {
                " " bdi.in { (folder.as_path().to_string_lossy()) }
            }
        };
        let audio = (kind(&entry.name) == "audio").then_some("audio");
        let small = html! {
            @if audio.is_some() { "Audio" @if entry.length.is_some() { ", " } }
            @if let Some(length) = entry.length { (readable_size(length)) }
        };
        html! {
            @if let Some(url) = self.folder_url(item) {
                li.folder { a href=(url) { bdi { (name) } " " small { "Folder" } (below) } }
            } @else if let Some(file) = &item.file {
                li class=[audio] {
                    // If no image is next to the file, the script loads the cover inside the file, or the video itself.
                    // The script needs the token for these requests.
                    a href=(self.links.watch(file)) data-token=[self.links.stream_token(file).filter(|_| poster.is_none())] {
                        @if let Some(poster) = poster { img src=(self.links.stream(poster)) alt="" loading="lazy"; }
                        bdi { (name) } " " small { (small) } (below)
                    }
                }
            }
        }
    }

    /// Returns the URL of a folder. On a page below the root, such as `/browse/a/`, the URL is relative: `b/`.
    fn folder_url(&self, item: &Item) -> Option<String> {
        let name = item.entry.is_folder.then_some(&item.entry.name)?;
        if self.query.is_search() || self.folder == FolderName::root() {
            let folder = item.folder.join_folder(name)?;
            return Some(self.links.browse(&folder));
        }
        let relative = FolderName::root().join_folder(name)?;
        Some(folder_path(&relative))
    }

    fn sorting(&self) -> Markup {
        html! {
            nav #sort aria-label="Sort" {
                @for (order, word, label) in &ORDERS {
                    a.button href={ "?sort=" (word) } aria-current=[(*order == self.query.order.0).then_some("true")] {
                        (label)
                    }
                }
            }
        }
    }

    fn paging(&self) -> Markup {
        let link = |selection, rel: Option<&str>, text: &str| {
            html! { a.button href=(self.query.part(selection)) rel=[rel] { (text) } }
        };
        html! {
            nav #pages aria-label="Pages" {
                @if self.page.before > 0 {
                    (link(Selection::After(0), None, "« First"))
                    (link(Selection::Before(self.page.before), Some("prev"), "‹ Previous"))
                }
                span { (self.span()) }
                @if self.page.after > 0 {
                    (link(Selection::After(self.page.before + self.page.items.len()), Some("next"), "Next ›"))
                    (link(Selection::Before(usize::MAX), None, "Last »"))
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
                    @if others == 1 { "One other file is not shown, because it is neither video nor audio." }
                    @else { (with_separators(others)) " other files are not shown, because they are neither video nor audio." }
                }
            }
        }
    }

    /// Returns the numbers of the first and the last entry of this page: `121–240`. The first entry of a folder is 1.
    fn span(&self) -> String {
        let last = self.page.before + self.page.items.len();
        let first = last.min(self.page.before + 1);
        with_separators(first) + "–" + &with_separators(last)
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
    format!("{} {word}{ending}", with_separators(count))
}

/// Formats a number with separators: 20,000.
fn with_separators(number: usize) -> String {
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
