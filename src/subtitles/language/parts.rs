//! The parts of a name: words and their meanings.

use std::ops::Range;

use super::words::{Meaning, meaning, with_ending, with_subtag};
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
    pub(super) what: Meaning,
}

impl Part {
    /// Returns the tag if the part is a language.
    pub(super) fn tag(&self) -> Option<&str> {
        match &self.what {
            Meaning::Language(tag) => Some(tag),
            _ => None,
        }
    }

    /// Whether the part belongs in the label, provided that it is not the language of the track.
    pub(super) fn is_noted(&self) -> bool {
        !matches!(self.what, Meaning::Flag(_))
    }

    pub(super) fn is_understood(&self) -> bool {
        self.what != Meaning::Text
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
        if let Some(before) = parts.last_mut()
            && let Meaning::Language(tag) = &mut before.what
            && let Some(longer) = with_word(
                tag,
                &name[before.range.end..range.start],
                &fold(word),
                &meaning,
            )
        {
            *tag = longer;
            before.range.end = range.end;
            continue;
        }
        let is_number = word.len() <= 2 && word.bytes().all(|byte| byte.is_ascii_digit());
        let what = match meaning {
            Meaning::Text if is_number => Meaning::Number,
            // A region name counts only directly after a language. Elsewhere it is text.
            Meaning::Region(_) => Meaning::Text,
            other => other,
        };
        parts.push(Part { range, what });
    }
    parts
}

/// Returns the number of first words that have a common meaning, and this meaning. Without a meaning, the number is 1.
fn longest_group(name: &str, words: &[Range<usize>]) -> (usize, Meaning) {
    let longest = words.iter().take(MAX_WORDS);
    let folded: Vec<String> = longest.map(|word| fold(&name[word.clone()])).collect();
    let mut lengths = (1..=folded.len()).rev();
    let group = lengths.find_map(|length| Some((length, meaning(&folded[..length].join("_"))?)));
    let one = || with_ending(folded.first()?).map(|meaning| (1, meaning));
    group.or_else(one).unwrap_or((1, Meaning::Text))
}

/// Returns the tag with the next word as a subtag, if the word is a subtag. A code must follow a dash or
/// an underscore, or be in brackets. The name of a region may follow any separator.
fn with_word(tag: &str, between: &str, word: &str, meaning: &Meaning) -> Option<String> {
    match meaning {
        Meaning::Region(region) => with_subtag(tag, region),
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
