//! A Range field: what it selects, also counted out by hand.

use std::time::UNIX_EPOCH;

use crate::http::{
    Boundary, ByteRange, MAX_PARTS, Method, Multipart, Outcome, Representation, RequestHead,
    Selection, Validators, evaluate, select,
};

const LONG: [u64; 5] = [1 << 31, (1 << 32) + 1, 1 << 62, u64::MAX - 1, u64::MAX];

/// The first byte says how long the representation is; the others are the field's value.
pub fn range(data: &[u8]) {
    let Some((&length, value)) = data.split_first() else {
        return;
    };
    let Ok(value) = std::str::from_utf8(value) else {
        return;
    };
    let complete_length = match length {
        0..=63 => u64::from(length),
        _ => LONG[usize::from(length) % LONG.len()],
    };
    let selection = select(Some(value), complete_length);
    if let Some(expected) = by_hand(value, complete_length) {
        assert_eq!(show(&selection), expected);
    }
    is_sound(&selection, complete_length);
    decides(value, selection, complete_length);
}

/// Nothing overlaps, nothing touches, nothing lies outside.
fn is_sound(selection: &Selection, complete_length: u64) {
    let ranges = match selection {
        Selection::Whole => return,
        Selection::Unsatisfiable => return assert!(complete_length > 0),
        Selection::Part(range) => vec![*range],
        Selection::Parts(ranges) => ranges.clone(),
    };
    assert!(ranges.len() <= MAX_PARTS);
    let mut sorted: Vec<(u64, u64)> = ranges.iter().copied().map(positions).collect();
    sorted.sort_unstable();
    assert!(
        sorted
            .iter()
            .all(|(first, last)| first <= last && *last < complete_length)
    );
    assert!(sorted.windows(2).all(|two| two[0].1 + 1 < two[1].0));
}

fn positions(range: ByteRange) -> (u64, u64) {
    (range.first_pos(), range.last_pos())
}

/// The selection is what a GET is answered with, and nothing to a HEAD.
fn decides(value: &str, selection: Selection, complete_length: u64) {
    let representation = Representation {
        complete_length,
        media_type: "video/mp4",
        validators: Validators::from_metadata(complete_length, Some(UNIX_EPOCH)),
    };
    let outcome = |method| {
        let mut request = RequestHead::new(method, "/");
        request.add_field("range", value);
        evaluate(&request, &representation)
    };
    assert_eq!(outcome(Method::Head), Outcome::Full);
    let expected = match selection {
        Selection::Whole => Outcome::Full,
        Selection::Part(range) => Outcome::Partial(range),
        Selection::Unsatisfiable => Outcome::RangeNotSatisfiable,
        Selection::Parts(ranges) => {
            let multipart = Multipart::new(&ranges, &representation, Boundary::from_nonce(7));
            let length = |part: &crate::http::Part| {
                u64::try_from(part.head().len())
                    .unwrap_or(0)
                    .saturating_add(part.range().length())
            };
            let closing = u64::try_from(multipart.closing().len()).unwrap_or(0);
            let sum = multipart
                .parts()
                .iter()
                .map(length)
                .fold(closing, u64::saturating_add);
            assert_eq!(multipart.content_length(), sum);
            Outcome::Multipart(ranges)
        }
    };
    assert_eq!(outcome(Method::Get), expected);
}

fn show(selection: &Selection) -> String {
    match selection {
        Selection::Whole => "whole".to_owned(),
        Selection::Unsatisfiable => "none".to_owned(),
        Selection::Part(range) => range.to_string(),
        Selection::Parts(ranges) => {
            let ranges: Vec<String> = ranges.iter().map(ByteRange::to_string).collect();
            ranges.join(",")
        }
    }
}

/// What [`select`] promises, in numbers that do not overflow, joining pair by pair until no two are left. `None` where
/// that would take long.
fn by_hand(value: &str, complete_length: u64) -> Option<String> {
    let Some(specs) = specs(value) else {
        return Some("whole".to_owned());
    };
    if specs.len() > 40 {
        return None;
    }
    if complete_length == 0 {
        return Some("whole".to_owned());
    }
    let end = u128::from(complete_length) - 1;
    let mut ranges: Vec<(u128, u128)> = Vec::new();
    for spec in specs {
        let (first, last) = match spec {
            (Some(first), last) => (first, last.unwrap_or(end).min(end)),
            (None, Some(0)) => continue,
            (None, suffix) => (end + 1 - suffix?.min(end + 1), end),
        };
        if first <= last {
            ranges.push((first, last));
        }
    }
    while let Some((i, j)) = touching(&ranges) {
        let other = ranges.remove(j);
        ranges[i] = (ranges[i].0.min(other.0), ranges[i].1.max(other.1));
    }
    Some(match ranges.len() {
        0 => "none".to_owned(),
        1..=MAX_PARTS => {
            let text: Vec<String> = ranges.iter().map(|(a, b)| format!("{a}-{b}")).collect();
            text.join(",")
        }
        _ => "whole".to_owned(),
    })
}

fn touching(ranges: &[(u128, u128)]) -> Option<(usize, usize)> {
    let pairs = (0..ranges.len()).flat_map(|i| (i + 1..ranges.len()).map(move |j| (i, j)));
    let touch =
        |&(i, j): &(usize, usize)| ranges[i].0 <= ranges[j].1 + 1 && ranges[j].0 <= ranges[i].1 + 1;
    pairs.into_iter().find(touch)
}

type Spec = (Option<u128>, Option<u128>);

/// The elements of a valid set.
fn specs(value: &str) -> Option<Vec<Spec>> {
    let blank = |c: char| c == ' ' || c == '\t';
    let value = value.trim_start_matches(blank);
    let set = value
        .get(..6)
        .filter(|unit| unit.eq_ignore_ascii_case("bytes="))?;
    let elements = value[set.len()..]
        .split(',')
        .map(|element| element.trim_matches(blank));
    let specs = elements.filter(|element| !element.is_empty()).map(spec);
    specs
        .collect::<Option<Vec<_>>>()
        .filter(|specs| !specs.is_empty())
}

fn spec(element: &str) -> Option<Spec> {
    let (first, last) = element.split_once('-')?;
    let is_number = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    if !is_number(first) || !is_number(last) || (first.is_empty() && last.is_empty()) {
        return None;
    }
    // More digits than any length has are as good as a very large number.
    let number = |text: &str| match text.trim_start_matches('0') {
        _ if text.is_empty() => None,
        "" => Some(0),
        digits if digits.len() > 30 => Some(u128::MAX >> 1),
        digits => digits.parse().ok(),
    };
    Some((number(first), number(last)))
}
