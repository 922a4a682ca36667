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

pub(super) type HandlerResult = Result<Response, HandlerError>;

/// An error response: its head, and a sentence for the client.
#[derive(Debug)]
pub(super) struct HandlerError {
    /// The head, without the fields that describe the text.
    head: ResponseHead,
    sentence: &'static str,
    /// The error of the file system. Only the log shows it, because it tells which files exist.
    cause: Option<(Level, io::Error)>,
}

impl HandlerError {
    pub(super) fn new(status: Status, sentence: &'static str) -> HandlerError {
        HandlerError {
            sentence,
            ..ResponseHead::new(status).into()
        }
    }

    /// Converts the error into a response: a small page with `page_links`, or JSON if `page_links` is `None`.
    pub(super) fn response(self, request: &RequestHead, page_links: Option<&Links>) -> Response {
        if let Some((level, error)) = self.cause {
            let target = access::masked(&request.target);
            log::log!(level, "cannot read {target:?}: {error}");
        }
        let (head, sentence) = (self.head, self.sentence);
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

impl From<ResponseHead> for HandlerError {
    fn from(head: ResponseHead) -> HandlerError {
        let sentence = match head.status {
            Status::BadRequest => "The address is malformed",
            Status::Unauthorized => "This server asks for a user name and a password",
            Status::NotFound => "There is no such page or video",
            Status::MethodNotAllowed => "Method not allowed",
            Status::PreconditionFailed => "The file is not the requested version",
            Status::RangeNotSatisfiable => "The range lies outside the file",
            Status::MisdirectedRequest => {
                "This server does not accept this host name; the option --allow-host NAME allows a name"
            }
            Status::TooManyRequests => {
                "Too many wrong passwords came from your address; try again later"
            }
            Status::ServiceUnavailable => "The server is busy; try again in a few seconds",
            _ => "The server could not read the video",
        };
        HandlerError {
            head,
            sentence,
            cause: None,
        }
    }
}

/// Adds `Retry-After` to a 503. A 503 means that no permit, thread, file descriptor or memory is free, or that the file
/// changed during a read.
impl From<Status> for HandlerError {
    fn from(status: Status) -> HandlerError {
        let mut head = ResponseHead::new(status);
        if status == Status::ServiceUnavailable {
            head = head.with_field("Retry-After", RETRY_AFTER_SECONDS);
        }
        head.into()
    }
}

impl From<io::Error> for HandlerError {
    fn from(error: io::Error) -> HandlerError {
        let (level, status) = match (Errno::from_io_error(&error), error.kind()) {
            // These resources become free when streams end, so a later request can succeed.
            (Some(Errno::MFILE | Errno::NFILE | Errno::NOMEM | Errno::AGAIN), _) => {
                (Level::Warn, Status::ServiceUnavailable)
            }
            (Some(Errno::NAMETOOLONG | Errno::NOTDIR | Errno::LOOP | Errno::INVAL), _)
            | (_, io::ErrorKind::NotFound) => (Level::Debug, Status::NotFound),
            (_, io::ErrorKind::PermissionDenied) => (Level::Warn, Status::NotFound),
            _ => (Level::Error, Status::InternalServerError),
        };
        HandlerError {
            cause: Some((level, error)),
            ..HandlerError::from(status)
        }
    }
}
