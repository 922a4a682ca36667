//! Counters, and the text in which Prometheus reads them.
//!
//! Counting is an atomic addition, so it needs no lock and no allocation.

mod counter;
mod process;
mod text;

use crate::http::Status;
pub(crate) use counter::Counter;
pub(crate) use process::Process;
pub(crate) use text::{Kind, MEDIA_TYPE, Text};

/// The counters. They count also if `/metrics` is off.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    responses: [Counter; Status::ALL.len()],
    /// Bytes of content sent, also of responses that still run.
    pub(crate) content: Counter,
    /// Requests for a stream that got no stream.
    pub(crate) streams_refused: Counter,
    pub(crate) connections: Connections,
    pub(crate) timeouts: Timeouts,
}

/// Connections by what happened to them.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    /// Connections that are open, those that a worker holds included.
    pub(crate) open: Counter,
    /// Connections accepted, those refused included.
    pub(crate) accepted: Counter,
    /// Connections refused because there were too many.
    pub(crate) refused: Counter,
    /// Connections closed to make room for others.
    pub(crate) evicted: Counter,
}

/// Connections that ended because a client took too long.
#[derive(Debug, Default)]
pub(crate) struct Timeouts {
    /// Sending its request.
    pub(crate) request: Counter,
    /// Sending nothing.
    pub(crate) idle: Counter,
    /// Reading its response.
    pub(crate) stalled: Counter,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_is_counted_by_itself() {
        let metrics = Metrics::default();
        for (number, status) in Status::ALL.iter().copied().enumerate() {
            for _ in 0..=number {
                metrics.responded(status);
            }
        }
        let counts: Vec<(Status, u64)> = metrics.responses().collect();
        assert!(
            counts
                .iter()
                .map(|(status, _)| *status)
                .eq(Status::ALL.iter().copied())
        );
        assert!(
            counts
                .iter()
                .map(|(_, count)| *count)
                .eq(1..=Status::ALL.len() as u64)
        );
    }
}
