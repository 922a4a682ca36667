//! The words in the names of subtitle files. `words.txt` contains language codes, and the names of common languages.
//! Some codes have the meaning that people use instead of the ISO meaning: `br` is Brazilian, `se` is Swedish.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::fold::fold;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning {
    Text,
    /// A short number that distinguishes tracks and is not a year.
    Number,
    /// The tag of a language (BCP 47), for example `pt-BR`.
    Language(String),
    /// The code of a region, for example `br`. A region counts only after a language.
    Region(&'static str),
    /// The purpose of the subtitles, for example `forced`.
    Flag(&'static str),
}

/// Returns the meaning of one word, or of several words with `_` between them. The words must be folded: lower case
/// without accents.
pub(super) fn meaning(words: &str) -> Option<Meaning> {
    static ALL: LazyLock<HashMap<String, Meaning>> = LazyLock::new(|| {
        let mut all = HashMap::new();
        for row in rows() {
            let head = row.split(' ').next().unwrap_or_default();
            let meaning = match head.split_at_checked(1) {
                Some(("+", region)) => Meaning::Region(region),
                Some(("!", purpose)) => Meaning::Flag(purpose),
                _ => Meaning::Language(head.to_owned()),
            };
            let words = row.trim_start_matches(['+', '!']).split(' ');
            all.extend(words.map(|word| (fold(word), meaning.clone())));
        }
        all
    });
    ALL.get(words).cloned()
}

fn rows() -> impl Iterator<Item = &'static str> {
    let lines = include_str!("words.txt").lines();
    lines.filter(|line| !line.starts_with('#'))
}

/// Returns the language of a word that ends with a word for subtitles, for example `英文字幕` or `engsub`. The text must be
/// folded.
pub(super) fn with_ending(text: &str) -> Option<Meaning> {
    let mut endings = ENDINGS.split(' ').map(fold);
    let language = endings.find_map(|ending| text.strip_suffix(&*ending))?;
    meaning(language).filter(|meaning| matches!(meaning, Meaning::Language(_)))
}

/// Returns the English name of a language: in its row of `words.txt`, the first word that is longer than a code.
/// Returns `None` for a tag with a region or a script.
pub(super) fn english_name(tag: &str) -> Option<String> {
    let mut rows = rows().filter(|_| !tag.contains('-'));
    let row = rows.find(|row| row.split(' ').next() == Some(tag))?;
    let name = row.split(' ').skip(1).find(|word| word.len() > 3)?;
    let (first, rest) = name.split_at_checked(1)?;
    Some(first.to_uppercase() + &rest.replace('_', " "))
}

/// Returns the tag without region and script.
pub(in crate::subtitles) fn primary(tag: &str) -> &str {
    tag.split('-').next().unwrap_or_default()
}

/// Adds a script or a region to a tag: `pt` and `br` become `pt-BR`. Returns `None` if `subtag` is no known script or
/// region. `subtag` must be folded.
pub(super) fn with_subtag(tag: &str, subtag: &str) -> Option<String> {
    let find = |list: &'static str| list.split(' ').find(|it| it.eq_ignore_ascii_case(subtag));
    let primary = primary(tag);
    let is_bare = tag == primary;
    let subtag = match (primary, subtag) {
        ("es", "la" | "xl" | "latin") => "419",
        ("sr" | "bs" | "uz" | "az", "latin") if is_bare => "Latn",
        ("zh", "cn") if is_bare => "Hans",
        ("zh", "tw") if is_bare => "Hant-TW",
        ("zh", "hk") if is_bare => "Hant-HK",
        ("zh", "mo") if is_bare => "Hant-MO",
        (_, "uk") => "GB",
        // For example, `en-fr` means two languages and not English of France.
        _ if subtag != primary && find(NEIGHBOURS).is_some() => return None,
        _ => find(SCRIPTS)
            .filter(|_| is_bare)
            .or_else(|| find(REGIONS))?,
    };
    Some(format!("{tag}-{subtag}"))
}

const SCRIPTS: &str = "Arab Cyrl Deva Guru Hans Hant Hebr Latn";

/// The regions whose codes are also codes of common languages.
const NEIGHBOURS: &str = "da de es fi fr it jp kr nl pl pt ru tr";

const REGIONS: &str = "419 AE AR AT AU BD BE BG BO BR CA CH CL CN CO CR CU CZ DE DK DO EC EE EG ES FI FR GB GR GT HK \
     HN HR HU ID IE IL IN IQ IR IS IT JO JP KE KR KW LB LT LU LV LY MA ME MO MX MY NG NI NL NO NZ PA PE PH PK PL PR PT \
     PY RO RS RU SA SE SG SI SK SY TH TN TR TW TZ UA US UY VE VN ZA";

/// The words for subtitles that people write after a language without a separator.
const ENDINGS: &str = "字幕 자막 subs sub";

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn every_word_of_a_section_stands_for_one_language() {
        let lines: Vec<&str> = include_str!("words.txt").lines().collect();
        let sections = lines.split(|line| line.starts_with('#'));
        let sections: Vec<_> = sections.filter(|rows| !rows.is_empty()).collect();
        for section in &sections {
            let mut all = BTreeMap::new();
            for (row, word) in section
                .iter()
                .flat_map(|row| row.split(' ').map(move |it| (row, it)))
            {
                assert!(!word.is_empty(), "{row}");
                let other = all.insert(fold(word), row);
                assert!(other.is_none_or(|other| other == row), "{word}");
            }
        }
        let of_two = sections[1].iter().filter(|row| row.find(' ') == Some(2));
        // These are all codes of ISO 639-1 except `hi`, which is in the section of the purposes.
        assert_eq!(of_two.count(), 182);
    }
}
