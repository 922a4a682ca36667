//! Subtitle formats by file extension. The extension is only a hint. The content decides, because people rename files.

/// The format of a file extension. If a folder has several files that differ only in the extension, the program uses
/// the file whose format is first in this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Extension {
    /// `.vtt`, `.webvtt`: the format of browsers.
    WebVtt,
    SubRip,
    Ass,
    /// `.sbv`, the format of YouTube.
    SubViewer,
    /// `.sub`: one of several formats, or images.
    Doubtful,
    /// `.txt`: one of several formats, or no subtitles.
    Text,
    /// A format that cannot be converted, with its description.
    Unsupported(&'static str),
}

/// Image subtitles, as on DVDs and Blu-ray disks.
pub(crate) const PICTURES: Extension = Extension::Unsupported("picture subtitles");
const TTML: Extension = Extension::Unsupported("TTML subtitles");

impl Extension {
    /// Parses the extension of a file name, in upper or lower case. Also returns the name before the extension.
    pub(crate) fn of(file_name: &[u8]) -> Option<(Extension, &[u8])> {
        let dot = file_name.iter().rposition(|&byte| byte == b'.')?;
        let extension = match file_name[dot + 1..].to_ascii_lowercase().as_slice() {
            b"vtt" | b"webvtt" => Extension::WebVtt,
            b"srt" => Extension::SubRip,
            b"ass" | b"ssa" => Extension::Ass,
            b"sbv" => Extension::SubViewer,
            b"sub" => Extension::Doubtful,
            b"txt" => Extension::Text,
            b"idx" | b"sup" | b"pgs" => PICTURES,
            b"mks" => Extension::Unsupported("subtitles in a Matroska file"),
            b"smi" | b"sami" => Extension::Unsupported("SAMI subtitles"),
            b"ttml" | b"dfxp" | b"itt" => TTML,
            b"usf" => Extension::Unsupported("USF subtitles"),
            b"scc" => Extension::Unsupported("SCC captions"),
            b"stl" => Extension::Unsupported("EBU STL subtitles"),
            b"lrc" => Extension::Unsupported("lyrics"),
            _ => return None,
        };
        Some((extension, &file_name[..dot]))
    }

    pub(crate) fn unsupported(self) -> Option<&'static str> {
        match self {
            Extension::Unsupported(format) => Some(format),
            _ => None,
        }
    }
}
