//! The words of a search query.

use crate::fold::fold;

/// The maximum number of words; further words are ignored.
const MAX_WORDS: usize = 8;
/// The maximum number of bytes that are read from the query.
const MAX_BYTES: usize = 200;

/// The words of a query. All of them must occur in a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Words(pub(super) Vec<String>);

impl Words {
    /// Splits the query at spaces; returns `None` if no word is left.
    pub(crate) fn parse(text: &str) -> Option<Words> {
        let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
        let end = ends.take_while(|end| *end <= MAX_BYTES).last();
        let text = &text[..end.unwrap_or(0)];
        let words = text.split_whitespace().take(MAX_WORDS).map(fold);
        // A combining accent alone becomes an empty word after folding.
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
