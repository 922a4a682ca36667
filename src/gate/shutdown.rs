//! The end of a server: which requests are still answered, and for how long.

use std::io;
use std::time::Instant;

use super::connection::Connection;
use super::{Gate, Shutdown};
use crate::limits::WORKERS_TIMEOUT;

/// Rounds of accepting at a stop: more than the kernel's queue holds, and a bound where clients fill it as fast.
const ROUNDS: usize = 8;

impl Gate {
    /// Begins the shutdown at the first call; returns whether it is complete.
    pub(super) fn is_shut_down(&mut self, now: Instant) -> io::Result<bool> {
        let Shutdown { last_requests, end } = match self.shutdown.take() {
            Some(shutdown) => shutdown,
            None => self.begin_shutdown(now)?,
        };
        let last_requests = last_requests.filter(|&at| now < at);
        if last_requests.is_none() {
            self.close_where(Connection::is_between_responses);
        }
        self.shutdown = Some(Shutdown { last_requests, end });
        if self.connections.is_empty() {
            return Ok(true);
        }
        if now < end {
            return Ok(false);
        }
        // Workers that still send get an error from their sockets.
        for (_, connection) in &self.connections {
            let _ = connection.stream.shutdown(std::net::Shutdown::Both);
        }
        Ok(true)
    }

    fn close_where(&mut self, condition: fn(&Connection) -> bool) {
        let open = self.connections.iter();
        let closed: Vec<usize> = open
            .filter(|(_, connection)| condition(connection))
            .map(|(id, _)| id)
            .collect();
        for id in closed {
            self.remove(id);
        }
    }

    /// Stops listening. Clients in the accept queue have finished the handshake and would get a reset, so they are
    /// accepted first and answered. A client on a kept connection expects that it may end at any time (RFC 9112 §9.5).
    fn begin_shutdown(&mut self, now: Instant) -> io::Result<Shutdown> {
        for _ in 0..ROUNDS {
            self.accept(now);
            // Else the round ended before the queue did.
            if self.accept_again != Some(now) {
                break;
            }
        }
        self.listener = None;
        self.accept_again = None;
        // Requests that have arrived by now are answered, also on kept connections.
        let all: Vec<usize> = self.connections.iter().map(|(id, _)| id).collect();
        for id in all {
            self.advance(id, now);
        }
        self.link.flush()?;
        self.close_where(Connection::is_idle_keepalive);
        let time = self.timeouts.stop.saturating_sub(WORKERS_TIMEOUT);
        Ok(Shutdown {
            last_requests: Some(now + self.timeouts.last_requests.min(time)),
            end: now + time,
        })
    }
}
