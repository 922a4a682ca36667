//! Tests which bytes a Range field selects. A simple model, [`bits_of_spec`], decides for each byte of a short file
//! whether a range selects it. The tests compare the result of `select` with the model, for all ranges with small
//! positions, and for random sets of ranges.
//! `PROPTEST_CASES` sets the number of random inputs.

use std::fmt::Write;
use std::time::UNIX_EPOCH;

use proptest::prelude::*;
use videoserve::http::{
    ByteRange, EntityTag, MAX_PARTS, Multipart, Outcome, Persistence, Representation, ResponseHead,
    select,
};

/// The lengths of the files in the tests that use all of [`specs`].
const LENGTHS: std::ops::RangeInclusive<u64> = 0..=8;
/// The positions in the ranges of [`specs`]. Some are past the end of the longest file.
const POSITIONS: std::ops::RangeInclusive<u64> = 0..=10;

/// One element of a range set: `first_pos-last_pos`, `first_pos-` or `-suffix_length`.
#[derive(Debug, Clone, Copy)]
enum RangeSpec {
    Int {
        first_pos: u64,
        last_pos: Option<u64>,
    },
    Suffix {
        suffix_length: u64,
    },
}

/// Returns all specs with numbers from [`POSITIONS`]. Each has its text, and the value that the text must parse to.
fn specs() -> Vec<(String, RangeSpec)> {
    let mut specs = Vec::new();
    for first_pos in POSITIONS {
        let open = RangeSpec::Int {
            first_pos,
            last_pos: None,
        };
        specs.push((format!("{first_pos}-"), open));
        for last in POSITIONS {
            let closed = RangeSpec::Int {
                first_pos,
                last_pos: Some(last),
            };
            specs.push((format!("{first_pos}-{last}"), closed));
        }
    }
    for suffix_length in POSITIONS {
        specs.push((
            format!("-{suffix_length}"),
            RangeSpec::Suffix { suffix_length },
        ));
    }
    specs
}

/// A set of bytes of a short file. Bit 0 stands for the first byte of the file.
type Bits = u16;

fn bits(positions: impl Iterator<Item = u64>) -> Bits {
    positions.fold(0, |bits, position| bits | 1 << position)
}

fn bits_of_range(range: ByteRange) -> Bits {
    bits(range.first_pos()..=range.last_pos())
}

fn is_reversed(spec: RangeSpec) -> bool {
    matches!(spec, RangeSpec::Int { first_pos, last_pos: Some(last_pos) } if last_pos < first_pos)
}

fn bits_of_spec(spec: RangeSpec, complete_length: u64) -> Bits {
    bits((0..complete_length).filter(|&position| match spec {
        RangeSpec::Int {
            first_pos,
            last_pos,
        } => first_pos <= position && last_pos.is_none_or(|last_pos| position <= last_pos),
        RangeSpec::Suffix { suffix_length } => position + suffix_length >= complete_length,
    }))
}

/// Returns the selected ranges. The file must not be empty, because a range of an empty file selects the whole file.
fn ranges(selection: Outcome) -> Vec<ByteRange> {
    match selection {
        Outcome::Partial(range) => vec![range],
        Outcome::Multipart(ranges) => {
            assert!((2..=MAX_PARTS).contains(&ranges.len()));
            ranges
        }
        Outcome::RangeNotSatisfiable => Vec::new(),
        other => panic!("a valid set of few ranges has the outcome {other:?}"),
    }
}

/// Returns true if each range is inside the file, and there are bytes between any two ranges.
fn are_separate_and_inside(ranges: &[ByteRange], complete_length: u64) -> bool {
    let apart = |one: &ByteRange, other: &ByteRange| {
        one.last_pos() + 1 < other.first_pos() || other.last_pos() + 1 < one.first_pos()
    };
    ranges.iter().enumerate().all(|(i, one)| {
        one.first_pos() <= one.last_pos()
            && one.last_pos() < complete_length
            && one.length() == one.last_pos() - one.first_pos() + 1
            && ranges[..i].iter().all(|other| apart(one, other))
    })
}

#[test]
fn every_spec_selects_the_bytes_of_the_model() {
    for (text, spec) in specs() {
        let value = format!("bytes={text}");
        for complete_length in LENGTHS {
            let expected = bits_of_spec(spec, complete_length);
            let selected = match select(Some(&value), complete_length) {
                Outcome::Partial(range) => bits_of_range(range),
                Outcome::RangeNotSatisfiable if complete_length > 0 => 0,
                Outcome::Full if complete_length == 0 => 0,
                other => panic!("{value} of {complete_length}: {other:?}"),
            };
            assert_eq!(selected, expected, "{value} of {complete_length}");
        }
    }
}

#[test]
fn every_pair_of_specs_selects_the_bytes_of_the_model() {
    let specs = specs();
    let mut value = String::new();
    for complete_length in LENGTHS {
        for (one_text, one) in &specs {
            for (other_text, other) in &specs {
                value.clear();
                write!(value, "bytes={one_text},{other_text}").expect("a string takes everything");
                let selection = select(Some(&value), complete_length);
                if complete_length == 0 || is_reversed(*one) || is_reversed(*other) {
                    assert_eq!(selection, Outcome::Full, "{value}");
                    continue;
                }
                let selected = ranges(selection);
                assert!(
                    are_separate_and_inside(&selected, complete_length),
                    "{value}: {selected:?}"
                );
                let (one, other) = (
                    bits_of_spec(*one, complete_length),
                    bits_of_spec(*other, complete_length),
                );
                let all = selected
                    .iter()
                    .fold(0, |all, range| all | bits_of_range(*range));
                assert_eq!(all, one | other, "{value} of {complete_length}");
                // The response has the ranges in the order of the request. So its first range contains all bytes of the
                // first spec that selects any byte.
                let first = if one == 0 { other } else { one };
                let sent_first = selected.first().map_or(0, |range| bits_of_range(*range));
                assert_eq!(sent_first & first, first, "{value} of {complete_length}");
            }
        }
    }
}

#[test]
fn every_printed_range_parses_to_the_same_range() {
    for first_pos in POSITIONS {
        for last_pos in POSITIONS {
            let range = ByteRange::new(first_pos, last_pos);
            assert_eq!(range.is_some(), first_pos <= last_pos);
            let Some(range) = range else { continue };
            let selected = select(Some(&format!("bytes={range}")), 100);
            assert_eq!(selected, Outcome::Partial(range));
        }
    }
}

fn representation(complete_length: u64) -> Representation {
    Representation {
        complete_length,
        media_type: "video/mp4",
        etag: EntityTag::from_metadata(complete_length, UNIX_EPOCH),
        last_modified: Some(UNIX_EPOCH),
    }
}

/// Checks that head and content of a multipart response match.
fn check_multipart(ranges: &[ByteRange], complete_length: u64, boundary: u128) {
    let representation = representation(complete_length);
    let multipart = Multipart::new(ranges, &representation, boundary);
    let position = |position: u64| usize::try_from(position).expect("a small file");
    let file: Vec<u8> = (b'0'..=b'9')
        .cycle()
        .take(position(complete_length))
        .collect();
    let bytes_of =
        |range: ByteRange| &file[position(range.first_pos())..=position(range.last_pos())];
    let mut content = Vec::new();
    for part in &multipart.parts {
        content.extend_from_slice(part.head.as_bytes());
        content.extend_from_slice(bytes_of(part.range));
    }
    content.extend_from_slice(multipart.closing.as_bytes());
    assert_eq!(multipart.content_length(), content.len() as u64);

    let outcome = Outcome::Multipart(ranges.to_vec());
    let head = ResponseHead::for_outcome(&outcome, &representation, boundary);
    let mut encoded = Vec::new();
    head.encode(UNIX_EPOCH, Persistence::Close, &mut encoded);
    let encoded = String::from_utf8(encoded).expect("text");
    assert!(
        encoded.contains(&format!("\r\nContent-Length: {}\r\n", content.len())),
        "{encoded}"
    );
    assert!(
        encoded.contains(&format!("\r\nContent-Type: {}\r\n", multipart.media_type)),
        "{encoded}"
    );

    // Reads the content as a client does (RFC 2046 §5.1.1): splits it at the delimiters, and each part at its empty
    // line.
    let content = format!("\r\n{}", String::from_utf8(content).expect("text"));
    let parts: Vec<&str> = content.split(&format!("\r\n--{boundary:032x}")).collect();
    assert_eq!((parts.first(), parts.last()), (Some(&""), Some(&"--\r\n")));
    for (part, range) in parts[1..parts.len() - 1].iter().zip(ranges) {
        let (head, bytes) = part.split_once("\r\n\r\n").expect("an empty line");
        assert!(
            head.ends_with(&format!("Content-Range: bytes {range}/{complete_length}")),
            "{head}"
        );
        assert_eq!(bytes.as_bytes(), bytes_of(*range));
    }
    assert_eq!(parts.len(), ranges.len() + 2);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_set_selects_the_bytes_of_the_model(
        chosen in proptest::collection::vec(proptest::sample::select(specs()), 1..8),
        complete_length in 1_u64..=14,
    ) {
        let chosen: Vec<_> = chosen.into_iter().filter(|(_, spec)| !is_reversed(*spec)).collect();
        prop_assume!(!chosen.is_empty());
        let texts: Vec<&str> = chosen.iter().map(|(text, _)| text.as_str()).collect();
        let selected = ranges(select(Some(&format!("bytes={}", texts.join(" ,, "))), complete_length));
        prop_assert!(are_separate_and_inside(&selected, complete_length));
        let all = selected.iter().fold(0, |all, range| all | bits_of_range(*range));
        let each: Vec<Bits> = chosen.iter().map(|(_, spec)| bits_of_spec(*spec, complete_length)).collect();
        prop_assert_eq!(all, each.iter().fold(0, |all, bits| all | bits));
        let asked = |range: &ByteRange| each.iter().position(|bits| bits & bits_of_range(*range) != 0);
        prop_assert!(selected.is_sorted_by_key(asked));
    }

    #[test]
    fn any_set_with_a_reversed_range_selects_the_whole_file(
        mut texts in proptest::collection::vec(proptest::sample::select(specs()).prop_map(|spec| spec.0), 1..8),
        at: prop::sample::Index,
        first_pos in 1_u64..=10,
        complete_length in 1_u64..=14,
    ) {
        texts.insert(at.index(texts.len() + 1), format!("{first_pos}-{}", first_pos - 1));
        prop_assert_eq!(select(Some(&format!("bytes={}", texts.join(","))), complete_length), Outcome::Full);
    }

    #[test]
    fn any_multipart_has_its_announced_length(
        cuts in proptest::collection::btree_set(0_u64..500, 4..40),
        boundary: u128,
    ) {
        let cuts: Vec<u64> = cuts.into_iter().collect();
        let ranges: Vec<ByteRange> = cuts.chunks_exact(2).filter_map(|cut| ByteRange::new(cut[0], cut[1])).collect();
        check_multipart(&ranges, 500, boundary);
    }
}
