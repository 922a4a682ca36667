//! The only place that converts errors of handlers and of the file system into responses. The client gets a fixed
//! sentence; the log gets the cause.

use std::borrow::Cow;
use std::io;

use log::Level;
use rustix::io::Errno;

use super::response::{Body, Response};
use crate::access;
use crate::http::{RequestHead, ResponseHead, Status};
use crate::limits::RETRY_AFTER_SECONDS;
use crate::web::{self, Links};

/// The result of a handler.
pub(super) type Answer = Result<Response, HandlerError>;

const UNREADABLE: &str = "The server could not read the video";

/// The `WWW-Authenticate` field: the scheme, and the encoding of user name and password (RFC 7617 §2, §2.1).
const CHALLENGE: &str = "Basic realm=\"videoserve\", charset=\"UTF-8\"";

/// The reason why a request gets no representation: a head without the fields of a text, and a sentence for the client.
#[derive(Debug)]
pub(super) struct HandlerError {
    head: ResponseHead,
    sentence: &'static str,
}

impl HandlerError {
    /// Returns an error with this status and sentence.
    pub(super) fn new(status: Status, sentence: &'static str) -> HandlerError {
        let head = ResponseHead::new(status);
        HandlerError { head, sentence }
    }

    /// Returns a 404: the resource does not exist.
    pub(super) fn not_found() -> HandlerError {
        HandlerError::new(Status::NotFound, "There is no such page or video")
    }

    /// Returns a 405: the resource allows only the methods of the list `allow`.
    pub(super) fn method_not_allowed(allow: &'static str) -> HandlerError {
        HandlerError::new(Status::MethodNotAllowed, "Method not allowed").with("Allow", allow)
    }

    /// Returns a 400: the address or the query is invalid.
    pub(super) fn bad_request(sentence: &'static str) -> HandlerError {
        HandlerError::new(Status::BadRequest, sentence)
    }

    /// Returns a 400: the target cannot be parsed.
    pub(super) fn bad_target() -> HandlerError {
        HandlerError::bad_request("The address is malformed")
    }

    /// Returns a 421: the host name could be one of an attacker (DNS rebinding).
    pub(super) fn foreign_host() -> HandlerError {
        let sentence = "This server does not accept this host name; the option --allow-host NAME allows a name";
        HandlerError::new(Status::MisdirectedRequest, sentence)
    }

    /// Returns a 422: the query is valid, but the server cannot process this file.
    pub(super) fn unprocessable(sentence: &'static str) -> HandlerError {
        HandlerError::new(Status::UnprocessableContent, sentence)
    }

    /// Returns a 412: a precondition of the request is false (RFC 9110 §13.1.1, §13.1.4).
    pub(super) fn precondition_failed() -> HandlerError {
        let sentence = "The file is not the requested version";
        HandlerError::new(Status::PreconditionFailed, sentence)
    }

    /// Returns a 416 with its head (RFC 9110 §15.5.17).
    pub(super) fn range_outside(head: ResponseHead) -> HandlerError {
        let sentence = "The range lies outside the file";
        HandlerError { head, sentence }
    }

    /// Returns a 401: the request needs a password.
    pub(super) fn unauthorized() -> HandlerError {
        let sentence = "This server asks for a user name and a password";
        HandlerError::new(Status::Unauthorized, sentence).with("WWW-Authenticate", CHALLENGE)
    }

    /// Returns a 429: too many wrong passwords came from this address. The server checks the next password after
    /// `seconds`.
    pub(super) fn too_many_tries(seconds: u64) -> HandlerError {
        let sentence = "Too many wrong passwords came from your address; try again later";
        HandlerError::new(Status::TooManyRequests, sentence)
            .with("Retry-After", seconds.to_string())
    }

    /// Returns a 503: no permit, thread, file descriptor or memory is free, or the file changed while the server read
    /// it.
    pub(super) fn unavailable() -> HandlerError {
        let sentence = "The server is busy; try again in a few seconds";
        HandlerError::new(Status::ServiceUnavailable, sentence)
            .with("Retry-After", RETRY_AFTER_SECONDS)
    }

    /// Returns the status of the response.
    pub(super) fn status(&self) -> Status {
        self.head.status
    }

    fn with(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> HandlerError {
        self.head = self.head.with_field(name, value);
        self
    }

    /// Converts an error of the file system into a handler error. The client does not get the cause, because the
    /// cause would show which files exist.
    pub(super) fn from_io(error: &io::Error, request: &RequestHead) -> HandlerError {
        let (level, converted) = match (Errno::from_io_error(error), error.kind()) {
            // File descriptors, memory or threads are scarce. They become free when streams end.
            (Some(Errno::MFILE | Errno::NFILE | Errno::NOMEM | Errno::AGAIN), _) => {
                (Level::Warn, HandlerError::unavailable())
            }
            (Some(Errno::NAMETOOLONG | Errno::NOTDIR | Errno::LOOP | Errno::INVAL), _)
            | (_, io::ErrorKind::NotFound) => (Level::Debug, HandlerError::not_found()),
            (_, io::ErrorKind::PermissionDenied) => (Level::Warn, HandlerError::not_found()),
            _ => (
                Level::Error,
                HandlerError::new(Status::InternalServerError, UNREADABLE),
            ),
        };
        let target = access::masked(&request.target);
        log::log!(level, "cannot read {target:?}: {error}");
        converted
    }

    /// Converts the error into a response: a small page with these links, or JSON for a script.
    pub(super) fn response(self, page_links: Option<&Links>) -> Response {
        let HandlerError { head, sentence } = self;
        let status = head.status;
        let (head, text) = match page_links {
            None => {
                let detail = match status {
                    Status::NotFound => "Video not found",
                    _ => sentence,
                };
                let text = serde_json::json!({ "detail": detail }).to_string();
                (head.with_field("Content-Type", "application/json"), text)
            }
            Some(links) => (
                head.with_field("Content-Type", web::PAGE_TYPE)
                    .with_field("Content-Security-Policy", web::PAGE_POLICY),
                web::error_page(links, status.code(), status.reason(), sentence),
            ),
        };
        Response {
            head: head
                .with_content_length(text.len() as u64)
                .with_field("Cache-Control", "no-store")
                .with_field("X-Content-Type-Options", "nosniff"),
            body: Body::Short(Cow::Owned(text.into_bytes())),
        }
    }
}
