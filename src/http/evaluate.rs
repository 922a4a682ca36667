//! What a request gets of a representation. The only place that fixes the order of the decisions.
//!
//! Knows which rule comes before which. Must not know how a decision looks on the wire.

use super::condition::{Preconditions, Verdict};
use super::method::Method;
use super::range::ByteRange;
use super::request::RequestHead;
use super::selection::{Selection, select};
use super::validator::Validators;

/// What could be sent (RFC 9110 §3.2): a video, or an asset of the pages. Both take the same path.
#[derive(Clone, Debug)]
pub struct Representation {
    /// Length of the whole in bytes.
    pub complete_length: u64,
    /// Value of Content-Type.
    pub media_type: &'static str,
    /// What it can be recognised by.
    pub validators: Validators,
}

/// What will be sent.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// 200, everything (RFC 9110 §15.3.1).
    Full,
    /// 206, one range (§15.3.7.1).
    Partial(ByteRange),
    /// 206, several ranges as multipart/byteranges (§15.3.7.2).
    Multipart(Vec<ByteRange>),
    /// 304, nothing: the client has it (§15.4.5).
    NotModified,
    /// 412, nothing: the client expects another version (§15.5.13).
    PreconditionFailed,
    /// 416, nothing: no such bytes (§15.5.17).
    RangeNotSatisfiable,
}

/// Decides, in the order of RFC 9110 §13.2.2: preconditions, then If-Range, then Range.
///
/// HEAD gets the head that GET without Range would get.
pub fn evaluate(request: &RequestHead, representation: &Representation) -> Outcome {
    let preconditions = Preconditions::of(request);
    match preconditions.evaluate(&representation.validators, request.method()) {
        Verdict::Proceed => {}
        Verdict::NotModified => return Outcome::NotModified,
        Verdict::Failed => return Outcome::PreconditionFailed,
    }
    // §14.2: Range is defined for GET only. §13.1.5: if If-Range is false, Range is ignored, so no 416 either.
    let is_range_request =
        request.method() == Method::Get && preconditions.range_applies(&representation.validators);
    let range = request.range().filter(|_| is_range_request);
    match select(range, representation.complete_length) {
        Selection::Whole => Outcome::Full,
        Selection::Part(range) => Outcome::Partial(range),
        Selection::Parts(ranges) => Outcome::Multipart(ranges),
        Selection::Unsatisfiable => Outcome::RangeNotSatisfiable,
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    const TAG: &str = "\"a-2540be400\"";

    /// A row is field lines, divided by `|`, with TAG for the current tag; then the outcomes for GET and HEAD.
    #[track_caller]
    fn check(row: &str, get: &str, head: &str) {
        for (method, expected) in [(Method::Get, get), (Method::Head, head)] {
            let mut request = RequestHead::new(method, "/");
            for line in row.split('|').filter(|line| !line.is_empty()) {
                let (name, value) = line.split_once(':').expect("a colon");
                request.add_field(name, &value.replace("TAG", TAG));
            }
            let modified = Some(UNIX_EPOCH + Duration::from_secs(10));
            let representation = Representation {
                complete_length: 10,
                media_type: "video/mp4",
                validators: Validators::from_metadata(10, modified),
            };
            let shown = match evaluate(&request, &representation) {
                Outcome::Full => "200".to_owned(),
                Outcome::Partial(range) => range.to_string(),
                Outcome::Multipart(ranges) => format!("{} parts", ranges.len()),
                Outcome::NotModified => "304".to_owned(),
                Outcome::PreconditionFailed => "412".to_owned(),
                Outcome::RangeNotSatisfiable => "416".to_owned(),
            };
            assert_eq!(shown, expected, "{method} {row}");
        }
    }

    /// RFC 9110 §14.2.
    #[test]
    fn range_counts_for_get_only() {
        check("", "200", "200");
        check("Range: bytes=0-4", "0-4", "200");
        check("Range: bytes=0-1,5-6", "2 parts", "200");
        check("Range: bytes=10-", "416", "200");
        check("Range: bytes=x", "200", "200");
        check("Range: bytes=0-1|Range: bytes=2-3", "200", "200");
    }

    /// RFC 9110 §13.2.2: preconditions, then If-Range, then Range.
    #[test]
    fn range_is_decided_last() {
        check("Range: bytes=10-|If-None-Match: TAG", "304", "304");
        check(
            "Range: bytes=0-4|If-None-Match: TAG|If-Range: x",
            "304",
            "304",
        );
        check("Range: bytes=0-4|If-Match: x", "412", "412");
        check("Range: bytes=0-4|If-Match: TAG", "0-4", "200");
        check("Range: bytes=0-4|If-Range: TAG", "0-4", "200");
        check("Range: bytes=0-4|If-Range: x", "200", "200");
        check("Range: bytes=10-|If-Range: TAG", "416", "200");
        check("Range: bytes=10-|If-Range: x", "200", "200");
        check("If-Range: x", "200", "200");
    }
}
