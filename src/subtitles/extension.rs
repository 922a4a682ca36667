//! What the extension of a file says about subtitles in it. Only a promise: the content decides.

/// What a file's extension says. Where the same name has several, the first of these is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Extension {
    /// `.vtt`, `.webvtt`: made for browsers.
    WebVtt,
    /// `.srt`.
    SubRip,
    /// `.ass`, `.ssa`.
    Ass,
    /// `.sbv`, which YouTube writes.
    SubViewer,
    /// `.sub`, `.txt`: one of several formats, or no subtitles at all.
    Doubtful,
    /// A format that is not converted, in words.
    Unsupported(&'static str),
}

const EXTENSIONS: [(&str, Extension); 20] = [
    ("vtt", Extension::WebVtt),
    ("webvtt", Extension::WebVtt),
    ("srt", Extension::SubRip),
    ("ass", Extension::Ass),
    ("ssa", Extension::Ass),
    ("sbv", Extension::SubViewer),
    ("sub", Extension::Doubtful),
    ("txt", Extension::Doubtful),
    ("idx", PICTURES),
    ("sup", PICTURES),
    ("pgs", PICTURES),
    (
        "mks",
        Extension::Unsupported("subtitles in a Matroska file"),
    ),
    ("smi", Extension::Unsupported("SAMI subtitles")),
    ("sami", Extension::Unsupported("SAMI subtitles")),
    ("ttml", Extension::Unsupported("TTML subtitles")),
    ("dfxp", Extension::Unsupported("TTML subtitles")),
    ("usf", Extension::Unsupported("USF subtitles")),
    ("scc", Extension::Unsupported("SCC captions")),
    ("stl", Extension::Unsupported("EBU STL subtitles")),
    ("lrc", Extension::Unsupported("lyrics")),
];

/// Subtitles as pictures, which DVDs and Blu-ray disks have.
pub(crate) const PICTURES: Extension = Extension::Unsupported("picture subtitles");

impl Extension {
    /// Reads the extension of a file name, in any case. Returns it with the name before it.
    pub(crate) fn of(file_name: &[u8]) -> Option<(Extension, &[u8])> {
        let dot = file_name.iter().rposition(|&byte| byte == b'.')?;
        let (stem, extension) = (&file_name[..dot], &file_name[dot + 1..]);
        let is_same = |row: &&(&str, Extension)| extension.eq_ignore_ascii_case(row.0.as_bytes());
        let (_, found) = EXTENSIONS.iter().find(is_same)?;
        Some((*found, stem))
    }

    /// Returns the format in words, if it is one that is not converted.
    pub(crate) fn unsupported(self) -> Option<&'static str> {
        match self {
            Extension::Unsupported(format) => Some(format),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extension_is_read_in_any_case() {
        for (name, expected) in [
            (&b"a.srt"[..], Some((Extension::SubRip, &b"a"[..]))),
            (b"a.b.VTT", Some((Extension::WebVtt, b"a.b"))),
            (b"\xFF.Srt", Some((Extension::SubRip, b"\xFF"))),
            (b"a.srt.txt", Some((Extension::Doubtful, b"a.srt"))),
            (b"a.IDX", Some((PICTURES, b"a"))),
            (b".srt", Some((Extension::SubRip, b""))),
            (b"srt", None),
            (b"a.srt~", None),
            (b"a.mkv", None),
            (b"", None),
        ] {
            assert_eq!(Extension::of(name), expected, "{}", name.escape_ascii());
        }
    }
}
