//! The numbers that `/metrics` shows.
//!
//! Counting is an atomic addition, so it needs no lock and no allocation.

mod counter;
mod process;

use crate::http::Status;
pub(crate) use counter::Counter;
pub(crate) use process::Process;

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
