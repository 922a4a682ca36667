//! Byte ranges, and the bytes of a representation that a Range field selects (RFC 9110 §14.1, §14.2).

use std::fmt;

use super::whitespace::OWS;

/// A range of at least one byte. Both positions are inclusive, as in the Range field.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct ByteRange {
    first_pos: u64,
    last_pos: u64,
}

impl ByteRange {
    /// Returns a range. Returns `None` if `first_pos` is after `last_pos`, or if `last_pos` is `u64::MAX`. The second
    /// condition prevents an overflow in [`length`](ByteRange::length).
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

    /// Returns the position of the last byte of the range.
    pub fn last_pos(self) -> u64 {
        self.last_pos
    }

    /// Returns the number of bytes: at least one.
    pub fn length(self) -> u64 {
        self.last_pos - self.first_pos + 1
    }
}

/// Writes the range as in Range and Content-Range: `0-499`.
impl fmt::Display for ByteRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.first_pos, self.last_pos)
    }
}

/// The outcome of a GET or HEAD.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// 200: the whole representation (RFC 9110 §15.3.1).
    Full,
    /// 206: one range (§15.3.7.1). For `bytes=0-`, it is the whole representation.
    Partial(ByteRange),
    /// 206: several ranges as multipart/byteranges (§15.3.7.2). They neither overlap nor touch.
    Multipart(Vec<ByteRange>),
    /// 304: the client already has this version (§15.4.5).
    NotModified,
    /// 412: the client expects another version (§15.5.13).
    PreconditionFailed,
    /// 416: the representation has none of the requested bytes (§15.5.17).
    RangeNotSatisfiable,
}

/// Maximum number of parts of one response. Players request one part, and PDF readers request a few. More parts are a
/// mistake or an attack on the disk, which must seek for each part. §14.2 lets a server ignore such a Range.
pub const MAX_PARTS: usize = 16;

/// Returns the outcome of a GET with this value of Range, if all preconditions are true (RFC 9110 §14.2).
///
/// The server drops the ranges that are not satisfiable. Then it joins ranges that overlap or touch. The last four rows
/// of this table count the ranges that remain.
///
/// | range | outcome |
/// |---|---|
/// | absent; malformed; a unit other than `bytes` | full |
/// | several, and one of them is reversed (first-pos after last-pos) | full |
/// | any well-formed range of an empty representation | full, of length 0 |
/// | one range remains | partial |
/// | several ranges remain, up to [`MAX_PARTS`] | multipart, in the order of the request |
/// | more than [`MAX_PARTS`] ranges remain | full |
/// | no range remains: all are past the end, `-0`, or a single reversed range | not satisfiable |
///
/// A set with a reversed range is invalid (§14.1.1), so the server ignores it. But a single reversed range gets 416: a
/// client with wrong positions should get an error instead of the whole file.
pub fn select(range: Option<&str>, complete_length: u64) -> Outcome {
    // Players request `bytes=0-` of a recording that has just begun. In an empty file, this range is not satisfiable,
    // but with a 416, the player stops. So the server ignores Range for an empty file, as RFC 9110 §14.2 allows.
    let end = complete_length.checked_sub(1);
    let parsed = range.and_then(|value| parse_range(value, complete_length));
    let (Some(end), Some(parsed)) = (end, parsed) else {
        return Outcome::Full;
    };
    // If a range begins past the end, `min` moves its last position before its first position. `new` refuses such a
    // range.
    let satisfiable = parsed
        .into_iter()
        .filter_map(|(first_pos, last_pos)| ByteRange::new(first_pos, last_pos.min(end)));
    let ranges = join(satisfiable);
    match ranges.as_slice() {
        [] => Outcome::RangeNotSatisfiable,
        [range] => Outcome::Partial(*range),
        // Joined ranges have no common bytes, so only their number needs a limit.
        [..] if ranges.len() > MAX_PARTS => Outcome::Full,
        [..] => Outcome::Multipart(ranges),
    }
}

/// Parses a value of Range with the unit `bytes`: `bytes=0-499, -500`. Returns first-pos and last-pos of each range.
/// `500-` and `-500` end at `u64::MAX`.
///
/// The case of the unit is ignored. Spaces may follow the `=` (an example in §14.1.2 has one), and may surround commas.
/// Empty elements are skipped (§5.6.1.2). A number beyond `u64` becomes `u64::MAX`.
///
/// Returns `None` if the server ignores the field: see [`select`].
fn parse_range(field_value: &str, complete_length: u64) -> Option<Vec<(u64, u64)>> {
    let (unit, set) = field_value.split_once('=')?;
    if !unit.trim_start_matches(OWS).eq_ignore_ascii_case("bytes") {
        return None;
    }
    let parse = |element: &str| match element.split_once('-')? {
        // A suffix of length 0 begins past the end, so it selects nothing.
        ("", length) => {
            let length = parse_digits(length)?;
            Some((complete_length.saturating_sub(length), u64::MAX))
        }
        (first, "") => Some((parse_digits(first)?, u64::MAX)),
        (first, last) => Some((parse_digits(first)?, parse_digits(last)?)),
    };
    let elements = set.split(',').map(|element| element.trim_matches(OWS));
    let elements = elements.filter(|element| !element.is_empty());
    let ranges: Vec<(u64, u64)> = elements.map(parse).collect::<Option<_>>()?;
    let are_forward = ranges.iter().all(|(first, last)| first <= last);
    let is_valid = ranges.len() == 1 || are_forward && !ranges.is_empty();
    is_valid.then_some(ranges)
}

/// Parses one or more digits. Refuses a sign, which `u64::from_str` accepts. A number beyond `u64` becomes `u64::MAX`.
pub(crate) fn parse_digits(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

/// Joins ranges that overlap or touch (RFC 9110 §15.3.7.2).
///
/// The joined ranges stay in the order of the request, because a client may need the end of the file first. A joined
/// range takes the place of the first of its ranges in the request. Sorting avoids quadratic time for many ranges.
fn join(ranges: impl Iterator<Item = ByteRange>) -> Vec<ByteRange> {
    let mut by_position: Vec<(usize, ByteRange)> = ranges.enumerate().collect();
    by_position.sort_unstable_by_key(|(_, range)| range.first_pos);
    let mut joined: Vec<(usize, ByteRange)> = Vec::new();
    for (order, range) in by_position {
        match joined.last_mut() {
            // A last-pos is less than `u64::MAX`, so the addition does not overflow.
            Some((first_order, last)) if range.first_pos <= last.last_pos + 1 => {
                last.last_pos = last.last_pos.max(range.last_pos);
                *first_order = order.min(*first_order);
            }
            _ => joined.push((order, range)),
        }
    }
    joined.sort_unstable_by_key(|(order, _)| *order);
    joined.into_iter().map(|(_, range)| range).collect()
}

// `tests/it/properties.rs` tests all sets of small numbers. `tests/it/range.rs` tests the responses.
