//! The Range field and byte ranges (RFC 9110 §14.1): what a client asks for.
//!
//! Knows the syntax and, in a second step, which bytes one spec means in a representation of some length. Must not
//! know what becomes of a set as a whole: that is `selection`.

use std::error::Error;
use std::fmt;

use super::whitespace::OWS;

/// A Range field value with unit `bytes` (RFC 9110 §14.1.2), before any length is known. It has at least one spec.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RangeSet {
    specs: Vec<RangeSpec>,
}

impl RangeSet {
    /// Reads a field value: `bytes=0-499, -500`. One pass, whatever the text.
    ///
    /// Units are case-insensitive, blanks may follow the `=` (an example in §14.1.2 has one) and surround commas, and
    /// empty elements are skipped (§5.6.1.2). Numbers beyond `u64` are as good as its largest value.
    ///
    /// # Errors
    ///
    /// If the unit is not `bytes`, an element is not a range-spec, or there is none. If there are several and one is
    /// reversed (§14.1.1). A single reversed one is no error, because it is answered with 416: see
    /// [`select`](super::select).
    pub fn parse(field_value: &str) -> Result<RangeSet, ParseRangeError> {
        let (unit, set) = field_value
            .split_once('=')
            .ok_or(ParseRangeError(Problem::NoUnit))?;
        if !unit.trim_start_matches(OWS).eq_ignore_ascii_case("bytes") {
            return Err(ParseRangeError(Problem::OtherUnit));
        }
        let elements = set.split(',').map(|element| element.trim_matches(OWS));
        let specs: Vec<RangeSpec> = elements
            .filter(|element| !element.is_empty())
            .map(|element| RangeSpec::parse(element).ok_or(ParseRangeError(Problem::NotASpec)))
            .collect::<Result<_, _>>()?;
        match specs.as_slice() {
            [] => Err(ParseRangeError(Problem::NoSpec)),
            [_, _, ..] if specs.iter().any(|spec| spec.is_reversed()) => {
                Err(ParseRangeError(Problem::Reversed))
            }
            [..] => Ok(RangeSet { specs }),
        }
    }

    /// The specs in the order of the request.
    pub fn specs(&self) -> &[RangeSpec] {
        &self.specs
    }
}

/// One element of a range set (RFC 9110 §14.1.1), as asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RangeSpec {
    /// `first-pos "-" [ last-pos ]`
    Int {
        /// Position of the first byte, from 0.
        first_pos: u64,
        /// Position of the last byte, inclusive; the last there is if absent.
        last_pos: Option<u64>,
    },
    /// `"-" suffix-length`
    Suffix {
        /// How many bytes at the end.
        suffix_length: u64,
    },
}

impl RangeSpec {
    fn parse(text: &str) -> Option<RangeSpec> {
        let (first, last) = text.split_once('-')?;
        let last = if last.is_empty() {
            None
        } else {
            Some(parse_position(last)?)
        };
        if first.is_empty() {
            return last.map(|suffix_length| RangeSpec::Suffix { suffix_length });
        }
        Some(RangeSpec::Int {
            first_pos: parse_position(first)?,
            last_pos: last,
        })
    }

    /// Whether last-pos comes before first-pos (RFC 9110 §14.1.1). Positions beyond `u64` count as equal.
    fn is_reversed(self) -> bool {
        match self {
            RangeSpec::Int {
                first_pos,
                last_pos,
            } => last_pos.is_some_and(|last_pos| last_pos < first_pos),
            RangeSpec::Suffix { .. } => false,
        }
    }

    /// The bytes meant in a representation of that length, or `None` if that is none of them (RFC 9110 §14.1.2).
    pub fn resolve(self, complete_length: u64) -> Option<ByteRange> {
        let end = complete_length.checked_sub(1)?;
        match self {
            // Clamping only lowers last-pos: a reversed range stays reversed, and a first-pos past the end is past it.
            RangeSpec::Int {
                first_pos,
                last_pos,
            } => ByteRange::new(first_pos, last_pos.unwrap_or(end).min(end)),
            RangeSpec::Suffix { suffix_length: 0 } => None,
            RangeSpec::Suffix { suffix_length } => {
                ByteRange::new(complete_length.saturating_sub(suffix_length), end)
            }
        }
    }
}

/// A position or a length: digits only. `u64::from_str` would also take a sign, and refuse what does not fit.
fn parse_position(text: &str) -> Option<u64> {
    text.bytes().try_fold(0_u64, |value, byte| {
        byte.is_ascii_digit().then(|| {
            value
                .saturating_mul(10)
                .saturating_add(u64::from(byte - b'0'))
        })
    })
}

/// Bytes of a representation: from a first to a last position, both inclusive as on the wire, and never none.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct ByteRange {
    first_pos: u64,
    last_pos: u64,
}

impl ByteRange {
    /// `None` if reversed. Also if `last_pos` is the largest `u64`: no representation has that byte, for its length
    /// would not fit, and so [`length`](ByteRange::length) always does.
    pub fn new(first_pos: u64, last_pos: u64) -> Option<ByteRange> {
        (first_pos <= last_pos && last_pos < u64::MAX).then_some(ByteRange {
            first_pos,
            last_pos,
        })
    }

    /// Position of the first byte.
    pub fn first_pos(self) -> u64 {
        self.first_pos
    }

    /// Position of the last byte, which belongs to the range.
    pub fn last_pos(self) -> u64 {
        self.last_pos
    }

    /// How many bytes: at least one.
    pub fn length(self) -> u64 {
        self.last_pos - self.first_pos + 1
    }

    /// One range for both, if they overlap or touch.
    pub(super) fn union(self, other: ByteRange) -> Option<ByteRange> {
        // No last-pos is the largest `u64`, so there is a position after each.
        let touches = |one: ByteRange, next: ByteRange| next.first_pos <= one.last_pos + 1;
        (touches(self, other) && touches(other, self)).then_some(ByteRange {
            first_pos: self.first_pos.min(other.first_pos),
            last_pos: self.last_pos.max(other.last_pos),
        })
    }
}

/// As in Range and Content-Range: `0-499`.
impl fmt::Display for ByteRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.first_pos, self.last_pos)
    }
}

/// Why a Range field value is ignored.
#[derive(Debug)]
pub struct ParseRangeError(Problem);

#[derive(Debug)]
enum Problem {
    NoUnit,
    OtherUnit,
    NotASpec,
    NoSpec,
    Reversed,
}

impl fmt::Display for ParseRangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot parse range: ")?;
        f.write_str(match self.0 {
            Problem::NoUnit => "no unit",
            Problem::OtherUnit => "the unit is not bytes",
            Problem::NotASpec => "an element is neither first-last nor -suffix",
            Problem::NoSpec => "nothing is asked for",
            Problem::Reversed => "a range in a set of several ends before it begins",
        })
    }
}

impl Error for ParseRangeError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn int(first_pos: u64, last_pos: u64) -> RangeSpec {
        RangeSpec::Int {
            first_pos,
            last_pos: Some(last_pos),
        }
    }

    fn from(first_pos: u64) -> RangeSpec {
        RangeSpec::Int {
            first_pos,
            last_pos: None,
        }
    }

    fn suffix(suffix_length: u64) -> RangeSpec {
        RangeSpec::Suffix { suffix_length }
    }

    #[track_caller]
    fn check(field_value: &str, specs: &[RangeSpec]) {
        let set = RangeSet::parse(field_value).expect(field_value);
        assert_eq!(set.specs(), specs, "{field_value:?}");
    }

    /// RFC 9110 §14.1.1, with the empty elements of §5.6.1.2.
    #[test]
    fn range_set_is_read() {
        check("bytes=0-4", &[int(0, 4)]);
        check("bYtEs=0-4", &[int(0, 4)]);
        check(" bytes= \t0-4\t ", &[int(0, 4)]);
        check("bytes=5-2", &[int(5, 2)]);
        check("bytes=007-", &[from(7)]);
        check("bytes=-0", &[suffix(0)]);
        check("bytes=,0-1,\t,-5 , 9-,", &[int(0, 1), suffix(5), from(9)]);
    }

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
                assert!(RangeSet::parse(field_value).is_err(), "{field_value:?}");
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
