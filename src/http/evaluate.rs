//! Decides the outcome of a request (RFC 9110 §13, §14.2): preconditions, then If-Range, then Range.

use std::time::SystemTime;

use super::date::parse_http_date;
use super::entity_tag::EntityTag;
use super::method::Method;
use super::outcome::Outcome;
use super::request::{Field, RequestHead};
use super::selection::select;
use super::whitespace::OWS;

/// A representation for a response (RFC 9110 §3.2): a video, or an asset of the pages.
#[derive(Clone, Debug)]
pub struct Representation {
    /// Length of the whole representation in bytes.
    pub complete_length: u64,
    /// Value of Content-Type.
    pub media_type: &'static str,
    /// Tag of the version. It changes with the content (§8.8.3).
    pub etag: EntityTag,
    /// Date of the version in whole seconds, if it has a date (§8.8.2).
    pub last_modified: Option<SystemTime>,
}

/// Decides the outcome of a GET or HEAD in the order of RFC 9110 §13.2.2.
///
/// A HEAD has the outcome of a GET without Range (§14.2).
pub fn evaluate(request: &RequestHead, representation: &Representation) -> Outcome {
    if let Some(outcome) = check_preconditions(request, representation) {
        return outcome;
    }
    // If If-Range is false, Range is ignored (§13.1.5), so there is no 416 either.
    let is_range_request =
        request.method() == Method::Get && range_applies(request, representation);
    let range = request.field(Field::Range).filter(|_| is_range_request);
    select(range, representation.complete_length)
}

/// Returns the outcome of a GET or HEAD if a precondition fails. Returns `None` if the request may proceed.
///
/// A handler without ranges calls only this function, because RFC 9110 §14.2 lets a server ignore Range. No resource
/// allows a method that changes it, so the rules for such methods are not implemented.
pub fn check_preconditions(request: &RequestHead, current: &Representation) -> Option<Outcome> {
    let etag = &current.etag;
    let is_modified_since = |field| is_modified_since(request.field(field), current.last_modified);
    // 1. If-Match. 2. If-Unmodified-Since, if there is no If-Match.
    let is_expected = match request.field(Field::IfMatch) {
        Some(list) => is_listed(list, |tag| etag.strong_eq(tag)),
        None => is_modified_since(Field::IfUnmodifiedSince) != Some(true),
    };
    if !is_expected {
        return Some(Outcome::PreconditionFailed);
    }
    // 3. If-None-Match. 4. If-Modified-Since, if there is no If-None-Match.
    let is_known = match request.field(Field::IfNoneMatch) {
        Some(list) => is_listed(list, |tag| etag.weak_eq(tag)),
        None => is_modified_since(Field::IfModifiedSince) == Some(false),
    };
    is_known.then_some(Outcome::NotModified)
}

/// Returns whether a value of If-Match or If-None-Match lists the current version (RFC 9110 §13.1.1, §13.1.2).
///
/// A malformed list counts as an empty list. The response is then a 412 or the whole file, but never a wrong version.
fn is_listed(list: &str, is_current: impl Fn(&EntityTag) -> bool) -> bool {
    let tags = || EntityTag::parse_list(list).unwrap_or_default();
    list.trim_matches(OWS) == "*" || tags().iter().any(is_current)
}

/// Returns whether the current version is later than the date. Returns `None` if there is no valid date or no
/// Last-Modified; the field is then ignored (RFC 9110 §13.1.3, §13.1.4).
fn is_modified_since(date: Option<&str>, last_modified: Option<SystemTime>) -> Option<bool> {
    Some(last_modified? > parse_http_date(date?)?)
}

/// Returns whether Range applies: there is no If-Range, or If-Range is true (RFC 9110 §13.1.5).
///
/// A tag must match by strong comparison. A date must be equal to Last-Modified. A date has a resolution of one second
/// (§8.8.2.2). If a file changes twice within a second, only the tag differs. Browsers and players send the tag. A
/// value that is neither tag nor date matches nothing.
fn range_applies(request: &RequestHead, current: &Representation) -> bool {
    let Some(value) = request.field(Field::IfRange) else {
        return true;
    };
    match EntityTag::parse(value) {
        Some(tag) => current.etag.strong_eq(&tag),
        None => parse_http_date(value).is_some_and(|date| current.last_modified == Some(date)),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    /// The words of a row. The current version has TAG and SAME.
    const WORDS: [(&str, &str); 6] = [
        ("TAG", "\"a-2540be400\""),
        ("OTHER", "\"a-0\""),
        ("BEFORE", "Thu, 01 Jan 1970 00:00:09 GMT"),
        ("SAME", "Thu, 01 Jan 1970 00:00:10 GMT"),
        ("RFC850", "Thursday, 01-Jan-70 00:00:10 GMT"),
        ("AFTER", "Thu, 01 Jan 1970 00:00:11 GMT"),
    ];

    /// Evaluates a row: field lines, divided by `|`, with the words above.
    fn outcome(method: Method, row: &str, has_date: bool) -> String {
        let mut request = RequestHead::new(method, "/");
        for line in row.split('|').filter(|line| !line.is_empty()) {
            let (name, value) = line.split_once(':').expect("a colon");
            let value = WORDS.iter().fold(value.to_owned(), |value, (word, text)| {
                value.replace(word, text)
            });
            request.add_field(name, &value);
        }
        let modified = UNIX_EPOCH + Duration::from_secs(10);
        let representation = Representation {
            complete_length: 10,
            media_type: "video/mp4",
            etag: EntityTag::from_metadata(10, modified),
            last_modified: has_date.then_some(modified),
        };
        match evaluate(&request, &representation) {
            Outcome::Full => "200".to_owned(),
            Outcome::Partial(range) => range.to_string(),
            Outcome::Multipart(ranges) => format!("{} parts", ranges.len()),
            Outcome::NotModified => "304".to_owned(),
            Outcome::PreconditionFailed => "412".to_owned(),
            Outcome::RangeNotSatisfiable => "416".to_owned(),
        }
    }

    /// Checks the outcome of a row for GET and HEAD.
    #[track_caller]
    fn check(expected: &str, row: &str) {
        for method in [Method::Get, Method::Head] {
            assert_eq!(outcome(method, row, true), expected, "{method:?} {row}");
        }
    }

    /// Checks the outcome of a row for GET. HEAD gets 200, because Range is for GET only (RFC 9110 §14.2).
    #[track_caller]
    fn check_range(expected: &str, row: &str) {
        assert_eq!(outcome(Method::Get, row, true), expected, "{row}");
        assert_eq!(outcome(Method::Head, row, true), "200", "HEAD {row}");
    }

    /// RFC 9110 §13.1.1: strong comparison.
    #[test]
    fn if_match_compares_strongly() {
        for value in ["TAG", "*", "OTHER, TAG", "OTHER|If-Match: TAG"] {
            check("200", &format!("If-Match: {value}"));
        }
        for value in ["OTHER", "W/TAG", "", "x", "TAG, x"] {
            check("412", &format!("If-Match: {value}"));
        }
    }

    /// RFC 9110 §13.1.2: weak comparison.
    #[test]
    fn if_none_match_compares_weakly() {
        for value in "TAG;W/TAG;*;OTHER, W/TAG;OTHER|If-None-Match: TAG".split(';') {
            check("304", &format!("If-None-Match: {value}"));
        }
        for value in ["OTHER", "", "x", "a-2540be400", "TAG, x"] {
            check("200", &format!("If-None-Match: {value}"));
        }
    }

    /// RFC 9110 §13.1.3, §13.1.4. A malformed date is ignored, and so are two lines.
    #[test]
    fn dates_compare_to_the_second() {
        check("412", "If-Unmodified-Since: BEFORE");
        check("200", "If-Modified-Since: BEFORE");
        for date in ["SAME", "RFC850", "AFTER"] {
            check("304", &format!("If-Modified-Since: {date}"));
            check("200", &format!("If-Unmodified-Since: {date}"));
        }
        check("200", "If-Modified-Since: x");
        check("200", "If-Unmodified-Since: x");
        check("200", "If-Modified-Since: SAME|If-Modified-Since: SAME");
    }

    /// RFC 9110 §13.2.2, step by step.
    #[test]
    fn preconditions_have_an_order() {
        // Step 1 before step 2: If-Unmodified-Since does not count.
        check("200", "If-Match: TAG|If-Unmodified-Since: BEFORE");
        check("412", "If-Match: OTHER|If-Unmodified-Since: AFTER");
        // Step 3 before step 4: If-Modified-Since does not count.
        check("200", "If-None-Match: OTHER|If-Modified-Since: AFTER");
        check("200", "If-None-Match: x|If-Modified-Since: AFTER");
        check("304", "If-None-Match: TAG|If-Modified-Since: BEFORE");
        // Steps 1 and 2 before steps 3 and 4.
        check("412", "If-Match: OTHER|If-None-Match: TAG");
        check("304", "If-Match: TAG|If-None-Match: TAG");
        check("412", "If-Match: OTHER|If-Modified-Since: SAME");
        check("412", "If-Unmodified-Since: BEFORE|If-None-Match: TAG");
        check("412", "If-Unmodified-Since: BEFORE|If-Modified-Since: SAME");
        check("304", "If-Unmodified-Since: SAME|If-Modified-Since: SAME");
    }

    #[test]
    fn dates_are_ignored_without_last_modified() {
        for (row, expected) in [
            ("If-Modified-Since: AFTER", "200"),
            ("If-Unmodified-Since: BEFORE", "200"),
            ("If-Range: SAME|Range: bytes=0-4", "200"),
            ("If-None-Match: TAG", "304"),
        ] {
            assert_eq!(outcome(Method::Get, row, false), expected, "{row}");
        }
    }

    /// RFC 9110 §14.2, and §13.2.2: preconditions come before Range.
    #[test]
    fn range_is_decided_last_and_for_get_only() {
        check("200", "");
        check("200", "Range: bytes=x");
        check_range("0-4", "Range: bytes=0-4");
        check_range("0-4", "Range: bytes=0-4|If-Match: TAG");
        check_range("2 parts", "Range: bytes=0-1,5-6");
        check_range("416", "Range: bytes=10-");
        check("304", "Range: bytes=10-|If-None-Match: TAG");
        check("304", "Range: bytes=0-4|If-None-Match: TAG|If-Range: x");
        check("412", "Range: bytes=0-4|If-Match: x");
    }

    /// RFC 9110 §13.1.5: strong comparison of tags, or an equal date.
    #[test]
    fn if_range_compares_strongly() {
        for value in ["TAG", "SAME", "RFC850"] {
            check_range("0-4", &format!("Range: bytes=0-4|If-Range: {value}"));
            check_range("416", &format!("Range: bytes=10-|If-Range: {value}"));
        }
        for value in
            "OTHER;W/TAG;BEFORE;AFTER;;*;x;a-2540be400;TAG, TAG;TAG|If-Range: TAG".split(';')
        {
            check("200", &format!("Range: bytes=0-4|If-Range: {value}"));
            check("200", &format!("Range: bytes=10-|If-Range: {value}"));
        }
        check("200", "If-Range: x");
    }
}
