//! Who gets in: accepting, the limit of connections, and who makes room. Nothing that happens here ends the accepting.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use mio::Token;
use mio::unix::SourceFd;

use super::connection::{Connection, Step};
use super::{FROM_CLIENT, Gate};
use crate::http::Status;

/// Connections beside the streams.
pub(crate) const CONNECTION_LIMIT: usize = 4096;
/// What all of them together may hold of requests that are not whole and answers that are not taken. An honest request
/// comes in one piece and an honest client takes its answer, so neither is held for long; four thousand clients who fill
/// every limit would hold two hundred megabytes.
const HELD_LIMIT: usize = 8 * 1024 * 1024;
/// What is left when some had to be closed for it.
const HELD_AFTER: usize = HELD_LIMIT / 8 * 7;
/// Refused ones that are still told so.
const REFUSED_LIMIT: usize = 64;
/// Connections accepted before those that are here get their turn.
const ACCEPT_ROUND: usize = 256;
/// How long accepting rests after the system refused a descriptor or memory.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

impl Gate<'_> {
    /// Takes what waits in the queue, up to a round.
    pub(super) fn accept(&mut self, now: Instant) {
        // A socket of which others have a copy raises events after we have let go of it.
        if self.listener.is_none() {
            return;
        }
        // If the round ends before the queue does, there is no further event for what is left in it.
        self.accept_again = Some(now);
        for _ in 0..ACCEPT_ROUND {
            let Some(listener) = &mut self.listener else {
                return;
            };
            match listener.accept() {
                Ok((stream, peer)) => self.admit(stream, peer, now),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.accept_again = None;
                    return;
                }
                // The client was gone before we came to it.
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::ConnectionAborted | io::ErrorKind::Interrupted
                    ) => {}
                // No descriptor, no memory, or something new: nothing that ends by itself ends the accepting.
                Err(error) => {
                    log::warn!("cannot accept: {error}");
                    self.evict(now);
                    self.accept_again = Some(now + ACCEPT_PAUSE);
                    return;
                }
            }
        }
    }

    fn admit(&mut self, stream: TcpStream, peer: SocketAddr, now: Instant) {
        self.metrics.connections.accepted.add(1);
        let full = self.connections.len() >= self.connection_limit && !self.evict(now);
        if full {
            self.metrics.connections.refused.add(1);
            if self.connections.len() >= self.connection_limit + REFUSED_LIMIT {
                return;
            }
        }
        let fd = stream.as_raw_fd();
        let id = self.connections.insert(Connection::new(stream, peer, now));
        self.metrics.connections.open.set(self.connections.len());
        // Edge-triggered: registered once, and read until there is nothing more whenever the gate has the socket.
        let registered = self
            .poll
            .registry()
            .register(&mut SourceFd(&fd), Token(id), FROM_CLIENT);
        if let Err(error) = registered {
            log::warn!("cannot watch a connection: {error}");
            self.remove(id);
        } else if full {
            self.take_step(id, Step::Refuse(Status::ServiceUnavailable), now);
        } else {
            self.advance(id, now);
        }
    }

    /// Makes room by closing the connection that would be missed least.
    fn evict(&mut self, now: Instant) -> bool {
        let candidates = self
            .connections
            .iter()
            .filter_map(|(id, connection)| Some((connection.may_make_room(now)?, id)));
        match candidates.min() {
            Some((_, id)) => {
                self.metrics.connections.evicted.add(1);
                self.remove(id);
                true
            }
            None => false,
        }
    }

    /// Counts what a connection holds by now, and makes room if all hold too much together.
    pub(super) fn weigh(&mut self, id: usize) {
        let Some(connection) = self.connections.get_mut(id) else {
            return;
        };
        let held = connection.held();
        let counted = std::mem::replace(&mut connection.counted, held);
        self.held = self.held.saturating_sub(counted) + held;
        if self.held <= HELD_LIMIT {
            return;
        }
        let mut candidates: Vec<_> = self
            .connections
            .iter()
            .filter_map(|(id, connection)| Some((connection.may_give_memory()?, id)))
            .collect();
        candidates.sort_unstable();
        // Some at once, else all would be looked at for each. Whoever is with a worker is soon back.
        for (_, id) in candidates {
            self.metrics.connections.evicted.add(1);
            self.remove(id);
            if self.held <= HELD_AFTER {
                return;
            }
        }
    }

    /// Closes a connection that is still there.
    pub(super) fn remove(&mut self, id: usize) {
        if let Some(connection) = self.connections.try_remove(id) {
            self.held = self.held.saturating_sub(connection.counted);
            self.metrics.connections.open.set(self.connections.len());
        }
    }
}
