//! What the gate does because it is time: how long it may wait, what is past its deadline. Knows when, not what
//! a connection says.

use std::time::{Duration, Instant};

use super::Gate;
use super::stop::Stop;

/// Deadlines are looked at no more often than this: being late by it harms nobody.
const SWEEP_INTERVAL: Duration = Duration::from_millis(100);

impl Gate<'_> {
    /// How long the poll may wait.
    pub(super) fn patience(&self, now: Instant) -> Option<Duration> {
        [
            self.next_sweep,
            self.accept_again,
            self.outbox.retry_at(),
            self.shift.next(),
            self.returns.next(now),
            self.stop.as_ref().map(Stop::next),
        ]
        .into_iter()
        .flatten()
        .min()
        .map(|at| at.saturating_duration_since(now))
    }

    /// Ends what is past its deadline.
    pub(super) fn sweep(&mut self, now: Instant) {
        if self.next_sweep.is_none_or(|at| at > now) {
            return;
        }
        self.next_sweep = None;
        let late: Vec<usize> = self
            .connections
            .iter()
            .filter(|(_, connection)| connection.deadline().is_some_and(|at| at <= now))
            .map(|(id, _)| id)
            .collect();
        for id in late {
            if let Some(connection) = self.connections.get(id) {
                if let Some(timeout) = connection.late(&self.metrics.timeouts) {
                    timeout.add(1);
                }
                let step = connection.expire();
                self.take_step(id, step, now);
            }
        }
        let earliest = self
            .connections
            .iter()
            .filter_map(|(_, connection)| connection.deadline())
            .min();
        self.next_sweep = earliest.map(|at| at.max(now + SWEEP_INTERVAL));
    }
}
