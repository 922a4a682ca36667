//! Which bytes of a representation a Range field selects (RFC 9110 §14.2): the meaning of a range set.
//!
//! Knows the complete length. Must not know methods or conditions: whether a Range field counts at all is decided in
//! `evaluate`.

use super::range::{ByteRange, RangeSet};

/// As many parts as one response may have. Players ask for one, PDF readers for a handful; more is a mistake or an
/// attack on the disk's seek time, and §14.2 lets a server ignore such a set.
pub const MAX_PARTS: usize = 16;

/// The bytes that a Range field value selects from a representation (RFC 9110 §14.2).
///
/// Total: any text and any length have an answer.
///
/// | range | selection |
/// |---|---|
/// | absent; malformed; a unit other than `bytes` | whole |
/// | several of which one is reversed (first-pos after last-pos) | whole |
/// | any well-formed range of an empty representation | whole, of length 0 |
/// | one or several of which one satisfiable range remains | part |
/// | several, up to [`MAX_PARTS`], after joining those that overlap or touch | parts, in the order of the request |
/// | more than [`MAX_PARTS`] | whole |
/// | none satisfiable: past the end, `-0`, or a single reversed range | unsatisfiable |
///
/// §14.1.1 calls a set invalid if one of its ranges is reversed, and an invalid set is ignored. The exception is a
/// single reversed range: it names no byte, so the answer is 416. A client that computed its positions wrongly then
/// sees an error instead of the whole file.
pub fn select(range: Option<&str>, complete_length: u64) -> Selection {
    match range.map(RangeSet::parse) {
        Some(Ok(set)) => select_from(&set, complete_length),
        None | Some(Err(_)) => Selection::Whole,
    }
}

/// What [`select`] found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Selection {
    /// The representation as a whole, as if there were no Range field.
    Whole,
    /// One range, which may be the whole representation all the same: `bytes=0-` asks for a 206.
    Part(ByteRange),
    /// Two to [`MAX_PARTS`] ranges that neither overlap nor touch.
    Parts(Vec<ByteRange>),
    /// Nothing of the representation.
    Unsatisfiable,
}

fn select_from(set: &RangeSet, complete_length: u64) -> Selection {
    // No range of an empty representation is satisfiable, but players open a recording that has just begun with
    // `bytes=0-`, and a 416 would end them. RFC 9110 §14.2 leaves it to us to ignore the field.
    if complete_length == 0 {
        return Selection::Whole;
    }
    let satisfiable = set
        .specs()
        .iter()
        .filter_map(|spec| spec.resolve(complete_length));
    let ranges = join(satisfiable.collect());
    match ranges.as_slice() {
        [] => Selection::Unsatisfiable,
        [range] => Selection::Part(*range),
        // Joined ranges are disjoint, so their sum cannot exceed the representation: only their number can.
        [..] if ranges.len() > MAX_PARTS => Selection::Whole,
        [..] => Selection::Parts(ranges),
    }
}

/// Joins ranges that overlap or touch (RFC 9110 §15.3.7.2).
///
/// Each joined range stands where the first of its members stood in the request: a client that asks for the end of a
/// file first wants it first. Sorting keeps the work below quadratic for a field full of ranges.
fn join(ranges: Vec<ByteRange>) -> Vec<ByteRange> {
    let mut by_position: Vec<(usize, ByteRange)> = ranges.into_iter().enumerate().collect();
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A selection as text: `whole`, `416`, or the ranges.
    fn show(selection: &Selection) -> String {
        match selection {
            Selection::Whole => "whole".to_owned(),
            Selection::Part(range) => range.to_string(),
            Selection::Parts(ranges) => {
                let ranges: Vec<String> = ranges.iter().map(ByteRange::to_string).collect();
                ranges.join(",")
            }
            Selection::Unsatisfiable => "416".to_owned(),
        }
    }

    #[track_caller]
    fn check(range: &str, complete_length: u64, expected: &str) {
        let selection = select(Some(range), complete_length);
        let shown = show(&selection);
        assert_eq!(shown, expected, "{range:?} of {complete_length}");
    }

    /// RFC 9110 §14.1.2.
    #[test]
    fn range_is_clamped_to_the_representation() {
        check("bytes=0-4", 10, "0-4");
        check("bytes=9-", 10, "9-9");
        check("bytes=5-10", 10, "5-9");
        check("bytes=-3", 10, "7-9");
        check("bytes=-11", 10, "0-9");
        check("bytes=10-", 10, "416");
        check("bytes=-0", 10, "416");
        check("bytes=x", 10, "whole");
    }

    /// RFC 9110 §14.1.1: a set with a reversed range in it is invalid.
    #[test]
    fn reversed_range_in_set_selects_whole() {
        check("bytes=5-2", 10, "416");
        check("bytes=,5-2,", 10, "416");
        check("bytes=5-2,0-1", 10, "whole");
        check("bytes=0-1,5-2", 10, "whole");
        check("bytes=5-2,5-2", 10, "whole");
        check("bytes=5-2,20-,-0", 10, "whole");
        check("bytes=20-19,0-1", 10, "whole");
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

    /// RFC 9110 §15.3.7.2: in the order of the request; ranges that overlap or touch are joined.
    #[test]
    fn ranges_are_joined_and_keep_their_order() {
        check("bytes=-1,0-0", 10, "9-9,0-0");
        check("bytes=0-1,3-4", 10, "0-1,3-4");
        check("bytes=2-3,0-1", 10, "0-3");
        check("bytes=0-5,2-3", 10, "0-5");
        check("bytes=8-9,0-1,6-7,2-2", 10, "6-9,0-2");
        check("bytes=20-,0-1", 10, "0-1");
        check("bytes=20-,-0", 10, "416");
    }

    #[test]
    fn too_many_ranges_select_whole() {
        let ranges = |count: usize| {
            let each: Vec<String> = (0..count).map(|i| format!("{0}-{0}", 2 * i)).collect();
            format!("bytes={}", each.join(","))
        };
        let parts = |count| select(Some(&ranges(count)), 1_000_000);
        assert!(matches!(parts(MAX_PARTS), Selection::Parts(parts) if parts.len() == MAX_PARTS));
        assert_eq!(parts(MAX_PARTS + 1), Selection::Whole);
        assert_eq!(parts(3_000), Selection::Whole);
        // The limit is on the ranges that remain after joining.
        check(&format!("bytes={}0-", "0-0,".repeat(4_000)), 10, "0-9");
    }
}
