//! Accepts connections, up to the limit. The gate continues to accept after every error.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsRawFd;
use std::time::Instant;

use mio::unix::SourceFd;
use mio::{Interest, Token};

use super::Gate;
use super::connection::{Connection, Step};
use super::listener::tune;
use crate::http::Status;
use crate::limits::{ACCEPT_PAUSE, ACCEPT_ROUND, REFUSED_LIMIT};

impl Gate {
    /// Accepts up to [`ACCEPT_ROUND`] connections.
    pub(super) fn accept(&mut self, now: Instant) {
        for _ in 0..ACCEPT_ROUND {
            // With socket activation, the poll may still report the listener after the gate closed it here.
            let Some(listener) = &self.listener else {
                return;
            };
            // If this round ends before the queue is empty, the poll does not report the rest again.
            self.accept_again = Some(now);
            match listener.accept() {
                Ok((stream, peer)) => self.admit(stream, peer, now),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.accept_again = None;
                    return;
                }
                // The client has already closed the connection.
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::ConnectionAborted | io::ErrorKind::Interrupted
                    ) => {}
                // The system has no free file descriptor or memory. Both become free when connections end.
                Err(error) => {
                    log::warn!("cannot accept a connection: {error}");
                    self.evict(now);
                    self.accept_again = Some(now + ACCEPT_PAUSE);
                    return;
                }
            }
        }
    }

    fn admit(&mut self, stream: TcpStream, peer: SocketAddr, now: Instant) {
        self.metrics.connections_accepted.add(1);
        let is_full = self.connections.len() >= self.connection_limit && !self.evict(now);
        if is_full {
            self.metrics.connections_refused.add(1);
            if self.connections.len() >= self.connection_limit + REFUSED_LIMIT {
                return;
            }
        }
        // The socket itself stays blocking, for the workers; the gate uses `MSG_DONTWAIT`.
        tune(&stream, self.timeouts.stall);
        let fd = stream.as_raw_fd();
        let connection = Connection::new(stream, peer, now);
        let id = self.connections.insert(connection);
        self.metrics.connections_open.set(self.connections.len());
        // Edge-triggered: the gate registers a socket once. While it holds the socket, it reads until the read would
        // block.
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
}
