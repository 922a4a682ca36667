//! Subtitles: whatever people have beside a video, as WebVTT that every browser takes.
//!
//! Knows encodings, SubRip (.srt), WebVTT, and what file names say about languages. Must not know the disk, HTTP or
//! pages: bytes and names in, text out. Total: there is no input that is refused, only cues that are left out, and
//! the time taken grows with the input and no faster.

#[cfg(test)]
#[path = "../../tests/shared/webvtt.rs"]
mod checker;
mod language;
mod legacy;
mod markup;
mod pages;
mod srt;
mod text;
mod timing;
mod webvtt;

pub(crate) use language::Track;

/// The longest file that is converted. Two hours of talk are 150 KB; what is longer than this has the wrong name.
pub(crate) const MAX_LENGTH: u64 = 4 * 1024 * 1024;

/// What a file's name promises. Only a promise: people rename, so [`to_webvtt`] looks at the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Format {
    /// `.vtt`. First, for where there are both: somebody made it for browsers.
    WebVtt,
    /// `.srt`.
    SubRip,
}

impl Format {
    /// The format of a file, by its extension in any case, and the name without it.
    pub(crate) fn of(file_name: &[u8]) -> Option<(Format, &[u8])> {
        let dot = file_name.iter().rposition(|&byte| byte == b'.')?;
        let (stem, extension) = (&file_name[..dot], &file_name[dot + 1..]);
        if extension.eq_ignore_ascii_case(b"vtt") {
            Some((Format::WebVtt, stem))
        } else if extension.eq_ignore_ascii_case(b"srt") {
            Some((Format::SubRip, stem))
        } else {
            None
        }
    }
}

/// The content of a file as WebVTT in UTF-8. WebVTT stays as it is; anything else is read as SubRip, and what makes no
/// sense there makes no cue.
pub(crate) fn to_webvtt(content: &[u8]) -> String {
    let text = text::decode(content, None);
    if webvtt::has_signature(&text) {
        text.into_owned()
    } else {
        webvtt::write(srt::parse(&text))
    }
}

#[cfg(test)]
mod tests;
