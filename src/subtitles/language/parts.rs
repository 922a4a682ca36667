//! The parts of a name: words and their meanings.

use std::ops::Range;

use super::words::{Meaning, meaning, with_subtag};
use crate::fold::fold;

/// The maximum number of words with one common meaning: `hard of hearing`.
const MAX_WORDS: usize = 3;
/// The maximum length of a code. Longer words are names.
const MAX_CODE: usize = 3;

/// A word of a name, or several words with one common meaning.
#[derive(Debug)]
pub(super) struct Part {
    /// The range in the name.
    pub(super) range: Range<usize>,
    pub(super) what: What,
}

/// The meaning of a part of a name.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum What {
    /// An unknown word.
    Text,
    /// A short number that distinguishes tracks and is not a year.
    Number,
    /// The purpose of the subtitles.
    Flag(&'static str),
    /// A language: its tag with subtags, for example `pt-BR`.
    Language(String),
}

impl Part {
    /// Returns the tag if the part is a language.
    pub(super) fn tag(&self) -> Option<&str> {
        match &self.what {
            What::Language(tag) => Some(tag),
            _ => None,
        }
    }

    /// Whether the part belongs in the label, provided that it is not the language of the track.
    pub(super) fn is_noted(&self) -> bool {
        !matches!(self.what, What::Flag(_))
    }

    pub(super) fn is_understood(&self) -> bool {
        self.what != What::Text
    }
}

/// Whether a character separates words, or the name of a video from the rest.
pub(crate) fn is_separator(c: char) -> bool {
    c.is_ascii_punctuation()
        || c.is_whitespace()
        || c.is_control()
        || "（）【】［］《》「」、，。・·–—＆＋".contains(c)
}

/// Whether a word is a language code. A code may also be a word of a title.
pub(super) fn is_code(word: &str) -> bool {
    word.is_ascii() && word.len() <= MAX_CODE
}

/// Splits a name into words and looks them up, longest groups first.
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
            // A region name counts only directly after a language. Elsewhere it is text.
            _ => What::Text,
        };
        parts.push(Part { range, what });
    }
    parts
}

/// Returns the number of first words that have a common meaning, and this meaning. Without a meaning, the number is 1.
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

/// Returns the tag with the next word as a subtag, if the word is a subtag. A code must follow a dash or
/// an underscore, or be in brackets. The name of a region may follow any separator.
fn with_word(tag: &str, between: &str, word: &str, meaning: Option<Meaning>) -> Option<String> {
    match meaning {
        Some(Meaning::Region(region)) => with_subtag(tag, &region.to_ascii_lowercase()),
        _ if matches!(between, "-" | "_" | " (") || word == "latin" => with_subtag(tag, word),
        _ => None,
    }
}

/// Returns the ranges of the words in a name.
pub(super) fn words(name: &str) -> impl Iterator<Item = Range<usize>> {
    let pieces = name.split_inclusive(is_separator).scan(0, |end, piece| {
        let start = *end;
        *end += piece.len();
        Some(start..start + piece.trim_end_matches(is_separator).len())
    });
    pieces.filter(|word| !word.is_empty())
}
