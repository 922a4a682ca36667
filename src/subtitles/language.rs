//! Language and notes of subtitles from the name of their file: `film.pt-BR.forced.srt`.
//!
//! Pure: looks words up, never opens a file. Total: what is not understood becomes part of the label.

mod parts;
mod words;

pub(crate) use parts::is_separator;
use parts::{Part, What, is_code, parts};
use words::Meaning;
pub(super) use words::primary;

/// A track as a viewer chooses it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Track {
    /// The language's tag (BCP 47): `pt-BR`. `None` where the name does not say.
    pub(crate) language: Option<String>,
    /// Other words that tell it from other tracks: `SDH, forced`, or words that were not understood.
    pub(crate) note: String,
    /// The language as it stands in the file's name, where that is a name and no code: `Deutsch`.
    written: Option<String>,
    /// Whether the name says that it is to be shown first.
    pub(crate) is_default: bool,
    /// Whether all of the name was understood.
    pub(crate) is_understood: bool,
}

/// The longest note, in characters. A menu shows less.
const MAX_NOTE: usize = 80;

impl Track {
    /// Reads the part of a name between the video's name and the extension: nothing, `.en`, ` (English)`,
    /// `.2.eng.forced`, `_Deutsch`, `.commentary`.
    ///
    /// A code amid words of a title (`No`, `It`, `Is`) is text. A code counts if all parts before it are understood, or
    /// all behind it.
    pub(crate) fn parse(infix: &str) -> Track {
        let mut parts = parts(infix);
        let start = parts.iter().take_while(|part| part.is_understood()).count();
        let end = parts.len() - understood_at_end(&parts);
        for part in parts.iter_mut().take(end).skip(start) {
            if part.tag().is_some() && is_code(&infix[part.range.clone()]) {
                part.what = What::Text;
            }
        }
        Track::of(parts, infix)
    }

    /// Reads the name of a file of which no part is known to be a video's: `2_English`, `Some.Film.2010.en`. A language
    /// counts at the end only, because titles have them too.
    pub(crate) fn parse_whole(stem: &str) -> Track {
        let mut parts = parts(stem);
        let end = parts.len() - understood_at_end(&parts);
        for part in &mut parts[..end] {
            if part.tag().is_some() {
                part.what = What::Text;
            }
        }
        Track::of(parts, stem)
    }

    /// A track inside a video, by what its container says.
    pub(crate) fn inside(
        language: Option<&str>,
        title: Option<&str>,
        is_default: bool,
        is_forced: bool,
    ) -> Track {
        let language = language.map(bcp47);
        let written = language.as_deref().and_then(words::english_name);
        let title = title.map(str::trim).filter(|it| !it.is_empty());
        let title = title.filter(|it| written.as_deref() != Some(*it));
        let is_said = title.is_some_and(|it| it.to_lowercase().contains("forced"));
        let forced = (is_forced && !is_said).then_some("forced");
        let note: Vec<&str> = title.into_iter().chain(forced).collect();
        let note = note.join(", ");
        let note = note.chars().map(|c| if c.is_control() { ' ' } else { c });
        Track {
            note: note.take(MAX_NOTE).collect(),
            is_default,
            is_understood: title.is_none(),
            written,
            language,
        }
    }

    /// Returns the label for browsers in which no script names the language.
    pub(crate) fn label(&self) -> String {
        let name = self.written.as_ref().or(self.language.as_ref());
        match name {
            Some(name) if self.note.is_empty() => name.clone(),
            Some(name) => format!("{name} ({})", self.note),
            None if self.note.is_empty() => "Subtitles".to_owned(),
            None if self.is_understood => format!("Subtitles ({})", self.note),
            None => self.note.clone(),
        }
    }

    /// Adds a number that tells it from another track of the same language and note.
    pub(crate) fn number(&mut self, number: usize) {
        if !self.note.is_empty() {
            self.note.push_str(", ");
        }
        self.note.push_str(&number.to_string());
    }

    /// The language is the last group of languages that stand side by side: `English.Patient.fr` is French. Of a group, the
    /// first is the language, the next may say more about it (`Brazilian Portuguese`) or be a second one (`chs&eng`).
    fn of(mut parts: Vec<Part>, name: &str) -> Track {
        // Hindi where nothing else is the language; else, and the second time, hearing impaired.
        if parts.iter().all(|part| part.tag().is_none())
            && let Some(hi) = parts.iter_mut().find(|part| part.what == What::Flag("hi"))
        {
            hi.what = What::Language("hi".to_owned());
        }
        let end = parts.iter().rposition(|part| part.tag().is_some());
        let (before, after) = parts.split_at(end.map_or(0, |last| last + 1));
        let start = before.iter().rposition(|part| part.tag().is_none());
        let (before, group) = before.split_at(start.map_or(0, |last| last + 1));
        let main = group.first().and_then(Part::tag).map(primary);
        let is_main = |part: &&Part| part.tag().map(primary) == main && main.is_some();

        let (mut notes, mut is_understood) = (Vec::new(), true);
        let runs = [before, after].into_iter();
        for run in runs.flat_map(|side| side.chunk_by(|a, b| a.is_noted() && b.is_noted())) {
            // The language may stand there once more: `English.forced.eng`.
            if run[0].is_noted() && !run.iter().all(|part| is_main(&part)) {
                is_understood &= run.iter().all(|part| part.what == What::Number);
                notes.push(&name[run[0].range.start..run[run.len() - 1].range.end]);
            }
        }
        let others = group.iter().filter(|part| !is_main(part));
        notes.extend(others.map(|part| &name[part.range.clone()]));
        let is_flag = |part: &Part, flag: &str| matches!(part.what, What::Flag(it) if it == flag);
        let has = |flag: &str| parts.iter().any(|part| is_flag(part, flag));
        let is_sdh = has("SDH") || has("hi");
        notes.extend(is_sdh.then_some("SDH"));
        notes.extend(["CC", "forced"].into_iter().filter(|&flag| has(flag)));
        let note = notes.join(", ");
        let note = note.chars().map(|c| if c.is_control() { ' ' } else { c });
        // The first of the longest tags.
        let tags = group.iter().filter(is_main).filter_map(Part::tag).rev();
        let language = tags.max_by_key(|tag| tag.len());
        Track {
            language: language.map(str::to_owned),
            note: note.take(MAX_NOTE).collect(),
            written: written(name, group.iter().filter(is_main)),
            is_default: has("default"),
            is_understood,
        }
    }
}

/// Returns the words that say the language, unless the first of them is a code.
fn written<'p>(name: &str, parts: impl Iterator<Item = &'p Part>) -> Option<String> {
    let words = parts.flat_map(|part| {
        let text = &name[part.range.clone()];
        parts::words(text).map(|word| &text[word])
    });
    let words: Vec<&str> = words.collect();
    let is_name = words.first().is_some_and(|first| !is_code(first));
    is_name.then(|| words.join(" "))
}

/// Returns a language's tag as BCP 47 has it: `de` for the codes `deu` and `ger` of ISO 639-2.
fn bcp47(language: &str) -> String {
    let (code, rest) = language.split_at(primary(language).len());
    match words::meaning(&code.to_lowercase()) {
        Some(Meaning::Language(tag)) if code.len() == 3 => format!("{tag}{rest}"),
        _ => language.to_owned(),
    }
}

fn understood_at_end(parts: &[Part]) -> usize {
    let from_end = parts.iter().rev();
    from_end.take_while(|part| part.is_understood()).count()
}

#[cfg(test)]
mod tests;
