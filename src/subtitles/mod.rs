//! Subtitles: what people have beside a video, as WebVTT that every browser takes.
//!
//! Knows encodings, formats, and what file names say about languages. Must not know the disk, HTTP or pages: bytes and
//! names in, text out. The time that a conversion takes grows with the input and no faster.

mod ass;
#[cfg(test)]
#[path = "../../tests/shared/webvtt.rs"]
mod checker;
mod cue;
mod extension;
mod format;
mod frames;
mod language;
mod legacy;
mod markup;
mod overrides;
mod pages;
mod srt;
mod text;
mod timing;
mod webvtt;
mod writer;

pub(crate) use extension::{Extension, PICTURES};
use format::Format;
pub(crate) use language::{Track, is_separator};

/// The longest file that is converted, in bytes. Two hours of talk are 150 KB; a longer file has the wrong name.
pub(crate) const MAX_LENGTH: u64 = 4 * 1024 * 1024;

/// Returns the content of a file as WebVTT in UTF-8. WebVTT stays as it is, as far as browsers can read it. `None` if the
/// content is in none of the formats. `file_name` may say the language, which helps to find the encoding.
pub(crate) fn to_webvtt(content: &[u8], file_name: &[u8]) -> Option<String> {
    let stem = Extension::of(file_name).map_or(file_name, |(_, stem)| stem);
    let track = Track::parse_whole(&String::from_utf8_lossy(stem));
    let text = text::decode(content, track.language.as_deref());
    match Format::of(&text)? {
        Format::WebVtt => Some(webvtt::repair(text).into_owned()),
        format => {
            let cues = format.parse(&text);
            Some(webvtt::write(cues))
        }
    }
}

/// Whether a file that begins with `head` is in one of the formats.
pub(crate) fn is_text(head: &[u8]) -> bool {
    Format::of(&text::decode(head, None)).is_some()
}

#[cfg(test)]
mod tests;
