//! The bytes of a representation that a Range field selects (RFC 9110 §14.2).

use super::range::{ByteRange, parse_range};

/// The outcome of a GET or HEAD.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// 200: the whole representation (RFC 9110 §15.3.1).
    Full,
    /// 206: one range (§15.3.7.1). It can be the whole representation, because `bytes=0-` gets a 206.
    Partial(ByteRange),
    /// 206: several ranges, which neither overlap nor touch, as multipart/byteranges (§15.3.7.2).
    Multipart(Vec<ByteRange>),
    /// 304: the client already has this version (§15.4.5).
    NotModified,
    /// 412: the client expects another version (§15.5.13).
    PreconditionFailed,
    /// 416: the representation has none of the requested bytes (§15.5.17).
    RangeNotSatisfiable,
}

/// Maximum number of parts of one response. Players request one part, and PDF readers a few. More parts are a mistake,
/// or an attack on the seek time of the disk. §14.2 lets a server ignore such a set.
pub const MAX_PARTS: usize = 16;

/// Returns the outcome of a GET with this value of Range, if all preconditions are true (RFC 9110 §14.2).
///
/// | range | outcome |
/// |---|---|
/// | absent; malformed; a unit other than `bytes` | full |
/// | several, and one of them is reversed (first-pos after last-pos) | full |
/// | any well-formed range of an empty representation | full, of length 0 |
/// | one satisfiable range remains | partial |
/// | several, up to [`MAX_PARTS`], after joining those that overlap or touch | multipart, in the order of the request |
/// | more than [`MAX_PARTS`] | full |
/// | no range is satisfiable: past the end, `-0`, or a single reversed range | not satisfiable |
///
/// §14.1.1 calls a set invalid if one of its ranges is reversed. The server ignores an invalid set. The exception is a
/// single reversed range: it selects no byte, so the answer is 416. A client with wrong positions then gets an error
/// instead of the whole file.
pub fn select(range: Option<&str>, complete_length: u64) -> Outcome {
    let specs = range.and_then(parse_range);
    // No range of an empty representation is satisfiable. But players request `bytes=0-` of a recording that has just
    // begun, and a 416 would stop them. RFC 9110 §14.2 allows a server to ignore the field.
    let Some(specs) = specs.filter(|_| complete_length > 0) else {
        return Outcome::Full;
    };
    let satisfiable = specs
        .iter()
        .filter_map(|spec| spec.resolve(complete_length));
    let ranges = join(satisfiable);
    match ranges.as_slice() {
        [] => Outcome::RangeNotSatisfiable,
        [range] => Outcome::Partial(*range),
        // Joined ranges are disjoint, so their sum cannot exceed the representation. Only their number needs a limit.
        [..] if ranges.len() > MAX_PARTS => Outcome::Full,
        [..] => Outcome::Multipart(ranges),
    }
}

/// Joins ranges that overlap or touch (RFC 9110 §15.3.7.2).
///
/// A joined range has the position of its first member in the request, because a client that lists the end of a file
/// first wants it first. Sorting avoids quadratic time for a field with many ranges.
fn join(ranges: impl Iterator<Item = ByteRange>) -> Vec<ByteRange> {
    let mut by_position: Vec<(usize, ByteRange)> = ranges.enumerate().collect();
    by_position.sort_unstable_by_key(|(_, range)| range.first_pos());
    let mut joined: Vec<(usize, ByteRange)> = Vec::new();
    for (order, range) in by_position {
        if let Some((first_order, last)) = joined.last_mut()
            && let Some(both) = last.union(range)
        {
            *last = both;
            *first_order = order.min(*first_order);
        } else {
            joined.push((order, range));
        }
    }
    joined.sort_unstable_by_key(|(order, _)| *order);
    joined.into_iter().map(|(_, range)| range).collect()
}

// `tests/it/properties.rs` tests all sets of small numbers.
#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(range: &str, complete_length: u64, expected: &str) {
        let shown = match select(Some(range), complete_length) {
            Outcome::Partial(range) => range.to_string(),
            Outcome::RangeNotSatisfiable => "416".to_owned(),
            other => format!("{other:?}"),
        };
        assert_eq!(shown, expected, "{range:?} of {complete_length}");
    }

    #[test]
    fn number_beyond_u64_counts_as_largest() {
        for big in ["18446744073709551615", "99999999999999999999999999"] {
            check(&format!("bytes=5-{big}"), 10, "5-9");
            check(&format!("bytes=-{big}"), 10, "0-9");
            check(&format!("bytes={big}-"), 10, "416");
            check(&format!("bytes={big}-"), u64::MAX, "416");
            check(&format!("bytes={big}-5"), 10, "416");
            let all = "0-18446744073709551614";
            check(&format!("bytes=0-{big}"), u64::MAX, all);
        }
        let last = "18446744073709551614-18446744073709551614";
        check("bytes=18446744073709551614-", u64::MAX, last);
        check("bytes=4294967296-", 4_294_967_297, "4294967296-4294967296");
    }
}
