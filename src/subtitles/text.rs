//! Converts bytes to text. This module detects Unicode; `legacy` reads older encodings.

use super::legacy::{self, decode_as};

/// The number of bytes to examine for UTF-16 without a byte order mark.
const UTF16_SAMPLE: usize = 2048;
/// The minimum number of zero bytes in the sample. In UTF-16, each line end, digit and space contains one zero byte.
const UTF16_ZEROS: usize = 12;

/// Returns the text of a file without its byte order mark, and without zeros at its end (from a broken download).
/// `language` is the tag in the file name, if any. Invalid bytes become U+FFFD.
pub(super) fn decode(bytes: &[u8], language: Option<&str>) -> String {
    let mut text = match bytes {
        // UTF-32 comes first, because its mark begins with the mark of UTF-16.
        [0xFF, 0xFE, 0, 0, rest @ ..] => utf32(rest, u32::from_le_bytes),
        [0, 0, 0xFE, 0xFF, rest @ ..] => utf32(rest, u32::from_be_bytes),
        [0xFF, 0xFE, rest @ ..] => decode_as("utf-16le", rest),
        [0xFE, 0xFF, rest @ ..] => decode_as("utf-16be", rest),
        _ => decode_unmarked(bytes, language),
    };
    text.truncate(text.trim_end_matches('\0').len());
    text
}

fn decode_unmarked(bytes: &[u8], language: Option<&str>) -> String {
    // Ignore the zeros at the end. Keep a zero that completes a character of UTF-16LE.
    let zeros = bytes.iter().rev().take_while(|&&byte| byte == 0).count();
    let length = (bytes.len() - zeros).next_multiple_of(2);
    let bytes = &bytes[..length.min(bytes.len())];
    if let Some(encoding) = unmarked_utf16(bytes) {
        return decode_as(encoding, bytes);
    }
    // Some editors write the mark of UTF-8 before text in another encoding.
    let rest = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if is_utf8(rest) {
        String::from_utf8_lossy(rest).into_owned()
    } else {
        legacy::decode(rest, language)
    }
}

/// Detects UTF-16 by its zero bytes: many high bytes and no low bytes are zero. The high byte of an ASCII character is
/// zero, and the first characters of a subtitle file are ASCII characters.
fn unmarked_utf16(bytes: &[u8]) -> Option<&'static str> {
    let sample = &bytes[..bytes.len().min(UTF16_SAMPLE)];
    let zeros = |first| {
        let half = sample.iter().skip(first).step_by(2);
        half.filter(|&&byte| byte == 0).count()
    };
    let least = UTF16_ZEROS.max(sample.len() / 16);
    match (sample, zeros(0), zeros(1)) {
        ([_, 0, _, 0, ..], 0, high) if high >= least => Some("utf-16le"),
        ([0, _, 0, _, ..], high, 0) if high >= least => Some("utf-16be"),
        _ => None,
    }
}

fn utf32(bytes: &[u8], order: fn([u8; 4]) -> u32) -> String {
    let character = |unit: &[u8]| char::from_u32(order(unit.try_into().ok()?));
    let shown = |unit| character(unit).unwrap_or(char::REPLACEMENT_CHARACTER);
    bytes.chunks(4).map(shown).collect()
}

/// Returns true if most non-ASCII characters are valid UTF-8, because a UTF-8 file may contain a few broken characters.
/// Text in an older encoding almost never contains valid non-ASCII characters of UTF-8. Text in ISO-2022-JP has only
/// ASCII bytes and so is valid UTF-8, but escape sequences identify it.
fn is_utf8(bytes: &[u8]) -> bool {
    let (mut characters, mut broken) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        // Every non-ASCII character has one leading byte.
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

    fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    }

    fn utf32(text: &str, order: fn(u32) -> [u8; 4]) -> Vec<u8> {
        text.chars().flat_map(|c| order(u32::from(c))).collect()
    }

    #[test]
    fn broken_text_keeps_its_valid_parts() {
        let zeros = "a\0b\0c\0d\0e\0f\0g\0h\0i\0j\0k\0l\0m\0n\0\0\0o";
        for (bytes, text) in [
            (&b""[..], ""),
            (b"\xEF\xBB\xBF", ""),
            // The mark alone is no proof of UTF-8.
            (b"\xEF\xBB\xBFna\xEFve", "naïve"),
            (b"\xFF\xFE", ""),
            (b"\xFF\xFEa", "\u{FFFD}"),
            (b"\xFF\xFEa\0\x00\xD8b\0", "a\u{FFFD}b"),
            (b"\xFE\xFF\0a\0", "a\u{FFFD}"),
            (b"\xFF\xFE\0\0a\0\0\0\0\0\x11\0b", "a\u{FFFD}\u{FFFD}"),
            // No UTF-16: the first text has too few zero bytes, the second has zeros at even and odd positions.
            (b"1\0\n", "1\0\n"),
            (zeros.as_bytes(), zeros),
            // UTF-8 with an invalid character, and an older encoding with a character that is also valid UTF-8.
            (b"\xC3\xA4 \xC3\xB6 \xC3", "ä ö \u{FFFD}"),
            (b"\xC3\xB6 \xE4 \xF6", "Ã¶ ä ö"),
            (b"na\xEFve \x96 \x80", "naïve – €"),
            (b"na\xEFve \x96 \x80\0\0\0", "naïve – €"),
        ] {
            assert_eq!(decode(bytes, None), text, "{}", bytes.escape_ascii());
        }
        let cyrillic = "00:00:01:Привет, как\n00:00:04:дела?\n";
        for order in [u16::to_le_bytes, u16::to_be_bytes] {
            assert_eq!(decode(&utf16(cyrillic, order), None), cyrillic);
        }
    }

    proptest! {
        /// A broken download may have zeros at its end.
        #[test]
        fn any_text_in_any_form_comes_back_without_zeros_at_the_end(
            text in "[^\u{0}\u{1b}\u{FEFF}]\\PC{0,20}",
            zeros in 0..1000_usize,
        ) {
            let marked = format!("\u{FEFF}{text}");
            for bytes in [
                text.clone().into_bytes(),
                marked.clone().into_bytes(),
                utf16(&marked, u16::to_le_bytes),
                utf16(&marked, u16::to_be_bytes),
                utf32(&marked, u32::to_le_bytes),
                utf32(&marked, u32::to_be_bytes),
            ] {
                let padded = [bytes, vec![0; 4 * zeros]].concat();
                prop_assert_eq!(decode(&padded, None), text.as_str());
            }
        }

        #[test]
        fn any_bytes_decode_without_panic(bytes: Vec<u8>, tag in "[a-z]{2}") {
            decode(&bytes, Some(&tag));
        }
    }
}
