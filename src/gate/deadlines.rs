//! The timeout of the gate's poll, and the end of connections after their deadlines.

use std::time::{Duration, Instant};

use super::{Gate, Shutdown};
use crate::limits::SWEEP_INTERVAL;

impl Gate {
    /// Returns the maximum wait time of the poll; `None` means no limit.
    pub(super) fn poll_timeout(&self, now: Instant) -> Option<Duration> {
        [
            self.next_sweep,
            self.accept_again,
            self.shutdown.as_ref().map(Shutdown::next),
        ]
        .into_iter()
        .flatten()
        .min()
        .map(|at| at.saturating_duration_since(now))
    }

    /// Ends the connections whose deadlines have passed.
    pub(super) fn sweep(&mut self, now: Instant) {
        if self.next_sweep.is_none_or(|at| at > now) {
            return;
        }
        self.next_sweep = None;
        let is_late = |at: Instant| at <= now;
        let late: Vec<usize> = self
            .connections
            .iter()
            .filter(|(_, connection)| connection.deadline.is_some_and(is_late))
            .map(|(id, _)| id)
            .collect();
        for id in late {
            if let Some(connection) = self.connections.get_mut(id) {
                let step = connection.expire(&self.metrics.timeouts);
                self.take_step(id, step, now);
            }
        }
        let earliest = self
            .connections
            .iter()
            .filter_map(|(_, connection)| connection.deadline)
            .min();
        self.next_sweep = earliest.map(|at| at.max(now + SWEEP_INTERVAL));
    }
}
