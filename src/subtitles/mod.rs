//! Conversion of subtitle files to WebVTT, which all browsers support.
//!
//! The conversion time is linear in the length of the input.

mod ass;
#[cfg(test)]
#[path = "../../tests/shared/webvtt.rs"]
mod checker;
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

pub(crate) use extension::{Extension, PICTURES};
use frames::{counted, tmplayer};
pub(crate) use language::{MenuTrack, is_separator};
pub(crate) use timing::timestamp;
use timing::{is_blank, lines, parse_arrow, parse_pair};
use writer::CueWriter;

type Parser = fn(&str) -> CueWriter;
/// A source format. The first function returns true if a trimmed line identifies this format. The second parses a file.
type SourceFormat = (fn(&str) -> bool, Parser);

/// All formats. If a line identifies two formats, the format that is earlier in this list is used.
const FORMATS: [SourceFormat; 5] = [
    (ass::is_sign, ass::parse),
    (
        |it| parse_arrow(it).is_some(),
        |text| srt::parse(text, parse_arrow),
    ),
    (|it| counted(it).is_some(), frames::parse),
    (
        |it| parse_pair(it).is_some(),
        |text| srt::parse(text, parse_pair),
    ),
    (|it| tmplayer(it).is_some(), frames::parse_tmplayer),
];

/// Converts the content of a file to WebVTT in UTF-8. If the file is WebVTT, changes only times that browsers cannot
/// read. Returns `None` if the format is unknown. The language in `file_name` helps to detect the encoding.
pub(crate) fn to_webvtt(content: &[u8], file_name: &[u8]) -> Option<String> {
    let stem = Extension::of(file_name).map_or(file_name, |(_, stem)| stem);
    let track = MenuTrack::parse(&String::from_utf8_lossy(stem), true);
    let text = text::decode(content, track.language.as_deref());
    if webvtt::has_signature(&text) {
        return Some(webvtt::repair(&text));
    }
    let parse = parser_of(&text)?;
    Some(webvtt::write(parse(&text)))
}

/// Returns whether a file that begins with `head` has a supported format.
pub(crate) fn is_text(head: &[u8]) -> bool {
    let text = text::decode(head, None);
    webvtt::has_signature(&text) || parser_of(&text).is_some()
}

/// Returns the parser for a text. The first line that identifies a format decides.
fn parser_of(text: &str) -> Option<Parser> {
    lines(text).find_map(|line| {
        let line = line.trim_matches(is_blank);
        let format = FORMATS.iter().find(|(is_sign, _)| is_sign(line));
        format.map(|(_, parse)| *parse)
    })
}

#[cfg(test)]
mod tests;
