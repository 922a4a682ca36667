//! Media types by extension: what we tell a player it gets.
//!
//! Knows names only. Must not look into a file: reading every file of a folder to list it would wake the disk.

/// A media type (RFC 9110 §8.3.1) from our table.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct MediaType(&'static str);

/// What a file is to a viewer.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Kind {
    /// To be watched.
    Video,
    /// To be heard.
    Audio,
    /// Goes with a video.
    Subtitles,
    /// A poster or a photo.
    Image,
    /// Only to be downloaded.
    Other,
}

const OCTET_STREAM: MediaType = MediaType("application/octet-stream");

/// Sorted by extension.
///
/// Absent on purpose: html, xhtml, xml, svg, js, css and pdf. A file of the folder is served from the origin of our
/// pages, and in these a script would run there, with the right to read every video. They are offered for download.
const BY_EXTENSION: [(&str, &str); 36] = [
    ("3gp", "video/3gpp"),
    ("aac", "audio/aac"),
    ("avi", "video/x-msvideo"),
    ("avif", "image/avif"),
    ("flac", "audio/flac"),
    ("flv", "video/x-flv"),
    ("gif", "image/gif"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("json", "application/json"),
    ("m2ts", "video/mp2t"),
    // RFC 8216 §4 has two types for playlists; this one does not pass for a song.
    ("m3u", "application/vnd.apple.mpegurl"),
    ("m3u8", "application/vnd.apple.mpegurl"),
    ("m4a", "audio/mp4"),
    ("m4v", "video/mp4"),
    ("mka", "audio/x-matroska"),
    // RFC 9559 registers video/matroska, which players do not know yet.
    ("mkv", "video/x-matroska"),
    ("mov", "video/quicktime"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("mpeg", "video/mpeg"),
    ("mpg", "video/mpeg"),
    ("mts", "video/mp2t"),
    ("oga", "audio/ogg"),
    ("ogg", "audio/ogg"),
    ("ogv", "video/ogg"),
    // RFC 7845 §9: Opus in a file is Opus in Ogg.
    ("opus", "audio/ogg"),
    ("png", "image/png"),
    ("srt", "application/x-subrip"),
    ("ts", "video/mp2t"),
    ("txt", "text/plain; charset=utf-8"),
    ("vtt", "text/vtt"),
    ("wav", "audio/wav"),
    ("webm", "video/webm"),
    ("webp", "image/webp"),
    ("wmv", "video/x-ms-wmv"),
];

impl MediaType {
    /// The type of a file of that name: by what follows the last dot, in upper or lower case.
    pub fn of(name: &[u8]) -> MediaType {
        let extension = match name.iter().rposition(|&byte| byte == b'.') {
            Some(dot) => name[dot + 1..].to_ascii_lowercase(),
            None => return OCTET_STREAM,
        };
        BY_EXTENSION
            .binary_search_by(|(known, _)| known.as_bytes().cmp(&extension))
            .map_or(OCTET_STREAM, |found| MediaType(BY_EXTENSION[found].1))
    }

    /// Value of Content-Type.
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// What it is to a viewer.
    pub fn kind(self) -> Kind {
        match self.0.split_once('/') {
            Some(("video", _)) => Kind::Video,
            Some(("audio", _)) => Kind::Audio,
            Some(("image", _)) => Kind::Image,
            Some(("text", "vtt") | ("application", "x-subrip")) => Kind::Subtitles,
            _ => Kind::Other,
        }
    }
}

impl Kind {
    /// The word for it in the JSON listing and in style sheets.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Video => "video",
            Kind::Audio => "audio",
            Kind::Subtitles => "subtitles",
            Kind::Image => "image",
            Kind::Other => "other",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_every_row_is_found() {
        assert!(BY_EXTENSION.is_sorted_by(|(one, _), (next, _)| one < next));
        for (extension, media_type) in BY_EXTENSION {
            assert_eq!(
                MediaType::of(format!("a.{extension}").as_bytes()).as_str(),
                media_type
            );
            let upper = format!("A.B.{}", extension.to_uppercase());
            assert_eq!(MediaType::of(upper.as_bytes()).as_str(), media_type);
        }
    }

    #[track_caller]
    fn check(name: &[u8], media_type: &str, kind: &str) {
        let found = MediaType::of(name);
        assert_eq!(
            (found.as_str(), found.kind().as_str()),
            (media_type, kind),
            "{}",
            name.escape_ascii()
        );
    }

    #[test]
    fn names() {
        check(b"a.mp4", "video/mp4", "video");
        check(b"a.tar.TS", "video/mp2t", "video");
        check(b"\xff.mkv", "video/x-matroska", "video");
        check(b"a.mp3", "audio/mpeg", "audio");
        check(b"a.de.vtt", "text/vtt", "subtitles");
        check(b"a.srt", "application/x-subrip", "subtitles");
        check(b"a.webp", "image/webp", "image");
        check(b"a.m3u8", "application/vnd.apple.mpegurl", "other");
        check(b"a.txt", "text/plain; charset=utf-8", "other");
        for name in [
            "", ".", "mp4", "a.", "a.mp4.", "a.mp", "a.mp45", "a.mp4 ", "a.html", "a.SVG", "a.js",
            "a.pdf",
        ] {
            check(name.as_bytes(), "application/octet-stream", "other");
        }
    }
}
