//! Bytes to text: subtitles come in the encoding of their author's editor. Recognises Unicode; `legacy` reads the
//! encodings from before it.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

use super::legacy;

/// Bytes at the start that tell whether a file without a byte order mark is UTF-16.
const UTF16_SAMPLE: usize = 2048;
/// Zero bytes that the sample must hold at least. Line ends, digits and blanks have one each.
const UTF16_ZEROS: usize = 12;

/// Returns the text of a file without its byte order mark. `language` is the tag that the file's name says, if any.
/// Total: bytes that no rule can read become U+FFFD.
pub(super) fn decode<'a>(bytes: &'a [u8], language: Option<&str>) -> Cow<'a, str> {
    match bytes {
        // Before UTF-16, whose mark this one begins with.
        [0xFF, 0xFE, 0, 0, rest @ ..] => Cow::Owned(utf32(rest, u32::from_le_bytes)),
        [0, 0, 0xFE, 0xFF, rest @ ..] => Cow::Owned(utf32(rest, u32::from_be_bytes)),
        [0xFF, 0xFE, rest @ ..] => UTF_16LE.decode_without_bom_handling(rest).0,
        [0xFE, 0xFF, rest @ ..] => UTF_16BE.decode_without_bom_handling(rest).0,
        _ => {
            if let Some(encoding) = unmarked_utf16(bytes) {
                return encoding.decode_without_bom_handling(bytes).0;
            }
            // Some editors put the mark in front of text in another encoding.
            let rest = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
            if is_utf8(rest) {
                String::from_utf8_lossy(rest)
            } else {
                Cow::Owned(legacy::decode(rest, language))
            }
        }
    }
}

/// Recognises UTF-16 by its zero bytes: many, all of them in the high halves, and two at once. Times, digits and line ends
/// have them in every language, and every file begins with such.
fn unmarked_utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(UTF16_SAMPLE)];
    let zeros = |first| {
        let half = sample.iter().skip(first).step_by(2);
        half.filter(|&&byte| byte == 0).count()
    };
    let least = UTF16_ZEROS.max(sample.len() / 16);
    match (sample, zeros(0), zeros(1)) {
        ([_, 0, _, 0, ..], 0, high) if high >= least => Some(UTF_16LE),
        ([0, _, 0, _, ..], high, 0) if high >= least => Some(UTF_16BE),
        _ => None,
    }
}

fn utf32(bytes: &[u8], order: fn([u8; 4]) -> u32) -> String {
    let character = |unit: &[u8]| char::from_u32(order(unit.try_into().ok()?));
    let units = bytes.chunks(4);
    units
        .map(|unit| character(unit).unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// Whether text is UTF-8. One broken character, cut off at the end perhaps, must not spoil all others. Text in an older
/// encoding hardly ever holds a sequence that is a character of UTF-8, so the majority decides.
fn is_utf8(bytes: &[u8]) -> bool {
    let (mut characters, mut broken) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        // Every character beyond ASCII has one leading byte.
        let leads = |byte: &&u8| **byte >= 0xC0;
        characters += chunk.valid().as_bytes().iter().filter(leads).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    if broken == 0 {
        !legacy::has_escapes(bytes)
    } else {
        broken < characters
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = "1\n00:00:01,000 --> 00:00:02,000\nÄ Привет 字幕 🎬\n";

    fn le(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    fn be(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_be_bytes).collect()
    }

    fn utf32(text: &str, order: fn(u32) -> [u8; 4]) -> Vec<u8> {
        text.chars().flat_map(|c| order(u32::from(c))).collect()
    }

    #[test]
    fn unicode_in_every_form_returns_the_text() {
        let cyrillic = "00:00:01:Привет, как\n00:00:04:дела?\n";
        for (bytes, text, what) in [
            (
                [b"\xEF\xBB\xBF", TEXT.as_bytes()].concat(),
                TEXT,
                "UTF-8 with a mark",
            ),
            (le(TEXT), TEXT, "UTF-16LE"),
            (be(TEXT), TEXT, "UTF-16BE"),
            (
                [b"\xFF\xFE\0\0".to_vec(), utf32(TEXT, u32::to_le_bytes)].concat(),
                TEXT,
                "UTF-32LE",
            ),
            (
                [b"\0\0\xFE\xFF".to_vec(), utf32(TEXT, u32::to_be_bytes)].concat(),
                TEXT,
                "UTF-32BE",
            ),
            (le(cyrillic), cyrillic, "UTF-16LE without ASCII text"),
        ] {
            assert_eq!(decode(&bytes, None), text, "{what}");
        }
    }

    #[test]
    fn broken_text_is_read_as_far_as_it_goes() {
        for (bytes, text) in [
            (&b""[..], ""),
            (b"\xEF\xBB\xBF", ""),
            // The mark does not make it UTF-8.
            (b"\xEF\xBB\xBFna\xEFve", "naïve"),
            (b"\xFF\xFE", ""),
            (b"\xFF\xFEa", "\u{FFFD}"),
            (b"\xFF\xFEa\0\x00\xD8b\0", "a\u{FFFD}b"),
            (b"\xFE\xFF\0a\0", "a\u{FFFD}"),
            (b"\xFF\xFE\0\0a\0\0\0\0\0\x11\0b", "a\u{FFFD}\u{FFFD}"),
            // Too short to be sure, and zeros where they prove nothing.
            (b"1\0\n\0", "1\0\n\0"),
            (
                b"a\0b\0c\0d\0e\0f\0g\0h\0i\0j\0k\0l\0m\0n\0o\0\0\0",
                "a\0b\0c\0d\0e\0f\0g\0h\0i\0j\0k\0l\0m\0n\0o\0\0\0",
            ),
            // One broken character among several, and one good one by chance.
            ("ä ö ü \u{20}".as_bytes(), "ä ö ü  "),
            (b"\xC3\xA4 \xC3\xB6 \xC3", "ä ö \u{FFFD}"),
            (b"\xC3\xB6 \xE4 \xF6", "Ã¶ ä ö"),
            (b"na\xEFve \x96 \x80", "naïve – €"),
        ] {
            assert_eq!(decode(bytes, None), text, "{}", bytes.escape_ascii());
        }
    }

    proptest! {
        #[test]
        fn any_text_comes_back(text: String) {
            let unmarked = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
            if !text.contains('\u{1b}') {
                prop_assert_eq!(decode(text.as_bytes(), None), unmarked);
            }
            for bytes in [[b"\xFF\xFE".to_vec(), le(&text)].concat(), [b"\xFE\xFF".to_vec(), be(&text)].concat()] {
                if !text.starts_with('\0') {
                    prop_assert_eq!(decode(&bytes, None), text.as_str());
                }
            }
        }

        #[test]
        fn any_bytes_are_text(bytes: Vec<u8>, tag in "[a-z]{2}") {
            decode(&bytes, Some(&tag));
        }
    }
}
