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
    /// A tag must match by strong comparison. A date must be exactly Last-Modified. It can be no stronger than a
    /// second is long (§8.8.2.2): a file that is changed twice within one is told apart by its tag only, which is
    /// what browsers and players send. What is neither tag nor date matches nothing.
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

/// RFC 9110 §13.1.1: strong comparison. A broken list fails: whoever sends it is not sure of having this version.
fn if_match_holds(value: &str, current: &Validators) -> bool {
    EntityTagList::parse(value).is_ok_and(|list| {
        list.matches(|tag| current.etag().is_some_and(|etag| etag.strong_eq(tag)))
    })
}

/// RFC 9110 §13.1.2: weak comparison, true if nothing matches. A broken list matches nothing: better to send too much.
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

    // The current version: tag "7-2540be400", Last-Modified 10 s after the epoch.
    const TAG: &str = "\"7-2540be400\"";
    const WEAK: &str = "W/\"7-2540be400\"";
    const OTHER: &str = "\"7-0\"";
    const BEFORE: &str = "Thu, 01 Jan 1970 00:00:09 GMT";
    const SAME: &str = "Thu, 01 Jan 1970 00:00:10 GMT";
    const AFTER: &str = "Thu, 01 Jan 1970 00:00:11 GMT";

    fn current() -> Validators {
        Validators::from_metadata(7, Some(UNIX_EPOCH + Duration::from_secs(10)))
    }

    fn request(method: Method, lines: &[(&str, &str)]) -> RequestHead {
        let mut request = RequestHead::new(method, "/");
        for (name, value) in lines {
            request.add_field(name, value);
        }
        request
    }

    #[track_caller]
    fn check(lines: &[(&str, &str)], read: Verdict, write: Verdict) {
        let verdict = |method, current: &Validators| {
            Preconditions::of(&request(method, lines)).evaluate(current, method)
        };
        assert_eq!(verdict(Method::Get, &current()), read, "GET {lines:?}");
        assert_eq!(verdict(Method::Head, &current()), read, "HEAD {lines:?}");
        assert_eq!(
            verdict(Method::Delete, &current()),
            write,
            "DELETE {lines:?}"
        );
        assert_eq!(
            verdict(Method::Options, &current()),
            Verdict::Proceed,
            "OPTIONS {lines:?}"
        );
    }

    #[test]
    fn each_precondition() {
        use Verdict::{Failed, NotModified, Proceed};
        check(&[], Proceed, Proceed);
        for value in [TAG, "*", &format!("{OTHER}, {TAG}")] {
            check(&[("If-Match", value)], Proceed, Proceed);
        }
        for value in [OTHER, WEAK, "", "x", &format!("{TAG}, x")] {
            check(&[("If-Match", value)], Failed, Failed);
        }
        for value in [TAG, WEAK, "*", &format!("{OTHER}, {WEAK}")] {
            check(&[("If-None-Match", value)], NotModified, Failed);
        }
        for value in [OTHER, "", "x", "7-2540be400", &format!("{TAG}, x")] {
            check(&[("If-None-Match", value)], Proceed, Proceed);
        }
        check(&[("If-Modified-Since", BEFORE)], Proceed, Proceed);
        check(&[("If-Modified-Since", SAME)], NotModified, Proceed);
        check(&[("If-Modified-Since", AFTER)], NotModified, Proceed);
        check(&[("If-Modified-Since", "x")], Proceed, Proceed);
        check(&[("If-Unmodified-Since", BEFORE)], Failed, Failed);
        check(&[("If-Unmodified-Since", SAME)], Proceed, Proceed);
        check(&[("If-Unmodified-Since", AFTER)], Proceed, Proceed);
        check(&[("If-Unmodified-Since", "x")], Proceed, Proceed);
    }

    #[test]
    fn order_and_precedence() {
        use Verdict::{Failed, NotModified, Proceed};
        check(
            &[("If-Match", TAG), ("If-Unmodified-Since", BEFORE)],
            Proceed,
            Proceed,
        );
        check(
            &[("If-Match", OTHER), ("If-Unmodified-Since", AFTER)],
            Failed,
            Failed,
        );
        check(
            &[("If-None-Match", OTHER), ("If-Modified-Since", AFTER)],
            Proceed,
            Proceed,
        );
        check(
            &[("If-None-Match", "x"), ("If-Modified-Since", AFTER)],
            Proceed,
            Proceed,
        );
        check(
            &[("If-None-Match", TAG), ("If-Modified-Since", BEFORE)],
            NotModified,
            Failed,
        );
        check(
            &[("If-Match", OTHER), ("If-None-Match", TAG)],
            Failed,
            Failed,
        );
        check(
            &[("If-Match", TAG), ("If-None-Match", TAG)],
            NotModified,
            Failed,
        );
        check(
            &[("If-Unmodified-Since", BEFORE), ("If-None-Match", TAG)],
            Failed,
            Failed,
        );
        // Two lines are one list; two dates are none.
        check(
            &[("If-None-Match", OTHER), ("If-None-Match", TAG)],
            NotModified,
            Failed,
        );
        check(
            &[("If-Modified-Since", SAME), ("If-Modified-Since", SAME)],
            Proceed,
            Proceed,
        );
    }

    #[test]
    fn without_validators_only_the_asterisk_matches() {
        let none = Validators::from_metadata(7, None);
        let verdict = |name, value| {
            Preconditions::of(&request(Method::Get, &[(name, value)])).evaluate(&none, Method::Get)
        };
        assert_eq!(verdict("If-Match", TAG), Verdict::Failed);
        assert_eq!(verdict("If-Match", "*"), Verdict::Proceed);
        assert_eq!(verdict("If-None-Match", TAG), Verdict::Proceed);
        assert_eq!(verdict("If-None-Match", "*"), Verdict::NotModified);
        assert_eq!(verdict("If-Modified-Since", AFTER), Verdict::Proceed);
        assert_eq!(verdict("If-Unmodified-Since", BEFORE), Verdict::Proceed);
    }

    #[track_caller]
    fn check_if_range(values: &[&str], expected: bool) {
        let lines: Vec<_> = values.iter().map(|value| ("If-Range", *value)).collect();
        let request = request(Method::Get, &lines);
        assert_eq!(
            Preconditions::of(&request).range_applies(&current()),
            expected,
            "{values:?}"
        );
    }

    #[test]
    fn if_range() {
        check_if_range(&[], true);
        check_if_range(&[TAG], true);
        check_if_range(&[SAME], true);
        check_if_range(&["Thursday, 01-Jan-70 00:00:10 GMT"], true);
        for value in [
            OTHER,
            WEAK,
            BEFORE,
            AFTER,
            "",
            "*",
            "x",
            "7-2540be400",
            &format!("{TAG}, {TAG}"),
        ] {
            check_if_range(&[value], false);
        }
        check_if_range(&[TAG, TAG], false);
        check_if_range(&[SAME, SAME], false);
        let request = request(Method::Get, &[("If-Range", "x")]);
        assert!(!Preconditions::of(&request).range_applies(&Validators::from_metadata(7, None)));
    }
}
