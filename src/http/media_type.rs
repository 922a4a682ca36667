//! Media types by extension.
//!
//! The server does not read a file to find its type. Otherwise, each listing reads every file of a folder, and wakes
//! the disk.

/// A media type (RFC 9110 §8.3.1) and its kind of file.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct MediaType {
    /// The kind of file in the JSON listing: `video`, `audio`, `subtitles`, `image` or `other`. Pages use it to decide
    /// whether they show the file.
    pub kind: &'static str,
    /// The value of Content-Type.
    pub name: &'static str,
}

/// Each row is a kind, a media type and its extensions. If IANA has registered a media type for a file format, the row
/// contains this type. Otherwise, it contains the type that players support.
///
/// The table does not contain html, xhtml, xml, svg, js, css and pdf. If the server sends the media type of such a file, a
/// browser runs the scripts in the file with the origin of our pages, so they can read every video. So these files have
/// the type `application/octet-stream`, and the browser downloads them.
const TYPES: &[(&str, &str, &str)] = &[
    ("video", "video/3gpp", "3gp 3gpp"),
    ("video", "video/3gpp2", "3g2 3gp2"),
    ("video", "video/AV1", "av1"),
    ("video", "video/DV", "dv"),
    ("video", "video/H264", "264 avc h264"),
    ("video", "video/H265", "265 h265 hevc"),
    ("video", "video/H266", "266 h266 vvc"),
    ("video", "video/mj2", "mj2"),
    // TOD files of camcorders and REC files of satellite receivers are transport streams.
    ("video", "video/mp2t", "m2t m2ts mts rec tod tp trp ts"),
    // F4V (Adobe), LRV (GoPro) and INSV (Insta360) are MP4. With this type, a browser plays them.
    ("video", "video/mp4", "f4v insv ismv lrv m4v mp4 mp4v"),
    // MOD files of camcorders are MPEG-2 program streams.
    (
        "video",
        "video/mpeg",
        "evo m1v m2p m2v mod mpe mpeg mpg mpv vob vro",
    ),
    // MXF (RFC 4539) and RealMedia contain video, although their types begin with `application`.
    ("video", "application/mxf", "mxf"),
    ("video", "video/ogg", "ogm ogv"),
    ("video", "video/quicktime", "mov qt"),
    ("video", "application/vnd.rn-realmedia", "rm"),
    ("video", "application/vnd.rn-realmedia-vbr", "rmvb"),
    ("video", "video/webm", "webm"),
    ("video", "video/x-amv", "amv"),
    ("video", "video/x-flv", "flv"),
    ("video", "video/x-gxf", "gxf"),
    ("video", "video/x-ivf", "ivf"),
    // RFC 9559 registers video/matroska, but players do not support it yet.
    ("video", "video/x-matroska", "mk3d mkv"),
    ("video", "video/x-mjpeg", "mjpeg mjpg"),
    ("video", "video/x-ms-asf", "asf"),
    ("video", "video/x-ms-dvr", "dvr-ms"),
    ("video", "video/x-ms-wm", "wm"),
    ("video", "video/x-ms-wmv", "wmv"),
    ("video", "video/x-ms-wtv", "wtv"),
    ("video", "video/x-msvideo", "avi divx xvid"),
    ("video", "video/x-nut", "nut"),
    ("video", "video/x-yuv4mpeg", "y4m"),
    ("audio", "audio/3gpp", "3ga"),
    ("audio", "audio/aac", "aac adts"),
    ("audio", "audio/ac3", "ac3"),
    ("audio", "audio/AMR", "amr"),
    ("audio", "audio/AMR-WB", "awb"),
    ("audio", "audio/basic", "au snd"),
    ("audio", "audio/eac3", "eac3 ec3"),
    ("audio", "audio/flac", "flac"),
    ("audio", "audio/mp4", "f4a m4a m4b m4r"),
    ("audio", "audio/mpeg", "mp1 mp2 mp3 mpa mpga"),
    // A file with Opus is an Ogg file (RFC 7845 §9).
    ("audio", "audio/ogg", "oga ogg opus spx"),
    ("audio", "audio/qcelp", "qcp"),
    ("audio", "audio/vnd.dolby.mlp", "mlp thd"),
    ("audio", "audio/vnd.dts", "dts"),
    ("audio", "audio/vnd.dts.hd", "dtshd"),
    ("audio", "audio/wav", "wav wave"),
    ("audio", "audio/webm", "weba"),
    ("audio", "audio/x-aiff", "aif aifc aiff"),
    ("audio", "audio/x-ape", "ape"),
    ("audio", "audio/x-caf", "caf"),
    ("audio", "audio/x-dff", "dff"),
    ("audio", "audio/x-dsf", "dsf"),
    ("audio", "audio/x-matroska", "mka"),
    ("audio", "audio/x-ms-wma", "wma"),
    ("audio", "audio/x-musepack", "mpc"),
    ("audio", "audio/x-realaudio", "ra"),
    ("audio", "audio/x-shorten", "shn"),
    ("audio", "audio/x-tak", "tak"),
    ("audio", "audio/x-tta", "tta"),
    ("audio", "audio/x-voc", "voc"),
    ("audio", "audio/x-w64", "w64"),
    ("audio", "audio/x-wavpack", "wv"),
    ("subtitles", "text/vtt", "vtt"),
    ("subtitles", "application/x-subrip", "srt"),
    ("subtitles", "text/x-ssa", "ass ssa"),
    ("image", "image/avif", "avif"),
    ("image", "image/gif", "gif"),
    ("image", "image/jpeg", "jpeg jpg"),
    ("image", "image/png", "png"),
    ("image", "image/webp", "webp"),
    ("other", "application/json", "json"),
    ("other", "text/plain; charset=utf-8", "txt"),
    // RFC 8216 §4 also allows `audio/mpegurl`.
    ("other", "application/vnd.apple.mpegurl", "m3u m3u8"),
];

impl MediaType {
    /// Returns the type for the extension of a file name: the text after the final dot. The case is ignored.
    pub fn of(name: &[u8]) -> MediaType {
        let dot = name.iter().rposition(|&byte| byte == b'.');
        let extension = dot.map_or(&[][..], |dot| &name[dot + 1..]);
        let is_known = |known: &str| known.as_bytes().eq_ignore_ascii_case(extension);
        let mut rows = TYPES.iter();
        let row = rows.find(|(.., known)| known.split(' ').any(is_known));
        let &(kind, name, _) = row.unwrap_or(&("other", "application/octet-stream", ""));
        MediaType { kind, name }
    }
}
