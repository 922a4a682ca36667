//! What is asked, by whom, and of which server: what every answer is decided from.

use std::borrow::Cow;
use std::io;
use std::time::{Duration, Instant};

use super::Service;
use super::pool::{StreamSlot, Turn};
use super::refusal::rejection;
use super::respond::{Content, SHORT};
use crate::gate::Version;
use crate::http::{Method, RequestHead, Target};
use crate::proxy::Caller;
use crate::route::Rejection;

/// Whoever waited longer for a worker, with so many others still behind, is told to come again: where the system gives too
/// few threads or too little time for all, everybody would wait for longer and longer. A few who were held up together, by
/// a machine that slept say, are answered.
const LATE: Duration = Duration::from_secs(1);
const CROWD: usize = 64;

/// A request whose target could be read.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) turn: &'a Turn<'a>,
    pub(super) request: &'a RequestHead,
    pub(super) target: &'a Target,
    pub(super) version: Version,
    pub(super) caller: Caller,
    /// When the head was complete.
    pub(super) received: Instant,
}

impl<'a> Asked<'a> {
    pub(super) fn service(&self) -> &'a Service {
        self.turn.pool().service()
    }

    /// Whether the content is not sent.
    pub(super) fn is_head(&self) -> bool {
        self.request.method() == Method::Head
    }

    /// The host that was asked. RFC 9112 §3.2.2: the authority of an absolute-form target wins.
    pub(super) fn host(&self) -> Option<&'a str> {
        self.target.authority().or(self.request.host())
    }

    /// A value of the query, unless it says nothing.
    pub(super) fn value(&self, key: &str) -> Option<String> {
        let value = self.target.query_value(key)?;
        Some(String::from_utf8_lossy(&value).into_owned()).filter(|text| !text.is_empty())
    }

    /// What becomes of an error of the disk.
    pub(super) fn rejection(&self, error: &io::Error) -> Rejection {
        rejection(error, self.request)
    }

    pub(super) fn is_too_late(&self) -> bool {
        self.received.elapsed() > LATE && self.turn.pool().desk().waiting() > CROWD
    }

    pub(super) fn stream_slot(&self) -> Option<StreamSlot> {
        self.turn.claim_stream(self.caller)
    }

    pub(super) fn claim_stream(&self) -> Result<StreamSlot, Rejection> {
        self.stream_slot().ok_or_else(|| {
            self.service().metrics.streams_refused.add(1);
            Rejection::Unavailable
        })
    }

    /// Content that is whole and in memory, a page for example. What the gate may not keep for a client that does not
    /// read is a stream, so that a slot and a share of the memory bound how much of it there is, and the stall time-out
    /// how long.
    pub(super) fn text(&self, bytes: Vec<u8>) -> Result<Content, Rejection> {
        if self.is_head() {
            Ok(Content::None)
        } else if bytes.len() <= SHORT {
            Ok(Content::Bytes(Cow::Owned(bytes)))
        } else {
            let share = self.service().texts.claim(bytes.capacity());
            let share = share.ok_or(Rejection::Unavailable)?;
            Ok(Content::Text(bytes, self.claim_stream()?, share))
        }
    }
}
