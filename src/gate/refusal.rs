//! The responses of the gate to invalid requests and overload. After the response, the connection is closed.

use std::time::Instant;

use super::Gate;
use super::connection::send_now;
use crate::access;
use crate::clock;
use crate::http::{Persistence, ResponseHead, Status};
use crate::limits::RETRY_AFTER_SECONDS;

impl Gate {
    /// Answers with an error, and closes the connection. Sends only what the socket accepts without blocking.
    pub(super) fn refuse(&mut self, id: usize, status: Status, now: Instant) {
        let Some(connection) = self.connections.get_mut(id) else {
            return;
        };
        let (method, target) = connection.request_line();
        let sentence = status.reason();
        let detail = serde_json::json!({ "detail": sentence });
        let (media_type, mut content) = match target.starts_with(b"/api/") {
            true => ("application/json", detail.to_string()),
            false => ("text/plain", format!("{sentence}\n")),
        };
        let mut head = ResponseHead::new(status)
            .with_field("Content-Type", media_type)
            .with_content_length(content.len() as u64);
        if status == Status::ServiceUnavailable {
            head = head.with_field("Retry-After", RETRY_AFTER_SECONDS);
        }
        if method == b"HEAD" {
            content.clear();
        }
        let sent = content.len() as u64;
        self.metrics.responded(status);
        self.metrics.content.add(sent);
        access::log(&access::Line {
            client: connection.peer.ip(),
            method,
            target,
            status: status.code(),
            sent,
            started: now,
            note: Some("refused at the gate"),
        });
        let mut response = Vec::with_capacity(256);
        head.encode(clock::now(), Persistence::Close, &mut response);
        response.extend_from_slice(content.as_bytes());
        send_now(&connection.stream, &response);
        connection.linger(now);
        self.advance(id, now);
    }
}
