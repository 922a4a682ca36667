//! Subtitle files as WebVTT, which every browser takes.
//!
//! Bytes and names in, text out. Knows encodings, formats, and what file names say about languages; does not know the
//! disk, HTTP or pages. The time of a conversion is linear in the length of the input.

mod ass;
#[cfg(test)]
#[path = "../../tests/shared/webvtt.rs"]
mod checker;
mod cue;
mod extension;
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

use cue::Cues;
pub(crate) use extension::{Extension, PICTURES};
use frames::{BRACES, BRACKETS, counted, tmplayer};
pub(crate) use language::{Track, is_separator};
use timing::{Timing, is_blank, lines};

/// The longest file that is converted, in bytes. Two hours of talk are 150 KB; a longer file has the wrong name.
pub(crate) const MAX_LENGTH: u64 = 4 * 1024 * 1024;

/// A format that becomes WebVTT: whether a line without blanks around it tells this format from others, and the reader of
/// its files.
type Format = (fn(&str) -> bool, fn(&str) -> Cues);

/// All formats. If a line is a sign of two, the first counts.
const FORMATS: [Format; 6] = [
    (ass::is_sign, ass::parse),
    (
        |it| Timing::parse(it).is_some(),
        |text| srt::parse(text, Timing::parse),
    ),
    (|it| counted(it, BRACES).is_some(), frames::parse_microdvd),
    (|it| counted(it, BRACKETS).is_some(), frames::parse_mpl2),
    (
        |it| Timing::parse_pair(it).is_some(),
        |text| srt::parse(text, Timing::parse_pair),
    ),
    (|it| tmplayer(it).is_some(), frames::parse_tmplayer),
];

/// Returns the content of a file as WebVTT in UTF-8. WebVTT stays as it is, as far as browsers can read it. `None` if the
/// content is in none of the formats. `file_name` may say the language, which helps to find the encoding.
pub(crate) fn to_webvtt(content: &[u8], file_name: &[u8]) -> Option<String> {
    let stem = Extension::of(file_name).map_or(file_name, |(_, stem)| stem);
    let track = Track::parse_whole(&String::from_utf8_lossy(stem));
    let text = text::decode(content, track.language.as_deref());
    if webvtt::has_signature(&text) {
        return Some(webvtt::repair(&text));
    }
    let parse = parser_of(&text)?;
    Some(webvtt::write(parse(&text)))
}

/// Whether a file that begins with `head` is in one of the formats.
pub(crate) fn is_text(head: &[u8]) -> bool {
    let text = text::decode(head, None);
    webvtt::has_signature(&text) || parser_of(&text).is_some()
}

/// Recognises the format of a text by the first line that only one format has, because people rename files.
fn parser_of(text: &str) -> Option<fn(&str) -> Cues> {
    lines(text).find_map(|line| {
        let line = line.trim_matches(is_blank);
        let format = FORMATS.iter().find(|(is_sign, _)| is_sign(line));
        format.map(|(_, parse)| *parse)
    })
}

#[cfg(test)]
mod tests;
