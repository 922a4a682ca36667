//! One entry of a library page.
//!
//! A page has up to 120 entries, so the markup of an entry is short. `li` is a video unless its class contains another
//! kind. `bdi` is its name, `small` its length, `time` its date. The style sheet and the script rely on these elements.

use maud::{Markup, html};

use super::super::pages::readable_size;
use super::{Item, LibraryPage};
use crate::http::{MediaType, format_day};
use crate::media::{EntryKind, FolderName};

/// Returns one entry. `bdi` isolates a name with another writing direction.
pub(super) fn markup(page: &LibraryPage, item: &Item) -> Markup {
    let name = item.entry.name.to_string_lossy();
    let day = item.entry.modified().and_then(format_day);
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
    let Some(file) = item.file() else {
        return html! {};
    };
    let is_audio = MediaType::of(item.entry.name.as_encoded_bytes()).kind == "audio";
    // If no image is next to the file, the script uses the cover inside it, or a frame of the video.
    let is_painted = item.poster.is_none();
    let token = is_painted.then(|| page.links.stream_token(&file)).flatten();
    let length = item.entry.length().map(readable_size);
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

/// Returns the URL of a folder, relative if possible: the URL of a folder's page ends with a slash.
fn folder_url(page: &LibraryPage, item: &Item) -> Option<String> {
    if page.query.is_search() || page.folder == FolderName::root() {
        let folder = item.folder.join_folder(&item.entry.name)?;
        return Some(page.links.browse(&folder));
    }
    let own = FolderName::root().join_folder(&item.entry.name)?;
    Some(own.url_path() + "/")
}
