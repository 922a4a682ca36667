//! Conditional requests (RFC 9110 §13): whether the client's version still is ours.
//!
//! Knows what each precondition means and in which order they count. Must not know ranges or responses.

use super::date::parse_http_date;
use super::entity_tag::{EntityTag, EntityTagList};
use super::method::Method;
use super::request::RequestHead;
use super::validator::Validators;

/// The preconditions of one request: the field values as they came.
#[derive(Clone, Copy, Debug)]
pub struct Preconditions<'a> {
    if_match: Option<&'a str>,
    if_none_match: Option<&'a str>,
    if_modified_since: Option<&'a str>,
    if_unmodified_since: Option<&'a str>,
    if_range: Option<&'a str>,
}

/// What the preconditions, If-Range aside, demand.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// Answer as if there were none.
    Proceed,
    /// The client has this version: 304 (RFC 9110 §15.4.5).
    NotModified,
    /// The client wants another version than this: 412 (§15.5.13).
    Failed,
}

impl<'a> Preconditions<'a> {
    /// The preconditions in a request head.
    pub fn of(request: &'a RequestHead) -> Preconditions<'a> {
        Preconditions {
            if_match: request.if_match(),
            if_none_match: request.if_none_match(),
            if_modified_since: request.if_modified_since(),
            if_unmodified_since: request.if_unmodified_since(),
            if_range: request.if_range(),
        }
    }

    /// Evaluates them in the order of RFC 9110 §13.2.2; If-Range, its last step, is
    /// [`range_applies`](Preconditions::range_applies).
    pub fn evaluate(&self, current: &Validators, method: Method) -> Verdict {
        // §13.2.1: they are about selecting or changing a representation. These methods do neither.
        if matches!(method, Method::Options | Method::Connect | Method::Trace) {
            return Verdict::Proceed;
        }
        let is_read = matches!(method, Method::Get | Method::Head);

        // 1. If-Match, or 2. If-Unmodified-Since, which counts only without it.
        let is_expected = match self.if_match {
            Some(value) => if_match_holds(value, current),
            None => self
                .if_unmodified_since
                .is_none_or(|value| is_unmodified_since(value, current)),
        };
        if !is_expected {
            return Verdict::Failed;
        }

        // 3. If-None-Match, or 4. If-Modified-Since, which counts only without it, and only for reading.
        match self.if_none_match {
            Some(value) if if_none_match_holds(value, current) => Verdict::Proceed,
            Some(_) if is_read => Verdict::NotModified,
            Some(_) => Verdict::Failed,
            None if !is_read => Verdict::Proceed,
            None => match self.if_modified_since {
                Some(value) if !is_modified_since(value, current) => Verdict::NotModified,
                Some(_) | None => Verdict::Proceed,
            },
        }
    }

    /// Whether Range may be applied: there is no If-Range, or it holds (RFC 9110 §13.1.5).
    ///
    /// A tag must match by strong comparison. A date must be exactly Last-Modified. A date has a resolution of one
    /// second (§8.8.2.2), so only the tag differs when a file changes twice within one. Browsers and players send the
    /// tag. A value that is neither tag nor date matches nothing.
    pub fn range_applies(&self, current: &Validators) -> bool {
        let Some(value) = self.if_range else {
            return true;
        };
        match EntityTag::parse(value) {
            Ok(tag) => current.etag().is_some_and(|etag| etag.strong_eq(&tag)),
            Err(_) => {
                let date = parse_http_date(value);
                date.is_some() && date == current.last_modified()
            }
        }
    }
}

/// RFC 9110 §13.1.1: strong comparison. A malformed list fails, because it names no version for certain.
fn if_match_holds(value: &str, current: &Validators) -> bool {
    EntityTagList::parse(value).is_ok_and(|list| {
        list.matches(|tag| current.etag().is_some_and(|etag| etag.strong_eq(tag)))
    })
}

/// RFC 9110 §13.1.2: weak comparison, true if nothing matches. A malformed list matches nothing: better to send too much.
fn if_none_match_holds(value: &str, current: &Validators) -> bool {
    !EntityTagList::parse(value)
        .is_ok_and(|list| list.matches(|tag| current.etag().is_some_and(|etag| etag.weak_eq(tag))))
}

/// RFC 9110 §13.1.3: without a valid date, or without Last-Modified, the field is ignored, as if it were modified.
fn is_modified_since(value: &str, current: &Validators) -> bool {
    match (parse_http_date(value), current.last_modified()) {
        (Some(date), Some(last_modified)) => last_modified > date,
        (None, _) | (_, None) => true,
    }
}

/// RFC 9110 §13.1.4: without a valid date, or without Last-Modified, the field is ignored, as if it were not modified.
fn is_unmodified_since(value: &str, current: &Validators) -> bool {
    match (parse_http_date(value), current.last_modified()) {
        (Some(date), Some(last_modified)) => last_modified <= date,
        (None, _) | (_, None) => true,
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    /// The words of a row. The current version has TAG and SAME.
    const WORDS: [(&str, &str); 6] = [
        ("TAG", "\"7-2540be400\""),
        ("OTHER", "\"7-0\""),
        ("BEFORE", "Thu, 01 Jan 1970 00:00:09 GMT"),
        ("SAME", "Thu, 01 Jan 1970 00:00:10 GMT"),
        ("RFC850", "Thursday, 01-Jan-70 00:00:10 GMT"),
        ("AFTER", "Thu, 01 Jan 1970 00:00:11 GMT"),
    ];

    fn current() -> Validators {
        Validators::from_metadata(7, Some(UNIX_EPOCH + Duration::from_secs(10)))
    }

    /// A request with the field lines of a row, which are divided by `|`.
    fn request(method: Method, row: &str) -> RequestHead {
        let mut request = RequestHead::new(method, "/");
        for line in row.split('|').filter(|line| !line.is_empty()) {
            let (name, value) = line.split_once(':').expect("a colon");
            let value = WORDS.iter().fold(value.to_owned(), |value, (word, text)| {
                value.replace(word, text)
            });
            request.add_field(name.trim(), &value);
        }
        request
    }

    /// The status that follows from a verdict.
    fn status(verdict: Verdict) -> u16 {
        match verdict {
            Verdict::Proceed => 200,
            Verdict::NotModified => 304,
            Verdict::Failed => 412,
        }
    }

    /// `read` is the status for GET and HEAD, `write` the one for DELETE. OPTIONS has no preconditions (§13.2.1).
    #[track_caller]
    fn check(row: &str, read: u16, write: u16) {
        for (method, expected) in [
            (Method::Get, read),
            (Method::Head, read),
            (Method::Delete, write),
            (Method::Options, 200),
        ] {
            let request = request(method, row);
            let verdict = Preconditions::of(&request).evaluate(&current(), method);
            assert_eq!(status(verdict), expected, "{method} {row}");
        }
    }

    /// RFC 9110 §13.1.1.
    #[test]
    fn if_match_compares_strongly() {
        check("", 200, 200);
        for value in ["TAG", "*", "OTHER, TAG", "OTHER|If-Match: TAG"] {
            check(&format!("If-Match: {value}"), 200, 200);
        }
        for value in ["OTHER", "W/TAG", "", "x", "TAG, x"] {
            check(&format!("If-Match: {value}"), 412, 412);
        }
    }

    /// RFC 9110 §13.1.2.
    #[test]
    fn if_none_match_compares_weakly() {
        for value in [
            "TAG",
            "W/TAG",
            "*",
            "OTHER, W/TAG",
            "OTHER|If-None-Match: TAG",
        ] {
            check(&format!("If-None-Match: {value}"), 304, 412);
        }
        for value in ["OTHER", "", "x", "7-2540be400", "TAG, x"] {
            check(&format!("If-None-Match: {value}"), 200, 200);
        }
    }

    /// RFC 9110 §13.1.3, §13.1.4. What is no date is ignored, and so are two lines.
    #[test]
    fn dates_compare_to_the_second() {
        check("If-Modified-Since: BEFORE", 200, 200);
        check("If-Unmodified-Since: BEFORE", 412, 412);
        for date in ["SAME", "RFC850", "AFTER"] {
            check(&format!("If-Modified-Since: {date}"), 304, 200);
            check(&format!("If-Unmodified-Since: {date}"), 200, 200);
        }
        check("If-Modified-Since: x", 200, 200);
        check("If-Unmodified-Since: x", 200, 200);
        check("If-Modified-Since: SAME|If-Modified-Since: SAME", 200, 200);
    }

    /// RFC 9110 §13.2.2, step by step.
    #[test]
    fn preconditions_have_an_order() {
        // Step 1 before step 2: If-Unmodified-Since does not count.
        check("If-Match: TAG|If-Unmodified-Since: BEFORE", 200, 200);
        check("If-Match: OTHER|If-Unmodified-Since: AFTER", 412, 412);
        // Step 3 before step 4: If-Modified-Since does not count.
        check("If-None-Match: OTHER|If-Modified-Since: AFTER", 200, 200);
        check("If-None-Match: x|If-Modified-Since: AFTER", 200, 200);
        check("If-None-Match: TAG|If-Modified-Since: BEFORE", 304, 412);
        // Steps 1 and 2 before steps 3 and 4.
        check("If-Match: OTHER|If-None-Match: TAG", 412, 412);
        check("If-Match: TAG|If-None-Match: TAG", 304, 412);
        check("If-Match: OTHER|If-Modified-Since: SAME", 412, 412);
        check("If-Unmodified-Since: BEFORE|If-None-Match: TAG", 412, 412);
        check(
            "If-Unmodified-Since: BEFORE|If-Modified-Since: SAME",
            412,
            412,
        );
        check(
            "If-Unmodified-Since: SAME|If-Modified-Since: SAME",
            304,
            200,
        );
    }

    #[test]
    fn only_asterisk_matches_without_validators() {
        let none = Validators::from_metadata(7, None);
        for (row, expected) in [
            ("If-Match: TAG", 412),
            ("If-Match: *", 200),
            ("If-None-Match: TAG", 200),
            ("If-None-Match: *", 304),
            ("If-Modified-Since: AFTER", 200),
            ("If-Unmodified-Since: BEFORE", 200),
        ] {
            let request = request(Method::Get, row);
            let verdict = Preconditions::of(&request).evaluate(&none, Method::Get);
            assert_eq!(status(verdict), expected, "{row}");
        }
        let request = request(Method::Get, "If-Range: x");
        assert!(!Preconditions::of(&request).range_applies(&none));
    }

    /// RFC 9110 §13.1.5: strong comparison, or exactly that date.
    #[test]
    fn if_range_compares_strongly() {
        let applies = |row: &str| {
            let request = request(Method::Get, row);
            Preconditions::of(&request).range_applies(&current())
        };
        assert!(applies(""));
        for value in ["TAG", "SAME", "RFC850"] {
            assert!(applies(&format!("If-Range: {value}")), "{value}");
        }
        for value in "OTHER|W/TAG|BEFORE|AFTER||*|x|7-2540be400|TAG, TAG".split('|') {
            assert!(!applies(&format!("If-Range: {value}")), "{value}");
        }
        assert!(!applies("If-Range: TAG|If-Range: TAG"));
        assert!(!applies("If-Range: SAME|If-Range: SAME"));
    }
}
