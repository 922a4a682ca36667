//! What a file's name says about its subtitles: `film.pt-BR.forced.srt`.
//!
//! Pure: knows names of languages, never opens a file to guess.

mod names;
mod variants;

use names::{Language, by_code, by_name};
use variants::{region, region_by_name, script};

/// A track as a viewer chooses it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Track {
    /// What is shown: `Portuguese (Brazil)`.
    pub(crate) label: String,
    /// The language's tag (BCP 47): `pt-BR`. None where the name does not say.
    pub(crate) language: Option<String>,
}

/// What subtitle sites made up to say which Chinese or Portuguese it is.
const ALIASES: [(&str, &str); 6] = [
    ("chs", "zh-Hans"),
    ("cht", "zh-Hant"),
    ("pob", "pt-BR"),
    ("brazilian", "pt-BR"),
    ("zhs", "zh-Hans"),
    ("zht", "zh-Hant"),
];

/// Whom the track is for.
#[derive(Debug, Default, Clone, Copy)]
struct Purpose {
    /// Says who speaks and what is to be heard.
    sdh: bool,
    /// The same, as television calls it.
    captions: bool,
    /// Only what is not in the film's language.
    forced: bool,
}

impl Purpose {
    fn read(&mut self, part: &str) -> bool {
        let flag = match part.to_ascii_lowercase().as_str() {
            "sdh" => &mut self.sdh,
            "cc" => &mut self.captions,
            "forced" | "foreign" => &mut self.forced,
            // A player's matter, nothing to be seen.
            "default" => return true,
            _ => return false,
        };
        *flag = true;
        true
    }
}

impl Track {
    /// Reads what stands between the video's name and the extension: `""`, `en`, `pt-BR`, `eng.forced`, `English`. `None`
    /// for anything else, which makes it some other video's file.
    pub(crate) fn parse(infix: &str) -> Option<Track> {
        let mut spoken = None;
        let mut purpose = Purpose::default();
        // Hindi is `hi` and hearing impaired too; it is Hindi where nothing else is a language.
        let mut hi = false;
        for part in infix.split('.').filter(|_| !infix.is_empty()) {
            if part.eq_ignore_ascii_case("hi") {
                if std::mem::replace(&mut hi, true) {
                    purpose.sdh = true;
                }
            } else if !purpose.read(part) {
                // One track is in one language.
                if spoken.replace(Spoken::parse(part)?).is_some() {
                    return None;
                }
            }
        }
        if hi {
            match spoken {
                Some(_) => purpose.sdh = true,
                None => spoken = Spoken::parse("hi"),
            }
        }
        let spoken = spoken.unwrap_or_else(Spoken::unknown);
        Some(spoken.track(purpose))
    }
}

/// A language with its variant.
#[derive(Debug)]
struct Spoken {
    tag: Option<String>,
    name: &'static str,
    variants: Vec<String>,
}

impl Spoken {
    fn unknown() -> Spoken {
        Spoken {
            tag: None,
            name: "Subtitles",
            variants: Vec::new(),
        }
    }

    fn parse(part: &str) -> Option<Spoken> {
        // ISO 639-2: nobody knows.
        if part.eq_ignore_ascii_case("und") {
            return Some(Spoken::unknown());
        }
        let alias = ALIASES
            .into_iter()
            .find(|(alias, _)| alias.eq_ignore_ascii_case(part));
        Spoken::from_tag(alias.map_or(part, |(_, tag)| tag)).or_else(|| Spoken::from_name(part))
    }

    /// `pt-BR`, also written `pt_br` or `por-BR`.
    fn from_tag(tag: &str) -> Option<Spoken> {
        let mut subtags = tag.split(['-', '_']);
        let Language { tag, name } = by_code(&subtags.next()?.to_ascii_lowercase())?;
        let mut tag = tag.to_owned();
        let mut variants = Vec::new();
        let mut next = subtags.next();
        if let Some((code, name)) = next.and_then(script) {
            tag = format!("{tag}-{code}");
            variants.push(name.to_owned());
            next = subtags.next();
        }
        if let Some(code) = next {
            let (code, name) = match region(code) {
                Some((code, name)) => (code.to_owned(), name.to_owned()),
                None if code.len() == 2 && code.bytes().all(|b| b.is_ascii_alphabetic()) => {
                    (code.to_ascii_uppercase(), code.to_ascii_uppercase())
                }
                None => return None,
            };
            tag = format!("{tag}-{code}");
            variants.push(name);
        }
        if subtags.next().is_some() {
            return None;
        }
        Some(Spoken {
            tag: Some(tag),
            name,
            variants,
        })
    }

    /// `Portuguese`, and with a region as it is shown: `Portuguese (Brazil)`.
    fn from_name(text: &str) -> Option<Spoken> {
        let (name, place) = match text
            .strip_suffix(')')
            .and_then(|text| text.split_once(" ("))
        {
            Some((name, place)) => (name, Some(place)),
            None => (text, None),
        };
        let Language { tag, name } = by_name(name)?;
        let mut spoken = Spoken {
            tag: Some(tag.to_owned()),
            name,
            variants: Vec::new(),
        };
        if let Some(place) = place {
            let (code, place) = region_by_name(place)?;
            spoken.tag = Some(format!("{tag}-{code}"));
            spoken.variants.push(place.to_owned());
        }
        Some(spoken)
    }

    fn track(self, purpose: Purpose) -> Track {
        let mut remarks = self.variants;
        for (is_so, remark) in [
            (purpose.sdh, "SDH"),
            (purpose.captions, "CC"),
            (purpose.forced, "forced"),
        ] {
            if is_so {
                remarks.push(remark.to_owned());
            }
        }
        let label = if remarks.is_empty() {
            self.name.to_owned()
        } else {
            format!("{} ({})", self.name, remarks.join(", "))
        };
        Track {
            label,
            language: self.tag,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files() {
        for (infix, expected) in [
            ("", "Subtitles"),
            ("en", "en English"),
            ("EN", "en English"),
            ("eng", "en English"),
            ("English", "en English"),
            ("english", "en English"),
            ("ger", "de German"),
            ("deu", "de German"),
            ("pt-BR", "pt-BR Portuguese (Brazil)"),
            ("pt_br", "pt-BR Portuguese (Brazil)"),
            ("por-br", "pt-BR Portuguese (Brazil)"),
            ("pob", "pt-BR Portuguese (Brazil)"),
            ("Portuguese (Brazil)", "pt-BR Portuguese (Brazil)"),
            ("zh-Hans", "zh-Hans Chinese (Simplified)"),
            ("ZH-HANT-hk", "zh-Hant-HK Chinese (Traditional, Hong Kong)"),
            ("chs", "zh-Hans Chinese (Simplified)"),
            ("es-419", "es-419 Spanish (Latin America)"),
            ("en-zw", "en-ZW English (ZW)"),
            ("yue", "yue Cantonese"),
            ("nb", "nb Norwegian Bokmål"),
            ("norwegian bokmål", "nb Norwegian Bokmål"),
            ("en.forced", "en English (forced)"),
            ("forced.en", "en English (forced)"),
            ("en.sdh", "en English (SDH)"),
            ("en.SDH.forced", "en English (SDH, forced)"),
            ("en.cc", "en English (CC)"),
            ("en.hi", "en English (SDH)"),
            ("hi.en", "en English (SDH)"),
            ("hi", "hi Hindi"),
            ("hi.hi", "hi Hindi (SDH)"),
            ("hi.forced", "hi Hindi (forced)"),
            ("hin.hi", "hi Hindi (SDH)"),
            ("pt-BR.default", "pt-BR Portuguese (Brazil)"),
            ("forced", "Subtitles (forced)"),
            ("sdh", "Subtitles (SDH)"),
            ("und", "Subtitles"),
        ] {
            let track = Track::parse(infix).unwrap_or_else(|| panic!("{infix:?} is none"));
            let shown = match track.language {
                Some(tag) => format!("{tag} {}", track.label),
                None => track.label,
            };
            assert_eq!(shown, expected, "{infix:?}");
        }
    }

    #[test]
    fn names_of_other_files() {
        for infix in [
            "part2",
            "2",
            "e",
            "xx",
            "xyz",
            "en.de",
            "en.part2",
            "en-",
            "en-x",
            "en-1",
            "en-US-x",
            "en-Xxxx",
            "pt-é",
            ".",
            "en.",
            ".en",
            "en..forced",
            " en",
            "English (",
            "English (Mars)",
            "1080p",
            "German English",
            "-",
            "-.en",
            "aar,",
        ] {
            assert_eq!(Track::parse(infix), None, "{infix:?}");
        }
    }
}
