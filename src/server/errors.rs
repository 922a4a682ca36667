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

/// The sentence for 412: a precondition of the request is false (RFC 9110 §13.1.1, §13.1.4).
pub(super) const PRECONDITION_FALSE: &str = "The file is not the requested version";
/// The sentence for 416 (RFC 9110 §15.5.17).
pub(super) const RANGE_OUTSIDE: &str = "The range lies outside the file";

/// The sentence for 421: the host name could be one of an attacker (DNS rebinding).
pub(super) const FOREIGN_HOST: &str =
    "This server does not accept this host name; the option --allow-host NAME allows a name";

/// The sentence for a target that cannot be parsed.
const BAD_TARGET: &str = "The address is malformed";

const UNREADABLE: &str = "The server could not read the video";

/// The `WWW-Authenticate` field: the scheme, and the encoding of user name and password (RFC 7617 §2, §2.1).
const CHALLENGE: &str = "Basic realm=\"videoserve\", charset=\"UTF-8\"";

/// The reader of an error message.
pub(super) enum Reader {
    /// A script gets JSON.
    Script,
    /// A person gets a small page with these links.
    Person(Links),
}

/// The reason why a request gets no representation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HandlerError {
    /// 404: the resource does not exist.
    NotFound,
    /// 405: the resource does not allow this method. `allow` lists the allowed methods.
    MethodNotAllowed { allow: &'static str },
    /// Another status, with the sentence for the client.
    Refused(Status, &'static str),
    /// 401: the request needs a password.
    Unauthorized,
    /// 429: too many wrong passwords came from this address. The server checks the next password after `seconds`.
    TooManyTries { seconds: u64 },
    /// 503: the file changed while the server read it.
    Changed,
    /// 503: no permit, thread, file descriptor or memory is free.
    Unavailable,
}

impl HandlerError {
    /// Returns a 400: the address or the query is invalid.
    pub(super) fn bad_request(sentence: &'static str) -> HandlerError {
        HandlerError::Refused(Status::BadRequest, sentence)
    }

    /// Returns a 400: the target cannot be parsed.
    pub(super) fn bad_target() -> HandlerError {
        HandlerError::bad_request(BAD_TARGET)
    }

    /// Returns a 422: the query is valid, but the server cannot process this file.
    pub(super) fn unprocessable(sentence: &'static str) -> HandlerError {
        HandlerError::Refused(Status::UnprocessableContent, sentence)
    }

    /// Converts an error of the file system into a handler error. The client does not get the cause, because the
    /// cause would show which files exist.
    pub(super) fn from_io(error: &io::Error, request: &RequestHead) -> HandlerError {
        let (level, converted) = match (Errno::from_io_error(error), error.kind()) {
            // File descriptors, memory or threads are scarce. They become free when streams end.
            (Some(Errno::MFILE | Errno::NFILE | Errno::NOMEM | Errno::AGAIN), _) => {
                (Level::Warn, HandlerError::Unavailable)
            }
            (Some(Errno::NAMETOOLONG | Errno::NOTDIR | Errno::LOOP | Errno::INVAL), _)
            | (_, io::ErrorKind::NotFound) => (Level::Debug, HandlerError::NotFound),
            (_, io::ErrorKind::PermissionDenied) => (Level::Warn, HandlerError::NotFound),
            _ => (
                Level::Error,
                HandlerError::Refused(Status::InternalServerError, UNREADABLE),
            ),
        };
        let target = access::masked(request.target());
        log::log!(level, "cannot read {target:?}: {error}");
        converted
    }

    /// Converts the error into a response.
    pub(super) fn response(self, reader: Reader) -> Response {
        let (status, sentence) = self.describe(matches!(reader, Reader::Script));
        let head = ResponseHead::new(status);
        let head = match self {
            HandlerError::MethodNotAllowed { allow } => head.with_field("Allow", allow),
            HandlerError::Unauthorized => head.with_field("WWW-Authenticate", CHALLENGE),
            HandlerError::TooManyTries { seconds } => {
                head.with_field("Retry-After", seconds.to_string())
            }
            HandlerError::Unavailable | HandlerError::Changed => {
                head.with_field("Retry-After", RETRY_AFTER_SECONDS)
            }
            _ => head,
        };
        explain(head, &reader, sentence)
    }

    fn describe(self, for_scripts: bool) -> (Status, &'static str) {
        match self {
            HandlerError::NotFound if for_scripts => (Status::NotFound, "Video not found"),
            HandlerError::NotFound => (Status::NotFound, "There is no such page or video"),
            HandlerError::MethodNotAllowed { .. } => {
                (Status::MethodNotAllowed, "Method not allowed")
            }
            HandlerError::Refused(status, sentence) => (status, sentence),
            HandlerError::Unauthorized => (
                Status::Unauthorized,
                "This server asks for a user name and a password",
            ),
            HandlerError::TooManyTries { .. } => (
                Status::TooManyRequests,
                "Too many wrong passwords came from your address; try again later",
            ),
            HandlerError::Unavailable | HandlerError::Changed => (
                Status::ServiceUnavailable,
                "The server is busy; try again in a few seconds",
            ),
        }
    }
}

/// Returns a response that explains its status in one sentence.
pub(super) fn explain(head: ResponseHead, reader: &Reader, sentence: &str) -> Response {
    let status = head.status();
    let (head, text) = match reader {
        Reader::Script => (
            head.with_field("Content-Type", "application/json"),
            serde_json::json!({ "detail": sentence }).to_string(),
        ),
        Reader::Person(links) => (
            head.with_field("Content-Type", web::PAGE_TYPE)
                .with_field("Content-Security-Policy", web::PAGE_POLICY),
            web::error_page(links, status.code(), status.reason(), sentence),
        ),
    };
    Response {
        head: head
            .with_field("Content-Length", text.len().to_string())
            .with_field("Cache-Control", "no-store")
            .with_field("X-Content-Type-Options", "nosniff"),
        body: Body::Short(Cow::Owned(text.into_bytes())),
    }
}
