//! Connections that come back from workers. A worker that has sent a whole response does not wake the gate for it where the
//! gate comes by anyway: with the client's next request, or after a moment. With 16 kept connections that saves nearly half of
//! the thread switches of a short request, and one system call in ten.
//!
//! It holds because the poll's events are edges. What a client sends raises one, and the gate, which takes back first whatever
//! happens, then has the connection. If the worker has it still, the edge is lost: such a connection is awaited, and as long
//! as one is, every worker wakes the gate. The gate says so only after it has heard of the edge; what came back in between is
//! overlooked, and taken at once.

use std::time::{Duration, Instant};

use mio::event::Event;

use super::Gate;
use super::connection::Step;
use super::desk::{Desk, Ending};

/// After a request, when the gate comes by although nothing happened. Being late by it harms nobody.
const ROUND: Duration = Duration::from_millis(100);

/// What the gate knows of connections that are with workers.
#[derive(Debug, Default)]
pub(super) struct Returns {
    /// When the gate comes by.
    round: Option<Instant>,
    /// How many of them there may be more to be read from, of which no event will tell.
    awaited: usize,
    /// Whether the workers have been told that the gate comes.
    told: bool,
    /// Some came back before the workers were told that it does not.
    overlooked: bool,
    endings: Vec<(usize, Ending)>,
}

impl Returns {
    /// One more goes to a worker; whether it is awaited.
    pub(super) fn expect(&mut self, is_awaited: bool, now: Instant) {
        self.awaited += usize::from(is_awaited);
        self.round = Some(now + ROUND);
    }

    /// Tells the workers whether to wake the gate for a connection that is merely kept.
    fn tell(&mut self, desk: &Desk, is_stopping: bool, now: Instant) {
        self.round = self.round.filter(|&at| now < at);
        let comes = self.round.is_some() && self.awaited == 0 && !is_stopping;
        if comes != self.told {
            self.told = comes;
            self.overlooked = desk.announce(comes) && !comes;
        }
    }

    /// When the gate should come by.
    pub(super) fn next(&self, now: Instant) -> Option<Instant> {
        if self.overlooked {
            Some(now)
        } else {
            self.round
        }
    }
}

impl Gate<'_> {
    /// Takes back what workers have left.
    pub(super) fn collect(&mut self, now: Instant) {
        self.returns.overlooked = false;
        let mut endings = std::mem::take(&mut self.returns.endings);
        self.desk.take_returned(&mut endings);
        for (id, ending) in endings.drain(..) {
            self.take_back(id, ending, now);
        }
        self.returns.endings = endings;
    }

    /// Tells the workers what has changed for them, before the gate sleeps.
    pub(super) fn tell(&mut self, now: Instant) {
        self.returns.tell(&self.desk, self.stop.is_some(), now);
    }

    /// Something came from a client. No other event will tell of it, so if a worker has the connection, it is awaited.
    pub(super) fn hear(&mut self, id: usize, event: &Event) {
        let is_end_or_urgent = event.is_read_closed() || event.is_error() || event.is_priority();
        if let Some(connection) = self.connections.get_mut(id) {
            let was_awaited = connection.is_awaited();
            connection.hear(is_end_or_urgent);
            self.returns.awaited += usize::from(connection.is_awaited() && !was_awaited);
        }
    }

    fn take_back(&mut self, id: usize, ending: Ending, now: Instant) {
        let Some(connection) = self.connections.get_mut(id) else {
            return;
        };
        let is_awaited = connection.is_awaited();
        self.returns.awaited = self.returns.awaited.saturating_sub(usize::from(is_awaited));
        let stopping = self.stop.is_some();
        match ending {
            Ending::KeepAlive if !stopping => {
                connection.keep(now);
                if !is_awaited {
                    return self.take_step(id, Step::Wait, now);
                }
            }
            Ending::KeepAlive | Ending::Close => connection.linger(now),
            Ending::Unsent { rest, keep_alive } => {
                let deadline = now + self.stall_timeout;
                connection.send_rest(rest, keep_alive && !stopping, now, deadline);
            }
            Ending::Abort => return self.remove(id),
        }
        // What came while the worker had the socket has raised its only event already.
        self.advance(id, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What came back without waking the gate, when the workers are told to wake it from now on.
    #[test]
    fn what_the_workers_were_told_too_late_for_is_taken_at_once() {
        let now = Instant::now();
        let check = |awaited, is_stopping, then: Instant| {
            let (_poll, desk) = super::super::poll_and_desk().unwrap();
            let mut returns = Returns::default();
            returns.expect(false, now);
            returns.tell(&desk, false, now);
            assert_eq!(returns.next(now), Some(now + ROUND), "it comes by");
            desk.give_back(0, Ending::KeepAlive);
            returns.tell(&desk, false, now);
            assert_eq!(returns.next(now), Some(now + ROUND), "nothing has changed");
            returns.awaited = awaited;
            returns.tell(&desk, is_stopping, then);
            assert_eq!(returns.next(then), Some(then));
        };
        check(1, false, now);
        check(0, true, now);
        check(0, false, now + ROUND);
    }
}
