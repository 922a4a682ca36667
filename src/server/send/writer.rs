//! Bytes to a client's socket, with blocking sends.
//!
//! `SO_SNDTIMEO` is the stall timeout (see `gate/listener.rs`): a send ends when the client has taken nothing for so
//! long. The kernel wakes a blocked send only when a third of the send buffer is free, and a slow client may have taken
//! less. So one more send that does not wait decides: if the socket takes a byte, the client has not stalled.

use std::io;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::net::SendFlags;

use super::error::SendError;
use crate::metrics::Counter;

/// The kernel rounds timeouts to its ticks, so that a send may end a little early.
const TICK: Duration = Duration::from_millis(10);

/// Writes to one socket, and counts the content.
pub(super) struct SocketWriter<'a> {
    stream: &'a TcpStream,
    stall_timeout: Duration,
    /// Bytes of the head that are not yet sent.
    head_left: u64,
    /// Bytes of content that were sent.
    content: u64,
    /// The same for all responses together.
    total: &'a Counter,
}

impl<'a> SocketWriter<'a> {
    /// A writer for a response with a head of `head` bytes.
    pub(super) fn new(
        stream: &'a TcpStream,
        head: usize,
        stall_timeout: Duration,
        total: &'a Counter,
    ) -> SocketWriter<'a> {
        SocketWriter {
            stream,
            stall_timeout,
            head_left: head as u64,
            content: 0,
            total,
        }
    }

    /// Bytes of content that the kernel took so far.
    pub(super) fn content(&self) -> u64 {
        self.content
    }

    /// The socket, for `sendfile`; [`count`](SocketWriter::count) says what it moved.
    pub(super) fn stream(&self) -> &'a TcpStream {
        self.stream
    }

    /// Counts bytes that the kernel took.
    pub(super) fn count(&mut self, sent: usize) {
        let sent = sent as u64;
        let content = sent.saturating_sub(self.head_left);
        self.head_left = self.head_left.saturating_sub(sent);
        self.content += content;
        self.total.add(content);
    }

    /// Writes all of `bytes`, waiting for the client.
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

    /// Whether a call that began then ended because of the timeout.
    pub(super) fn has_timed_out(&self, before: Instant) -> bool {
        before.elapsed() + TICK >= self.stall_timeout
    }

    /// Writes what the socket takes at once; returns how many bytes that were.
    pub(super) fn write_now(&mut self, bytes: &[u8]) -> Result<usize, SendError> {
        self.send(bytes, SendFlags::DONTWAIT)
    }

    /// Writes what the socket takes at once, at least one byte, after a call that ended because of the timeout.
    pub(super) fn write_after_timeout(&mut self, bytes: &[u8]) -> Result<usize, SendError> {
        match self.write_now(bytes) {
            // TCP_USER_TIMEOUT may have ended the connection meanwhile.
            Ok(0) | Err(SendError::ClientLeft) => Err(SendError::Stalled),
            result => result,
        }
    }

    /// One send; 0 if the socket has no room.
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

/// Tells a client that stalled from one that left.
pub(super) fn socket_error(error: Errno) -> SendError {
    match io::Error::from(error).kind() {
        // TCP_USER_TIMEOUT: the kernel has seen no progress for the stall timeout.
        io::ErrorKind::TimedOut => SendError::Stalled,
        _ => SendError::ClientLeft,
    }
}
