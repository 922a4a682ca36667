//! Text as a search reads it: without case, and without the accents of Latin letters.
//!
//! Pure. `é` may be one character, or `e` and a combining accent as macOS writes names: both are read as `e`. So a
//! search finds what was typed either way, and a remote control without accents finds it too. Other scripts are
//! compared as they are, in lower case; one that composes its characters (kana, Hangul) is found in the form in which it
//! is written only.

/// The Latin letters with accents from U+00E0 on, as their base letters; `.` where there is none.
const LATIN: &str = "aaaaaa.ceeeeiiii.nooooo.ouuuuy.y\
                     aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii..jjkk.lllllll\
                     lllnnnnnnn..oooooo..rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzz.";
const LATIN_START: u32 = 0xe0;

/// Vietnamese and some others, from U+1EA0 on.
const FURTHER_LATIN: &str =
    "aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy";
const FURTHER_LATIN_START: u32 = 0x1ea0;

/// Appends `text` to `out` as a search reads it.
pub(super) fn fold_into(text: &str, out: &mut String) {
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c.to_ascii_lowercase());
        } else {
            out.extend(c.to_lowercase().filter_map(without_accent));
        }
    }
}

/// `None` for an accent by itself.
fn without_accent(c: char) -> Option<char> {
    if ('\u{300}'..='\u{36f}').contains(&c) {
        return None;
    }
    let letter_with_horn = match c {
        'ơ' => Some(b'o'),
        'ư' => Some(b'u'),
        _ => None,
    };
    let base = letter_with_horn
        .or_else(|| in_row(c, LATIN_START, LATIN))
        .or_else(|| in_row(c, FURTHER_LATIN_START, FURTHER_LATIN))
        .filter(|&base| base != b'.');
    Some(base.map_or(c, char::from))
}

fn in_row(c: char, start: u32, row: &str) -> Option<u8> {
    let index = usize::try_from(u32::from(c).checked_sub(start)?).ok()?;
    row.as_bytes().get(index).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fold(text: &str) -> String {
        let mut out = String::new();
        fold_into(text, &mut out);
        out
    }

    #[test]
    fn case_and_accents() {
        for (text, folded) in [
            ("", ""),
            ("Film 10_%.MP4", "film 10_%.mp4"),
            ("Été", "ete"),
            ("E\u{301}te\u{301}", "ete"),
            ("Tschüß Ärger", "tschuß arger"),
            ("İstanbul", "istanbul"),
            ("Žižek Łódź Ørsted Ævi Þór Ÿ", "zizek lodz orsted ævi þor y"),
            ("Đường Phố Ặ Ỹ", "duong pho a y"),
            ("÷×", "÷×"),
            ("ΔΕΛΤΑ Дом", "δελτα дом"),
            ("映画 ガ", "映画 ガ"),
            ("\u{fffd}🎬", "\u{fffd}🎬"),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
    }

    /// Each row ends where its letters do, and stands where it says.
    #[test]
    fn rows() {
        let pairs = [
            ('à', 'a'),
            ('ÿ', 'y'),
            ('ā', 'a'),
            ('ć', 'c'),
            ('đ', 'd'),
            ('ę', 'e'),
            ('ğ', 'g'),
            ('ı', 'i'),
            ('ķ', 'k'),
            ('ł', 'l'),
            ('ň', 'n'),
            ('ő', 'o'),
            ('ř', 'r'),
            ('š', 's'),
            ('ŧ', 't'),
            ('ű', 'u'),
            ('ŵ', 'w'),
            ('ŷ', 'y'),
            ('ž', 'z'),
            ('ạ', 'a'),
            ('ẹ', 'e'),
            ('ị', 'i'),
            ('ọ', 'o'),
            ('ụ', 'u'),
            ('ỳ', 'y'),
            ('ỹ', 'y'),
        ];
        for (accented, base) in pairs {
            assert_eq!(without_accent(accented), Some(base), "{accented}");
        }
        assert_eq!(LATIN.len(), 0x180 - 0xe0);
        assert_eq!(FURTHER_LATIN.len(), 0x1efa - 0x1ea0);
    }
}
