//! A worker's turn at one request. Knows when it is no longer a short one.

use std::cell::Cell;
use std::sync::Arc;

use super::Pool;
use super::roster::Place;

/// From the request to the end of its answer.
#[derive(Debug)]
pub(in crate::server) struct Turn<'a> {
    pool: &'a Arc<Pool>,
    is_away: Cell<bool>,
}

impl<'a> Turn<'a> {
    /// The pool has counted the worker as serving.
    pub(super) fn new(pool: &'a Arc<Pool>) -> Turn<'a> {
        Turn {
            pool,
            is_away: Cell::new(false),
        }
    }

    pub(in crate::server) fn pool(&self) -> &'a Arc<Pool> {
        self.pool
    }

    /// Steps aside, unless nobody else would be left for short answers.
    pub(in crate::server) fn may_wait(&self) -> bool {
        let may = self.pool.has_another(&mut self.pool.lock());
        if may {
            self.step_aside();
        }
        may
    }

    /// To be said by whoever is about to wait, for a client or for others: the next worker takes its place.
    pub(in crate::server) fn step_aside(&self) {
        if !self.is_away.replace(true) {
            let mut count = self.pool.lock();
            count.roster.step_aside();
            self.pool.fill(&mut count);
        }
    }

    /// Where the worker is.
    pub(super) fn place(self) -> Place {
        match self.is_away.get() {
            true => Place::Away,
            false => Place::Serving,
        }
    }
}
