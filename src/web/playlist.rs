//! Playlists for VLC, mpv, Kodi and TVs: extended M3U, which has no standard, in the form that VLC reads and writes.

use super::pages::folder_title;
use super::playable::is_playable;
use super::segments::{Moment, Segments};
use super::urls::Links;
use crate::media::{Folder, FolderName, MediaName};

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
        let mut is_truncated = folder.is_truncated();
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
        self.entry(name, "-1", &title(name), start, None)
    }

    /// Returns an item for each part of a file.
    pub(crate) fn parts(&self, name: &MediaName, segments: &Segments) -> String {
        let title = title(name);
        segments
            .iter()
            .map(|segment| {
                let (length, last) = match segment.end {
                    Some(end) => (end.since(segment.start).to_string(), end.to_string()),
                    None => ("-1".to_owned(), String::new()),
                };
                let title = format!("{title} [{}-{last} s]", segment.start);
                self.entry(name, &length, &title, Some(segment.start), segment.end)
            })
            .collect()
    }

    fn entry(
        &self,
        name: &MediaName,
        length: &str,
        title: &str,
        start: Option<Moment>,
        stop: Option<Moment>,
    ) -> String {
        let option = |key: &str, at: Option<Moment>| {
            at.map_or_else(String::new, |at| format!("#EXTVLCOPT:{key}={at}\n"))
        };
        format!(
            "#EXTINF:{length},{title}\n{}{}{}{}\n",
            option("start-time", start),
            option("stop-time", stop),
            self.base,
            self.links.stream(name),
        )
    }
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

    fn name(segments: &[&[u8]]) -> MediaName {
        let segments: Vec<_> = segments.iter().map(|segment| segment.to_vec()).collect();
        MediaName::from_segments(&segments).unwrap()
    }

    #[test]
    fn item_has_scheme_and_host() {
        let playlist = Playlist::new(false, Some("[fd00::2]:8001"), Links::default());
        let item = playlist.item(
            &name(&[b"Season 1", "1, \u{e9} #\u{1f3ac}.mp4".as_bytes()]),
            None,
        );
        assert_eq!(
            item,
            "#EXTINF:-1,1, \u{e9} #\u{1f3ac}\nhttp://[fd00::2]:8001/api/stream/Season%201/1%2C%20%C3%A9%20%23%F0%9F%8E%AC.mp4\n"
        );
        let playlist = Playlist::new(true, Some("h"), Links::default());
        assert!(
            playlist
                .item(&name(&[b"a.mp4"]), None)
                .ends_with("\nhttps://h/api/stream/a.mp4\n")
        );
        let item = Playlist::new(true, None, Links::default())
            .item(&name(&[b"a.mp4"]), Moment::parse("83"));
        assert_eq!(
            item,
            "#EXTINF:-1,a\n#EXTVLCOPT:start-time=83\n/api/stream/a.mp4\n"
        );
    }

    #[test]
    fn name_cannot_add_lines() {
        let item = Playlist::new(false, Some("h"), Links::default())
            .item(&name(&[b"a\n#EXTVLCOPT:x\r\xff\x85.mp4"]), None);
        assert_eq!(item.lines().count(), 2, "{item}");
        assert_eq!(
            item.lines().next(),
            Some("#EXTINF:-1,a #EXTVLCOPT:x \u{fffd}\u{fffd}")
        );
        assert_eq!(
            Playlist::start("a\nb").lines().nth(2),
            Some("#PLAYLIST:a b")
        );
    }

    #[test]
    fn parts_have_times() {
        let segments = Segments::parse("10-15,30-35.5,40-").unwrap();
        let parts = Playlist::new(false, Some("h:1"), Links::default())
            .parts(&name(&[b"a.mp4"]), &segments);
        assert_eq!(
            parts,
            "#EXTINF:5,a [10-15 s]\n#EXTVLCOPT:start-time=10\n#EXTVLCOPT:stop-time=15\nhttp://h:1/api/stream/a.mp4\n\
             #EXTINF:5.5,a [30-35.5 s]\n#EXTVLCOPT:start-time=30\n#EXTVLCOPT:stop-time=35.5\nhttp://h:1/api/stream/a.mp4\n\
             #EXTINF:-1,a [40- s]\n#EXTVLCOPT:start-time=40\nhttp://h:1/api/stream/a.mp4\n"
        );
    }
}
