//! The timeout of the gate's poll, and the end of connections after their deadlines.

use std::time::{Duration, Instant};

use super::Gate;
use crate::limits::SWEEP_INTERVAL;

impl Gate {
    /// Returns the maximum wait time of the poll; `None` means no limit.
    pub(super) fn poll_timeout(&self, now: Instant) -> Option<Duration> {
        let steps = self.stopping_since.map(|since| self.shutdown_steps(since));
        [
            self.next_sweep,
            self.accept_again,
            steps.and_then(|steps| steps.into_iter().find(|step| *step > now)),
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
        let late: Vec<usize> = self
            .connections
            .iter()
            .filter(|(_, connection)| connection.deadline(&self.timeouts) <= now)
            .map(|(id, _)| id)
            .collect();
        for id in late {
            if let Some(connection) = self.connections.get_mut(id) {
                let step = connection.expire(now, &self.metrics);
                self.take_step(id, step, now);
            }
        }
        let connections = self.connections.iter();
        let earliest = connections.map(|(_, it)| it.deadline(&self.timeouts)).min();
        self.next_sweep = earliest.map(|at| at.max(now + SWEEP_INTERVAL));
    }
}
