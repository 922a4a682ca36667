//! Decodes sentences in common encodings. `tests/subtitles/make.py` makes the sample files.

use std::fs;
use std::path::Path;

use unicode_normalization::UnicodeNormalization;

use super::super::text::decode;

/// The samples in encodings without a decoder: Johab, and the Ukrainian code page of DOS.
const UNREADABLE: &[&str] = &["ko.johab", "uk.cp1125"];
/// For these samples, two encodings give almost the same text. The decoder chooses the correct encoding only if the
/// file name contains the language.
const AMBIGUOUS: &[&str] = &[
    "eo.iso8859_3",
    "et.cp1257",
    "et.iso8859_13",
    "et.iso8859_4",
    "lt.iso8859_4",
];

fn srt_file(lines: &[u8]) -> Vec<u8> {
    let lines = lines
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty());
    let cues = lines.enumerate().flat_map(|(number, line)| {
        let times = format!("00:{number:02}:01,000 --> 00:{number:02}:03,500\r\n");
        [
            format!("{}\r\n", number + 1).as_bytes(),
            times.as_bytes(),
            line,
            b"\r\n\r\n",
        ]
        .concat()
    });
    cues.collect()
}

/// Decodes all samples. Returns the names of the samples with a wrong result.
fn wrong(tag_of: fn(&str) -> Option<&str>) -> Vec<String> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/subtitles");
    let files = fs::read_dir(corpus.join("bytes")).unwrap();
    let mut names: Vec<_> = files
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert!(names.len() > 90, "{}", names.len());
    names.retain(|name| {
        let (language, _) = name.split_once('.').unwrap();
        let bytes = srt_file(&fs::read(corpus.join("bytes").join(name)).unwrap());
        let text = srt_file(&fs::read(corpus.join(format!("texts/{language}.txt"))).unwrap());
        let decoded = decode(&bytes, tag_of(language));
        // Windows-1258 encodes accents as separate characters, so compare the texts in normal form.
        decoded.nfc().ne(str::from_utf8(&text).unwrap().nfc())
    });
    names
}

/// Decodes the samples with the correct language tag, without a tag, and with the wrong tag `it`. The program finds the
/// tag in the file name, and a title with the word "It" can cause this wrong tag.
#[test]
fn corpus_returns_exact_text_except_ambiguous_samples() {
    assert_eq!(wrong(|tag| Some(tag)), UNREADABLE);
    for tag_of in [|_: &str| None, |_: &str| Some("it")] {
        let mut wrong = wrong(tag_of);
        wrong.retain(|name| !UNREADABLE.contains(&name.as_str()));
        assert_eq!(wrong, AMBIGUOUS);
    }
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
        let text = srt_file(text.as_bytes());
        assert_eq!(decode(&srt_file(bytes), tag).as_bytes(), text, "{language}");
    }
}

/// Symbols, numbers and words of other languages must not change a correct guess.
#[test]
fn odd_text_in_windows_1252_is_decoded_as_such() {
    for text in [
        "D´ACCORD, L´ÉTÉ arrive déjà. Je t´aime, c´est la fête. I´m très près.",
        "2½ hours, 1¼ miles, ¾ of it",
        "© 2005 ® Ø 20 °C § 5",
        "ÀÉÎÕÜ ÑANDÚ ÇA VA, À BIENTÔT",
        "nº 5, 1ª vez, ¿qué? ¡NO!",
        "señor Müller, crème brûlée, São Paulo, Ærø",
        "mañana – “hoy” … ‘ayer’ • £5",
    ] {
        let (bytes, _, has_errors) = encoding_rs::WINDOWS_1252.encode(text);
        assert!(!has_errors);
        for language in ["en", "es", "fr"].map(Some) {
            assert_eq!(decode(&bytes, language), text, "{language:?}");
        }
    }
}
