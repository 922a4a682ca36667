//! The parts of a name: words with their meanings.

use std::ops::Range;

use super::words::{Meaning, meaning, with_subtag};
use crate::fold::fold;

/// The most words of a name that stand for one thing: `hard of hearing`.
const MAX_WORDS: usize = 3;
/// The longest code. Longer words are names.
const MAX_CODE: usize = 3;

/// A word of a name, or several that stand for one thing.
#[derive(Debug)]
pub(super) struct Part {
    /// Range in the name.
    pub(super) range: Range<usize>,
    pub(super) what: What,
}

/// Meaning of a part of a name.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum What {
    /// Something that is not understood.
    Text,
    /// A short number, which tells one track from another and is no year.
    Number,
    /// Purpose of the subtitles.
    Flag(&'static str),
    /// A language by its tag, with the subtags that follow: `pt-BR`.
    Language(String),
}

impl Part {
    /// Returns the tag, if the part is a language.
    pub(super) fn tag(&self) -> Option<&str> {
        match &self.what {
            What::Language(tag) => Some(tag),
            _ => None,
        }
    }

    /// Whether the part belongs in the label, unless it says the language of the track.
    pub(super) fn is_noted(&self) -> bool {
        !matches!(self.what, What::Flag(_))
    }

    pub(super) fn is_understood(&self) -> bool {
        self.what != What::Text
    }
}

/// Whether a character stands between words, and behind the name of a video.
pub(crate) fn is_separator(c: char) -> bool {
    c.is_ascii_punctuation()
        || c.is_whitespace()
        || c.is_control()
        || "（）【】［］《》「」、，。・·–—＆＋".contains(c)
}

/// Whether a word is a language code, which may also be a word of a title.
pub(super) fn is_code(word: &str) -> bool {
    word.is_ascii() && word.len() <= MAX_CODE
}

/// Splits a name into words and looks them up, the longest groups first.
pub(super) fn parts(name: &str) -> Vec<Part> {
    let words: Vec<Range<usize>> = words(name).collect();
    let mut parts: Vec<Part> = Vec::with_capacity(words.len());
    let mut rest = words.as_slice();
    while let Some(first) = rest.first() {
        let (length, meaning) = longest_group(name, rest);
        let range = first.start..rest[length - 1].end;
        rest = &rest[length..];
        let word = &name[range.clone()];
        if let Some(Part {
            range: before,
            what: What::Language(tag),
        }) = parts.last_mut()
            && let Some(longer) =
                with_word(tag, &name[before.end..range.start], &fold(word), meaning)
        {
            *tag = longer;
            before.end = range.end;
            continue;
        }
        let what = match meaning {
            Some(Meaning::Language(tag)) => What::Language(tag.to_owned()),
            Some(Meaning::Flag(flag)) => What::Flag(flag),
            _ if word.len() <= 2 && word.bytes().all(|byte| byte.is_ascii_digit()) => What::Number,
            // The name of a region that does not follow a language is a word like others.
            _ => What::Text,
        };
        parts.push(Part { range, what });
    }
    parts
}

/// Returns how many of the first words have a meaning together, and that meaning; one word if none has.
fn longest_group(name: &str, words: &[Range<usize>]) -> (usize, Option<Meaning>) {
    let longest = &words[..words.len().min(MAX_WORDS)];
    let folded: Vec<String> = longest
        .iter()
        .map(|word| fold(&name[word.clone()]))
        .collect();
    let mut lengths = (1..=folded.len()).rev();
    let group = lengths.find_map(|length| Some((length, meaning(&folded[..length].join("_"))?)));
    group.map_or((1, None), |(length, meaning)| (length, Some(meaning)))
}

/// Returns the tag with the word behind it as a subtag, if it is one: a code behind a dash or in brackets, the name of a
/// region behind anything.
fn with_word(tag: &str, between: &str, word: &str, meaning: Option<Meaning>) -> Option<String> {
    match meaning {
        Some(Meaning::Region(region)) => with_subtag(tag, &region.to_ascii_lowercase()),
        _ if matches!(between, "-" | "_" | " (") || word == "latin" => with_subtag(tag, word),
        _ => None,
    }
}

/// Returns where the words of a name stand.
pub(super) fn words(name: &str) -> impl Iterator<Item = Range<usize>> {
    let pieces = name.split_inclusive(is_separator).scan(0, |end, piece| {
        let start = *end;
        *end += piece.len();
        Some(start..start + piece.trim_end_matches(is_separator).len())
    });
    pieces.filter(|word| !word.is_empty())
}
