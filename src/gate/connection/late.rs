//! How long a connection may take for what, and what becomes of one that took longer. Knows what state it is in, not what
//! time it is.

use std::time::{Duration, Instant};

use super::{Connection, State, Step};
use crate::http::Status;
use crate::metrics::{Counter, Timeouts};

/// From the first byte of a head to its end, and then again for its content. A person who types a request by hand
/// makes it; a client that trickles does not hold its place for longer.
pub(super) const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// A kept connection without a request. Long enough that a viewer who seeks finds it open.
pub(super) const IDLE_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a connection that we have ended may still talk, so that our last answer is not overtaken by a reset
/// (RFC 9112 §9.6).
pub(super) const LINGER_TIMEOUT: Duration = Duration::from_secs(2);

impl Connection {
    /// When something must have happened; never while a worker has the socket.
    pub(in crate::gate) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// What a deadline that has passed means.
    pub(in crate::gate) fn expire(&self) -> Step {
        match self.state {
            State::Head(_) | State::Content(..) => Step::Refuse(Status::RequestTimeout),
            _ => Step::Close,
        }
    }

    /// Where it is counted that it has passed. Whoever has had its last answer owes nothing.
    pub(in crate::gate) fn late<'a>(&self, timeouts: &'a Timeouts) -> Option<&'a Counter> {
        match self.state {
            State::Head(_) | State::Content(..) => Some(&timeouts.request),
            State::Idle { .. } => Some(&timeouts.idle),
            State::Unsent { .. } => Some(&timeouts.stalled),
            State::Away | State::Lingering { .. } => None,
        }
    }
}
