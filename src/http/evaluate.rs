//! Decides the outcome of a request (RFC 9110 §13, §14.2): preconditions, then If-Range, then Range.

use std::time::SystemTime;

use super::date::parse_http_date;
use super::entity_tag::EntityTag;
use super::method::Method;
use super::range::{Outcome, select};
use super::request::RequestHead;
use super::whitespace::OWS;

/// The content that a request asks for (RFC 9110 §3.2): a video, or an asset of the pages.
#[derive(Clone, Debug)]
pub struct Representation {
    /// Number of bytes of the whole representation.
    pub complete_length: u64,
    /// Value of Content-Type.
    pub media_type: &'static str,
    /// Tag of the current version. It changes with the content (§8.8.3).
    pub etag: EntityTag,
    /// Modification time in whole seconds, if there is one (§8.8.2).
    pub last_modified: Option<SystemTime>,
}

/// Decides the outcome of a GET or HEAD in the order of RFC 9110 §13.2.2.
///
/// For HEAD, Range is ignored (§14.2).
pub fn evaluate(request: &RequestHead, representation: &Representation) -> Outcome {
    if let Some(outcome) = check_preconditions(request, representation) {
        return outcome;
    }
    // With a false If-Range, Range is ignored (§13.1.5). Then the outcome is never 416.
    let is_range_request = request.method == Method::Get && range_applies(request, representation);
    let range = request.field("range").filter(|_| is_range_request);
    select(range, representation.complete_length)
}

/// Returns the outcome of a GET or HEAD if a precondition fails. Otherwise, returns `None`.
///
/// Handlers without ranges call only this function, because a server may ignore Range (§14.2). The rules for methods
/// that change a resource are not implemented: no resource allows such a method.
pub fn check_preconditions(request: &RequestHead, current: &Representation) -> Option<Outcome> {
    let etag = &current.etag;
    let is_modified_since = |field| is_modified_since(request.field(field), current.last_modified);
    // 1. If-Match. 2. If-Unmodified-Since, if there is no If-Match.
    let is_expected = match request.field("if-match") {
        Some(list) => is_listed(list, |tag| etag.strong_eq(tag)),
        None => is_modified_since("if-unmodified-since") != Some(true),
    };
    if !is_expected {
        return Some(Outcome::PreconditionFailed);
    }
    // 3. If-None-Match. 4. If-Modified-Since, if there is no If-None-Match.
    let is_known = match request.field("if-none-match") {
        Some(list) => is_listed(list, |tag| etag.weak_eq(tag)),
        None => is_modified_since("if-modified-since") == Some(false),
    };
    is_known.then_some(Outcome::NotModified)
}

/// Returns whether If-Match or If-None-Match lists the current version (RFC 9110 §13.1.1, §13.1.2).
///
/// A malformed list counts as empty. So a malformed If-Match leads to 412, and a malformed If-None-Match leads to the
/// file.
fn is_listed(list: &str, is_current: impl Fn(&EntityTag) -> bool) -> bool {
    let tags = || EntityTag::parse_list(list).unwrap_or_default();
    list.trim_matches(OWS) == "*" || tags().iter().any(is_current)
}

/// Returns whether the current version is later than the date. Returns `None` if there is no valid date or no
/// Last-Modified. The field is then ignored (RFC 9110 §13.1.3, §13.1.4).
fn is_modified_since(date: Option<&str>, last_modified: Option<SystemTime>) -> Option<bool> {
    Some(last_modified? > parse_http_date(date?)?)
}

/// Returns whether Range applies: If-Range is absent or true (RFC 9110 §13.1.5).
///
/// A tag must match by strong comparison, and a date must be equal to Last-Modified. Any other value matches nothing.
/// If a file changes twice within one second, both versions have the same date (§8.8.2.2). This is a small risk,
/// because browsers and players send tags.
fn range_applies(request: &RequestHead, current: &Representation) -> bool {
    let Some(value) = request.field("if-range") else {
        return true;
    };
    match EntityTag::parse(value) {
        Some(tag) => current.etag.strong_eq(&tag),
        None => parse_http_date(value).is_some_and(|date| current.last_modified == Some(date)),
    }
}
