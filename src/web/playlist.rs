//! Playlists for VLC, mpv, Kodi and TVs: extended M3U, which has no standard, in the form that VLC reads and writes.

use super::pages::folder_title;
use super::segments::{Moment, Segment, Segments};
use super::urls::Links;
use crate::media::{Folder, FolderName, MediaName, is_playable};

/// The media type that players register. With RFC 8216's `application/vnd.apple.mpegurl`, a browser would try to play
/// the list itself.
pub(crate) const MEDIA_TYPE: &str = "audio/x-mpegurl; charset=utf-8";

/// Writer for playlists. The URLs contain scheme and host, because a player opens a playlist from a file.
pub(crate) struct Playlist {
    /// `http://host:port` or `https://host:port`. It is empty if the request contains no host. The player then uses the
    /// host of the playlist's URL.
    base: String,
    links: Links,
}

impl Playlist {
    /// Creates a writer. `is_secure` means that the client uses HTTPS; `host` is the checked value of the `Host` field.
    pub(crate) fn new(is_secure: bool, host: Option<&str>, links: Links) -> Playlist {
        let scheme = if is_secure { "https" } else { "http" };
        let base = host.map(|host| format!("{scheme}://{host}"));
        Playlist {
            base: base.unwrap_or_default(),
            links,
        }
    }

    /// Returns the first lines of a playlist.
    pub(crate) fn start(title: &str) -> String {
        // Without the second line, VLC sometimes decodes the text as Latin-1.
        format!("#EXTM3U\n#EXTENC:UTF-8\n#PLAYLIST:{}\n", one_line(title))
    }

    /// Returns the videos and audio files of a folder. Adds items until `limit` bytes are reached. If items are
    /// missing, the last line is a comment about this.
    pub(crate) fn of_folder(&self, name: &FolderName, folder: &Folder<'_>, limit: usize) -> String {
        let mut text = Playlist::start(&folder_title(name));
        let mut is_truncated = folder.is_truncated;
        let files = folder.files().iter().filter(|it| is_playable(&it.name));
        for file in files.filter_map(|it| name.join(&it.name)) {
            if text.len() > limit {
                is_truncated = true;
                break;
            }
            text += &self.item(&file, None);
        }
        if is_truncated {
            text += "# The folder holds more files than fit into a playlist.\n";
        }
        text
    }

    /// Returns an item for a file, optionally with a start time.
    pub(crate) fn item(&self, name: &MediaName, start: Option<Moment>) -> String {
        let start = start.map_or_else(String::new, |at| option("start-time", at));
        self.entry(name, "-1", &title(name), &start)
    }

    /// Returns an item for each part of a file.
    pub(crate) fn parts(&self, name: &MediaName, segments: &Segments) -> String {
        let title = title(name);
        let part = |Segment { start, end }| {
            let (length, last, stop) = match end {
                Some(end) => (
                    end.since(start).to_string(),
                    end.to_string(),
                    option("stop-time", end),
                ),
                None => ("-1".to_owned(), String::new(), String::new()),
            };
            let title = format!("{title} [{start}-{last} s]");
            self.entry(
                name,
                &length,
                &title,
                &(option("start-time", start) + &stop),
            )
        };
        segments.iter().map(part).collect()
    }

    fn entry(&self, name: &MediaName, length: &str, title: &str, options: &str) -> String {
        let (base, url) = (&self.base, self.links.stream(name));
        format!("#EXTINF:{length},{title}\n{options}{base}{url}\n")
    }
}

/// Returns a line with an option for VLC.
fn option(key: &str, at: Moment) -> String {
    format!("#EXTVLCOPT:{key}={at}\n")
}

fn title(name: &MediaName) -> String {
    one_line(&name.stem().to_string_lossy())
}

/// Replaces line ends, because the text after a line end would be a separate item.
fn one_line(text: &str) -> String {
    text.replace(
        |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'),
        " ",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn title_is_one_line() {
        let start = Playlist::start("a\n#EXTVLCOPT:x\r\u{85}\u{2028}b");
        assert_eq!(start.lines().nth(2), Some("#PLAYLIST:a #EXTVLCOPT:x   b"));
    }
}
