//! Media types by extension.
//!
//! The server does not read the content of a file for this. To read every file of a folder for a listing would wake the
//! disk.

use Kind::{Audio, Image, Other, Subtitles, Video};

/// A media type (RFC 9110 §8.3.1) of the table, with its kind of file.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct MediaType {
    kind: Kind,
    name: &'static str,
}

/// The kind of a file. It decides whether pages show the file.
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

/// The types with their kinds and extensions, which are divided by spaces. If IANA has registered a type, the table
/// uses it. Otherwise it uses the type that players support.
///
/// The table does not contain html, xhtml, xml, svg, js, css and pdf. A browser would run their scripts with the origin
/// of our pages, so a script could read every video. With `application/octet-stream`, the browser downloads these
/// files.
const TYPES: &[(Kind, &str, &str)] = &[
    (Video, "video/3gpp", "3gp 3gpp"),
    (Video, "video/3gpp2", "3g2 3gp2"),
    (Video, "video/AV1", "av1"),
    (Video, "video/DV", "dv"),
    (Video, "video/H264", "264 avc h264"),
    (Video, "video/H265", "265 h265 hevc"),
    (Video, "video/H266", "266 h266 vvc"),
    (Video, "video/mj2", "mj2"),
    // TOD files of camcorders and REC files of satellite receivers are transport streams.
    (Video, "video/mp2t", "m2t m2ts mts rec tod tp trp ts"),
    // F4V (Adobe), LRV (GoPro) and INSV (Insta360) are MP4 (ISO/IEC 14496-12). With this type, a browser plays them.
    (Video, "video/mp4", "f4v insv ismv lrv m4v mp4 mp4v"),
    // MOD files of camcorders are MPEG-2 program streams.
    (
        Video,
        "video/mpeg",
        "evo m1v m2p m2v mod mpe mpeg mpg mpv vob vro",
    ),
    // MXF (RFC 4539) and RealMedia contain video, although their types begin with `application`.
    (Video, "application/mxf", "mxf"),
    (Video, "video/ogg", "ogm ogv"),
    (Video, "video/quicktime", "mov qt"),
    (Video, "application/vnd.rn-realmedia", "rm"),
    (Video, "application/vnd.rn-realmedia-vbr", "rmvb"),
    (Video, "video/webm", "webm"),
    (Video, "video/x-amv", "amv"),
    (Video, "video/x-flv", "flv"),
    (Video, "video/x-gxf", "gxf"),
    (Video, "video/x-ivf", "ivf"),
    // RFC 9559 registers video/matroska, but players do not support it yet.
    (Video, "video/x-matroska", "mk3d mkv"),
    (Video, "video/x-mjpeg", "mjpeg mjpg"),
    (Video, "video/x-ms-asf", "asf"),
    (Video, "video/x-ms-dvr", "dvr-ms"),
    (Video, "video/x-ms-wm", "wm"),
    (Video, "video/x-ms-wmv", "wmv"),
    (Video, "video/x-ms-wtv", "wtv"),
    (Video, "video/x-msvideo", "avi divx xvid"),
    (Video, "video/x-nut", "nut"),
    (Video, "video/x-yuv4mpeg", "y4m"),
    (Audio, "audio/3gpp", "3ga"),
    (Audio, "audio/aac", "aac adts"),
    (Audio, "audio/ac3", "ac3"),
    (Audio, "audio/AMR", "amr"),
    (Audio, "audio/AMR-WB", "awb"),
    (Audio, "audio/basic", "au snd"),
    (Audio, "audio/eac3", "eac3 ec3"),
    (Audio, "audio/flac", "flac"),
    (Audio, "audio/mp4", "f4a m4a m4b m4r"),
    (Audio, "audio/mpeg", "mp1 mp2 mp3 mpa mpga"),
    // RFC 7845 §9: a file with Opus is an Ogg file.
    (Audio, "audio/ogg", "oga ogg opus spx"),
    (Audio, "audio/qcelp", "qcp"),
    (Audio, "audio/vnd.dolby.mlp", "mlp thd"),
    (Audio, "audio/vnd.dts", "dts"),
    (Audio, "audio/vnd.dts.hd", "dtshd"),
    (Audio, "audio/wav", "wav wave"),
    (Audio, "audio/webm", "weba"),
    (Audio, "audio/x-aiff", "aif aifc aiff"),
    (Audio, "audio/x-ape", "ape"),
    (Audio, "audio/x-caf", "caf"),
    (Audio, "audio/x-dff", "dff"),
    (Audio, "audio/x-dsf", "dsf"),
    (Audio, "audio/x-matroska", "mka"),
    (Audio, "audio/x-ms-wma", "wma"),
    (Audio, "audio/x-musepack", "mpc"),
    (Audio, "audio/x-realaudio", "ra"),
    (Audio, "audio/x-shorten", "shn"),
    (Audio, "audio/x-tak", "tak"),
    (Audio, "audio/x-tta", "tta"),
    (Audio, "audio/x-voc", "voc"),
    (Audio, "audio/x-w64", "w64"),
    (Audio, "audio/x-wavpack", "wv"),
    (Subtitles, "text/vtt", "vtt"),
    (Subtitles, "application/x-subrip", "srt"),
    (Subtitles, "text/x-ssa", "ass ssa"),
    (Image, "image/avif", "avif"),
    (Image, "image/gif", "gif"),
    (Image, "image/jpeg", "jpeg jpg"),
    (Image, "image/png", "png"),
    (Image, "image/webp", "webp"),
    (Other, "application/json", "json"),
    (Other, "text/plain; charset=utf-8", "txt"),
    // RFC 8216 §4 has two types for playlists. The other type begins with `audio`.
    (Other, "application/vnd.apple.mpegurl", "m3u m3u8"),
];

impl MediaType {
    /// Returns the type for the extension of a file name, which is the text after the last dot. Case is ignored.
    pub fn of(name: &[u8]) -> MediaType {
        let extension = match name.iter().rposition(|&byte| byte == b'.') {
            Some(dot) => &name[dot + 1..],
            None => b"",
        };
        let is_known = |known: &str| known.as_bytes().eq_ignore_ascii_case(extension);
        let row = TYPES
            .iter()
            .find(|(.., known)| known.split(' ').any(is_known));
        if let Some(&(kind, name, _)) = row {
            return MediaType { kind, name };
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
    /// Returns the word for this kind in the JSON listing.
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
        for &(kind, name, extensions) in TYPES {
            for extension in extensions.split(' ') {
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
