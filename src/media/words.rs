//! The words that a search looks for.

use crate::fold::fold;

/// The most words that are searched for; further ones are ignored.
const MAX_WORDS: usize = 8;
/// The bytes of the query that are read.
const MAX_BYTES: usize = 200;

/// Words of a query, which must all occur.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Words(pub(super) Vec<String>);

impl Words {
    /// Splits at blanks; `None` if no word is left.
    pub(crate) fn parse(text: &str) -> Option<Words> {
        let is_within = |(start, c): &(usize, char)| start + c.len_utf8() <= MAX_BYTES;
        let text: String = text
            .char_indices()
            .take_while(is_within)
            .map(|(_, c)| c)
            .collect();
        let words = text.split_whitespace().take(MAX_WORDS).map(fold);
        // An accent by itself is folded to nothing.
        let words: Vec<String> = words.filter(|word| !word.is_empty()).collect();
        (!words.is_empty()).then_some(Words(words))
    }

    pub(super) fn are_all_in(&self, folded: &str) -> bool {
        self.0.iter().all(|word| folded.contains(word.as_str()))
    }

    pub(super) fn is_any_in(&self, folded: &str) -> bool {
        self.0.iter().any(|word| folded.contains(word.as_str()))
    }
}
