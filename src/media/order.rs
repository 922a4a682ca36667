//! The order of names in a listing.
//!
//! Pure: compares names as people read them (`2` before `10`, `a` beside `A`).

use std::char::ToLowercase;
use std::cmp::Ordering;

/// Compares two names as people sort them: runs of digits by their value, letters without case.
///
/// Names that read the same (`a1`, `A01`) are told apart by their bytes. So the order is total, and equal means equal
/// bytes: a cursor in a listing never skips a name or meets it twice.
pub(crate) fn natural_cmp(a: &[u8], b: &[u8]) -> Ordering {
    let start = same_start(a, b);
    tokens(&a[start..])
        .cmp(tokens(&b[start..]))
        .then_with(|| a.cmp(b))
}

/// Returns where reading may begin. Names of one folder often begin alike, and bytes compare faster than tokens. The place
/// is not within a number or a character, but right behind the last byte that is a token by itself.
fn same_start(a: &[u8], b: &[u8]) -> usize {
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let is_token = |byte: &u8| byte.is_ascii() && !byte.is_ascii_digit();
    let last = a[..same].iter().rposition(is_token);
    last.map_or(0, |last| last + 1)
}

/// One step in reading a name, in an order that compares as people sort.
///
/// A character in lower case, or beyond all characters a byte that belongs to none. For a number, this is the character 0,
/// so that no character falls between two numbers; then the length and the digits of the number without leading zeros,
/// so that a value that fits no integer still compares.
type Token<'a> = (u32, usize, &'a [u8]);

/// Reads a name. Allocates nothing, because every name of a folder is compared in every pass.
fn tokens(name: &[u8]) -> impl Iterator<Item = Token<'_>> {
    let mut rest = name;
    // The rest of a character that is several in lower case.
    let mut lowercase: Option<ToLowercase> = None;
    let character = |c: u32| (c, 0, &b""[..]);
    std::iter::from_fn(move || {
        if let Some(c) = lowercase.as_mut().and_then(Iterator::next) {
            return Some(character(c.into()));
        }
        let (&first, after) = rest.split_first()?;
        if first.is_ascii_digit() {
            let end = rest.iter().position(|byte| !byte.is_ascii_digit());
            let (digits, after) = rest.split_at(end.unwrap_or(rest.len()));
            rest = after;
            let zeros = digits.iter().take_while(|&&byte| byte == b'0').count();
            return Some((u32::from('0'), digits.len() - zeros, &digits[zeros..]));
        }
        if first.is_ascii() {
            rest = after;
            return Some(character(first.to_ascii_lowercase().into()));
        }
        // A character has at most four bytes; looking at more would read the name once for each of its characters.
        let head = rest[..rest.len().min(4)].utf8_chunks().next();
        let Some(c) = head.and_then(|chunk| chunk.valid().chars().next()) else {
            rest = after;
            return Some(character(u32::from(char::MAX) + u32::from(first)));
        };
        rest = &rest[c.len_utf8()..];
        let mut lower = c.to_lowercase();
        let first = lower.next().unwrap_or(c);
        lowercase = Some(lower);
        Some(character(first.into()))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Each row is in order.
    #[test]
    fn names_are_in_the_order_of_numbers_then_letters() {
        for row in [
            &["episode 1", "Episode 2", "episode 10", "Episode 11"][..],
            &["a", "A b", "a2", "A10", "aa", "B"],
            &["1", "01x", "2", "002b", "10"],
            &["S1E2", "s1e10", "S2E1"],
            &[
                "%",
                "1",
                "99999999999999999999998",
                "99999999999999999999999",
                ":",
                "a",
            ],
            &["", "0", "00", "1"],
            &["ä1", "Ä2", "ä10", "Ö"],
            &["A", "a", "a0", "a00"],
            &["x-1", "x-2", "x-10"],
            &["film", "film 2", "film.mp4"],
        ] {
            let mut sorted = row.to_vec();
            sorted.reverse();
            sorted.sort_by(|a, b| natural_cmp(a.as_bytes(), b.as_bytes()));
            assert_eq!(sorted, row);
        }
    }

    #[test]
    fn bytes_that_are_no_text_come_last() {
        let row: [&[u8]; 5] = [b"a", b"z", "\u{10FFFF}".as_bytes(), b"\x80", b"\xff"];
        for (i, a) in row.iter().enumerate() {
            for (j, b) in row.iter().enumerate() {
                assert_eq!(natural_cmp(a, b), i.cmp(&j), "{a:?} {b:?}");
            }
        }
    }

    fn name() -> impl Strategy<Value = Vec<u8>> {
        // A small alphabet, so that names often read the same and differ only in case, zeros or broken UTF-8.
        let piece = prop::sample::select(vec![
            &b"0"[..],
            b"1",
            b"9",
            b"a",
            b"A",
            b"-",
            b":",
            "é".as_bytes(),
            "É".as_bytes(),
            "İ".as_bytes(),
            b"\xc3",
            b"\xa9",
            b"\xff",
        ]);
        prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn order_is_total(a in name(), b in name(), c in name()) {
            prop_assert_eq!(natural_cmp(&a, &b), natural_cmp(&b, &a).reverse());
            prop_assert_eq!(natural_cmp(&a, &b) == Ordering::Equal, a == b);
            prop_assert_eq!(natural_cmp(&a, &b), tokens(&a).cmp(tokens(&b)).then_with(|| a.cmp(&b)));
            let mut row = [&a, &b, &c];
            for _ in 0..3 {
                row.rotate_left(1);
                if natural_cmp(row[0], row[1]).is_le() && natural_cmp(row[1], row[2]).is_le() {
                    prop_assert!(natural_cmp(row[0], row[2]).is_le(), "{:?}", row);
                }
            }
        }
    }
}
