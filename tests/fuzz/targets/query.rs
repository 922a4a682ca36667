use videoserve::http::attachment;
use videoserve::parsers::{library_query, moment, segments};

/// Parses a query, and each value in the query.
pub fn query(data: &[u8]) {
    // For `?download=NAME`, `attachment` returns a field value with the NAME. A field value must be printable ASCII.
    assert!(
        attachment(data)
            .bytes()
            .all(|byte| (b' '..=b'~').contains(&byte))
    );
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Some(link) = library_query(text) {
        assert_eq!(library_query(&link[1..]), Some(link));
    }
    for value in [text].into_iter().chain(text.split(['&', '='])) {
        if let Some(written) = moment(value) {
            if let Ok(expected) = value.parse::<f64>() {
                let seconds: f64 = written.parse().expect("seconds");
                assert!((seconds - expected).abs() < 0.001, "{value} {written}");
            }
            assert_eq!(moment(&written), Some(written));
        }
        if let Some(written) = segments(value) {
            written.split(',').for_each(begins_before_it_ends);
            assert_eq!(segments(&written), Some(written));
        }
    }
}

fn begins_before_it_ends(segment: &str) {
    let (start, end) = segment.split_once('-').expect("a hyphen");
    let start: f64 = start.parse().expect("seconds");
    if !end.is_empty() {
        let end: f64 = end.parse().expect("seconds");
        assert!(start < end, "{segment}");
    }
}
