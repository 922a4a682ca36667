//! Real sentences in common encodings. Python encoded them: see tests/subtitles/make.py.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use unicode_normalization::UnicodeNormalization;

use super::super::text::decode;

/// The samples that have no decoder here: Johab, and DOS in Ukraine.
const UNREADABLE: &[&str] = &["ko.johab", "uk.cp1125"];
/// The samples that differ from another encoding only in a few letters. The language in the name decides.
const AMBIGUOUS: &[&str] = &[
    "eo.iso8859_3",
    "et.cp1257",
    "et.iso8859_13",
    "et.iso8859_4",
    "lt.iso8859_4",
];

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/subtitles")
}

/// Puts lines into a SubRip file.
fn frame(lines: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    let lines = lines
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty());
    for (number, line) in lines.enumerate() {
        let times = format!(
            "{}\r\n00:{number:02}:01,000 --> 00:{number:02}:03,500\r\n",
            number + 1
        );
        file.extend_from_slice(times.as_bytes());
        file.extend_from_slice(line);
        file.extend_from_slice(b"\r\n\r\n");
    }
    file
}

/// Decodes all samples. Returns the names of samples with differences, and for each encoding the correct and total
/// numbers.
fn read_all(tag_of: fn(&str) -> Option<&str>) -> (Vec<String>, BTreeMap<String, (usize, usize)>) {
    let (mut wrong, mut counted) = (Vec::new(), BTreeMap::new());
    let mut files: Vec<_> = fs::read_dir(corpus().join("bytes"))
        .unwrap()
        .map(|it| it.unwrap().path())
        .collect();
    files.sort();
    for file in files {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        let (language, encoding) = name.split_once('.').unwrap();
        let text = fs::read(corpus().join(format!("texts/{language}.txt"))).unwrap();
        let bytes = frame(&fs::read(&file).unwrap());
        let tag = tag_of(language);
        let decoded = decode(&bytes, tag);
        let expected = String::from_utf8(frame(&text)).unwrap();
        // Windows-1258 encodes accents as separate characters.
        let is_right = decoded.nfc().eq(expected.nfc());
        let (right, all) = counted.entry(encoding.to_owned()).or_insert((0, 0));
        *right += usize::from(is_right);
        *all += 1;
        if !is_right {
            wrong.push(name);
        }
    }
    (wrong, counted)
}

#[test]
fn corpus_with_language_returns_exact_text() {
    let (wrong, counted) = read_all(|tag| Some(tag));
    println!("{counted:?}");
    assert_eq!(wrong, UNREADABLE, "{counted:?}");
}

/// If the name contains no useful language, encodings that differ in one or two letters remain a guess.
#[test]
fn corpus_without_language_returns_exact_text_nearly_always() {
    let (mut wrong, counted) = read_all(|_| None);
    println!("{counted:?}");
    wrong.retain(|name| !UNREADABLE.contains(&name.as_str()));
    assert_eq!(wrong, AMBIGUOUS, "{counted:?}");
}

/// A word of the title may look like a language.
#[test]
fn corpus_with_a_wrong_western_language_returns_exact_text_nearly_always() {
    let (mut wrong, counted) = read_all(|_| Some("it"));
    wrong.retain(|name| !UNREADABLE.contains(&name.as_str()));
    assert_eq!(wrong, AMBIGUOUS, "{counted:?}");
}

#[test]
fn one_cue_with_language_returns_exact_text() {
    for (language, bytes, text) in [
        ("ru", &b"\xCF\xF0\xE8\xE2\xE5\xF2"[..], "Привет"),
        ("ru", b"\xF0\xD2\xC9\xD7\xC5\xD4", "Привет"),
        ("hr", b"ina\xE8e me\xF0unarod", "inače međunarod"),
        ("hr", b"\xB9to", "što"),
        ("el", b"\xCC\xE5", "Με"),
        ("tr", b"bankas\xFD", "bankası"),
        ("zh-Hans", b"\xD3\xEE\xD6\xE6", "宇宙"),
        ("zh-Hant", "《11月的蕭邦》".as_bytes(), "《11月的蕭邦》"),
        (
            "zh-Hant",
            b"\xA1m11\xA4\xEB\xAA\xBA\xBF\xBD\xA8\xB9\xA1n",
            "《11月的蕭邦》",
        ),
        ("fr", b"10 \xA4", "10 €"),
        ("de", b"Dies kostet 10 \xA4", "Dies kostet 10 €"),
        ("en", b"na\xEFve caf\xE9", "naïve café"),
        ("", b"na\xEFve \x96 \x93a\x94", "naïve – “a”"),
    ] {
        let tag = Some(language).filter(|language| !language.is_empty());
        assert_eq!(
            decode(&frame(bytes), tag),
            String::from_utf8(frame(text.as_bytes())).unwrap(),
            "{language} {text}"
        );
    }
}

/// Words of other languages, symbols and numbers must not change a correct guess.
#[test]
fn odd_text_in_windows_1252_stays() {
    for text in [
        "D´ACCORD, L´ÉTÉ arrive déjà. Je t´aime, c´est la fête. I´m très près.",
        "2½ hours, 1¼ miles, ¾ of it",
        "© 2005 ® Ø 20 °C § 5",
        "ÀÉÎÕÜ ÑANDÚ ÇA VA, À BIENTÔT",
        "nº 5, 1ª vez, ¿qué? ¡NO!",
        "señor Müller, crème brûlée, São Paulo, Ærø",
        "mañana – “hoy” … ‘ayer’ • £5",
    ] {
        let bytes: Vec<u8> = text.chars().map(windows_1252).collect();
        for language in ["en", "es", "fr"].map(Some) {
            assert_eq!(decode(&bytes, language), text, "{language:?}");
        }
    }
}

fn windows_1252(c: char) -> u8 {
    match c {
        '–' => 0x96,
        '“' => 0x93,
        '”' => 0x94,
        '…' => 0x85,
        '‘' => 0x91,
        '’' => 0x92,
        '•' => 0x95,
        c => u8::try_from(u32::from(c)).unwrap(),
    }
}
