//! The plain index of a folder, for programs that read HTML listings: rclone, `wget -r`, Kodi.
//!
//! These programs can read the form of nginx's autoindex: one link per line, then date and size. Kodi accepts a link
//! only if its text equals its target.

use std::time::SystemTime;

use maud::{DOCTYPE, Markup, html};

use crate::http::format_http_date;
use crate::media::{Entry, FolderName};

/// The column in which the dates begin. After a name that reaches this column, the date begins further to the right.
const DATE_COLUMN: usize = 50;
const SIZE_WIDTH: usize = 20;

pub(crate) fn index_page(folder: &FolderName, entries: &[Entry]) -> String {
    let title = match folder.as_path().to_string_lossy() {
        path if path.is_empty() => "Index of /".to_owned(),
        path => format!("Index of /{path}/"),
    };
    html! {
        (DOCTYPE)
        html {
            head { meta charset="utf-8"; title { (title) } }
            body {
                h1 { (title) }
                pre {
                    @if folder.file_name().is_some() { a href="../" { "../" } "\n" }
                    @for entry in entries { (line(entry)) }
                }
            }
        }
        "\n"
    }
    .into_string()
}

/// Returns the line of an entry: a link relative to the folder, then date and size.
fn line(entry: &Entry) -> Markup {
    let slash = if entry.is_folder { "/" } else { "" };
    let size = entry.length.map_or("-".to_owned(), |it| it.to_string());
    // The URL must be relative to the folder, so it is the encoded name without the path of the folder. The URL path of
    // an entry of the root folder has this form.
    let url = FolderName::root().join_folder(&entry.name);
    let Some(url) = url.map(|name| name.url_path() + slash) else {
        return html! {};
    };
    // A line break in a name must not start a new line of the index.
    let name = entry.name.to_string_lossy();
    let text = name.replace(char::is_control, "\u{fffd}") + slash;
    let gap = " ".repeat(DATE_COLUMN.saturating_sub(text.chars().count()) + 1);
    let date = entry.modified.and_then(date);
    let date = date.unwrap_or_else(|| format!("{:17}", "-"));
    html! { a href=(url) { (text) } (gap) (date) (format!("{size:>SIZE_WIDTH$}")) "\n" }
}

/// Returns a time in UTC, as in `06-Nov-1994 08:49`; `None` if the HTTP date format cannot express it.
fn date(time: SystemTime) -> Option<String> {
    // An HTTP date has a fixed length (RFC 9110 §5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
    let text = format_http_date(time)?;
    let day = text.get(5..16)?.replace(' ', "-");
    Some(format!("{day} {}", text.get(17..22)?))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn index_has_relative_links_dates_and_sizes() {
        let folder = FolderName::from_segments(&[b"a&b".to_vec()]).unwrap();
        let modified = UNIX_EPOCH + Duration::from_secs(784_111_777);
        let entry = |name: &str, length: Option<u64>| Entry {
            name: OsStr::new(name).into(),
            is_folder: length.is_none(),
            length,
            modified: Some(modified),
        };
        let entries = [
            entry("Season 1", None),
            entry("a:b #1 <\u{fc}>\n.mp4", Some(1234)),
            entry(&"x".repeat(60), Some(0)),
        ];
        let page = index_page(&folder, &entries);
        assert!(page.contains("<title>Index of /a&amp;b/</title>"), "{page}");
        let (_, list) = page.split_once("<pre>").unwrap();
        let date = "06-Nov-1994 08:49";
        let expected = format!(
            "<a href=\"../\">../</a>\n\
             <a href=\"Season%201/\">Season 1/</a>{:42}{date}{:>20}\n\
             <a href=\"a%3Ab%20%231%20%3C%C3%BC%3E%0A.mp4\">a:b #1 &lt;\u{fc}&gt;\u{fffd}.mp4</a>{:36}{date}{:>20}\n\
             <a href=\"{x}\">{x}</a> {date}{:>20}\n</pre></body></html>\n",
            "",
            "-",
            "",
            1234,
            0,
            x = "x".repeat(60)
        );
        assert_eq!(list, expected);
        let root = index_page(&FolderName::root(), &[]);
        assert!(root.contains("<h1>Index of /</h1><pre></pre>"), "{root}");
    }

    #[test]
    fn date_before_1970_is_a_dash() {
        assert_eq!(date(UNIX_EPOCH - Duration::from_nanos(1)), None);
        assert_eq!(date(UNIX_EPOCH).as_deref(), Some("01-Jan-1970 00:00"));
    }
}
