//! Client connections in the gate. A connection turns received bytes into the next [`Step`].

use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags};

use super::head::{HeadScan, ParsedHead};
use crate::http::Status;
use crate::limits::{BLANK_LIMIT, LINGER_LIMIT, REQUEST_LINE_SHOWN, Timeouts};
use crate::metrics::Metrics;

pub(super) struct Connection {
    pub(super) stream: Arc<TcpStream>,
    pub(super) peer: SocketAddr,
    /// The bytes that were received but not parsed yet.
    pub(super) buffer: Vec<u8>,
    pub(super) state: ConnectionState,
    /// The time at which the state began.
    pub(super) since: Instant,
    /// The number of bytes of this connection in the sum `Gate::held`.
    pub(super) counted: usize,
}

pub(super) enum ConnectionState {
    /// Nothing or only empty lines have arrived. `is_kept` is true after the first request.
    Idle { is_kept: bool },
    /// The request head is incomplete.
    Head(HeadScan),
    /// The head is complete, but the content is incomplete.
    Content(ParsedHead),
    /// A worker has the socket.
    InWorker,
    /// The final response is sent. The gate reads and drops up to `budget` more bytes, because a close with unread
    /// input can destroy the response (RFC 9112 §9.6).
    Lingering { budget: usize },
}

/// The next action of the gate for a connection.
pub(super) enum Step {
    /// Waits for input or the timeout.
    Wait,
    /// Hands the connection to a worker with this head.
    Dispatch(ParsedHead),
    /// Answers with this status, and closes the connection.
    Refuse(Status),
    Close,
}

impl Connection {
    pub(super) fn new(stream: TcpStream, peer: SocketAddr, now: Instant) -> Connection {
        Connection {
            stream: Arc::new(stream),
            peer,
            buffer: Vec::new(),
            state: ConnectionState::Idle { is_kept: false },
            since: now,
            counted: 0,
        }
    }

    /// Returns the maximum duration of the state.
    pub(super) fn timeout(&self, timeouts: &Timeouts) -> Option<Duration> {
        Some(match self.state {
            // Browsers open connections before they have a request. Such a connection has the timeout of a head.
            ConnectionState::Idle { is_kept: false }
            | ConnectionState::Head(_)
            | ConnectionState::Content(_) => timeouts.head,
            ConnectionState::Idle { is_kept: true } => timeouts.idle,
            ConnectionState::Lingering { .. } => timeouts.linger,
            ConnectionState::InWorker => return None,
        })
    }

    fn set_state(&mut self, state: ConnectionState, since: Instant) {
        self.state = state;
        self.since = since;
    }

    /// Returns the next action after the timeout, and counts the timeout.
    pub(super) fn expire(&self, metrics: &Metrics) -> Step {
        match self.state {
            ConnectionState::Head(_) | ConnectionState::Content(_) => {
                metrics.timeouts_request.add(1);
                return Step::Refuse(Status::RequestTimeout);
            }
            ConnectionState::Idle { .. } => metrics.timeouts_idle.add(1),
            ConnectionState::InWorker | ConnectionState::Lingering { .. } => {}
        }
        Step::Close
    }

    /// Returns the number of bytes that the buffer and the head take in memory.
    pub(super) fn buffered_bytes(&self) -> usize {
        let head = match &self.state {
            ConnectionState::Content(head) => head.length,
            _ => 0,
        };
        self.buffer.capacity() + head
    }

    /// Prepares the connection for the next request. The previous response ended at `since`.
    pub(super) fn set_idle(&mut self, since: Instant) {
        self.set_state(ConnectionState::Idle { is_kept: true }, since);
        if self.buffer.is_empty() {
            self.buffer = Vec::new();
        }
    }

    /// Shuts down the sending side. From now on, the gate reads and drops input.
    pub(super) fn linger(&mut self, now: Instant) {
        let _ = self.stream.shutdown(Shutdown::Write);
        self.buffer = Vec::new();
        let budget = LINGER_LIMIT;
        self.set_state(ConnectionState::Lingering { budget }, now);
    }

    /// Reads and parses input until a read would block. Returns the next action.
    pub(super) fn advance(&mut self, scratch: &mut [u8], now: Instant) -> Step {
        if let ConnectionState::InWorker = self.state {
            // The poll reports this input again after the worker returns the connection.
            return Step::Wait;
        }
        loop {
            match self.parse_buffered(now) {
                Ok(None) => {}
                Ok(Some(head)) => return Step::Dispatch(head),
                Err(status) => return Step::Refuse(status),
            }
            // The socket is blocking, because workers block on it. With `DONTWAIT`, this call does not block.
            match rustix::net::recv(&self.stream, &mut *scratch, RecvFlags::DONTWAIT) {
                Ok((0, _)) => return Step::Close,
                Ok((received, _)) => match &mut self.state {
                    ConnectionState::Lingering { budget } if *budget < received => {
                        return Step::Close;
                    }
                    ConnectionState::Lingering { budget } => *budget -= received,
                    _ => self.buffer.extend_from_slice(&scratch[..received]),
                },
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Step::Wait,
                Err(_) => return Step::Close,
            }
        }
    }

    /// Parses the buffered bytes. Returns `None` if the request is incomplete.
    fn parse_buffered(&mut self, now: Instant) -> Result<Option<ParsedHead>, Status> {
        if let ConnectionState::Idle { .. } = self.state {
            // RFC 9112 §2.2: a server ignores empty lines before a request line.
            let pairs = self.buffer.chunks_exact(2);
            let blank = pairs.take_while(|pair| pair == b"\r\n").count() * 2;
            if blank > BLANK_LIMIT {
                return Err(Status::BadRequest);
            }
            if matches!(&self.buffer[blank..], b"" | b"\r") {
                return Ok(None);
            }
            self.buffer.drain(..blank);
            self.set_state(ConnectionState::Head(HeadScan::default()), now);
        }
        if let ConnectionState::Head(scan) = &mut self.state {
            let Some(head) = scan.parse(&self.buffer)? else {
                return Ok(None);
            };
            self.buffer.drain(..head.length);
            if head.expects_continue && self.buffer.is_empty() {
                send_now(&self.stream, b"HTTP/1.1 100 Continue\r\n\r\n");
            }
            self.set_state(ConnectionState::Content(head), now);
        }
        if let ConnectionState::Content(head) = &mut self.state {
            let taken = head.content.advance(&self.buffer)?;
            self.buffer.drain(..taken);
            if !head.content.is_done() {
                return Ok(None);
            }
            self.since = now;
            if let ConnectionState::Content(head) =
                std::mem::replace(&mut self.state, ConnectionState::InWorker)
            {
                return Ok(Some(head));
            }
        }
        Ok(None)
    }

    /// Returns the received part of method and target for the log, at most [`REQUEST_LINE_SHOWN`] bytes each.
    pub(super) fn request_line(&self) -> (&[u8], &[u8]) {
        if let ConnectionState::Content(head) = &self.state {
            let target = head.request.target.as_bytes();
            let shown = target.len().min(REQUEST_LINE_SHOWN);
            return (head.request.method.as_str().as_bytes(), &target[..shown]);
        }
        let shown = &self.buffer[..self.buffer.len().min(REQUEST_LINE_SHOWN)];
        let line = shown.split(|byte| b"\r\n".contains(byte)).next();
        let mut words = line.unwrap_or_default().splitn(3, |&byte| byte == b' ');
        let mut word = || words.next().unwrap_or_default();
        (word(), word())
    }
}

/// Sends the bytes that the socket accepts without blocking, and drops the rest. The gate never waits for a client.
pub(super) fn send_now(stream: &TcpStream, bytes: &[u8]) {
    let _ = rustix::net::send(stream, bytes, SendFlags::DONTWAIT | SendFlags::NOSIGNAL);
}
