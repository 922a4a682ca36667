//! How a library page looks. Pure; everything that is put in is escaped by its type.
//!
//! A page has up to 120 entries, so an entry is short: `li` is a video unless its class says otherwise, `bdi` is its
//! name, `small` its length, `time` its day. Style sheet and script find them by that.

use std::time::SystemTime;

use maud::{Markup, html};

use super::super::pages::{folder_title, page, readable_length};
use super::super::urls::{browse_url, watch_url};
use super::query::ORDERS;
use super::{Extent, Item, LibraryPage};
use crate::http::{Kind, MediaType, format_http_date};
use crate::media::{EntryKind, FolderName, Order, Window};

/// Folders above that are linked by name; the others are left out.
const CRUMBS: usize = 5;
/// As long as a search looks at. More would only fill the page.
const MAX_TEXT: usize = 200;

/// What browsers play, as far as one can say for all of them.
const FORMATS: &str = "Browsers play MP4 and WebM, and as audio MP3, M4A, Ogg, Opus, FLAC and WAV. \
                       MKV, AVI, TS and others are listed too; where a browser cannot play one, VLC can.";

impl LibraryPage {
    /// The page.
    pub(super) fn markup(&self) -> Markup {
        let (title, content) = match self.extent {
            Extent::Search { more, is_complete } => (
                format!("{} – search", self.text()),
                self.results(more, is_complete),
            ),
            Extent::Folder { before, after, .. } => {
                let name = folder_title(&self.folder);
                let title = match before + after {
                    0 => name.into_owned(),
                    _ => format!("{name} ({})", self.span(before)),
                };
                (title, self.listing())
            }
        };
        let content = html! {
            header {
                (self.crumbs())
                form role="search" action="/" {
                    input type="search" name="q" value=(self.text()) aria-label="Search in all folders"
                        placeholder="Search in all folders" autocomplete="off";
                    button { "Search" }
                }
            }
            main { (content) }
        };
        page(&title, "library", &content)
    }

    /// The words as they were typed, as far as they were read.
    fn text(&self) -> &str {
        let text = self.query.text.as_str();
        let end = text.char_indices().nth(MAX_TEXT);
        end.map_or(text, |(end, _)| &text[..end])
    }

    /// The folders above, the nearest last.
    fn crumbs(&self) -> Markup {
        if self.query.is_search() {
            return html! { nav #crumbs aria-label="Folders" { a href="/?list" { "All videos" } } };
        }
        let above: Vec<FolderName> =
            std::iter::successors(self.folder.parent(), FolderName::parent).collect();
        let Some((root, folders)) = above.split_last() else {
            return html! {};
        };
        // Relative: a path of many folders would stand here once for each of them.
        let near = folders.iter().enumerate().take(CRUMBS).rev();
        html! {
            nav #crumbs aria-label="Folders above" {
                a href=(browse_url(root)) { (folder_title(root)) }
                @if folders.len() > CRUMBS { " / …" }
                @for (index, folder) in near {
                    " / " a href=("../".repeat(index + 1)) { bdi { (folder_title(folder)) } }
                }
            }
        }
    }

    fn listing(&self) -> Markup {
        let Extent::Folder {
            before,
            after,
            folders,
            files,
            others,
        } = self.extent
        else {
            return html! {};
        };
        let is_part = before + after > 0;
        html! {
            h1 { bdi { (folder_title(&self.folder)) } }
            @if folders + files == 0 {
                (self.nothing(others))
            } @else {
                div.tools {
                    p #count {
                        @if is_part { (self.span(before)) " of " (grouped(folders + files)) }
                        @else { (counts(folders, files)) }
                    }
                    @if folders + files > 1 { (self.sorting()) }
                    @if files > 0 {
                        a #playlist.button href=(self.links.playlist(&self.folder)) { "Playlist for VLC" }
                    }
                }
                (self.entries())
                @if is_part { (self.paging(before, after)) }
            }
        }
    }

    fn results(&self, more: u64, is_complete: bool) -> Markup {
        let count = self.items.len() as u64;
        html! {
            h1 { "Search: " bdi { (self.text()) } }
            @if count == 0 {
                p #empty {
                    "Nothing was found. A result has all words in its name or in those of its folders. "
                    a href="/?list" { "Show all videos" }
                }
            } @else {
                p #count role="status" {
                    @if more > 0 { "The best " (count) " of " (grouped(count + more)) " results. More words find fewer." }
                    @else { (plural(count, "result")) }
                }
                (self.entries())
            }
            @if !is_complete {
                p #incomplete { "There is more here than a search looks through at once, so some results may be missing." }
            }
        }
    }

    fn sorting(&self) -> Markup {
        let label = |order| match order {
            Order::Name => "Name",
            Order::Date => "Newest",
            Order::Size => "Largest",
        };
        html! {
            nav #sort aria-label="Sort" {
                @for (order, word) in ORDERS {
                    a.button href={ "?sort=" (word) } aria-current=[(order == self.query.order).then_some("true")] {
                        (label(order))
                    }
                }
            }
        }
    }

    fn entries(&self) -> Markup {
        html! {
            ul #entries { @for item in &self.items { (self.entry(item)) } }
        }
    }

    /// One entry; nothing for a name that cannot be asked for. bdi: a name that turns the direction of writing turns
    /// only itself.
    fn entry(&self, item: &Item) -> Markup {
        let name = item.entry.name.to_string_lossy();
        let day = day(item.entry.modified);
        let below = html! {
            @if let Some(day) = day { " " time { (day) } }
            @if self.query.is_search() && item.folder.file_name().is_some() {
                " " bdi.in { (item.folder.as_path().to_string_lossy()) }
            }
        };
        match item.entry.kind {
            EntryKind::Folder => html! {
                @if let Some(url) = self.folder_url(item) {
                    li.folder { a href=(url) { bdi { (name) } " " small { "Folder" } (below) } }
                }
            },
            EntryKind::File { length } => {
                let Some(file) = item.file_name() else {
                    return html! {};
                };
                let poster = item.poster.and_then(|it| file.with_extension(it));
                let kind = MediaType::of(item.entry.name.as_encoded_bytes()).kind();
                let is_audio = kind == Kind::Audio;
                // Where there is no picture, the script makes one of the video itself.
                let is_painted = !is_audio && poster.is_none();
                let token = is_painted.then(|| self.links.stream_token(&file)).flatten();
                html! {
                    li class=[is_audio.then_some("audio")] {
                        a href=(watch_url(&file)) data-token=[token] {
                            @if let Some(poster) = poster { img src=(self.links.stream(&poster)) alt="" loading="lazy"; }
                            bdi { (name) } " "
                            small { @if is_audio { "Audio, " } (readable_length(length)) }
                            (below)
                        }
                    }
                }
            }
        }
    }

    /// Relative where it can be: the address of a page of a folder ends with a slash.
    fn folder_url(&self, item: &Item) -> Option<String> {
        if self.query.is_search() || self.folder == FolderName::root() {
            return Some(browse_url(&item.folder.join_folder(&item.entry.name)?));
        }
        let own = FolderName::root().join_folder(&item.entry.name)?;
        Some(own.url_path() + "/")
    }

    fn paging(&self, before: u64, after: u64) -> Markup {
        let link = |window: &Window, rel: Option<&str>, text: &str| {
            html! { a.button href=(self.query.part(window)) rel=[rel] { (text) } }
        };
        let (first, last) = self.ends().unzip();
        html! {
            nav #pages aria-label="Pages" {
                @if before > 0 {
                    (link(&Window::First, None, "« First"))
                    @if let Some(first) = first { (link(&Window::Before(first), Some("prev"), "‹ Previous")) }
                }
                span { (self.span(before)) }
                @if after > 0 {
                    @if let Some(last) = last { (link(&Window::After(last), Some("next"), "Next ›")) }
                    (link(&Window::Last, None, "Last »"))
                }
            }
        }
    }

    /// Whoever finds nothing is told what to do about it.
    fn nothing(&self, others: u64) -> Markup {
        html! {
            p #empty {
                "There is nothing to play here yet. Copy videos into "
                @match self.folder.file_name() {
                    Some(name) => { "the folder " strong { bdi { (name.to_string_lossy()) } } }
                    None => "the folder that this server shows",
                }
                ", then " a href="./" { "load the page again" } ". " (FORMATS)
            }
            @if others > 0 {
                p #others {
                    (match others {
                        1 => "One other file is here, which is neither video nor audio and is not shown.".to_owned(),
                        _ => format!("{} other files are here, which are neither video nor audio and are not shown.", grouped(others)),
                    })
                }
            }
        }
    }

    /// Which entries these are, counted from 1.
    fn span(&self, before: u64) -> String {
        let last = before + self.items.len() as u64;
        format!("{}–{}", grouped(last.min(before + 1)), grouped(last))
    }
}

/// Returns the day in UTC, as in `20 Nov 2026`. `None` before 1970 and after 9999, which no HTTP date can say.
fn day(time: SystemTime) -> Option<String> {
    // RFC 9110 §5.6.7: an IMF-fixdate has a fixed length, and the day stands behind the name of the weekday.
    Some(format_http_date(time)?.get(5..16)?.to_owned())
}

fn counts(folders: u64, files: u64) -> String {
    match (folders, files) {
        (0, files) => plural(files, "file"),
        (folders, 0) => plural(folders, "folder"),
        (folders, files) => format!("{}, {}", plural(folders, "folder"), plural(files, "file")),
    }
}

fn plural(count: u64, word: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{} {word}{ending}", grouped(count))
}

/// 20000 as 20,000.
fn grouped(number: u64) -> String {
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
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn days_are_those_of_an_http_date() {
        let at = |seconds| day(UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(at(0).as_deref(), Some("01 Jan 1970"));
        assert_eq!(at(1_795_161_600).as_deref(), Some("20 Nov 2026"));
        assert_eq!(at(253_402_300_799).as_deref(), Some("31 Dec 9999"));
        assert_eq!(at(253_402_300_800), None);
        assert_eq!(day(UNIX_EPOCH - Duration::from_nanos(1)), None);
    }

    #[test]
    fn numbers() {
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
