//! Writer of bytes to a client's socket, with blocking sends.
//!
//! The stall timeout is `SO_SNDTIMEO` (see `gate/listener.rs`), which ends a send without progress. But the kernel
//! wakes a blocked send only when a third of the send buffer is free. A slow client may have read less than this third.
//! So after a timeout, the writer tries one more send without waiting. If the socket accepts a byte, the client has not
//! stalled.

use std::io;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rustix::io::{Errno, retry_on_intr};
use rustix::net::SendFlags;

use crate::metrics::Counter;

/// The maximum time by which a send times out too early, because the kernel rounds timeouts to its clock ticks.
const TICK: Duration = Duration::from_millis(10);

/// The reason why a response ended before its announced length.
#[derive(Debug)]
pub(in crate::server) enum SendError {
    ClientLeft,
    /// The client read nothing during the stall timeout.
    Stalled,
    FileChanged,
    /// The client did not read a short response at once, and no stream permit was free.
    NoPermit,
    Read(io::Error),
}

impl SendError {
    /// Describes the error for the access log.
    pub(in crate::server) fn note(&self, is_stopping: bool) -> &'static str {
        match self {
            SendError::ClientLeft if is_stopping => "interrupted, because the server stopped",
            // This is not an error: a viewer who seeks closes the connection.
            SendError::ClientLeft => "client left",
            SendError::Stalled => "client took nothing for too long",
            SendError::FileChanged => "file changed while it was sent",
            SendError::NoPermit => "client does not read, and no stream is free",
            SendError::Read(_) => "read error",
        }
    }
}

/// Writer for one socket; counts the content bytes.
pub(super) struct SocketWriter<'a> {
    /// The socket. Pass the result of each `sendfile` call to [`record`](SocketWriter::record).
    pub(super) stream: &'a TcpStream,
    pub(super) stall_timeout: Duration,
    pub(super) sendfile: bool,
    /// True if the previous call of `send` or `sendfile` timed out. The next call must then be a `send`.
    pub(super) has_timed_out: bool,
    /// The number of bytes of the head that are not yet sent.
    pub(super) head_left: u64,
    /// The number of content bytes that the kernel accepted.
    pub(super) content: u64,
    /// The number of content bytes of all responses together.
    pub(super) total: &'a Counter,
}

impl SocketWriter<'_> {
    /// Writes all of `bytes`; waits for the client if the socket is full.
    pub(super) fn write_all(
        &mut self,
        mut bytes: &[u8],
        flags: SendFlags,
    ) -> Result<(), SendError> {
        while !bytes.is_empty() {
            bytes = &bytes[self.send(bytes, flags)?..];
        }
        Ok(())
    }

    /// Calls `send` once. Returns the number of accepted bytes; 0 if the socket is full. Does not wait if the previous
    /// call timed out.
    pub(super) fn send(&mut self, bytes: &[u8], flags: SendFlags) -> Result<usize, SendError> {
        let mut flags = flags | SendFlags::NOSIGNAL;
        if self.has_timed_out {
            flags |= SendFlags::DONTWAIT;
        }
        let before = Instant::now();
        let sent = retry_on_intr(|| rustix::net::send(self.stream, bytes, flags));
        self.record(sent, bytes.len(), before)
    }

    /// Records the result of a `send` or `sendfile` call. The call was for `all` bytes and began at the time `before`.
    /// Returns the number of bytes that the kernel accepted.
    pub(super) fn record(
        &mut self,
        sent: Result<usize, Errno>,
        all: usize,
        before: Instant,
    ) -> Result<usize, SendError> {
        let sent = match sent {
            Ok(sent) => sent,
            // After a timeout, every error means a stall: the socket is still full, or `TCP_USER_TIMEOUT` has ended the
            // connection.
            Err(_) if self.has_timed_out => return Err(SendError::Stalled),
            Err(Errno::AGAIN) => 0,
            Err(Errno::TIMEDOUT) => return Err(SendError::Stalled),
            Err(_) => return Err(SendError::ClientLeft),
        };
        self.has_timed_out = sent < all && before.elapsed() + TICK >= self.stall_timeout;
        let bytes = sent as u64;
        let content = bytes.saturating_sub(self.head_left);
        self.head_left = self.head_left.saturating_sub(bytes);
        self.content += content;
        self.total.add(content);
        Ok(sent)
    }
}
