//! Decoder for text in encodings from before Unicode.
//!
//! chardetng detects the encodings of web pages. Subtitles also use encodings of DOS, old Macs and ISO, and the file
//! name often contains the language. So this module compares the guess with other encodings. The best encoding is the
//! one whose letters occur in positions that are normal for words.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, WINDOWS_1252};

use super::language::primary;
use super::pages::{ALPHABETS, DOMAINS, PAGES, row};

/// The maximum number of non-ASCII text bytes to examine. Two hours of dialogue have about this number.
const SAMPLE: usize = 64 * 1024;
/// The minimum number of points by which another encoding must beat chardetng's guess: one letter in a wrong position.
const MARGIN: i64 = 5;

/// A top-level domain of Western Europe, for a text with little evidence.
const WESTERN: &[u8] = b"us";
/// The guesses of chardetng that this module compares with other encodings.
const DOUBTFUL: &str = "windows-1250 windows-1251 windows-1252 windows-1254 windows-1257 ISO-8859-2 ISO-8859-4 ISO-8859-5 \
     ISO-8859-13 KOI8-U IBM866";

/// Encodings that take the place of such a guess if their letters make more sense.
const OTHERS: &str = "windows-1252 iso-8859-15 cp850 cp852 cp855 macintosh x-mac-cyrillic";
/// Encodings that take its place if their letters belong to the language in the file name.
const OF_LANGUAGES: &str = "windows-1250 windows-1252 windows-1257 iso-8859-2 iso-8859-3 iso-8859-4 iso-8859-10 iso-8859-13";

/// Decodes the bytes. `language` is the tag in the file name, if any.
pub(super) fn decode(bytes: &[u8], language: Option<&str>) -> String {
    let sample = sample(bytes);
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(&sample, true);
    let expected = language.and_then(domain);
    let expected = expected.or(has_few_accents(bytes).then_some(WESTERN));
    let guess = detector.guess(expected, Utf8Detection::Deny);
    let mut name = guess.name();
    // Encodings of Latin letters and of Cyrillic letters are easy to confuse.
    if DOUBTFUL.split(' ').any(|doubtful| doubtful == name) {
        name = better(name, &sample, language);
    }
    decode_as(name, bytes)
}

/// Whether the text has too few non-ASCII letters for a language with such letters, for example some names in English.
fn has_few_accents(bytes: &[u8]) -> bool {
    let plain = bytes.iter().filter(|it| it.is_ascii_alphabetic()).count();
    // Most older encodings have their letters in this range.
    let accented = bytes.iter().filter(|byte| **byte >= 0xC0).count();
    accented < 3 || accented * 150 < plain
}

/// Whether the bytes switch character sets as ISO-2022-JP does. This encoding otherwise looks like ASCII.
pub(super) fn has_escapes(bytes: &[u8]) -> bool {
    bytes.windows(2).any(|pair| pair == b"\x1B$")
}

/// Returns non-ASCII lines up to the sample size, because times and numbers contain no evidence.
fn sample(bytes: &[u8]) -> Vec<u8> {
    let mut sample = Vec::new();
    let has_evidence = |line: &&[u8]| line.iter().any(|byte| !byte.is_ascii() || *byte == 0x1B);
    let lines = bytes.split_inclusive(|&byte| byte == b'\n');
    for line in lines.filter(has_evidence) {
        sample.extend_from_slice(&line[..line.len().min(SAMPLE - sample.len())]);
    }
    sample
}

/// Returns the top-level domain that makes chardetng expect the language. Returns `None` for languages of Western
/// Europe, because chardetng needs no hint for them, and the language may be a word of the title.
fn domain(tag: &str) -> Option<&'static [u8]> {
    let is_end = |rest: &str| rest.is_empty() || rest.starts_with('-');
    let is_prefix = |it: &str| tag.strip_prefix(it).is_some_and(is_end);
    let mut rows = DOMAINS.split('|').map(|row| row.split(' '));
    let row = rows.find(|row| row.clone().skip(1).any(is_prefix));
    row?.next().map(str::as_bytes)
}

/// Returns the guess, or an encoding with more points. If several encodings have equal points, the letters of the known
/// language decide.
fn better(guess: &'static str, sample: &[u8], language: Option<&str>) -> &'static str {
    let alphabet = language.and_then(|tag| row(ALPHABETS, primary(tag)));
    let alphabet = alphabet.unwrap_or_default();
    let others = OTHERS.split(' ').map(|name| (name, false));
    let of_languages = OF_LANGUAGES.split(' ').map(|name| (name, true));
    let mut best = guess;
    let (mut most, mut most_own, _) = score(&decode_as(best, sample), alphabet);
    for (name, needs_own) in others.chain(of_languages) {
        let (sense, own, letters) = score(&decode_as(name, sample), alphabet);
        let is_better = if needs_own {
            own * 10 >= letters * 9 && own > most_own && sense + MARGIN > most
        } else {
            sense > most + MARGIN
        };
        if is_better {
            (best, most, most_own) = (name, sense, own);
        }
    }
    best
}

/// Decodes the bytes with the encoding of this name.
pub(super) fn decode_as(name: &str, bytes: &[u8]) -> String {
    if let Some(upper_half) = row(PAGES, name) {
        let all: Vec<char> = ('\0'..'\u{80}').chain(upper_half.chars()).collect();
        return bytes.iter().map(|byte| all[usize::from(*byte)]).collect();
    }
    let encoding = Encoding::for_label(name.as_bytes()).unwrap_or(WINDOWS_1252);
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

/// Returns the points of a decoded text: for non-ASCII letters in normal positions, minus the points for characters that
/// words do not contain. Also returns the number of non-ASCII letters in the alphabet of the language, and of all
/// non-ASCII letters.
fn score(text: &str, alphabet: &str) -> (i64, u32, u32) {
    let (mut sense, mut letters, mut own) = (0, 0, 0);
    let mut before = ' ';
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        if !c.is_ascii() {
            sense += points(before, c, characters.peek().copied().unwrap_or(' '));
            letters += u32::from(c.is_alphabetic());
            own += u32::from(c.to_lowercase().any(|lower| alphabet.contains(lower)));
        }
        before = c;
    }
    (sense, own, letters)
}

/// Returns the points of a non-ASCII character, based on its neighbours.
fn points(before: char, c: char, after: char) -> i64 {
    let is_within = before.is_alphabetic() && after.is_alphabetic();
    let is_beside = before.is_alphabetic() || after.is_alphabetic();
    let is_foreign = |other: char| other.is_alphabetic() && script(other) != script(c);
    match c {
        // This character occurs only when a euro sign is decoded incorrectly.
        '¤' => -7,
        c if c.is_control() || c == char::REPLACEMENT_CHARACTER => -6,
        // These characters are used as apostrophes and ordinals.
        '’' | '´' | '·' | 'º' | 'ª' => i64::from(is_within),
        c if "‘“”„«»‹›–—…¿¡\u{a0}€№".contains(c) && !is_within => 0,
        c if !c.is_alphabetic() && is_beside => -4,
        c if !c.is_alphabetic() => -1,
        _ if is_foreign(before) || is_foreign(after) => -4,
        _ if !is_beside && (before.is_ascii_digit() || after.is_ascii_digit()) => -4,
        _ if !is_beside => 0,
        c if c.is_uppercase() && before.is_lowercase() => -4,
        c if c.is_uppercase() && before.is_uppercase() && after.is_lowercase() => -2,
        c if c.is_uppercase() => 1,
        _ => 2,
    }
}

/// Returns the script of a letter: 0 for Latin, 1 for Cyrillic, 2 for others. The letters of a word have one script.
fn script(c: char) -> u8 {
    match c {
        '\0'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => 0,
        '\u{400}'..='\u{52f}' => 1,
        _ => 2,
    }
}
