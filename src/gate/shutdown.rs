//! The shutdown of a server: which requests still get a response, and for how long.

use std::io;
use std::net::Shutdown;
use std::time::Instant;

use super::Gate;
use super::connection::ConnectionState;
use crate::limits::{SWEEP_INTERVAL, WORKERS_TIMEOUT};

/// The maximum number of calls of `accept` during a shutdown. These calls accept up to 2048 connections: all
/// connections in the queue of the kernel (at most 1024), and some new connections. Because of the maximum, clients
/// that connect without pause cannot delay the shutdown.
const ROUNDS: usize = 8;

impl Gate {
    /// Begins the shutdown on the first call; returns whether the shutdown is complete.
    pub(super) fn is_shut_down(&mut self, now: Instant) -> io::Result<bool> {
        if self.stopping_since.is_none() {
            self.begin_shutdown(now)?;
        }
        let since = *self.stopping_since.get_or_insert(now);
        // The gate ends this much earlier than the stop timeout. After the gate, the workers need time to end. The poll
        // may return one sweep interval late.
        let reserve = WORKERS_TIMEOUT + SWEEP_INTERVAL;
        let time = self.timeouts.stop.saturating_sub(reserve);
        if since + self.timeouts.last_requests.min(time) <= now {
            // Closes all connections without a complete request. Their clients had time to send a request.
            self.close_where(|state| {
                !matches!(
                    state,
                    ConnectionState::InWorker | ConnectionState::Lingering { .. }
                )
            });
        }
        if self.connections.is_empty() {
            return Ok(true);
        }
        if now < since + time {
            return Ok(false);
        }
        // This call makes running sends fail, so the workers end.
        for (_, connection) in &self.connections {
            let _ = connection.stream.shutdown(Shutdown::Both);
        }
        Ok(true)
    }

    fn close_where(&mut self, condition: fn(&ConnectionState) -> bool) {
        let open = self.connections.iter();
        let closed = open.filter(|(_, connection)| condition(&connection.state));
        for id in closed.map(|(id, _)| id).collect::<Vec<_>>() {
            self.remove(id);
        }
    }

    /// Stops listening and closes idle keep-alive connections.
    ///
    /// First, the gate accepts the connections in the queue of the kernel. Their clients have completed the TCP
    /// handshake, and a connection that is not accepted gets a reset when the listener closes. The client of an idle
    /// keep-alive connection must expect a close at any time (RFC 9112 §9.5).
    fn begin_shutdown(&mut self, now: Instant) -> io::Result<()> {
        for _ in 0..ROUNDS {
            self.accept(now);
            // Any other value means that the queue is empty, or that accept failed.
            if self.accept_again != Some(now) {
                break;
            }
        }
        self.listener = None;
        self.accept_again = None;
        // Requests that have arrived by now get a response, including requests on keep-alive connections.
        let all: Vec<usize> = self.connections.iter().map(|(id, _)| id).collect();
        for id in all {
            self.advance(id, now);
        }
        self.link.flush()?;
        self.close_where(|state| matches!(state, ConnectionState::Idle { is_kept: true }));
        Ok(())
    }
}
