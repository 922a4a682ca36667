//! The numbers that `/metrics` shows.
//!
//! Counting is an atomic addition, so it needs no lock and no allocation.

mod process;

use std::sync::atomic::{AtomicU64, Ordering};

use crate::http::Status;
pub(crate) use process::Process;

/// A counter or a gauge. Reads and writes of different counters have no defined order.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    /// Adds to the number.
    pub(crate) fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// Replaces the number. Only one thread may do so.
    pub(crate) fn set(&self, value: usize) {
        self.0.store(value as u64, Ordering::Relaxed);
    }

    /// Returns the number.
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The counters. They also count if `/metrics` is off.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    responses: [Counter; Status::ALL.len()],
    /// Bytes of sent content, including running responses.
    pub(crate) content: Counter,
    /// Requests that got 503 instead of a stream.
    pub(crate) streams_refused: Counter,
    /// Open connections, including those of workers.
    pub(crate) connections_open: Counter,
    /// Accepted connections, including refused connections.
    pub(crate) connections_accepted: Counter,
    /// Connections that were refused because the limit was reached.
    pub(crate) connections_refused: Counter,
    /// Connections that were closed to make room for other connections.
    pub(crate) connections_evicted: Counter,
    /// Connections that were closed because the client did not finish its request.
    pub(crate) timeouts_request: Counter,
    /// Connections that were closed because the client sent no request.
    pub(crate) timeouts_idle: Counter,
    /// Connections that were closed because the client did not read its response.
    pub(crate) timeouts_stalled: Counter,
}

impl Metrics {
    /// Counts a response.
    pub(crate) fn responded(&self, status: Status) {
        let counts = Status::ALL.iter().zip(&self.responses);
        for (_, count) in counts.filter(|(it, _)| **it == status) {
            count.add(1);
        }
    }

    /// Returns each status with the number of its responses.
    pub(crate) fn responses(&self) -> impl Iterator<Item = (Status, u64)> {
        let counts = self.responses.iter().map(Counter::get);
        Status::ALL.iter().copied().zip(counts)
    }
}
