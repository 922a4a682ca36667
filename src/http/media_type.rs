//! Media types by extension.
//!
//! Knows names only. It never reads a file: to read every file of a folder for a listing would wake the disk.

/// A media type (RFC 9110 §8.3.1) from our table.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct MediaType(&'static str);

/// What a viewer does with a file.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Kind {
    /// A film or a recording.
    Video,
    /// Music or speech.
    Audio,
    /// Subtitles that lie beside a video.
    Subtitles,
    /// A poster or a photo.
    Image,
    /// Everything else, for download only.
    Other,
}

const OCTET_STREAM: MediaType = MediaType("application/octet-stream");

/// Sorted by extension. The types are IANA's where there is one, else the one that players register for.
///
/// Absent on purpose: html, xhtml, xml, svg, js, css and pdf. A browser would run scripts in them on the origin of our
/// pages, where a script can read every video. As `application/octet-stream` they are downloaded.
const BY_EXTENSION: [(&str, &str); 125] = [
    ("264", "video/H264"),
    ("265", "video/H265"),
    ("266", "video/H266"),
    ("3g2", "video/3gpp2"),
    ("3ga", "audio/3gpp"),
    ("3gp", "video/3gpp"),
    ("3gpp", "video/3gpp"),
    ("aac", "audio/aac"),
    ("ac3", "audio/ac3"),
    ("adts", "audio/aac"),
    ("aif", "audio/x-aiff"),
    ("aifc", "audio/x-aiff"),
    ("aiff", "audio/x-aiff"),
    ("amr", "audio/AMR"),
    ("amv", "video/x-amv"),
    ("ape", "audio/x-ape"),
    ("asf", "video/x-ms-asf"),
    ("au", "audio/basic"),
    ("av1", "video/AV1"),
    ("avc", "video/H264"),
    ("avi", "video/x-msvideo"),
    ("avif", "image/avif"),
    ("awb", "audio/AMR-WB"),
    ("caf", "audio/x-caf"),
    ("dff", "audio/x-dff"),
    ("divx", "video/x-msvideo"),
    ("dsf", "audio/x-dsf"),
    ("dts", "audio/vnd.dts"),
    ("dtshd", "audio/vnd.dts.hd"),
    ("dv", "video/DV"),
    ("dvr-ms", "video/x-ms-dvr"),
    ("eac3", "audio/eac3"),
    ("ec3", "audio/eac3"),
    ("evo", "video/mpeg"),
    ("f4a", "audio/mp4"),
    // F4V (Adobe) is MP4 (ISO/IEC 14496-12). Under this type a browser plays it.
    ("f4v", "video/mp4"),
    ("flac", "audio/flac"),
    ("flv", "video/x-flv"),
    ("gif", "image/gif"),
    ("h264", "video/H264"),
    ("h265", "video/H265"),
    ("h266", "video/H266"),
    ("hevc", "video/H265"),
    ("ismv", "video/mp4"),
    ("ivf", "video/x-ivf"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("json", "application/json"),
    ("m1v", "video/mpeg"),
    ("m2p", "video/mpeg"),
    ("m2t", "video/mp2t"),
    ("m2ts", "video/mp2t"),
    ("m2v", "video/mpeg"),
    // RFC 8216 §4 has two types for playlists; the other one begins with audio.
    ("m3u", "application/vnd.apple.mpegurl"),
    ("m3u8", "application/vnd.apple.mpegurl"),
    ("m4a", "audio/mp4"),
    ("m4b", "audio/mp4"),
    ("m4r", "audio/mp4"),
    ("m4v", "video/mp4"),
    ("mj2", "video/mj2"),
    ("mjpeg", "video/x-mjpeg"),
    ("mjpg", "video/x-mjpeg"),
    ("mk3d", "video/x-matroska"),
    ("mka", "audio/x-matroska"),
    // RFC 9559 registers video/matroska, which players do not know yet.
    ("mkv", "video/x-matroska"),
    ("mlp", "audio/vnd.dolby.mlp"),
    // MOD and TOD are camcorder files: MPEG-2 program and transport streams.
    ("mod", "video/mpeg"),
    ("mov", "video/quicktime"),
    ("mp1", "audio/mpeg"),
    ("mp2", "audio/mpeg"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("mp4v", "video/mp4"),
    ("mpa", "audio/mpeg"),
    ("mpc", "audio/x-musepack"),
    ("mpe", "video/mpeg"),
    ("mpeg", "video/mpeg"),
    ("mpg", "video/mpeg"),
    ("mpga", "audio/mpeg"),
    ("mpv", "video/mpeg"),
    ("mts", "video/mp2t"),
    ("mxf", "application/mxf"),
    ("nut", "video/x-nut"),
    ("oga", "audio/ogg"),
    ("ogg", "audio/ogg"),
    ("ogm", "video/ogg"),
    ("ogv", "video/ogg"),
    // RFC 7845 §9: Opus in a file is Opus in Ogg.
    ("opus", "audio/ogg"),
    ("png", "image/png"),
    ("qcp", "audio/qcelp"),
    ("qt", "video/quicktime"),
    ("ra", "audio/x-realaudio"),
    // Satellite receivers write transport streams under this name.
    ("rec", "video/mp2t"),
    ("rm", "application/vnd.rn-realmedia"),
    ("rmvb", "application/vnd.rn-realmedia-vbr"),
    ("shn", "audio/x-shorten"),
    ("snd", "audio/basic"),
    ("spx", "audio/ogg"),
    ("srt", "application/x-subrip"),
    ("tak", "audio/x-tak"),
    ("thd", "audio/vnd.dolby.mlp"),
    ("tod", "video/mp2t"),
    ("tp", "video/mp2t"),
    ("trp", "video/mp2t"),
    ("ts", "video/mp2t"),
    ("tta", "audio/x-tta"),
    ("txt", "text/plain; charset=utf-8"),
    ("vob", "video/mpeg"),
    ("voc", "audio/x-voc"),
    ("vro", "video/mpeg"),
    ("vtt", "text/vtt"),
    ("vvc", "video/H266"),
    ("w64", "audio/x-w64"),
    ("wav", "audio/wav"),
    ("wave", "audio/wav"),
    ("weba", "audio/webm"),
    ("webm", "video/webm"),
    ("webp", "image/webp"),
    ("wm", "video/x-ms-wm"),
    ("wma", "audio/x-ms-wma"),
    ("wmv", "video/x-ms-wmv"),
    ("wtv", "video/x-ms-wtv"),
    ("wv", "audio/x-wavpack"),
    ("xvid", "video/x-msvideo"),
    ("y4m", "video/x-yuv4mpeg"),
];

impl MediaType {
    /// Returns the type for a file name, by what follows the last dot, in upper or lower case.
    pub fn of(name: &[u8]) -> MediaType {
        let extension = match name.iter().rposition(|&byte| byte == b'.') {
            Some(dot) => name[dot + 1..].to_ascii_lowercase(),
            None => return OCTET_STREAM,
        };
        BY_EXTENSION
            .binary_search_by(|(known, _)| known.as_bytes().cmp(&extension))
            .map_or(OCTET_STREAM, |found| MediaType(BY_EXTENSION[found].1))
    }

    /// Returns the value of Content-Type.
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// Returns the kind of file that has this type.
    pub fn kind(self) -> Kind {
        match self.0.split_once('/') {
            Some(("video", _)) => Kind::Video,
            // MXF (RFC 4539) and RealMedia hold video, though their types do not say so.
            Some(("application", "mxf" | "vnd.rn-realmedia" | "vnd.rn-realmedia-vbr")) => {
                Kind::Video
            }
            Some(("audio", _)) => Kind::Audio,
            Some(("image", _)) => Kind::Image,
            Some(("text", "vtt") | ("application", "x-subrip")) => Kind::Subtitles,
            _ => Kind::Other,
        }
    }
}

impl Kind {
    /// Returns its word in the JSON listing.
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

    /// All extensions of a row are of its kind.
    #[test]
    fn extensions_of_each_kind() {
        for (kind, extensions) in [
            (
                "video",
                "264 265 3g2 3gp asf av1 avi divx dv dvr-ms evo f4v flv h264 h265 hevc ivf m2p m2t m2ts m2v m4v mj2 \
                 mjpeg mk3d mkv mod mov mp4 mpe mpeg mpg mpv mts mxf nut ogm ogv qt rec rm rmvb tod tp trp ts vob vro \
                 vvc webm wmv wtv xvid y4m",
            ),
            (
                "audio",
                "3ga aac ac3 aif aiff amr ape au awb caf dff dsf dts eac3 flac m4a m4b m4r mka mlp mp1 mp2 mp3 mpa \
                 mpc oga ogg opus qcp ra shn spx tak thd tta voc w64 wav weba wma wv",
            ),
            ("subtitles", "srt vtt"),
            ("image", "avif gif jpeg jpg png webp"),
            (
                "other",
                "exe html iso json js m3u m3u8 mp45 nfo pdf pls svg txt xml zip",
            ),
        ] {
            for extension in extensions.split(' ') {
                let found = MediaType::of(format!("film.{extension}").as_bytes());
                assert_eq!(found.kind().as_str(), kind, "{extension}");
            }
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
