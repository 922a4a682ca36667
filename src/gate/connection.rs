//! Client connections in the gate. A connection turns received bytes into the next [`Step`]. The gate provides the time
//! and the poll.

use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Instant;

use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags};

use super::head::{HeadScan, ParsedHead};
use crate::http::Status;
use crate::limits::{BLANK_LIMIT, IDLE_BUFFER, LINGER_LIMIT, REQUEST_LINE_SHOWN, Timeouts};
use crate::metrics::Metrics;

/// A client connection with the state of its next request.
pub(super) struct Connection {
    pub(super) stream: Arc<TcpStream>,
    pub(super) peer: SocketAddr,
    /// The bytes that were received but not processed yet.
    buffer: Vec<u8>,
    pub(super) state: State,
    /// The start of the state.
    pub(super) since: Instant,
    /// The share of this connection in the gate's sum of [`buffered_bytes`](Connection::buffered_bytes).
    pub(super) counted: usize,
}

/// The state of a connection.
pub(super) enum State {
    /// No byte of the next request has arrived.
    Idle {
        /// Whether the connection has had a request before.
        is_kept: bool,
        /// The number of bytes of empty lines before the next request.
        blank: usize,
    },
    /// The request head is incomplete.
    Head(HeadScan),
    /// The head is complete, and the content is incomplete.
    Content(ParsedHead),
    /// A worker has the socket.
    InWorker,
    /// The last response is sent. The gate reads and drops up to `budget` more bytes.
    Lingering { budget: usize },
}

/// The next action of the gate for a connection.
pub(super) enum Step {
    /// Waits until the socket is readable or the deadline passes.
    Wait,
    /// Hands the connection to a worker with this head.
    Dispatch(ParsedHead),
    /// Answers with this status and closes the connection.
    Refuse(Status),
    /// Closes the connection.
    Close,
}

impl Connection {
    /// Creates the state of a new connection.
    pub(super) fn new(stream: TcpStream, peer: SocketAddr, now: Instant) -> Connection {
        Connection {
            stream: Arc::new(stream),
            peer,
            buffer: Vec::new(),
            state: State::Idle {
                is_kept: false,
                blank: 0,
            },
            since: now,
            counted: 0,
        }
    }

    /// Returns the time at which the gate closes the connection if the request makes no progress. While a worker has the
    /// socket, the gate checks at this time whether the worker has returned the connection.
    pub(super) fn deadline(&self, timeouts: &Timeouts) -> Instant {
        let timeout = match self.state {
            // A browser may open a connection in advance. This connection gets the same time as a request head.
            State::Idle { is_kept: false, .. } | State::Head(_) | State::Content(_) => {
                timeouts.head
            }
            State::Idle { is_kept: true, .. } | State::InWorker => timeouts.idle,
            State::Lingering { .. } => timeouts.linger,
        };
        self.since + timeout
    }

    fn set_state(&mut self, state: State, since: Instant) {
        self.state = state;
        self.since = since;
    }

    /// Returns the next action after a passed deadline. Counts the timeouts of requests and idle connections.
    pub(super) fn expire(&mut self, now: Instant, metrics: &Metrics) -> Step {
        match self.state {
            State::Head(_) | State::Content(_) => {
                metrics.timeouts_request.add(1);
                return Step::Refuse(Status::RequestTimeout);
            }
            State::Idle { .. } => metrics.timeouts_idle.add(1),
            State::InWorker => {
                self.since = now;
                return Step::Wait;
            }
            State::Lingering { .. } => {}
        }
        Step::Close
    }

    /// Whether the connection has had a response and no byte of another request has arrived.
    pub(super) fn is_idle_keepalive(&self) -> bool {
        matches!(self.state, State::Idle { is_kept: true, .. })
    }

    /// Whether the connection waits for a request or for the rest of a request.
    pub(super) fn is_between_responses(&self) -> bool {
        matches!(
            self.state,
            State::Idle { .. } | State::Head(_) | State::Content(_)
        )
    }

    /// Returns the number of bytes of memory for the buffer and for a complete head.
    pub(super) fn buffered_bytes(&self) -> usize {
        let head = match &self.state {
            State::Content(head) => head.length,
            _ => 0,
        };
        self.buffer.capacity() + head
    }

    /// Prepares the connection for the next request. The last response ended at `since`.
    pub(super) fn set_idle(&mut self, since: Instant) {
        let (is_kept, blank) = (true, 0);
        self.set_state(State::Idle { is_kept, blank }, since);
        if self.buffer.is_empty() && self.buffer.capacity() > IDLE_BUFFER {
            self.buffer = Vec::new();
        }
    }

    /// Whether bytes of the next request have already been read.
    pub(super) fn is_pipelined(&self) -> bool {
        !self.buffer.is_empty()
    }

    /// Sends the part of `response` that the socket accepts at once, then lingers.
    pub(super) fn refuse(&mut self, response: &[u8], now: Instant) {
        send_now(&self.stream, response);
        self.linger(now);
    }

    /// Shuts down the sending side, and then reads and drops incoming bytes until a limit.
    pub(super) fn linger(&mut self, now: Instant) {
        let _ = self.stream.shutdown(Shutdown::Write);
        self.buffer = Vec::new();
        let budget = LINGER_LIMIT;
        self.set_state(State::Lingering { budget }, now);
    }

    /// Makes all progress that is possible without waiting.
    pub(super) fn advance(&mut self, scratch: &mut [u8], now: Instant) -> Step {
        if let State::InWorker = self.state {
            // The poll reports this input again when the worker returns the connection.
            return Step::Wait;
        }
        loop {
            if let Some(step) = self.parse_buffered(now) {
                return step;
            }
            // `DONTWAIT`, because the socket itself is blocking, for the workers.
            match rustix::net::recv(&self.stream, &mut *scratch, RecvFlags::DONTWAIT) {
                Ok((0, _)) => return Step::Close,
                Ok((received, _)) => match &mut self.state {
                    State::Lingering { budget } if *budget < received => return Step::Close,
                    State::Lingering { budget } => *budget -= received,
                    _ => self.buffer.extend_from_slice(&scratch[..received]),
                },
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Step::Wait,
                Err(_) => return Step::Close,
            }
        }
    }

    /// Parses the buffered bytes; returns `None` if more bytes are needed.
    fn parse_buffered(&mut self, now: Instant) -> Option<Step> {
        if let State::Idle { blank, .. } = &mut self.state {
            // RFC 9112 §2.2: a server ignores empty lines before a request line.
            let pairs = self.buffer.chunks_exact(2);
            let skipped = pairs.take_while(|pair| pair == b"\r\n").count() * 2;
            *blank += skipped;
            if *blank > BLANK_LIMIT {
                return Some(Step::Refuse(Status::BadRequest));
            }
            self.buffer.drain(..skipped);
            if self.buffer.is_empty() || self.buffer == b"\r" {
                return None;
            }
            self.set_state(State::Head(HeadScan::default()), now);
        }
        if let State::Head(scan) = &mut self.state {
            let head = match scan.parse(&self.buffer) {
                Ok(head) => head?,
                Err(status) => return Some(Step::Refuse(status)),
            };
            self.buffer.drain(..head.length);
            if head.expects_continue && self.buffer.is_empty() {
                send_now(&self.stream, b"HTTP/1.1 100 Continue\r\n\r\n");
            }
            self.set_state(State::Content(head), now);
        }
        self.drain_content(now)
    }

    fn drain_content(&mut self, now: Instant) -> Option<Step> {
        let State::Content(head) = &mut self.state else {
            return None;
        };
        match head.content.advance(&self.buffer) {
            Err(status) => return Some(Step::Refuse(status)),
            Ok(taken) => drop(self.buffer.drain(..taken)),
        }
        if !head.content.is_done() {
            return None;
        }
        match std::mem::replace(&mut self.state, State::InWorker) {
            State::Content(head) => {
                self.since = now;
                Some(Step::Dispatch(head))
            }
            _ => None,
        }
    }

    /// Returns the received part of method and target, at most [`REQUEST_LINE_SHOWN`] bytes.
    pub(super) fn request_line(&self) -> (&[u8], &[u8]) {
        if let State::Content(head) = &self.state {
            let target = head.request.target.as_bytes();
            let shown = target.len().min(REQUEST_LINE_SHOWN);
            return (head.request.method.as_str().as_bytes(), &target[..shown]);
        }
        let shown = &self.buffer[..self.buffer.len().min(REQUEST_LINE_SHOWN)];
        let line = shown.split(|&byte| byte == b'\r' || byte == b'\n').next();
        let mut words = line.unwrap_or_default().splitn(3, |&byte| byte == b' ');
        let mut word = || words.next().unwrap_or_default();
        (word(), word())
    }
}

/// Sends the bytes that the socket accepts at once. The rest is lost, because the gate never waits for a client.
fn send_now(stream: &TcpStream, bytes: &[u8]) {
    let _ = rustix::net::send(stream, bytes, SendFlags::DONTWAIT | SendFlags::NOSIGNAL);
}
