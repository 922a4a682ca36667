//! Decoder for encodings that are older than Unicode.
//!
//! chardetng only detects the encodings of web pages. Subtitles also use encodings of DOS, old Macs and ISO. So this
//! module compares the guess of chardetng with other encodings. An encoding gets points if the decoded letters
//! fit in their words: for example, no capital letter follows a small letter. If the file name contains a language, the
//! alphabet of this language also helps to choose.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, WINDOWS_1252};

use super::language::primary;
use super::pages::{ALPHABETS, DOMAINS, PAGES, row};

/// The maximum number of bytes to examine. Two hours of dialogue have about this number.
const SAMPLE: usize = 64 * 1024;
/// A difference of points that is too small for a decision: about one letter in a wrong position.
const MARGIN: i64 = 5;

/// A top-level domain that makes chardetng expect a Western encoding, for texts with few accents.
const WESTERN: &[u8] = b"us";
/// The guesses of chardetng that this module compares with other encodings.
const DOUBTFUL: &str = "windows-1250 windows-1251 windows-1252 windows-1254 windows-1257 ISO-8859-2 ISO-8859-4 ISO-8859-5 \
     ISO-8859-13 KOI8-U IBM866";

/// Encodings that replace a guess in [`DOUBTFUL`] if they get more points.
const OTHERS: &str = "windows-1252 iso-8859-15 cp850 cp852 cp855 macintosh x-mac-cyrillic";
/// Encodings that replace a guess in [`DOUBTFUL`] if their letters belong to the language in the file name.
const OF_LANGUAGES: &str = "windows-1250 windows-1252 windows-1257 iso-8859-2 iso-8859-3 iso-8859-4 iso-8859-10 iso-8859-13";

/// Guesses the encoding and decodes the text. `language` is the tag in the file name, if any.
pub(super) fn decode(bytes: &[u8], language: Option<&str>) -> String {
    let sample = sample(bytes);
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(&sample, true);
    let expected = language.and_then(domain);
    let expected = expected.or(has_few_accents(bytes).then_some(WESTERN));
    let guess = detector.guess(expected, Utf8Detection::Deny);
    let mut name = guess.name();
    if DOUBTFUL.split(' ').any(|doubtful| doubtful == name) {
        name = better_guess(name, &sample, language);
    }
    decode_as(name, bytes)
}

/// Returns whether the text has only a few non-ASCII letters, for example in the names of an English text.
fn has_few_accents(bytes: &[u8]) -> bool {
    let plain = bytes.iter().filter(|it| it.is_ascii_alphabetic()).count();
    // Most older encodings have their non-ASCII letters in this range.
    let accented = bytes.iter().filter(|byte| **byte >= 0xC0).count();
    accented < 3 || accented * 150 < plain
}

/// Returns whether the bytes contain an escape sequence of ISO-2022-JP. All bytes of this encoding are ASCII.
pub(super) fn has_escapes(bytes: &[u8]) -> bool {
    bytes.windows(2).any(|pair| pair == b"\x1B$")
}

/// Returns the lines with non-ASCII bytes or escapes, up to [`SAMPLE`] bytes. Other lines do not show the encoding.
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
/// Europe, because chardetng needs no hint for them.
fn domain(tag: &str) -> Option<&'static [u8]> {
    let is_end = |rest: &str| rest.is_empty() || rest.starts_with('-');
    let is_prefix = |it: &str| tag.strip_prefix(it).is_some_and(is_end);
    let mut rows = DOMAINS.split('|').map(|row| row.split(' '));
    let row = rows.find(|row| row.clone().skip(1).any(is_prefix));
    row?.next().map(str::as_bytes)
}

/// Returns the guess, or an encoding with more points. If the points are about equal, the letters of the language
/// decide.
fn better_guess(guess: &'static str, sample: &[u8], language: Option<&str>) -> &'static str {
    let alphabet = language.and_then(|tag| row(ALPHABETS, primary(tag)));
    let alphabet = alphabet.unwrap_or_default();
    let others = OTHERS.split(' ').map(|name| (name, false));
    let of_languages = OF_LANGUAGES.split(' ').map(|name| (name, true));
    let mut best = guess;
    let (mut most, mut most_in_alphabet, _) = score(&decode_as(best, sample), alphabet);
    for (name, by_alphabet) in others.chain(of_languages) {
        let (sense, in_alphabet, letters) = score(&decode_as(name, sample), alphabet);
        let is_better = if by_alphabet {
            in_alphabet * 10 >= letters * 9
                && in_alphabet > most_in_alphabet
                && sense + MARGIN > most
        } else {
            sense > most + MARGIN
        };
        if is_better {
            (best, most, most_in_alphabet) = (name, sense, in_alphabet);
        }
    }
    best
}

pub(super) fn decode_as(name: &str, bytes: &[u8]) -> String {
    if let Some(upper_half) = row(PAGES, name) {
        let all: Vec<char> = ('\0'..'\u{80}').chain(upper_half.chars()).collect();
        return bytes.iter().map(|byte| all[usize::from(*byte)]).collect();
    }
    let encoding = Encoding::for_label(name.as_bytes()).unwrap_or(WINDOWS_1252);
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

/// Returns three numbers for a decoded text: its points, its letters in `alphabet`, and all its non-ASCII letters.
fn score(text: &str, alphabet: &str) -> (i64, u32, u32) {
    let (mut sense, mut letters, mut in_alphabet) = (0, 0, 0);
    let mut before = ' ';
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        if !c.is_ascii() {
            sense += points(before, c, characters.peek().copied().unwrap_or(' '));
            letters += u32::from(c.is_alphabetic());
            in_alphabet += u32::from(c.to_lowercase().any(|lower| alphabet.contains(lower)));
        }
        before = c;
    }
    (sense, in_alphabet, letters)
}

/// Returns the points of a non-ASCII character. They are negative if words rarely contain this character between these
/// neighbours.
fn points(before: char, c: char, after: char) -> i64 {
    let is_within = before.is_alphabetic() && after.is_alphabetic();
    let is_beside = before.is_alphabetic() || after.is_alphabetic();
    let is_foreign = |other: char| other.is_alphabetic() && script(other) != script(c);
    match c {
        // This character occurs only when a euro sign is decoded incorrectly.
        '¤' => -7,
        c if c.is_control() || c == char::REPLACEMENT_CHARACTER => -6,
        // Apostrophes, the Catalan dot (`col·le`) and ordinal signs (`1º`) are normal beside letters and digits.
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
