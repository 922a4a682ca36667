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
use crate::route::RouteError;
use crate::web::{self, Links};

/// The sentence for 412: a precondition of the request is false (RFC 9110 §13.1.1, §13.1.4).
pub(super) const PRECONDITION_FALSE: &str = "The file is not the requested version";
/// The sentence for 416 (RFC 9110 §15.5.17).
pub(super) const RANGE_OUTSIDE: &str = "The range lies outside the file";

/// The `WWW-Authenticate` field: the scheme, and the encoding of user name and password (RFC 7617 §2, §2.1).
const CHALLENGE: &str = "Basic realm=\"videoserve\", charset=\"UTF-8\"";

/// The reader of an error message.
#[derive(Debug)]
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
    /// 400: the target cannot be parsed.
    BadTarget,
    /// 400: the query does not select a valid part of a track.
    BadWindow,
    /// 400: the query does not select valid parts of this video.
    BadParts(&'static str),
    /// 422: the server cannot cut this video.
    NotCut(&'static str),
    /// 401: the request needs a password.
    Unauthorized,
    /// 429: too many wrong passwords came from this address. The server checks the next password after `seconds`.
    TooManyTries { seconds: u64 },
    /// 421: the host name does not belong to this server.
    Misdirected,
    /// 422: the track contains images, or its format cannot be converted.
    NotText,
    /// 503: the file changed while the server read it.
    Changed,
    /// 503: no permit, thread, file descriptor or memory is free.
    Unavailable,
    /// 500: the server could not read the file.
    Internal,
}

impl From<RouteError> for HandlerError {
    fn from(error: RouteError) -> HandlerError {
        match error {
            RouteError::NotFound => HandlerError::NotFound,
            RouteError::MethodNotAllowed { allow } => HandlerError::MethodNotAllowed { allow },
            RouteError::BadTarget => HandlerError::BadTarget,
        }
    }
}

impl HandlerError {
    /// Converts an error of the file system into a handler error. Only the log gets the cause, because it would show a
    /// client which files exist.
    pub(super) fn from_io(error: &io::Error, request: &RequestHead) -> HandlerError {
        let (level, converted) = match (Errno::from_io_error(error), error.kind()) {
            // File descriptors, memory or threads are scarce. They become free when streams end.
            (Some(Errno::MFILE | Errno::NFILE | Errno::NOMEM | Errno::AGAIN), _) => {
                (Level::Warn, HandlerError::Unavailable)
            }
            (Some(Errno::NAMETOOLONG | Errno::NOTDIR | Errno::LOOP | Errno::INVAL), _)
            | (_, io::ErrorKind::NotFound) => (Level::Debug, HandlerError::NotFound),
            (_, io::ErrorKind::PermissionDenied) => (Level::Warn, HandlerError::NotFound),
            _ => (Level::Error, HandlerError::Internal),
        };
        let target = access::masked(request.target());
        log::log!(level, "cannot open {target:?}: {error}");
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
            HandlerError::BadTarget => (Status::BadRequest, "The address is malformed"),
            HandlerError::BadWindow => (
                Status::BadRequest,
                "track is a number or chapters; from and to are seconds, and from is not after to",
            ),
            HandlerError::BadParts(cause) => (Status::BadRequest, cause),
            HandlerError::NotCut(cause) => (Status::UnprocessableContent, cause),
            HandlerError::NotText => (
                Status::UnprocessableContent,
                "The track cannot be converted to text; VLC can show it",
            ),
            HandlerError::Unauthorized => (
                Status::Unauthorized,
                "This server asks for a user name and a password",
            ),
            HandlerError::TooManyTries { .. } => (
                Status::TooManyRequests,
                "Too many wrong passwords came from your address; try again later",
            ),
            HandlerError::Misdirected => (
                Status::MisdirectedRequest,
                "This server does not accept this host name; the option --allow-host NAME allows a name",
            ),
            HandlerError::Unavailable | HandlerError::Changed => (
                Status::ServiceUnavailable,
                "The server is busy; try again in a few seconds",
            ),
            HandlerError::Internal => (
                Status::InternalServerError,
                "The server could not read the video",
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
