//! Language and notes of subtitles, from the file name: `film.pt-BR.forced.srt`.

mod words;

use std::ops::Range;

use crate::fold::fold;
pub(super) use words::primary;
use words::{Meaning, meaning, with_ending, with_subtag};

/// A subtitle track as a menu shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MenuTrack {
    /// The tag of the language (BCP 47), for example `pt-BR`; `None` if the name contains no language.
    pub(crate) language: Option<String>,
    /// Other words that distinguish the track from other tracks: `SDH, forced`, or unknown words.
    pub(crate) note: String,
    /// The name of the language, for example `Deutsch`. `None` if only a code is known.
    written: Option<String>,
    pub(crate) is_default: bool,
    /// Whether the parser knows all words of the name.
    pub(crate) is_understood: bool,
}

/// The maximum length of a note in characters. The subtitle menu of a browser has no space for a longer note.
const MAX_NOTE: usize = 80;
/// The maximum number of words in a group with one meaning, for example `hard of hearing`.
const MAX_WORDS: usize = 3;
/// The maximum number of bytes of a language code. Longer words are names.
const MAX_CODE: usize = 3;

impl MenuTrack {
    /// Parses the part of a file name between the video's name and the extension, for example ` (English)` or
    /// `.2.eng.forced`. If the video's name is unknown, `is_whole` is true and `name` is a whole name, for example
    /// `Some.Film.2010.en`.
    ///
    /// Titles contain words such as `No`, `It` and `Is`, which are also language codes. So a code between unknown words
    /// is part of a title. In a whole name, a code or name of a language is part of a title if an unknown word follows.
    pub(crate) fn parse(name: &str, is_whole: bool) -> MenuTrack {
        let mut parts = parts(name);
        let is_unknown = |part: &NamePart| part.what == Meaning::Text;
        let start = parts.iter().position(is_unknown).filter(|_| !is_whole);
        let end = parts.iter().rposition(is_unknown).unwrap_or(0);
        for part in parts.iter_mut().take(end).skip(start.unwrap_or(0)) {
            if part.tag().is_some() && (is_whole || is_code(&name[part.range.clone()])) {
                part.what = Meaning::Text;
            }
        }
        MenuTrack::of(parts, name)
    }

    /// Creates the menu entry of a track inside a video. The parameters are the values in the video file.
    pub(crate) fn inside(
        language: Option<&str>,
        title: Option<&str>,
        is_default: bool,
        is_forced: bool,
    ) -> MenuTrack {
        let language = language.and_then(bcp47);
        let written = language.as_deref().and_then(words::english_name);
        let title = title.map(str::trim).filter(|it| !it.is_empty());
        let title = title.filter(|it| written.as_deref() != Some(*it));
        let is_in_title = title.is_some_and(|it| it.to_lowercase().contains("forced"));
        let forced = (is_forced && !is_in_title).then_some("forced");
        let notes: Vec<&str> = title.into_iter().chain(forced).collect();
        MenuTrack {
            note: note(&notes),
            is_default,
            is_understood: title.is_none(),
            written,
            language,
        }
    }

    pub(crate) fn add_language(&mut self, other: Option<&MenuTrack>) {
        if let (None, Some(other)) = (&self.language, other) {
            self.language.clone_from(&other.language);
            self.written.clone_from(&other.written);
        }
    }

    /// Returns the label of the track in the menu.
    pub(crate) fn label(&self) -> String {
        let name = self.written.as_ref().or(self.language.as_ref());
        let name = name.map_or("Subtitles", String::as_str);
        match self.note.as_str() {
            "" => name.to_owned(),
            note if self.language.is_none() && !self.is_understood => note.to_owned(),
            note => format!("{name} ({note})"),
        }
    }

    /// Creates a track from the parts of `name`. If several parts are languages, only the last one and the languages
    /// directly before it are used: `English.Patient.fr` is French. The first of these parts is the language. A further
    /// part can name the same language more exactly (`zh.chs` is Simplified Chinese). If it names a second language, it
    /// becomes a note (`chs&eng` is Chinese with the note `eng`).
    fn of(mut parts: Vec<NamePart>, name: &str) -> MenuTrack {
        // The first `hi` means Hindi if the name contains no other language. Every other `hi` means hearing impaired.
        let is_hi = |part: &&mut NamePart| part.what == Meaning::Flag("hi");
        if parts.iter().all(|part| part.tag().is_none())
            && let Some(hi) = parts.iter_mut().find(is_hi)
        {
            hi.what = Meaning::Language("hi".to_owned());
        }
        let end = parts.iter().rposition(|part| part.tag().is_some());
        let (before, after) = parts.split_at(end.map_or(0, |last| last + 1));
        let start = before.iter().rposition(|part| part.tag().is_none());
        let (before, group) = before.split_at(start.map_or(0, |last| last + 1));
        let main = group.first().and_then(NamePart::tag).map(primary);
        let is_main = |part: &&NamePart| part.tag().map(primary) == main && main.is_some();

        let (mut notes, mut is_understood) = (Vec::new(), true);
        let is_noted = |part: &NamePart| !matches!(part.what, Meaning::Flag(_));
        let runs = [before, after].into_iter();
        for run in runs.flat_map(|side| side.chunk_by(|a, b| is_noted(a) && is_noted(b))) {
            // A part that only repeats the language is no note: `English.forced.eng`.
            if is_noted(&run[0]) && !run.iter().all(|part| is_main(&part)) {
                is_understood &= run.iter().all(|part| part.what == Meaning::Number);
                notes.push(&name[run[0].range.start..run[run.len() - 1].range.end]);
            }
        }
        let others = group.iter().filter(|part| !is_main(part));
        notes.extend(others.map(|part| &name[part.range.clone()]));
        let is = |part: &NamePart, flag| matches!(part.what, Meaning::Flag(it) if it == flag);
        let has = |flag| parts.iter().any(|part| is(part, flag));
        notes.extend((has("SDH") || has("hi")).then_some("SDH"));
        notes.extend(["CC", "forced"].into_iter().filter(|flag| has(flag)));
        // Uses the longest tag, because it is the most exact; the first one if several are equally long.
        let tags = group.iter().filter(is_main).filter_map(NamePart::tag).rev();
        let language = tags.max_by_key(|tag| tag.len());
        MenuTrack {
            language: language.map(str::to_owned),
            note: note(&notes),
            written: written(name, group.iter().filter(is_main)),
            is_default: has("default"),
            is_understood,
        }
    }
}

/// Joins notes to one line of text.
fn note(notes: &[&str]) -> String {
    let note = notes.join(", ");
    let note = note.chars().map(|c| if c.is_control() { ' ' } else { c });
    note.take(MAX_NOTE).collect()
}

/// Returns the words that name the language; `None` if the first word is a code.
fn written<'p>(name: &str, parts: impl Iterator<Item = &'p NamePart>) -> Option<String> {
    let texts = parts.map(|part| &name[part.range.clone()]);
    let words = texts.flat_map(|text| words(text).map(|word| &text[word]));
    let words: Vec<&str> = words.collect();
    let is_name = !is_code(words.first()?);
    is_name.then(|| words.join(" "))
}

/// Returns a language tag in the form of BCP 47: `de` for `deu` and `ger`, `en-US` for `en_US`. Returns `None` for
/// other texts. Each subtag must have one to eight letters and digits, and the first subtag no digits.
fn bcp47(language: &str) -> Option<String> {
    let language = language.replace('_', "-");
    let (code, rest) = language.split_at(primary(&language).len());
    let is_word = |it: &str| it.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let mut subtags = language.split('-');
    let is_valid = subtags.all(|it| (1..=8).contains(&it.len()) && is_word(it));
    if !is_valid || code.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(match meaning(&code.to_lowercase()) {
        Some(Meaning::Language(tag)) if code.len() == 3 => format!("{tag}{rest}"),
        _ => language,
    })
}

/// A word of a name, or a group of words with one meaning.
#[derive(Debug)]
struct NamePart {
    range: Range<usize>,
    what: Meaning,
}

impl NamePart {
    fn tag(&self) -> Option<&str> {
        match &self.what {
            Meaning::Language(tag) => Some(tag),
            _ => None,
        }
    }
}

/// Returns whether a character separates the words of a file name.
pub(crate) fn is_separator(c: char) -> bool {
    c.is_ascii_punctuation()
        || c.is_whitespace()
        || c.is_control()
        || "（）【】［］《》「」、，。・·–—＆＋".contains(c)
}

/// Returns whether a word has the form of a language code.
fn is_code(word: &str) -> bool {
    word.is_ascii() && word.len() <= MAX_CODE
}

/// Splits a name into words and looks them up, longest groups first.
fn parts(name: &str) -> Vec<NamePart> {
    let words: Vec<Range<usize>> = words(name).collect();
    let mut parts: Vec<NamePart> = Vec::with_capacity(words.len());
    let mut rest = words.as_slice();
    while let Some(first) = rest.first() {
        let (length, meaning) = longest_group(name, rest);
        let range = first.start..rest[length - 1].end;
        rest = &rest[length..];
        let word = &name[range.clone()];
        // A region or a script refines the language before it. The name of a region, or `latin`, may follow any
        // separator. The code of a region or script must follow `-`, `_` or ` (`.
        if let Some(last) = parts.last_mut()
            && let Meaning::Language(tag) = &mut last.what
        {
            let folded = fold(word);
            let is_near = matches!(&name[last.range.end..range.start], "-" | "_" | " (");
            let longer = match &meaning {
                Meaning::Region(region) => with_subtag(tag, region),
                _ if is_near || folded == "latin" => with_subtag(tag, &folded),
                _ => None,
            };
            if let Some(longer) = longer {
                *tag = longer;
                last.range.end = range.end;
                continue;
            }
        }
        let is_number = word.len() <= 2 && word.bytes().all(|byte| byte.is_ascii_digit());
        let what = match meaning {
            Meaning::Text if is_number => Meaning::Number,
            // Without a language directly before it, the name of a region is text.
            Meaning::Region(_) => Meaning::Text,
            other => other,
        };
        parts.push(NamePart { range, what });
    }
    parts
}

/// Finds the longest group of words at the start that has a meaning. Returns the number of its words, and the meaning.
/// For an unknown word, returns 1 and `Text`.
fn longest_group(name: &str, words: &[Range<usize>]) -> (usize, Meaning) {
    let longest = words.iter().take(MAX_WORDS);
    let folded: Vec<String> = longest.map(|word| fold(&name[word.clone()])).collect();
    let mut lengths = (1..=folded.len()).rev();
    let group = lengths.find_map(|length| Some((length, meaning(&folded[..length].join("_"))?)));
    let one = || with_ending(folded.first()?).map(|meaning| (1, meaning));
    group.or_else(one).unwrap_or((1, Meaning::Text))
}

fn words(name: &str) -> impl Iterator<Item = Range<usize>> {
    let pieces = name.split_inclusive(is_separator).scan(0, |end, piece| {
        let start = *end;
        *end += piece.len();
        Some(start..start + piece.trim_end_matches(is_separator).len())
    });
    pieces.filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests;
