//! How things stand in the pool, for those who watch.

use super::Pool;

/// As it was at one moment.
#[derive(Debug, Clone, Copy)]
pub(in crate::server) struct Figures {
    pub(in crate::server) workers: usize,
    pub(in crate::server) worker_limit: usize,
    pub(in crate::server) streams: usize,
    pub(in crate::server) stream_limit: usize,
}

impl Pool {
    pub(in crate::server) fn figures(&self) -> Figures {
        let count = self.lock();
        Figures {
            workers: count.roster.workers(),
            worker_limit: count.roster.limit(),
            streams: count.streams.taken(),
            stream_limit: count.streams.limit(),
        }
    }
}
