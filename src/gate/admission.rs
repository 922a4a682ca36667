//! Admission and eviction of connections. The gate is the thread that owns all connections without a worker. It evicts
//! (closes) connections to make room for a new connection, or to free memory.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsRawFd;
use std::time::Instant;

use mio::unix::SourceFd;
use mio::{Interest, Token};

use super::Gate;
use super::connection::{Connection, ConnectionState, Step};
use super::listener::set_options;
use crate::http::Status;
use crate::limits::{ACCEPT_PAUSE, ACCEPT_ROUND, EVICTION_GRACE, HELD_LIMIT, REFUSED_LIMIT};

impl Gate {
    pub(super) fn accept(&mut self, now: Instant) {
        for _ in 0..ACCEPT_ROUND {
            // With socket activation, systemd keeps the socket open. So the poll may report the socket after the gate
            // has closed its own handle.
            let Some(listener) = &self.listener else {
                return;
            };
            // The poll reports waiting connections only once. If this loop does not accept all of them, the gate must
            // call `accept` again.
            self.accept_again = Some(now);
            match listener.accept().map_err(|error| (error.kind(), error)) {
                Ok((stream, peer)) => self.admit(stream, peer, now),
                Err((io::ErrorKind::WouldBlock, _)) => {
                    self.accept_again = None;
                    return;
                }
                // The client has already closed the connection.
                Err((io::ErrorKind::ConnectionAborted | io::ErrorKind::Interrupted, _)) => {}
                // The system has no free descriptor or memory. The gate closes one connection and accepts again later.
                Err((_, error)) => {
                    log::warn!("cannot accept a connection: {error}");
                    self.make_room(now);
                    self.accept_again = Some(now + ACCEPT_PAUSE);
                    return;
                }
            }
        }
    }

    fn admit(&mut self, stream: TcpStream, peer: SocketAddr, now: Instant) {
        self.metrics.connections_accepted.add(1);
        let is_full = self.connections.len() >= self.connection_limit && !self.make_room(now);
        if is_full {
            self.metrics.connections_refused.add(1);
            if self.connections.len() >= self.connection_limit + REFUSED_LIMIT {
                return;
            }
        }
        // The socket stays blocking, because workers block on it. The gate uses `MSG_DONTWAIT`.
        set_options(&stream, self.timeouts.stall);
        let fd = stream.as_raw_fd();
        let connection = Connection::new(stream, peer, now);
        let id = self.connections.insert(connection);
        self.metrics.connections_open.set(self.connections.len());
        // The poll is edge-triggered: it reports each input once. So the gate always reads until a read would block.
        let registry = self.poll.registry();
        let registered = registry.register(&mut SourceFd(&fd), Token(id), Interest::READABLE);
        if let Err(error) = registered {
            log::warn!("cannot watch a connection: {error}");
            self.remove(id);
        } else if is_full {
            self.take_step(id, Step::Refuse(Status::ServiceUnavailable), now);
        } else {
            self.advance(id, now);
        }
    }

    /// Evicts a connection, and returns whether this was possible. A connection that is new or has an unfinished
    /// request is safe during [`EVICTION_GRACE`].
    fn make_room(&mut self, now: Instant) -> bool {
        self.evict(|connection| {
            let is_kept = matches!(connection.state, ConnectionState::Idle { is_kept: true });
            is_kept || connection.since + EVICTION_GRACE <= now
        })
    }

    /// Updates the sum of buffered bytes. If the sum exceeds [`HELD_LIMIT`], evicts connections. There is no grace
    /// period: within a second, 4096 clients can send heads of 24 KiB each, which is 100 MB.
    pub(super) fn account_memory(&mut self, id: usize) {
        let Some(connection) = self.connections.get_mut(id) else {
            return;
        };
        let held = connection.buffered_bytes();
        let counted = std::mem::replace(&mut connection.counted, held);
        self.held = self.held.saturating_sub(counted) + held;
        while self.held > HELD_LIMIT && self.evict(|it| it.buffered_bytes() > 0) {}
    }

    /// Evicts one of the connections that `may_evict` selects. Prefers unfinished requests to idle connections, then
    /// older connections to newer connections. Returns whether a connection was evicted.
    fn evict(&mut self, may_evict: impl Fn(&Connection) -> bool) -> bool {
        let candidates = self.connections.iter().filter(|(_, it)| may_evict(it));
        let ranks = candidates.filter_map(|(id, it)| match it.state {
            ConnectionState::Head(_) | ConnectionState::Content(_) => Some((0, it.since, id)),
            ConnectionState::Idle { .. } => Some((1, it.since, id)),
            ConnectionState::InWorker | ConnectionState::Lingering { .. } => None,
        });
        let first = ranks.min();
        if let Some((.., id)) = first {
            self.metrics.connections_evicted.add(1);
            self.remove(id);
        }
        first.is_some()
    }
}
