//! One entry of a library page.
//!
//! A page has up to 120 entries, so an entry is short: `li` is a video unless its class says otherwise, `bdi` is its
//! name, `small` its length, `time` its day. Style sheet and script find them by that.

use std::time::SystemTime;

use maud::{Markup, html};

use super::super::pages::readable_length;
use super::{Item, LibraryPage};
use crate::http::{Kind, MediaType, format_http_date};
use crate::media::{EntryKind, FolderName, MediaName};

/// Returns one entry. `bdi` isolates a name that changes the direction of writing.
pub(super) fn markup(page: &LibraryPage, item: &Item) -> Markup {
    let name = item.entry.name.to_string_lossy();
    let day = item.entry.modified().and_then(day);
    let below = html! {
        @if let Some(day) = day { " " time { (day) } }
        @if page.query.is_search() && item.folder.file_name().is_some() {
            " " bdi.in { (item.folder.as_path().to_string_lossy()) }
        }
    };
    if item.entry.kind == EntryKind::Folder {
        return html! {
            @if let Some(url) = folder_url(page, item) {
                li.folder { a href=(url) { bdi { (name) } " " small { "Folder" } (below) } }
            }
        };
    }
    let Some(file) = file_name(item) else {
        return html! {};
    };
    let is_audio = MediaType::of(item.entry.name.as_encoded_bytes()).kind() == Kind::Audio;
    // Without a picture, the script makes one from the video.
    let is_painted = !is_audio && item.poster.is_none();
    let token = is_painted.then(|| page.links.stream_token(&file)).flatten();
    let length = item.entry.length().map(readable_length);
    let small = [is_audio.then(|| "Audio".to_owned()), length];
    let small: Vec<String> = small.into_iter().flatten().collect();
    html! {
        li class=[is_audio.then_some("audio")] {
            a href=(page.links.watch(&file)) data-token=[token] {
                @if let Some(poster) = &item.poster { img src=(page.links.stream(poster)) alt="" loading="lazy"; }
                bdi { (name) } " " small { (small.join(", ")) } (below)
            }
        }
    }
}

/// Returns the name of a file; `None` for a folder.
pub(super) fn file_name(item: &Item) -> Option<MediaName> {
    match item.entry.kind {
        EntryKind::Folder => None,
        EntryKind::File => item.folder.join(&item.entry.name),
    }
}

/// Returns the URL of a folder, relative where possible: the address of a page of a folder ends with a slash.
fn folder_url(page: &LibraryPage, item: &Item) -> Option<String> {
    if page.query.is_search() || page.folder == FolderName::root() {
        let folder = item.folder.join_folder(&item.entry.name)?;
        return Some(page.links.browse(&folder));
    }
    let own = FolderName::root().join_folder(&item.entry.name)?;
    Some(own.url_path() + "/")
}

/// Returns the day in UTC as HTML wants it, as in `2026-11-20`. `None` before 1970 and after 9999, for which there is
/// no HTTP-date.
fn day(time: SystemTime) -> Option<String> {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    // RFC 9110 §5.6.7: an IMF-fixdate has a fixed length: `Fri, 20 Nov 2026 …`.
    let date = format_http_date(time)?;
    let month = MONTHS.find(date.get(8..11)?)? / 3 + 1;
    Some(format!(
        "{}-{month:02}-{}",
        date.get(12..16)?,
        date.get(5..7)?
    ))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn day_before_1970_or_after_9999_is_none() {
        let at = |seconds| day(UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(at(0).as_deref(), Some("1970-01-01"));
        assert_eq!(at(1_795_161_600).as_deref(), Some("2026-11-20"));
        assert_eq!(at(253_402_300_799).as_deref(), Some("9999-12-31"));
        assert_eq!(at(253_402_300_800), None);
        assert_eq!(day(UNIX_EPOCH - Duration::from_nanos(1)), None);
    }
}
