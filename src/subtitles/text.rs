//! Bytes to text: subtitles come in whatever encoding their maker's editor had.
//!
//! Knows encodings; must not know what the text says.

use std::borrow::Cow;

/// What 0x80 to 0x9F stand for in Windows-1252. The five that Microsoft left undefined are the control characters of
/// the same number, as in the WHATWG Encoding standard.
///
/// A table of our own: encoding_rs brings the tables of all its encodings with it, 170 KB of the stripped binary, for
/// these 32 characters.
const WINDOWS_1252: [char; 32] = [
    '\u{20AC}', '\u{81}', '\u{201A}', '\u{192}', '\u{201E}', '\u{2026}', '\u{2020}', '\u{2021}',
    '\u{2C6}', '\u{2030}', '\u{160}', '\u{2039}', '\u{152}', '\u{8D}', '\u{17D}', '\u{8F}',
    '\u{90}', '\u{2018}', '\u{2019}', '\u{201C}', '\u{201D}', '\u{2022}', '\u{2013}', '\u{2014}',
    '\u{2DC}', '\u{2122}', '\u{161}', '\u{203A}', '\u{153}', '\u{9D}', '\u{17E}', '\u{178}',
];

/// So many code units at the start must look like UTF-16 if there is no byte order mark. Subtitles begin with numbers,
/// times or `WEBVTT`, whatever language follows.
const TELLING_UNITS: usize = 16;

/// The text of a file, without its byte order mark. Total: what no rule can read becomes U+FFFD.
pub(super) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    if let Some(rest) = bytes.strip_prefix(b"\xEF\xBB\xBF") {
        return String::from_utf8_lossy(rest);
    }
    if let Some(rest) = bytes.strip_prefix(b"\xFF\xFE") {
        return Cow::Owned(utf16(rest, u16::from_le_bytes));
    }
    if let Some(rest) = bytes.strip_prefix(b"\xFE\xFF") {
        return Cow::Owned(utf16(rest, u16::from_be_bytes));
    }
    if begins_as_utf16(bytes, u16::from_le_bytes) {
        return Cow::Owned(utf16(bytes, u16::from_le_bytes));
    }
    if begins_as_utf16(bytes, u16::from_be_bytes) {
        return Cow::Owned(utf16(bytes, u16::from_be_bytes));
    }
    if is_mostly_utf8(bytes) {
        String::from_utf8_lossy(bytes)
    } else {
        Cow::Owned(windows_1252(bytes))
    }
}

/// Whether the text begins with nothing but ASCII in 16 bits: every other byte is zero, and none between them.
fn begins_as_utf16(bytes: &[u8], order: fn([u8; 2]) -> u16) -> bool {
    let mut units = units(bytes, order).take(TELLING_UNITS);
    units.len() == TELLING_UNITS && units.all(|unit| (1..0x80).contains(&unit))
}

fn units(bytes: &[u8], order: fn([u8; 2]) -> u16) -> impl ExactSizeIterator<Item = u16> {
    bytes
        .chunks_exact(2)
        .map(move |pair| order([pair[0], pair[1]]))
}

fn utf16(bytes: &[u8], order: fn([u8; 2]) -> u16) -> String {
    let whole = char::decode_utf16(units(bytes, order));
    let mut text: String = whole
        .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    if bytes.len() % 2 == 1 {
        text.push(char::REPLACEMENT_CHARACTER);
    }
    text
}

/// One broken character in a file of UTF-8, cut off at its end perhaps, must not turn all the others into nonsense. Text
/// in Windows-1252 hardly ever holds a sequence that is a character of UTF-8, so the majority decides.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (mut characters, mut broken) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        // Every character beyond ASCII has one byte that leads.
        let leads = |byte: &&u8| **byte >= 0xC0;
        characters += chunk.valid().as_bytes().iter().filter(leads).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    broken == 0 || broken < characters
}

fn windows_1252(bytes: &[u8]) -> String {
    let character = |byte: &u8| match byte {
        0x80..=0x9F => WINDOWS_1252[usize::from(byte - 0x80)],
        other => char::from(*other),
    };
    bytes.iter().map(character).collect()
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

    #[test]
    fn every_encoding_of_the_same_text() {
        for (bytes, what) in [
            (TEXT.as_bytes().to_vec(), "UTF-8"),
            ([b"\xEF\xBB\xBF", TEXT.as_bytes()].concat(), "with a mark"),
            (le(TEXT), "UTF-16LE"),
            ([b"\xFF\xFE".to_vec(), le(TEXT)].concat(), "with a mark"),
            (be(TEXT), "UTF-16BE"),
            ([b"\xFE\xFF".to_vec(), be(TEXT)].concat(), "with a mark"),
        ] {
            assert_eq!(decode(&bytes), TEXT, "{what}");
        }
    }

    /// The index of the WHATWG Encoding standard, by its ends and its odd ones.
    #[test]
    fn windows_1252_byte_by_byte() {
        for byte in 0..=0xFF_u8 {
            let text = decode(&[b'\xE9', byte, b'\n']).into_owned();
            let mut characters = text.chars();
            assert_eq!(characters.next(), Some('é'));
            let character = characters.next().unwrap();
            match byte {
                0x81 | 0x8D | 0x8F | 0x90 | 0x9D => {
                    assert_eq!(u32::from(character), u32::from(byte))
                }
                0x80..=0x9F => assert!(u32::from(character) > 0xFF, "{byte:x} {character}"),
                _ => assert_eq!(u32::from(character), u32::from(byte)),
            }
        }
        let row: Vec<u8> = (0x80..=0x9F).collect();
        assert_eq!(
            decode(&row).replace(|c: char| c.is_control(), "_"),
            "€_‚ƒ„…†‡ˆ‰Š‹Œ_Ž__‘’“”•–—˜™š›œ_žŸ"
        );
    }

    #[test]
    fn what_is_broken() {
        for (bytes, text) in [
            (&b""[..], ""),
            (b"\xEF\xBB\xBF", ""),
            (b"\xEF\xBB\xBFa\xE9", "a\u{FFFD}"),
            (b"\xFF\xFE", ""),
            (b"\xFF\xFEa", "\u{FFFD}"),
            (b"\xFF\xFEa\0\x00\xD8b\0", "a\u{FFFD}b"),
            (b"\xFE\xFF\0a\0", "a\u{FFFD}"),
            // Too short to be sure, and zeros where they prove nothing.
            (b"1\0\n\0", "1\0\n\0"),
            (
                b"a\0b\0c\0d\0e\0f\0g\0h\0i\0j\0k\0l\0m\0n\0o\0\0\0",
                "a\0b\0c\0d\0e\0f\0g\0h\0i\0j\0k\0l\0m\0n\0o\0\0\0",
            ),
            // One broken character among several, and one good one by chance.
            ("ä ö ü \u{20}".as_bytes(), "ä ö ü  "),
            (b"\xC3\xA4 \xC3\xB6 \xC3", "ä ö \u{FFFD}"),
            (b"\xC3\xA4 \xE4 \xF6", "Ã¤ ä ö"),
            (b"\xC3\xA4 \xE4", "Ã¤ ä"),
            (b"na\xEFve \x96 \x80", "naïve – €"),
        ] {
            assert_eq!(decode(bytes), text, "{}", bytes.escape_ascii());
        }
    }

    proptest! {
        #[test]
        fn any_text_comes_back(text: String) {
            prop_assert_eq!(decode(text.as_bytes()), text.strip_prefix('\u{FEFF}').unwrap_or(&text));
            for bytes in [[b"\xFF\xFE".to_vec(), le(&text)].concat(), [b"\xFE\xFF".to_vec(), be(&text)].concat()] {
                prop_assert_eq!(decode(&bytes), text.as_str());
            }
        }

        #[test]
        fn any_bytes_are_text(bytes: Vec<u8>) {
            decode(&bytes);
        }
    }
}
