//! Playlists for VLC, mpv, Kodi and TVs in the format extended M3U. There is no standard for it, so this module writes
//! what VLC reads.

use std::time::Duration;

use super::pages::folder_title;
use super::segments::{Segment, Segments, seconds};
use super::urls::Links;
use crate::media::{Folder, MediaName, is_playable};

/// The media type that players register with the system. RFC 8216 (HTTP Live Streaming) defines two other types for
/// playlists. With those types, a browser tries to play the list itself.
pub(crate) const MEDIA_TYPE: &str = "audio/x-mpegurl; charset=utf-8";

/// Returns the first lines of a playlist.
pub(crate) fn start(title: &str) -> String {
    // Without `#EXTENC`, VLC sometimes decodes the text as Latin-1.
    format!("#EXTM3U\n#EXTENC:UTF-8\n#PLAYLIST:{}\n", one_line(title))
}

/// Returns a playlist of the videos and audio files of a folder. Adds items until `limit` bytes are reached. If files
/// are missing, the final line is a comment that says so.
pub(crate) fn of_folder(links: &Links, folder: &Folder<'_>, limit: usize) -> String {
    let mut text = start(&folder_title(folder.name));
    let mut is_truncated = folder.is_truncated;
    let files = folder.files().iter().filter(|it| is_playable(&it.name));
    for file in files.filter_map(|it| folder.name.join(&it.name)) {
        if text.len() > limit {
            is_truncated = true;
            break;
        }
        text += &item(links, &file, None);
    }
    if is_truncated {
        text += "# The folder holds more files than fit into a playlist.\n";
    }
    text
}

pub(crate) fn item(links: &Links, name: &MediaName, start: Option<Duration>) -> String {
    entry(links, name, "", start, None)
}

pub(crate) fn parts(links: &Links, name: &MediaName, segments: &Segments) -> String {
    let part = |&Segment { start, end }: &Segment| {
        let last = end.map(seconds).unwrap_or_default();
        let label = format!(" [{}-{last} s]", seconds(start));
        entry(links, name, &label, Some(start), end)
    };
    segments.0.iter().map(part).collect()
}

fn entry(
    links: &Links,
    name: &MediaName,
    label: &str,
    start: Option<Duration>,
    end: Option<Duration>,
) -> String {
    let title = one_line(&name.stem().to_string_lossy());
    let duration = match (start, end) {
        (Some(start), Some(end)) => seconds(end.saturating_sub(start)),
        _ => "-1".to_owned(),
    };
    let mut text = format!("#EXTINF:{duration},{title}{label}\n");
    for (key, at) in [("start-time", start), ("stop-time", end)] {
        text.extend(at.map(|at| format!("#EXTVLCOPT:{key}={}\n", seconds(at))));
    }
    text + &links.stream(name) + "\n"
}

/// Replaces line breaks and other control characters by spaces. A player reads the text after a line break as a new
/// item.
fn one_line(text: &str) -> String {
    let is_end = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    text.replace(is_end, " ")
}
