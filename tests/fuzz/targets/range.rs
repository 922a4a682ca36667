use std::time::UNIX_EPOCH;

use videoserve::http::{
    ByteRange, EntityTag, MAX_PARTS, Method, Multipart, Outcome, Part, Representation, RequestHead,
    evaluate, select,
};

/// Lengths at which a wrong integer type shows an error.
const LONG: [u64; 5] = [1 << 31, (1 << 32) + 1, 1 << 62, u64::MAX - 1, u64::MAX];

/// Parses and evaluates a Range field. The first byte chooses the length of the representation. The other bytes are
/// the field value.
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
    let ranges = match &selection {
        Outcome::Full => Vec::new(),
        Outcome::RangeNotSatisfiable => {
            assert!(complete_length > 0);
            Vec::new()
        }
        Outcome::Partial(range) => vec![*range],
        Outcome::Multipart(ranges) => ranges.clone(),
        other => panic!("{other:?} without preconditions"),
    };
    check_inside_and_separate(&ranges, complete_length);
    if !ranges.is_empty() {
        let texts: Vec<String> = ranges.iter().map(ByteRange::to_string).collect();
        let written = format!("bytes={}", texts.join(","));
        assert_eq!(select(Some(&written), complete_length), selection);
    }
    check_evaluate(value, &selection, complete_length);
}

fn check_inside_and_separate(ranges: &[ByteRange], complete_length: u64) {
    assert!(ranges.len() <= MAX_PARTS);
    let mut sorted = ranges.to_vec();
    sorted.sort_unstable_by_key(|range| range.first_pos());
    for range in &sorted {
        assert!(range.first_pos() <= range.last_pos() && range.last_pos() < complete_length);
    }
    for two in sorted.windows(2) {
        assert!(two[0].last_pos() + 1 < two[1].first_pos());
    }
}

/// Checks that GET returns the selection, and that HEAD ignores the Range field.
fn check_evaluate(value: &str, selection: &Outcome, complete_length: u64) {
    let representation = Representation {
        complete_length,
        media_type: "video/mp4",
        etag: EntityTag::from_metadata(complete_length, UNIX_EPOCH),
        last_modified: None,
    };
    let outcome = |method| {
        let mut request = RequestHead::new(method, "/");
        request.add_field("range", value);
        evaluate(&request, &representation)
    };
    assert_eq!(outcome(Method::Head), Outcome::Full);
    assert_eq!(outcome(Method::Get), *selection);
    if let Outcome::Multipart(ranges) = selection {
        check_length(&Multipart::new(ranges, &representation, 7));
    }
}

fn check_length(multipart: &Multipart) {
    let length = |text: &str| u64::try_from(text.len()).expect("a length");
    let part = |part: &Part| length(&part.head).saturating_add(part.range.length());
    let parts = multipart.parts.iter().map(part);
    let sum = parts.fold(length(&multipart.closing), u64::saturating_add);
    assert_eq!(multipart.content_length(), sum);
}
