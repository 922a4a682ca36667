//! The order of names in a listing, as people expect it: `2` comes before `10`, and `a` next to `A`.

use std::char::ToLowercase;
use std::cmp::Ordering;

/// Compares two names in natural order: digits by their numeric value, letters without case.
///
/// If two names are equal in this order (`a1`, `A01`), their bytes decide. So only identical names are equal, as the
/// binary search in a folder requires.
pub(crate) fn natural_cmp(a: &[u8], b: &[u8]) -> Ordering {
    let start = common_prefix(a, b);
    tokens(&a[start..])
        .cmp(tokens(&b[start..]))
        .then_with(|| a.cmp(b))
}

/// Returns the length in bytes of the start that two names have in common. `natural_cmp` skips this start to save time,
/// because names in a folder often begin alike. The start never ends inside a number or a character.
fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let is_token = |byte: &u8| byte.is_ascii() && !byte.is_ascii_digit();
    let last = a[..same].iter().rposition(is_token);
    last.map_or(0, |last| last + 1)
}

/// One element of a name, as a tuple of three fields. The order of the tuples is the natural order.
///
/// - A character: (its lower case, 0, no digits).
/// - A number: (the character `0`, the count of its digits, its digits). Leading zeros are omitted, so a number with
///   more digits is larger.
/// - A byte that is not UTF-8: (a value above all characters, 0, no digits).
type Token<'a> = (u32, usize, &'a [u8]);

/// Returns the tokens of a name. Allocates no memory, because a sort calls it for each comparison.
fn tokens(name: &[u8]) -> impl Iterator<Item = Token<'_>> {
    let mut rest = name;
    // The lower case of one character can have several characters (`İ`). This iterator has the rest of them.
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
        // A character has at most four bytes. A check of more bytes would only take time.
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

    /// The names of each row are in order.
    #[test]
    fn names_are_in_the_order_of_numbers_then_letters() {
        for row in [
            "episode 1|Episode 2|episode 10|Episode 11",
            "a|A b|a2|A10|aa|B",
            "1|01x|2|002b|10",
            "S1E2|s1e10|S2E1",
            "%|1|99999999999999999999998|99999999999999999999999|:|a",
            "|0|00|1",
            "ä1|Ä2|ä10|Ö",
            "A|a|a0|a00",
            "x-1|x-2|x-10",
            "film|film 2|film.mp4",
        ] {
            let mut sorted: Vec<&str> = row.split('|').rev().collect();
            sorted.sort_by(|a, b| natural_cmp(a.as_bytes(), b.as_bytes()));
            assert_eq!(sorted.join("|"), row);
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_come_last() {
        let row: [&[u8]; 5] = [b"a", b"z", "\u{10FFFF}".as_bytes(), b"\x80", b"\xff"];
        for (i, a) in row.iter().enumerate() {
            for (j, b) in row.iter().enumerate() {
                assert_eq!(natural_cmp(a, b), i.cmp(&j), "{a:?} {b:?}");
            }
        }
    }

    fn name() -> impl Strategy<Value = Vec<u8>> {
        // The alphabet is small, so that names often differ only in case, zeros or invalid UTF-8.
        let pieces: [&[u8]; 8] = [b"0", b"1", b"9", b"a", b"A", b"-", b":", b"\xff"];
        let letters = ["é", "É", "İ"].map(str::as_bytes).into_iter();
        let halves = [&b"\xc3"[..], b"\xa9"];
        let all: Vec<_> = pieces.into_iter().chain(letters).chain(halves).collect();
        let piece = prop::sample::select(all);
        prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 20_000, ..ProptestConfig::default() })]

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
