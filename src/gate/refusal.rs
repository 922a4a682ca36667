//! The responses of the gate itself: a status, one sentence, and the end of the connection. Pure.

use std::time::SystemTime;

use crate::http::{Persistence, ResponseHead, Status};
use crate::limits::RETRY_AFTER_SECONDS;

/// A response to bytes that are no valid request.
#[derive(Debug)]
pub(super) struct Refusal {
    head: ResponseHead,
    content: String,
}

impl Refusal {
    /// `method` and `target`: as far as they were received; either may be empty.
    pub(super) fn new(status: Status, method: &[u8], target: &[u8]) -> Refusal {
        let sentence = status.reason();
        let (media_type, content) = if target.starts_with(b"/api/") {
            (
                "application/json",
                serde_json::json!({ "detail": sentence }).to_string(),
            )
        } else {
            ("text/plain", format!("{sentence}\n"))
        };
        let head = ResponseHead::new(status)
            .with_field("Content-Type", media_type)
            .with_field("Content-Length", content.len().to_string());
        let head = match status {
            Status::ServiceUnavailable => head.with_field("Retry-After", RETRY_AFTER_SECONDS),
            _ => head,
        };
        let content = match method {
            b"HEAD" => String::new(),
            _ => content,
        };
        Refusal { head, content }
    }

    pub(super) fn content_length(&self) -> u64 {
        self.content.len() as u64
    }

    pub(super) fn encode(&self, date: SystemTime) -> Vec<u8> {
        let mut answer = Vec::with_capacity(256);
        self.head.encode(date, Persistence::Close, &mut answer);
        answer.extend_from_slice(self.content.as_bytes());
        answer
    }
}
