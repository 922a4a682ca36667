//! Media types by extension.
//!
//! The content of a file is not looked at: to read every file of a folder for a listing would wake the disk.

/// A media type (RFC 9110 §8.3.1) of the table, with the kind of file that has it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct MediaType {
    kind: Kind,
    name: &'static str,
}

/// What a viewer does with a file.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Kind {
    /// A film or a recording.
    Video,
    /// Music or speech.
    Audio,
    /// Subtitles beside a video.
    Subtitles,
    /// A poster or a photo.
    Image,
    /// Any other file, for download only.
    Other,
}

/// The types with their extensions, by kind. A type is IANA's where there is one, else the one that players register for.
///
/// html, xhtml, xml, svg, js, css and pdf are left out: a browser would run scripts in them on the origin of our pages,
/// where a script can read every video. As `application/octet-stream` they are downloaded.
const TYPES: [(Kind, Rows); 5] = [
    (Kind::Video, VIDEO),
    (Kind::Audio, AUDIO),
    (Kind::Subtitles, SUBTITLES),
    (Kind::Image, IMAGE),
    (Kind::Other, OTHER),
];

type Rows = &'static [(&'static str, &'static [&'static str])];

const VIDEO: Rows = &[
    ("video/3gpp", &["3gp", "3gpp"]),
    ("video/3gpp2", &["3g2"]),
    ("video/AV1", &["av1"]),
    ("video/DV", &["dv"]),
    ("video/H264", &["264", "avc", "h264"]),
    ("video/H265", &["265", "h265", "hevc"]),
    ("video/H266", &["266", "h266", "vvc"]),
    ("video/mj2", &["mj2"]),
    // TOD files of camcorders and REC files of satellite receivers are transport streams.
    (
        "video/mp2t",
        &["m2t", "m2ts", "mts", "rec", "tod", "tp", "trp", "ts"],
    ),
    // F4V (Adobe) is MP4 (ISO/IEC 14496-12). Under this type a browser plays it.
    ("video/mp4", &["f4v", "ismv", "m4v", "mp4", "mp4v"]),
    // MOD files of camcorders are MPEG-2 program streams.
    (
        "video/mpeg",
        &[
            "evo", "m1v", "m2p", "m2v", "mod", "mpe", "mpeg", "mpg", "mpv", "vob", "vro",
        ],
    ),
    // MXF (RFC 4539) and RealMedia hold video, though their types do not say so.
    ("application/mxf", &["mxf"]),
    ("video/ogg", &["ogm", "ogv"]),
    ("video/quicktime", &["mov", "qt"]),
    ("application/vnd.rn-realmedia", &["rm"]),
    ("application/vnd.rn-realmedia-vbr", &["rmvb"]),
    ("video/webm", &["webm"]),
    ("video/x-amv", &["amv"]),
    ("video/x-flv", &["flv"]),
    ("video/x-ivf", &["ivf"]),
    // RFC 9559 registers video/matroska, which players do not know yet.
    ("video/x-matroska", &["mk3d", "mkv"]),
    ("video/x-mjpeg", &["mjpeg", "mjpg"]),
    ("video/x-ms-asf", &["asf"]),
    ("video/x-ms-dvr", &["dvr-ms"]),
    ("video/x-ms-wm", &["wm"]),
    ("video/x-ms-wmv", &["wmv"]),
    ("video/x-ms-wtv", &["wtv"]),
    ("video/x-msvideo", &["avi", "divx", "xvid"]),
    ("video/x-nut", &["nut"]),
    ("video/x-yuv4mpeg", &["y4m"]),
];

const AUDIO: Rows = &[
    ("audio/3gpp", &["3ga"]),
    ("audio/aac", &["aac", "adts"]),
    ("audio/ac3", &["ac3"]),
    ("audio/AMR", &["amr"]),
    ("audio/AMR-WB", &["awb"]),
    ("audio/basic", &["au", "snd"]),
    ("audio/eac3", &["eac3", "ec3"]),
    ("audio/flac", &["flac"]),
    ("audio/mp4", &["f4a", "m4a", "m4b", "m4r"]),
    ("audio/mpeg", &["mp1", "mp2", "mp3", "mpa", "mpga"]),
    // RFC 7845 §9: Opus in a file is Opus in Ogg.
    ("audio/ogg", &["oga", "ogg", "opus", "spx"]),
    ("audio/qcelp", &["qcp"]),
    ("audio/vnd.dolby.mlp", &["mlp", "thd"]),
    ("audio/vnd.dts", &["dts"]),
    ("audio/vnd.dts.hd", &["dtshd"]),
    ("audio/wav", &["wav", "wave"]),
    ("audio/webm", &["weba"]),
    ("audio/x-aiff", &["aif", "aifc", "aiff"]),
    ("audio/x-ape", &["ape"]),
    ("audio/x-caf", &["caf"]),
    ("audio/x-dff", &["dff"]),
    ("audio/x-dsf", &["dsf"]),
    ("audio/x-matroska", &["mka"]),
    ("audio/x-ms-wma", &["wma"]),
    ("audio/x-musepack", &["mpc"]),
    ("audio/x-realaudio", &["ra"]),
    ("audio/x-shorten", &["shn"]),
    ("audio/x-tak", &["tak"]),
    ("audio/x-tta", &["tta"]),
    ("audio/x-voc", &["voc"]),
    ("audio/x-w64", &["w64"]),
    ("audio/x-wavpack", &["wv"]),
];

const SUBTITLES: Rows = &[("text/vtt", &["vtt"]), ("application/x-subrip", &["srt"])];

const IMAGE: Rows = &[
    ("image/avif", &["avif"]),
    ("image/gif", &["gif"]),
    ("image/jpeg", &["jpeg", "jpg"]),
    ("image/png", &["png"]),
    ("image/webp", &["webp"]),
];

const OTHER: Rows = &[
    ("application/json", &["json"]),
    ("text/plain; charset=utf-8", &["txt"]),
    // RFC 8216 §4 has two types for playlists; the other one begins with audio.
    ("application/vnd.apple.mpegurl", &["m3u", "m3u8"]),
];

impl MediaType {
    /// Returns the type for a file name, by the text after its last dot, in upper or lower case.
    pub fn of(name: &[u8]) -> MediaType {
        let extension = match name.iter().rposition(|&byte| byte == b'.') {
            Some(dot) => &name[dot + 1..],
            None => b"",
        };
        let is_known = |known: &&str| known.as_bytes().eq_ignore_ascii_case(extension);
        for (kind, rows) in TYPES {
            let row = rows.iter().find(|(_, known)| known.iter().any(is_known));
            if let Some((name, _)) = row {
                return MediaType { kind, name };
            }
        }
        MediaType {
            kind: Kind::Other,
            name: "application/octet-stream",
        }
    }

    /// Returns the value of Content-Type.
    pub fn as_str(self) -> &'static str {
        self.name
    }

    /// Returns the kind of file that has this type.
    pub fn kind(self) -> Kind {
        self.kind
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
    fn extension_in_any_case_has_the_type_of_its_row() {
        for (kind, rows) in TYPES {
            for (name, extensions) in rows {
                for extension in *extensions {
                    for file in [
                        format!("a.{extension}"),
                        format!("A.B.{}", extension.to_uppercase()),
                    ] {
                        assert_eq!(
                            MediaType::of(file.as_bytes()),
                            MediaType { kind, name },
                            "{file}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn names_of_each_kind() {
        for (kind, media_type, names) in [
            ("video", "video/mp4", "a.mp4 a.b.MP4 .mp4 a.m4v a.f4v"),
            ("video", "video/mp2t", "a.tar.TS a.rec a.tod"),
            ("video", "video/x-matroska", "ü.mkv"),
            ("video", "application/mxf", "a.mxf"),
            ("audio", "audio/ogg", "a.opus"),
            ("audio", "audio/mpeg", "a.mp3 a.MP2"),
            ("subtitles", "text/vtt", "a.de.vtt"),
            ("subtitles", "application/x-subrip", "a.srt"),
            ("image", "image/webp", "a.webp"),
            ("other", "application/vnd.apple.mpegurl", "a.m3u8"),
            ("other", "text/plain; charset=utf-8", "a.txt"),
            (
                "other",
                "application/octet-stream",
                ". mp4 a. a.mp4. a.mp a.mp45 a.html a.SVG a.xml a.js a.css a.pdf",
            ),
        ] {
            for name in names.split(' ') {
                let found = MediaType::of(name.as_bytes());
                assert_eq!(
                    (found.kind().as_str(), found.as_str()),
                    (kind, media_type),
                    "{name}"
                );
            }
        }
    }
}
