//! Which connections are closed to make room: for a new connection, or for memory. A connection that a worker holds is
//! never evicted.

use std::time::Instant;

use super::Gate;
use super::connection::{Connection, State};
use crate::limits::{EVICTION_GRACE, HELD_AFTER, HELD_LIMIT, IDLE_BUFFER};

impl Connection {
    /// Rank for eviction and waiting since; the lowest is evicted first. Unfinished requests go before idle connections.
    /// A connection that is new, or in a request, has [`EVICTION_GRACE`] first.
    fn eviction_rank(&self, now: Instant) -> Option<(u8, Instant)> {
        self.memory_rank()
            .filter(|(_, since)| self.is_idle_keepalive() || *since + EVICTION_GRACE <= now)
    }

    /// The same without the grace: within a second, thousands of clients can send a hundred megabytes.
    fn memory_rank(&self) -> Option<(u8, Instant)> {
        match self.state {
            State::Head { since, .. } | State::Content { since, .. } => Some((0, since)),
            State::Idle { since, .. } => Some((1, since)),
            State::InWorker | State::Lingering { .. } => None,
        }
    }
}

impl Gate {
    /// Closes the connection with the lowest rank. Returns whether there was one.
    pub(super) fn evict(&mut self, now: Instant) -> bool {
        let candidates = self
            .connections
            .iter()
            .filter_map(|(id, connection)| Some((connection.eviction_rank(now)?, id)));
        match candidates.min() {
            Some((_, id)) => {
                self.metrics.connections.evicted.add(1);
                self.remove(id);
                true
            }
            None => false,
        }
    }

    /// Counts the bytes that a connection holds now, and evicts others if all together hold too many.
    pub(super) fn account_memory(&mut self, id: usize) {
        let Some(connection) = self.connections.get_mut(id) else {
            return;
        };
        let held = connection.buffered_bytes();
        let counted = std::mem::replace(&mut connection.counted, held);
        self.held = self.held.saturating_sub(counted) + held;
        if self.held <= HELD_LIMIT {
            return;
        }
        let mut candidates: Vec<_> = self
            .connections
            .iter()
            .filter(|(_, connection)| connection.buffered_bytes() > IDLE_BUFFER)
            .filter_map(|(id, connection)| Some((connection.memory_rank()?, id)))
            .collect();
        candidates.sort_unstable();
        // Several at once, so that not all are looked at for each.
        for (_, id) in candidates {
            self.metrics.connections.evicted.add(1);
            self.remove(id);
            if self.held <= HELD_AFTER {
                return;
            }
        }
    }
}
