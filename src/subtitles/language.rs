//! What a file's name says about its subtitles: `film.pt-BR.forced.srt`.
//!
//! Pure: knows words, never opens a file to guess. Total: what is not understood becomes part of the label.

mod parts;
mod words;

pub(crate) use parts::is_separator;
use parts::{Part, drop_codes_amid_text, drop_languages_before_text, parts};
use words::Meaning;

/// A track as a viewer chooses it. Sorted: languages by their tags, then what has none.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Track {
    /// Whether there is no language. First, for the order.
    is_unknown: bool,
    /// The language's tag (BCP 47): `pt-BR`. `None` where the name does not say.
    pub(crate) language: Option<String>,
    /// What else tells it from others: `SDH, forced`, or words that were not understood.
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
    /// Reads what stands between the video's name and the extension: nothing, `.en`, ` (English)`, `.2.eng.forced`,
    /// `_Deutsch`, `.commentary`.
    pub(crate) fn parse(infix: &str) -> Track {
        let mut parts = parts(infix);
        drop_codes_amid_text(&mut parts);
        Track::of(&parts, infix)
    }

    /// Reads the name of a file of which no part is known to be a video's: `2_English`, `Some.Film.2010.en`. A language
    /// counts at the end only, because titles have them too.
    pub(crate) fn parse_whole(stem: &str) -> Track {
        let mut parts = parts(stem);
        drop_languages_before_text(&mut parts);
        Track::of(&parts, stem)
    }

    /// What is shown where no script names the language.
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

    fn of(parts: &[Part], text: &str) -> Track {
        let spoken = Spoken::choose(parts, text);
        let has = |wanted| parts.iter().any(|part| part.flag == Some(wanted));
        let (mut notes, is_understood) = texts(parts, text, spoken.as_ref());
        if let Some(spoken) = &spoken {
            notes.extend(spoken.others.iter().cloned());
        }
        // Hindi where nothing else is the language; else, and the second time, hearing impaired.
        let hi = parts.iter().filter(|part| part.flag == Some(Meaning::Hi));
        let is_hindi = spoken.as_ref().is_some_and(|it| it.is_hi);
        let is_sdh = has(Meaning::Sdh) || hi.count() > usize::from(is_hindi);
        for (is_so, note) in [
            (is_sdh, "SDH"),
            (has(Meaning::Captions), "CC"),
            (has(Meaning::Forced), "forced"),
        ] {
            if is_so {
                notes.push(note.to_owned());
            }
        }
        let note = notes.join(", ");
        let note = note.chars().map(|c| if c.is_control() { ' ' } else { c });
        Track {
            is_unknown: spoken.is_none(),
            note: note.take(MAX_NOTE).collect(),
            is_default: has(Meaning::Default),
            is_understood,
            written: spoken.as_ref().and_then(|it| it.name.clone()),
            language: spoken.map(|it| it.tag),
        }
    }
}

/// Returns the runs of words that were not understood, and whether they are only numbers.
fn texts(parts: &[Part], text: &str, spoken: Option<&Spoken>) -> (Vec<String>, bool) {
    let is_spoken = |at: usize| spoken.is_some_and(|it| it.range.contains(&at));
    let is_text = |at: &usize| !is_spoken(*at) && parts[*at].is_text();
    let (mut texts, mut are_numbers) = (Vec::new(), true);
    let mut at = 0;
    while at < parts.len() {
        let length = (at..parts.len()).take_while(is_text).count();
        let run = &parts[at..at + length];
        at += length.max(1);
        let (Some(first), Some(last)) = (run.first(), run.last()) else {
            continue;
        };
        // The language once more: `English.forced.eng`.
        if run
            .iter()
            .all(|part| spoken.is_some_and(|it| it.is_said_by(part)))
        {
            continue;
        }
        are_numbers &= run.iter().all(|part| part.is_number);
        texts.push(text[first.start..last.end].to_owned());
    }
    (texts, are_numbers)
}

/// The language of a track.
struct Spoken {
    tag: String,
    /// As it stands in the name, where that is no code.
    name: Option<String>,
    /// Further languages of the same file, as they stand in the name.
    others: Vec<String>,
    /// The parts that say so.
    range: std::ops::Range<usize>,
    /// Whether it is Hindi by `hi`, which has another meaning.
    is_hi: bool,
}

impl Spoken {
    /// Chooses the last group of languages that stand side by side: `English.Patient.fr` is French. The first of them is
    /// the language, the next may say more about it (`Brazilian Portuguese`) or be a second one (`chs&eng`).
    fn choose(parts: &[Part], text: &str) -> Option<Spoken> {
        let mut spoken: Option<Spoken> = None;
        for (at, part) in parts.iter().enumerate() {
            let Some(tag) = &part.tag else {
                continue;
            };
            match &mut spoken {
                Some(spoken) if spoken.range.end == at => spoken.add(tag, part, text),
                _ => spoken = Some(Spoken::new(tag, part.name.clone(), at)),
            }
        }
        spoken.or_else(|| {
            let at = parts
                .iter()
                .position(|part| part.flag == Some(Meaning::Hi))?;
            let mut hindi = Spoken::new("hi", None, at);
            hindi.is_hi = true;
            Some(hindi)
        })
    }

    fn new(tag: &str, name: Option<String>, at: usize) -> Spoken {
        Spoken {
            tag: tag.to_owned(),
            name,
            others: Vec::new(),
            range: at..at + 1,
            is_hi: false,
        }
    }

    /// Adds the next language of the group.
    fn add(&mut self, tag: &str, part: &Part, text: &str) {
        self.range.end += 1;
        let written = &text[part.start..part.end];
        if primary(&self.tag) != primary(tag) {
            self.others.push(written.to_owned());
            return;
        }
        if tag.len() > self.tag.len() {
            self.tag = tag.to_owned();
        }
        if let Some(name) = &mut self.name {
            *name = format!("{name} {written}");
        }
    }

    /// Whether a part says the same language, or less of it.
    fn is_said_by(&self, part: &Part) -> bool {
        let tag = part.tag.as_deref();
        tag.is_some_and(|tag| primary(tag) == primary(&self.tag))
    }
}

/// Returns the tag without region and script.
fn primary(tag: &str) -> &str {
    tag.split('-').next().unwrap_or_default()
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod wild;
