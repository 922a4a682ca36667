//! Eviction: the gate closes connections to make room for a new connection, or to free memory. It never evicts a
//! connection that a worker holds.

use std::time::Instant;

use super::Gate;
use super::connection::{Connection, State};
use crate::limits::{EVICTION_GRACE, HELD_AFTER, HELD_LIMIT, IDLE_BUFFER};

impl Connection {
    /// Returns the rank for eviction: the class, and the start of the wait. The connection with the lowest rank goes
    /// first. Unfinished requests go before idle connections. A connection that is new, or in a request, is safe during
    /// [`EVICTION_GRACE`].
    fn eviction_rank(&self, now: Instant) -> Option<(u8, Instant)> {
        self.memory_rank()
            .filter(|(_, since)| self.is_idle_keepalive() || *since + EVICTION_GRACE <= now)
    }

    /// Returns the rank without the grace period, because thousands of clients can send 100 MB within a second.
    fn memory_rank(&self) -> Option<(u8, Instant)> {
        match self.state {
            State::Head(_) | State::Content(_) => Some((0, self.since)),
            State::Idle { .. } => Some((1, self.since)),
            State::InWorker | State::Lingering { .. } => None,
        }
    }
}

impl Gate {
    /// Closes the connection with the lowest rank. Returns whether there was such a connection.
    pub(super) fn evict(&mut self, now: Instant) -> bool {
        let candidates = self
            .connections
            .iter()
            .filter_map(|(id, connection)| Some((connection.eviction_rank(now)?, id)));
        match candidates.min() {
            Some((_, id)) => {
                self.metrics.connections_evicted.add(1);
                self.remove(id);
                true
            }
            None => false,
        }
    }

    /// Updates the sum of buffered bytes for a connection. Evicts other connections if the sum exceeds the limit.
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
        // One scan evicts several connections, so that the gate does not scan all connections for each.
        for (_, id) in candidates {
            self.metrics.connections_evicted.add(1);
            self.remove(id);
            if self.held <= HELD_AFTER {
                return;
            }
        }
    }
}
