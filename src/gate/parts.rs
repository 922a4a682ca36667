//! What a gate is made of, and what it asks of the pool.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::Poll;

use super::WAKER;
use super::desk::Desk;
use super::link::{Link, Requests};
use super::listener::Listener;
use crate::metrics::Metrics;

/// What the gate asks of the pool.
pub(crate) trait Workers {
    /// A request waits: there should be a worker for it.
    fn balance(&self);
    /// The same after a moment, when it may be that those that are at work are held up; whether any request waits still.
    fn relieve(&self, now: Instant) -> bool;
    /// Ends those that were not needed since the last call; whether there may be more to end later.
    fn trim(&self) -> bool;
    /// How many there are.
    fn count(&self) -> usize;
}

/// What a gate is made of.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) poll: Poll,
    pub(crate) listener: Listener,
    pub(crate) link: Link,
    pub(crate) requests: Requests,
    pub(crate) desk: Arc<Desk>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) connection_limit: usize,
    pub(crate) stall_timeout: Duration,
}

/// A poll, and the desk whose waker it answers to.
pub(crate) fn poll_and_desk() -> io::Result<(Poll, Arc<Desk>)> {
    let poll = Poll::new()?;
    let desk = Arc::new(Desk::new(mio::Waker::new(poll.registry(), WAKER)?));
    Ok((poll, desk))
}
