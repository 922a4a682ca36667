//! The gate's own responses: a status, one sentence, and the end of the connection. Pure.

use crate::http::{ResponseHead, Status};
use crate::limits::RETRY_AFTER_SECONDS;

/// Returns the head and content of the response to an invalid request. `method` and `target` are the received parts;
/// both may be empty.
pub(super) fn refusal(status: Status, method: &[u8], target: &[u8]) -> (ResponseHead, String) {
    let sentence = status.reason();
    let (media_type, content) = if target.starts_with(b"/api/") {
        let content = serde_json::json!({ "detail": sentence });
        ("application/json", content.to_string())
    } else {
        ("text/plain", format!("{sentence}\n"))
    };
    let head = ResponseHead::new(status)
        .with_field("Content-Type", media_type)
        .with_content_length(content.len() as u64);
    let head = match status {
        Status::ServiceUnavailable => head.with_field("Retry-After", RETRY_AFTER_SECONDS),
        _ => head,
    };
    match method {
        b"HEAD" => (head, String::new()),
        _ => (head, content),
    }
}
