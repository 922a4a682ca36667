//! When the gate looks after the workers: never while nothing happens. Knows the time and what it asks of the pool.

use std::time::{Duration, Instant};

use super::Workers;
use super::desk::STUCK;

/// A worker that was not needed for so long ends.
const TRIM_INTERVAL: Duration = Duration::from_secs(5);

/// The workers of a gate, and when they are next looked at.
pub(super) struct Shift<'a> {
    pub(super) workers: &'a dyn Workers,
    /// Whether they are held up; while somebody waits for one.
    relieve_at: Option<Instant>,
    /// Whether there are too many; until there are few.
    trim_at: Option<Instant>,
}

impl<'a> Shift<'a> {
    pub(super) fn new(workers: &'a dyn Workers) -> Shift<'a> {
        Shift {
            workers,
            relieve_at: None,
            trim_at: None,
        }
    }

    /// One more request waits for a worker.
    pub(super) fn expect(&mut self, now: Instant) {
        self.workers.balance();
        self.relieve_at.get_or_insert(now + STUCK);
        self.trim_at.get_or_insert(now + TRIM_INTERVAL);
    }

    /// When [`tend`](Shift::tend) should be called.
    pub(super) fn next(&self) -> Option<Instant> {
        [self.relieve_at, self.trim_at].into_iter().flatten().min()
    }

    /// Does what is due.
    pub(super) fn tend(&mut self, now: Instant) {
        let is_due = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        if is_due(self.relieve_at) {
            self.relieve_at = self.workers.relieve(now).then(|| now + STUCK);
        }
        if is_due(self.trim_at) {
            self.trim_at = self.workers.trim().then(|| now + TRIM_INTERVAL);
        }
    }
}
