//! What the addresses of our pages ask for: points in time, parts of a video, places in a folder, names for a download.

use std::cmp::Ordering;

use super::escape;
use crate::http::{Target, attachment};
use crate::media::{Place, Window};
use crate::web::{LibraryQuery, Moment, Segments};

/// A query, and each of its values by itself.
pub fn query(data: &[u8]) {
    places(data);
    // `?download=NAME` goes into a response head.
    let is_visible = |byte| (b' '..=b'~').contains(&byte);
    assert!(attachment(data).bytes().all(is_visible));
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    moment(text);
    segments(text);
    let Ok(target) = Target::parse(&format!("/?{text}")) else {
        return;
    };
    library(&target);
    for key in ["t", "ranges"] {
        if let Some(value) = target.query_value(key) {
            let value = String::from_utf8_lossy(&value);
            moment(&value);
            segments(&value);
        }
    }
}

/// The milliseconds of [`Moment::parse`], in numbers that do not overflow.
fn clock(text: &str) -> Option<u128> {
    let (clock, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let parts: Vec<&str> = clock.split(':').collect();
    let numbers: Vec<u128> = parts
        .iter()
        .map(|part| number(part))
        .collect::<Option<_>>()?;
    let is_clock = |(part, number): (&&str, &u128)| part.len() <= 2 && *number < 60;
    if parts.len() > 3 || !parts.iter().zip(&numbers).skip(1).all(is_clock) {
        return None;
    }
    number(fraction)?;
    let thousandths: String = fraction.chars().chain("00".chars()).take(3).collect();
    let add = |sum: u128, part: &u128| sum.saturating_mul(60).saturating_add(*part);
    let seconds = numbers.iter().fold(0, add);
    let all = seconds
        .saturating_mul(1000)
        .saturating_add(number(&thousandths)?);
    (all <= 3_600_000_000).then_some(all)
}

fn number(text: &str) -> Option<u128> {
    let add = |sum: u128, digit: u32| sum.saturating_mul(10).saturating_add(u128::from(digit));
    let digits = text.chars().map(|c| c.to_digit(10));
    digits
        .collect::<Option<Vec<u32>>>()
        .filter(|digits| !digits.is_empty())
        .map(|digits| digits.into_iter().fold(0, add))
}

fn show(milliseconds: u128) -> String {
    let text = format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn moment(text: &str) {
    let read = Moment::parse(text);
    assert_eq!(
        read.map(|moment| moment.to_string()),
        clock(text).map(show),
        "{text:?}"
    );
    if let Some(moment) = read {
        assert_eq!(Moment::parse(&moment.to_string()), read);
        assert_eq!(moment.since(moment).to_string(), "0");
    }
}

fn segments(text: &str) {
    let parts: Vec<Option<(u128, Option<u128>)>> = text.split(',').map(part).collect();
    let expected = parts
        .iter()
        .copied()
        .collect::<Option<Vec<_>>>()
        .filter(|parts| parts.len() <= 200);
    let read = Segments::parse(text);
    assert_eq!(read.is_ok(), expected.is_some(), "{text:?}");
    match (read, expected) {
        (Ok(read), Some(expected)) => {
            let shown: Vec<String> = expected
                .iter()
                .map(|(start, end)| {
                    format!("{}-{}", show(*start), end.map(show).unwrap_or_default())
                })
                .collect();
            assert_eq!(read.to_string(), shown.join(","));
            assert_eq!(Segments::parse(&read.to_string()).as_ref(), Ok(&read));
            assert!(
                read.iter()
                    .all(|one| one.end.is_none_or(|end| one.start < end))
            );
        }
        (Err(error), _) => assert!(error.to_string().chars().count() < 80),
        (Ok(_), None) => {}
    }
}

fn part(text: &str) -> Option<(u128, Option<u128>)> {
    let (start, end) = text.split_once('-')?;
    let start = clock(start.trim())?;
    let end = match end.trim() {
        "" => None,
        end => Some(clock(end)?),
    };
    end.is_none_or(|end| start < end).then_some((start, end))
}

/// The links of a library page lead to the part of the folder that they were made for.
fn library(target: &Target) {
    let read = |target: &Target| LibraryQuery::read(false, |key| target.query_value(key));
    let query = read(target);
    for window in [&query.window, &Window::First, &Window::Last] {
        let link = Target::parse(&format!("/{}", query.part(window))).expect("a link of our own");
        let again = read(&link);
        assert_eq!((&again.window, again.order), (window, query.order));
        assert!(!again.is_search());
    }
}

/// Lines are places. Any of them comes back from a link, and they have one order.
fn places(data: &[u8]) {
    let mut places: Vec<Place> = Vec::new();
    for line in data.split(|&byte| byte == b'\n').take(4) {
        let Some(place) = Place::from_bytes(line) else {
            continue;
        };
        let written = place.to_bytes();
        assert_eq!(Place::from_bytes(&written).as_ref(), Some(&place));
        assert_eq!(parts(&written), parts(line));
        let link = Target::parse(&format!("/?before={}", escape(line))).expect("a target");
        let query = LibraryQuery::read(false, |key| link.query_value(key));
        assert_eq!(query.window, Window::Before(place.clone()));
        places.push(place);
    }
    for a in &places {
        for b in &places {
            assert_eq!(a.cmp(b), b.cmp(a).reverse());
            assert_eq!(a.cmp(b) == Ordering::Equal, a == b);
            for c in &places {
                assert!(!(a <= b && b <= c) || a <= c, "{a:?} {b:?} {c:?}");
            }
        }
    }
}

/// The letter for folder or file, the value, and the name.
fn parts(place: &[u8]) -> (Option<u8>, i128, &[u8]) {
    let dot = place
        .iter()
        .position(|&byte| byte == b'.')
        .expect("a full stop");
    let value = std::str::from_utf8(place.get(1..dot).unwrap_or_default()).expect("a number");
    (
        place.first().copied(),
        value.parse().unwrap_or(0),
        &place[dot..],
    )
}
