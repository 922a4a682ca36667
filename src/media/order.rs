//! The order of names in a listing.
//!
//! Pure: knows how people read names (`2` before `10`, `a` beside `A`), not what is behind them.

use std::char::ToLowercase;
use std::cmp::Ordering;

/// Compares two names as people sort them: runs of digits by their value, letters without case.
///
/// Names that read the same (`a1`, `A01`) are told apart by their bytes. So the order is total, and equal means equal
/// bytes: a cursor in a listing never skips a name or meets it twice.
pub(crate) fn natural_cmp(a: &[u8], b: &[u8]) -> Ordering {
    let start = same_start(a, b);
    Tokens::of(&a[start..])
        .cmp(Tokens::of(&b[start..]))
        .then_with(|| a.cmp(b))
}

/// Where reading may begin: names of one folder often begin alike, and bytes compare faster than tokens. Not within a
/// number or a character, so right behind the last byte that is a token by itself.
fn same_start(a: &[u8], b: &[u8]) -> usize {
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let is_token = |byte: &u8| byte.is_ascii() && !byte.is_ascii_digit();
    a[..same]
        .iter()
        .rposition(is_token)
        .map_or(0, |last| last + 1)
}

/// One step in reading a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    /// A run of ASCII digits without its leading zeros, of any length: a value that fits no integer still compares.
    Number(&'a [u8]),
    /// A character in lower case, or beyond all characters a byte that belongs to none.
    Character(u32),
}

impl Ord for Token<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Token::Number(a), Token::Number(b)) => a.len().cmp(&b.len()).then_with(|| a.cmp(b)),
            (Token::Character(a), Token::Character(b)) => a.cmp(b),
            // A number stands where its digits stand in ASCII, so no character falls between two numbers.
            (Token::Number(_), Token::Character(c)) => u32::from('0').cmp(c),
            (Token::Character(c), Token::Number(_)) => c.cmp(&u32::from('0')),
        }
    }
}

impl PartialOrd for Token<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Reads a name; allocates nothing, since every name of a folder is compared in every pass.
#[derive(Debug)]
struct Tokens<'a> {
    rest: &'a [u8],
    /// What is left of a character that is several in lower case.
    lowercase: Option<ToLowercase>,
}

impl<'a> Tokens<'a> {
    fn of(name: &'a [u8]) -> Self {
        Tokens {
            rest: name,
            lowercase: None,
        }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        if let Some(c) = self.lowercase.as_mut().and_then(Iterator::next) {
            return Some(Token::Character(c.into()));
        }
        let (&first, after) = self.rest.split_first()?;
        if first.is_ascii_digit() {
            let length = self
                .rest
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            let (digits, after) = self.rest.split_at(length);
            self.rest = after;
            let zeros = digits.iter().take_while(|&&byte| byte == b'0').count();
            return Some(Token::Number(&digits[zeros..]));
        }
        if first.is_ascii() {
            self.rest = after;
            return Some(Token::Character(first.to_ascii_lowercase().into()));
        }
        // A character has at most four bytes; looking at more would read the name once for each of its characters.
        let head = &self.rest[..self.rest.len().min(4)];
        match head
            .utf8_chunks()
            .next()
            .and_then(|chunk| chunk.valid().chars().next())
        {
            Some(c) => {
                self.rest = &self.rest[c.len_utf8()..];
                let mut lowercase = c.to_lowercase();
                let first = lowercase.next().unwrap_or(c);
                self.lowercase = Some(lowercase);
                Some(Token::Character(first.into()))
            }
            None => {
                self.rest = after;
                Some(Token::Character(u32::from(char::MAX) + u32::from(first)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Each row is in order.
    #[test]
    fn as_people_sort() {
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
        fn a_total_order(a in name(), b in name(), c in name()) {
            prop_assert_eq!(natural_cmp(&a, &b), natural_cmp(&b, &a).reverse());
            prop_assert_eq!(natural_cmp(&a, &b) == Ordering::Equal, a == b);
            prop_assert_eq!(natural_cmp(&a, &b), Tokens::of(&a).cmp(Tokens::of(&b)).then_with(|| a.cmp(&b)));
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
