//! Playlists for VLC, mpv, Kodi and TVs: extended M3U, which has no standard, in the form that VLC reads and writes.
//!
use super::pages::folder_title;
use super::playable::is_playable;
use super::segments::{Moment, Segments};
use super::urls::Links;
use crate::media::{Folder, FolderName, MediaName};

/// The media type that players register for. RFC 8216's `application/vnd.apple.mpegurl` makes a browser try to play
/// the list itself.
pub(crate) const MEDIA_TYPE: &str = "audio/x-mpegurl; charset=utf-8";

/// Where the items of a playlist are: a playlist is opened from a file, so its addresses must be whole.
#[derive(Debug, Clone)]
pub(crate) struct Playlist {
    /// `http://host:port` or `https://host:port`, or nothing for a client that named no host: it knows where it got the list from.
    base: String,
    links: Links,
}

/// How a player is to speak with us.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Scheme {
    Http,
    /// With a proxy in front of us, rather.
    Https,
}

impl Scheme {
    fn as_str(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }
}

impl Playlist {
    /// `host` is the value of Host, as it was checked.
    pub(crate) fn new(scheme: Scheme, host: Option<&str>, links: Links) -> Playlist {
        Playlist {
            links,
            base: host.map_or_else(String::new, |host| format!("{}://{host}", scheme.as_str())),
        }
    }

    /// What comes first.
    pub(crate) fn start(title: &str) -> String {
        // Without the second line, VLC takes the text for Latin-1 in some cases.
        format!("#EXTM3U\n#EXTENC:UTF-8\n#PLAYLIST:{}\n", one_line(title))
    }

    /// The videos and audio files of a folder, in at most `limit` bytes and an item. A last line says if some are missing.
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

    /// A file, whole or from some moment on.
    pub(crate) fn item(&self, name: &MediaName, start: Option<Moment>) -> String {
        let title = title(name);
        self.entry(name, "-1", &title, start, None)
    }

    /// The parts of a file, one item each.
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

/// A name may have line ends, and what follows one would be an item of its own.
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
    fn items_are_whole_addresses() {
        let playlist = Playlist::new(Scheme::Http, Some("[fd00::2]:8001"), Links::default());
        let item = playlist.item(
            &name(&[b"Season 1", "1, \u{e9} #\u{1f3ac}.mp4".as_bytes()]),
            None,
        );
        assert_eq!(
            item,
            "#EXTINF:-1,1, \u{e9} #\u{1f3ac}\nhttp://[fd00::2]:8001/api/stream/Season%201/1%2C%20%C3%A9%20%23%F0%9F%8E%AC.mp4\n"
        );
        let playlist = Playlist::new(Scheme::Https, Some("h"), Links::default());
        assert!(
            playlist
                .item(&name(&[b"a.mp4"]), None)
                .ends_with("\nhttps://h/api/stream/a.mp4\n")
        );
        let item = Playlist::new(Scheme::Https, None, Links::default())
            .item(&name(&[b"a.mp4"]), Moment::parse("83"));
        assert_eq!(
            item,
            "#EXTINF:-1,a\n#EXTVLCOPT:start-time=83\n/api/stream/a.mp4\n"
        );
    }

    #[test]
    fn a_name_cannot_add_lines() {
        let item = Playlist::new(Scheme::Http, Some("h"), Links::default())
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
        let parts = Playlist::new(Scheme::Http, Some("h:1"), Links::default())
            .parts(&name(&[b"a.mp4"]), &segments);
        assert_eq!(
            parts,
            "#EXTINF:5,a [10-15 s]\n#EXTVLCOPT:start-time=10\n#EXTVLCOPT:stop-time=15\nhttp://h:1/api/stream/a.mp4\n\
             #EXTINF:5.5,a [30-35.5 s]\n#EXTVLCOPT:start-time=30\n#EXTVLCOPT:stop-time=35.5\nhttp://h:1/api/stream/a.mp4\n\
             #EXTINF:-1,a [40- s]\n#EXTVLCOPT:start-time=40\nhttp://h:1/api/stream/a.mp4\n"
        );
    }
}
