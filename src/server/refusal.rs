//! Answers that are none: a [`Rejection`] or an error of the disk to a response. The client gets a fixed sentence,
//! the log gets the cause.

use std::borrow::Cow;
use std::io;

use super::respond::{Content, Plan};
use crate::access::{self, RETRY_AFTER_SECONDS};
use crate::http::{RequestHead, ResponseHead, Status};
use crate::route::Rejection;
use crate::web;

/// 412: a condition of the request does not hold (RFC 9110 §13.1.1, §13.1.4).
pub(super) const NOT_THAT_VERSION: &str = "The file is another version than the one asked for";
/// 416 (RFC 9110 §15.5.17).
pub(super) const NOT_THAT_RANGE: &str = "The range lies outside the file";

/// RFC 7617 §2 and §2.1: how to say who one is, and in which encoding.
const CHALLENGE: &str = "Basic realm=\"videoserve\", charset=\"UTF-8\"";

/// The response to what has none.
pub(super) fn reject(rejection: Rejection, for_scripts: bool) -> Plan {
    let status = match rejection {
        Rejection::NotFound => Status::NotFound,
        Rejection::MethodNotAllowed { .. } => Status::MethodNotAllowed,
        Rejection::BadTarget => Status::BadRequest,
        Rejection::Unauthorized => Status::Unauthorized,
        Rejection::TooManyTries { .. } => Status::TooManyRequests,
        Rejection::Misdirected => Status::MisdirectedRequest,
        Rejection::Unavailable => Status::ServiceUnavailable,
        Rejection::Internal => Status::InternalServerError,
    };
    let sentence = match rejection {
        Rejection::NotFound if for_scripts => "Video not found",
        Rejection::NotFound => "There is no such page or video",
        Rejection::MethodNotAllowed { .. } => "Method not allowed",
        Rejection::BadTarget => "The address is malformed",
        Rejection::Unauthorized => "This server asks for a user name and a password",
        Rejection::TooManyTries { .. } => {
            "Too many wrong passwords came from your address; try again in a while"
        }
        Rejection::Misdirected => {
            "This server does not answer to that host name; start it with --allow-host NAME to allow it"
        }
        Rejection::Unavailable => "The server is busy; try again in a few seconds",
        Rejection::Internal => "The server could not read the video",
    };
    let head = ResponseHead::new(status);
    let head = match rejection {
        Rejection::MethodNotAllowed { allow } => head.with_field("Allow", allow),
        Rejection::Unauthorized => head.with_field("WWW-Authenticate", CHALLENGE),
        Rejection::TooManyTries { seconds } => head.with_field("Retry-After", seconds.to_string()),
        Rejection::Unavailable => head.with_field("Retry-After", RETRY_AFTER_SECONDS),
        _ => head,
    };
    explain(head, for_scripts, sentence)
}

/// A head with a sentence behind it: JSON for scripts, a small page for people.
pub(super) fn explain(head: ResponseHead, for_scripts: bool, sentence: &str) -> Plan {
    let status = head.status();
    let (head, text) = if for_scripts {
        (
            head.with_field("Content-Type", "application/json"),
            serde_json::json!({ "detail": sentence }).to_string(),
        )
    } else {
        (
            head.with_field("Content-Type", "text/html; charset=utf-8")
                .with_field("Content-Security-Policy", web::PAGE_POLICY),
            web::error_page(status.code(), status.reason(), sentence),
        )
    };
    Plan {
        head: head
            .with_field("Content-Length", text.len().to_string())
            .with_field("Cache-Control", "no-store")
            .with_field("X-Content-Type-Options", "nosniff"),
        content: Content::Bytes(Cow::Owned(text.into_bytes())),
    }
}

/// The one place where an error of the disk becomes an answer. The cause is for the log: whoever asks from outside
/// must not learn from it what there is.
pub(super) fn rejection(error: &io::Error, request: &RequestHead) -> Rejection {
    use rustix::io::Errno;
    let target = access::masked(request.target());
    match Errno::from_io_error(error) {
        // Descriptors or memory are short; they come back when streams end.
        Some(Errno::MFILE | Errno::NFILE | Errno::NOMEM) => {
            log::warn!("cannot open {target:?}: {error}");
            return Rejection::Unavailable;
        }
        Some(Errno::NAMETOOLONG | Errno::NOTDIR | Errno::LOOP | Errno::INVAL) => {
            return Rejection::NotFound;
        }
        _ => {}
    }
    match error.kind() {
        io::ErrorKind::NotFound => {
            log::debug!("cannot open {target:?}: {error}");
            Rejection::NotFound
        }
        io::ErrorKind::PermissionDenied => {
            log::warn!("cannot open {target:?}: {error}");
            Rejection::NotFound
        }
        _ => {
            log::error!("cannot open {target:?}: {error}");
            Rejection::Internal
        }
    }
}
