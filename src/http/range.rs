//! Byte ranges, and the syntax of the Range field (RFC 9110 §14.1).

use std::fmt;

use super::whitespace::OWS;

/// One element of a range set (RFC 9110 §14.1.1). It is independent of the length of the representation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum RangeSpec {
    /// `first-pos "-" [ last-pos ]`. Without last-pos, the range ends at the last byte of the representation.
    Int(u64, Option<u64>),
    /// `"-" suffix-length`: this many bytes at the end.
    Suffix(u64),
}

/// Parses a Range field value with unit `bytes`: `bytes=0-499, -500`. Returns at least one spec.
///
/// Units are case-insensitive. Spaces may follow the `=` (as in an example in §14.1.2) and surround commas. Empty
/// elements are skipped (§5.6.1.2). A number beyond `u64` counts as the largest `u64`.
///
/// Returns `None` for another unit, for a malformed or empty set, and for a set of several ranges that contains a
/// reversed range (§14.1.1). A single reversed range is returned, because its answer is 416.
pub(super) fn parse_range(field_value: &str) -> Option<Vec<RangeSpec>> {
    let (unit, set) = field_value.split_once('=')?;
    if !unit.trim_start_matches(OWS).eq_ignore_ascii_case("bytes") {
        return None;
    }
    let elements = set.split(',').map(|element| element.trim_matches(OWS));
    let specs: Vec<RangeSpec> = elements
        .filter(|element| !element.is_empty())
        .map(RangeSpec::parse)
        .collect::<Option<_>>()?;
    match specs.as_slice() {
        [] => None,
        [_, _, ..] if specs.iter().any(|spec| spec.is_reversed()) => None,
        [..] => Some(specs),
    }
}

impl RangeSpec {
    fn parse(text: &str) -> Option<RangeSpec> {
        match text.split_once('-')? {
            ("", length) => Some(RangeSpec::Suffix(parse_position(length)?)),
            (first, "") => Some(RangeSpec::Int(parse_position(first)?, None)),
            (first, last) => Some(RangeSpec::Int(
                parse_position(first)?,
                Some(parse_position(last)?),
            )),
        }
    }

    /// Returns whether last-pos comes before first-pos (RFC 9110 §14.1.1). Positions beyond `u64` count as equal.
    fn is_reversed(self) -> bool {
        matches!(self, RangeSpec::Int(first_pos, Some(last_pos)) if last_pos < first_pos)
    }

    /// Returns the selected bytes of a representation with this length. Returns `None` if there are none (RFC 9110
    /// §14.1.2).
    pub(super) fn resolve(self, complete_length: u64) -> Option<ByteRange> {
        let end = complete_length.checked_sub(1)?;
        match self {
            // `min` only lowers last-pos. A reversed range stays reversed, and a range past the end becomes reversed.
            RangeSpec::Int(first_pos, last_pos) => {
                ByteRange::new(first_pos, last_pos.unwrap_or(end).min(end))
            }
            // A suffix of length 0 begins past the end, so it selects nothing.
            RangeSpec::Suffix(length) => {
                ByteRange::new(complete_length.saturating_sub(length), end)
            }
        }
    }
}

/// Parses a position or a length: one or more digits. `u64::from_str` would also accept a sign, and refuse a number
/// that is too large.
fn parse_position(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

/// A range of at least one byte: a first and a last position, both inclusive, as in the Range field.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct ByteRange {
    first_pos: u64,
    last_pos: u64,
}

impl ByteRange {
    /// Returns a range, or `None` if the range is reversed. Also returns `None` if `last_pos` is the largest `u64`,
    /// because no representation has this byte. Therefore [`length`](ByteRange::length) never overflows.
    pub fn new(first_pos: u64, last_pos: u64) -> Option<ByteRange> {
        (first_pos <= last_pos && last_pos < u64::MAX).then_some(ByteRange {
            first_pos,
            last_pos,
        })
    }

    /// Returns the position of the first byte.
    pub fn first_pos(self) -> u64 {
        self.first_pos
    }

    /// Returns the position of the last byte, which belongs to the range.
    pub fn last_pos(self) -> u64 {
        self.last_pos
    }

    /// Returns the number of bytes: at least one.
    pub fn length(self) -> u64 {
        self.last_pos - self.first_pos + 1
    }

    /// Returns the joined range, if both ranges overlap or touch.
    pub(super) fn union(self, other: ByteRange) -> Option<ByteRange> {
        // No last-pos is the largest `u64`, so the addition does not overflow.
        let touches = |one: ByteRange, next: ByteRange| next.first_pos <= one.last_pos + 1;
        (touches(self, other) && touches(other, self)).then_some(ByteRange {
            first_pos: self.first_pos.min(other.first_pos),
            last_pos: self.last_pos.max(other.last_pos),
        })
    }
}

/// Writes the range as in Range and Content-Range: `0-499`.
impl fmt::Display for ByteRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.first_pos, self.last_pos)
    }
}

// `tests/it/properties.rs` tests the selected bytes of each spec.
#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9110 §14.1.1.
    #[test]
    fn malformed_range_set_is_refused() {
        for row in [
            "| |bytes|0-4|=|=0-4|seconds=0-4|bytess=0-4|\"bytes\"=0-4|bytes =0-4|bytes:0-4|bytes 0-4",
            "bytes=|bytes=,|bytes= , ,|bytes=-|bytes=--5|bytes=abc|bytes=*|bytes=4|bytes=-1-2|bytes=1-2-3",
            "bytes=0 -4|bytes=0- 4|bytes=- 5|bytes=+0-4|bytes=0-+4|bytes=0-4-|bytes=0x0-4|bytes=1.0-2",
            "bytes=0-4,x|bytes=x,0-4|bytes=0-4,-|bytes=0-4,4|bytes=0-4;8-9|bytes=0-1 2-3|bytes=bytes=0-4",
            "bytes=0-4/10|bytes=0-4\n|bytes=\u{b}0-4|bytes=٣-4|bytes=0–4|bytes=5-2,0-4|bytes=0-4,5-2",
        ] {
            for field_value in row.split('|') {
                assert_eq!(parse_range(field_value), None, "{field_value:?}");
            }
        }
    }

    #[test]
    fn byte_range_is_neither_reversed_nor_too_long() {
        let length = |first, last| ByteRange::new(first, last).map(ByteRange::length);
        assert_eq!(length(1, 0), None);
        assert_eq!(length(7, 7), Some(1));
        assert_eq!(length(0, u64::MAX - 1), Some(u64::MAX));
        assert_eq!(length(0, u64::MAX), None);
    }
}
