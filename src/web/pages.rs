//! Functions for all pages. The macro `html!` escapes all text.
//!
//! No page contains an inline script or style, and every page works without JavaScript.

use std::borrow::Cow;

use maud::{DOCTYPE, Markup, html};

use super::urls::Links;
use crate::media::FolderName;

/// Returns an error page: one sentence, and the status below it.
pub(crate) fn error_page(links: &Links, status_code: u16, reason: &str, sentence: &str) -> String {
    let content = html! {
        main {
            h1 { (reason) }
            p { (sentence) }
            p { a href=(links.to("/")) { "All videos" } }
            footer { "Status " (status_code) }
        }
    };
    page(links, reason, "error", &content).into_string()
}

/// Returns a page. `kind` is the class for the style sheet and the name of the script: `player`, `library` or `error`.
pub(super) fn page(links: &Links, title: &str, kind: &str, content: &Markup) -> Markup {
    // The base path is the first part of every link. The script removes it to get the name of a file.
    let base = Some(&*links.base).filter(|base| !base.is_empty());
    html! {
        (DOCTYPE)
        html lang="en" data-base=[base] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                link rel="icon" href=(links.to("/favicon.ico"));
                link rel="stylesheet" href=(links.to("/assets/style.css"));
                // `defer` runs the script after the parsing, so the page does not wait for it. An error page needs no
                // script.
                @if kind != "error" { script defer src=(links.to(&format!("/assets/{kind}.js"))) {} }
            }
            body class=(kind) { (content) }
        }
        "\n"
    }
}

/// Returns the name of a folder. For the root, returns `Videos`, because the real name may tell something about the
/// host.
pub(super) fn folder_title(folder: &FolderName) -> Cow<'_, str> {
    let name = folder.file_name();
    name.map_or(Cow::Borrowed("Videos"), |name| name.to_string_lossy())
}

/// Formats a number of bytes with a decimal unit, as disk manufacturers do: `999 B`, `1.4 GB`, `734 MB`.
pub(super) fn readable_size(length: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if length < 1_000 {
        return format!("{length} B");
    }
    // `length * 10` may be too large for u64.
    let mut unit = 1_000_u128;
    for name in UNITS {
        let tenths = (u128::from(length) * 10 + unit / 2) / unit;
        if tenths < 100 {
            return format!("{}.{} {name}", tenths / 10, tenths % 10);
        }
        let whole = (u128::from(length) + unit / 2) / unit;
        if whole < 1_000 {
            return format!("{whole} {name}");
        }
        unit *= 1_000;
    }
    format!("{length} B")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_has_up_to_three_digits_and_a_unit() {
        let rows = "0=0 B|999=999 B|1000=1.0 kB|1049=1.0 kB|1050=1.1 kB|9949=9.9 kB|9950=10 kB|999499=999 kB|\
            999500=1.0 MB|1400000000=1.4 GB|734003200=734 MB|18446744073709551615=18 EB";
        for row in rows.split('|') {
            let (length, text) = row.split_once('=').unwrap();
            assert_eq!(readable_size(length.parse().unwrap()), text, "{length}");
        }
    }
}
