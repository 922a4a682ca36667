//! What is counted while the server runs, and the text in which Prometheus reads it. Knows numbers and their names, not
//! where they come from.
//!
//! Counting is an atomic addition: no lock, no allocation, nothing that a request would feel.

mod counter;
mod process;
mod text;

use crate::http::Status;
pub(crate) use counter::Counter;
pub(crate) use process::Process;
pub(crate) use text::{Kind, MEDIA_TYPE, Text};

/// All counters. Always counted; shown where that is wanted.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    responses: [Counter; Status::ALL.len()],
    /// Bytes of content that were sent, also of responses that still run.
    pub(crate) content: Counter,
    /// Requests for a stream that was not to be had.
    pub(crate) streams_refused: Counter,
    pub(crate) connections: Connections,
    pub(crate) timeouts: Timeouts,
}

/// Those that the gate holds.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    /// Now, those in a worker's hands included.
    pub(crate) open: Counter,
    pub(crate) accepted: Counter,
    /// Because there were too many.
    pub(crate) refused: Counter,
    /// To make room for others.
    pub(crate) evicted: Counter,
}

/// Connections that ended because a client took too long.
#[derive(Debug, Default)]
pub(crate) struct Timeouts {
    /// With a request.
    pub(crate) request: Counter,
    /// To ask for anything.
    pub(crate) idle: Counter,
    /// To take its answer.
    pub(crate) stalled: Counter,
}

impl Metrics {
    /// A response was given.
    pub(crate) fn responded(&self, status: Status) {
        if let Some(count) = self.of(status) {
            count.add(1);
        }
    }

    /// Each status that there can be, and how often there was.
    pub(crate) fn responses(&self) -> impl Iterator<Item = (Status, u64)> {
        let counts = self.responses.iter().map(Counter::get);
        Status::ALL.iter().copied().zip(counts)
    }

    fn of(&self, status: Status) -> Option<&Counter> {
        let place = Status::ALL.iter().position(|&one| one == status);
        self.responses.get(place?)
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
        assert!(counts.iter().map(|(_, count)| *count).eq(1..=24));
    }
}
