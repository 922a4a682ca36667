//! The parts of a name: words with their meanings.

use super::words::{Meaning, meaning, with_subtag};
use crate::fold::fold;

/// Words of a name that may stand for one thing: `hard of hearing`.
const MAX_WORDS: usize = 3;
/// Longer words are names. Shorter ones are codes, which may be words of a title.
const MAX_CODE: usize = 3;

/// A word of a name, or several that stand for one thing.
#[derive(Debug)]
pub(super) struct Part {
    /// Where it begins and ends in the name.
    pub(super) start: usize,
    pub(super) end: usize,
    /// What it means, if it is no language.
    pub(super) flag: Option<Meaning>,
    /// The tag of the language that it means, with the subtags that follow: `pt-BR`.
    pub(super) tag: Option<String>,
    /// The language as it is written, where that is a name and no code.
    pub(super) name: Option<String>,
    /// Whether it is a code by itself.
    is_code: bool,
    /// Whether it is a short number, which tells one track from another and is no year.
    pub(super) is_number: bool,
}

impl Part {
    /// Whether it becomes part of the label, unless it says the language of the track.
    pub(super) fn is_text(&self) -> bool {
        self.flag.is_none()
    }

    fn is_understood(&self) -> bool {
        self.flag.is_some() || self.tag.is_some() || self.is_number
    }
}

/// Whether a character stands between words, and behind the name of a video.
pub(crate) fn is_separator(c: char) -> bool {
    c.is_ascii_punctuation()
        || c.is_whitespace()
        || c.is_control()
        || "（）【】［］《》「」、，。・·–—＆＋".contains(c)
}

/// Splits a name into words and looks them up, the longest groups first.
pub(super) fn parts(text: &str) -> Vec<Part> {
    let words = words(text);
    let mut parts: Vec<Part> = Vec::with_capacity(words.len());
    let mut at = 0;
    while at < words.len() {
        let longest = MAX_WORDS.min(words.len() - at);
        let fold_word = |&(start, end): &(usize, usize)| fold(&text[start..end]);
        let group = (1..=longest).rev().find_map(|length| {
            let words: Vec<String> = words[at..at + length].iter().map(fold_word).collect();
            meaning(&words.join("_")).map(|meaning| (length, Some(meaning)))
        });
        let (length, meaning) = group.unwrap_or((1, None));
        let (start, end) = (words[at].0, words[at + length - 1].1);
        let word = &text[start..end];
        at += length;
        if let Some(before) = parts.last_mut()
            && let Some(tag) = before.tag.as_ref()
            && let Some(tag) = with_word(tag, &text[before.end..start], &fold(word), meaning)
        {
            before.tag = Some(tag);
            before.name = before.name.take().map(|name| format!("{name} {word}"));
            before.end = end;
            // `pt-BR` is no word of a title.
            before.is_code = false;
            continue;
        }
        parts.push(part(word, start, meaning));
    }
    parts
}

fn part(word: &str, start: usize, meaning: Option<Meaning>) -> Part {
    let (tag, flag) = match meaning {
        Some(Meaning::Language(tag)) => (Some(tag.to_owned()), None),
        // A place by itself is a word like others.
        Some(Meaning::Place(_)) => (None, None),
        flag => (None, flag),
    };
    let is_code = tag.is_some() && word.is_ascii() && word.len() <= MAX_CODE;
    Part {
        start,
        end: start + word.len(),
        flag,
        name: (tag.is_some() && !is_code).then(|| word.to_owned()),
        tag,
        is_code,
        is_number: word.len() <= 2 && word.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

/// Returns the tag with a word behind it as a subtag, if it is one: a code behind a dash, a place behind anything.
fn with_word(tag: &str, between: &str, word: &str, meaning: Option<Meaning>) -> Option<String> {
    match meaning {
        Some(Meaning::Place(region)) => with_subtag(tag, &region.to_ascii_lowercase()),
        _ if matches!(between, "-" | "_") || word == "latin" => with_subtag(tag, word),
        _ => None,
    }
}

/// Returns where the words of a name begin and end.
fn words(text: &str) -> Vec<(usize, usize)> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices() {
        match (is_separator(c), start) {
            (false, None) => start = Some(at),
            (true, Some(from)) => {
                words.push((from, at));
                start = None;
            }
            _ => {}
        }
    }
    words.extend(start.map(|from| (from, text.len())));
    words
}

/// Takes the meaning from codes that stand amid words of a title: `No`, `It`, `Is`. A code counts if all before it is
/// understood, or all behind it.
pub(super) fn drop_codes_amid_text(parts: &mut [Part]) {
    let before = parts.iter().take_while(|part| part.is_understood()).count();
    let behind = parts.len() - understood_at_end(parts);
    for part in parts.iter_mut().take(behind).skip(before) {
        if part.is_code {
            part.tag = None;
        }
    }
}

/// Takes the meaning from languages that stand before words of a title.
pub(super) fn drop_languages_before_text(parts: &mut [Part]) {
    let behind = parts.len() - understood_at_end(parts);
    for part in parts.iter_mut().take(behind) {
        part.tag = None;
    }
}

fn understood_at_end(parts: &[Part]) -> usize {
    let from_end = parts.iter().rev();
    from_end.take_while(|part| part.is_understood()).count()
}
