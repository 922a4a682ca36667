//! Writer of bytes to a client's socket, with blocking sends.
//!
//! `SO_SNDTIMEO` is the stall timeout (see `gate/listener.rs`): a send ends if it made no progress for this time. But
//! the kernel wakes a blocked send only when a third of the send buffer is free, and a slow client may have read less.
//! So the writer tries one more send without waiting. If the socket accepts a byte, the client has not stalled.

use std::io;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::net::SendFlags;

use super::error::SendError;
use crate::metrics::Counter;

/// The maximum time by which a send may end early, because the kernel rounds timeouts to its ticks.
const TICK: Duration = Duration::from_millis(10);

/// Writer for one socket; counts the content bytes.
pub(super) struct SocketWriter<'a> {
    /// The socket. A caller of `sendfile` must report the sent bytes to [`count`](SocketWriter::count).
    pub(super) stream: &'a TcpStream,
    pub(super) stall_timeout: Duration,
    /// Whether ranges of files may use `sendfile`.
    pub(super) sendfile: bool,
    /// The number of bytes of the head that are not yet sent.
    pub(super) head_left: u64,
    /// The number of content bytes that the kernel accepted.
    pub(super) content: u64,
    /// The number of content bytes of all responses together.
    pub(super) total: &'a Counter,
}

impl SocketWriter<'_> {
    /// Counts bytes that the kernel accepted.
    pub(super) fn count(&mut self, sent: usize) {
        let sent = sent as u64;
        let content = sent.saturating_sub(self.head_left);
        self.head_left = self.head_left.saturating_sub(sent);
        self.content += content;
        self.total.add(content);
    }

    /// Writes all of `bytes`; waits for the client if the socket is full.
    pub(super) fn write_all(
        &mut self,
        mut bytes: &[u8],
        flags: SendFlags,
    ) -> Result<(), SendError> {
        while !bytes.is_empty() {
            let before = Instant::now();
            bytes = &bytes[self.send(bytes, flags)?..];
            if !bytes.is_empty() && self.has_timed_out(before) {
                bytes = &bytes[self.write_after_timeout(bytes)?..];
            }
        }
        Ok(())
    }

    /// Whether a call that began at `before` ended because of the timeout.
    pub(super) fn has_timed_out(&self, before: Instant) -> bool {
        before.elapsed() + TICK >= self.stall_timeout
    }

    /// Writes the bytes that the socket accepts at once; returns their number.
    pub(super) fn write_now(&mut self, bytes: &[u8]) -> Result<usize, SendError> {
        self.send(bytes, SendFlags::DONTWAIT)
    }

    /// Writes after a call that ended because of the timeout. The socket must accept at least one byte at once.
    pub(super) fn write_after_timeout(&mut self, bytes: &[u8]) -> Result<usize, SendError> {
        match self.write_now(bytes) {
            // The kernel may have ended the connection in the meantime because of TCP_USER_TIMEOUT.
            Ok(0) | Err(SendError::ClientLeft) => Err(SendError::Stalled),
            result => result,
        }
    }

    /// Calls `send` once; returns 0 if the socket is full.
    fn send(&mut self, bytes: &[u8], flags: SendFlags) -> Result<usize, SendError> {
        loop {
            match rustix::net::send(self.stream, bytes, flags | SendFlags::NOSIGNAL) {
                Ok(sent) => {
                    self.count(sent);
                    return Ok(sent);
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(0),
                Err(error) => return Err(socket_error(error)),
            }
        }
    }
}

/// Converts a socket error; distinguishes a client that stalled from a client that closed the connection.
pub(super) fn socket_error(error: Errno) -> SendError {
    match io::Error::from(error).kind() {
        // TCP_USER_TIMEOUT: the kernel saw no progress during the stall timeout.
        io::ErrorKind::TimedOut => SendError::Stalled,
        _ => SendError::ClientLeft,
    }
}
