//! What a connection costs the others, and whether it may be closed for their sake. Knows what state it is in, not
//! what the others are.

use std::time::{Duration, Instant};

use super::late::HEAD_TIMEOUT;
use super::{Connection, IDLE_BUFFER, State};

/// How long a connection may keep us waiting before it can be closed for the sake of a new one.
const MOMENT: Duration = Duration::from_secs(1);

impl Connection {
    /// If it may be closed to make room: how much it would be missed, and since when it has been waiting. Whoever has
    /// had a moment to send its request and has not is missed least, then who has nothing to ask, then who does not
    /// take its answer. A new connection has that moment too.
    pub(in crate::gate) fn may_make_room(&self, now: Instant) -> Option<(u8, Instant)> {
        let has_moment = !matches!(self.state, State::Idle { is_kept: true, .. });
        self.rank()
            .filter(|(_, since)| !has_moment || *since + MOMENT <= now)
    }

    /// If it may be closed because all together hold too much. Without a moment first: in a moment, thousands can send
    /// a hundred megabytes.
    pub(in crate::gate) fn may_give_memory(&self) -> Option<(u8, Instant)> {
        self.rank().filter(|_| self.held() > IDLE_BUFFER)
    }

    /// What it takes of the memory, beyond what every connection does.
    pub(in crate::gate) fn held(&self) -> usize {
        let more = match &self.state {
            State::Content(_, head) => head.wire.capacity(),
            State::Unsent { rest, .. } => rest.held(),
            _ => 0,
        };
        self.buffer.capacity() + more
    }

    fn rank(&self) -> Option<(u8, Instant)> {
        match self.state {
            State::Head(_) | State::Content(..) => {
                Some((0, self.deadline?.checked_sub(HEAD_TIMEOUT)?))
            }
            State::Idle { since, .. } => Some((1, since)),
            State::Unsent { since, .. } => Some((2, since)),
            State::Away | State::Lingering { .. } => None,
        }
    }
}
