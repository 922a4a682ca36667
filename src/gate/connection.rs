//! One client connection while the gate holds it: bytes in, next [`Step`] out. Time and the poll are the gate's.

use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags};

use super::head::{HeadScan, ParsedHead};
use crate::http::Status;
use crate::limits::{BLANK_LIMIT, IDLE_BUFFER, LINGER_LIMIT, REQUEST_LINE_SHOWN};
use crate::metrics::Timeouts as TimeoutCounters;

/// A connection and what is known of its next request.
pub(super) struct Connection {
    pub(super) stream: Arc<TcpStream>,
    pub(super) peer: SocketAddr,
    /// Bytes that were received and not yet used.
    buffer: Vec<u8>,
    pub(super) state: State,
    /// When something must have happened; `None` while a worker has the socket.
    pub(super) deadline: Option<Instant>,
    /// What the gate has counted as [`buffered_bytes`](Connection::buffered_bytes).
    pub(super) counted: usize,
}

/// Where a connection is between two requests.
pub(super) enum State {
    /// No byte of the next request has come.
    Idle {
        since: Instant,
        /// Whether there was a request before.
        is_kept: bool,
        /// Bytes of empty lines instead.
        blank: usize,
    },
    /// In a request head.
    Head { scan: HeadScan, since: Instant },
    /// In the content that follows a head.
    Content {
        head: Box<ParsedHead>,
        since: Instant,
    },
    /// A worker has the socket.
    InWorker,
    /// The last response is sent; how many more bytes are read and dropped.
    Lingering { budget: usize },
}

/// What the gate does with a connection next.
pub(super) enum Step {
    /// Wait until the socket is readable or the deadline passes.
    Wait,
    /// Hand it to a worker with this head.
    Dispatch(Box<ParsedHead>),
    /// Answer with this status and close.
    Refuse(Status),
    /// Close.
    Close,
}

impl Connection {
    /// A connection that was just accepted. `timeout`: for its first head.
    pub(super) fn new(
        stream: TcpStream,
        peer: SocketAddr,
        now: Instant,
        timeout: Duration,
    ) -> Connection {
        Connection {
            stream: Arc::new(stream),
            peer,
            buffer: Vec::new(),
            state: State::Idle {
                since: now,
                is_kept: false,
                blank: 0,
            },
            // One that a browser opened ahead of need has no more time than a head would.
            deadline: Some(now + timeout),
            counted: 0,
        }
    }

    /// Counts a deadline that has passed, and returns what to do.
    pub(super) fn expire(&self, counters: &TimeoutCounters) -> Step {
        match self.state {
            State::Head { .. } | State::Content { .. } => {
                counters.request.add(1);
                return Step::Refuse(Status::RequestTimeout);
            }
            State::Idle { .. } => counters.idle.add(1),
            State::InWorker | State::Lingering { .. } => {}
        }
        Step::Close
    }

    /// Whether it has had a response and no byte of another request has come.
    pub(super) fn is_idle_keepalive(&self) -> bool {
        matches!(self.state, State::Idle { is_kept: true, .. })
    }

    /// Whether it waits for a request or for the rest of one.
    pub(super) fn is_between_responses(&self) -> bool {
        matches!(
            self.state,
            State::Idle { .. } | State::Head { .. } | State::Content { .. }
        )
    }

    /// Bytes that it holds in memory, beyond what every connection does.
    pub(super) fn buffered_bytes(&self) -> usize {
        let head = match &self.state {
            State::Content { head, .. } => head.length,
            _ => 0,
        };
        self.buffer.capacity() + head
    }

    /// Waits for the next request.
    pub(super) fn set_idle(&mut self, now: Instant, timeout: Duration) {
        self.state = State::Idle {
            since: now,
            is_kept: true,
            blank: 0,
        };
        self.deadline = Some(now + timeout);
        if self.buffer.is_empty() && self.buffer.capacity() > IDLE_BUFFER {
            self.buffer = Vec::new();
        }
    }

    /// Sends as much of `response` as the socket takes at once, then lingers.
    pub(super) fn refuse(&mut self, response: &[u8], now: Instant, timeout: Duration) {
        send_now(&self.stream, response);
        self.linger(now, timeout);
    }

    /// Ends the sending side, and reads and drops what still comes for a while.
    pub(super) fn linger(&mut self, now: Instant, timeout: Duration) {
        let _ = self.stream.shutdown(Shutdown::Write);
        self.buffer = Vec::new();
        self.state = State::Lingering {
            budget: LINGER_LIMIT,
        };
        self.deadline = Some(now + timeout);
    }

    /// Does all that can be done without waiting. `timeout`: for a head, and again for its content.
    pub(super) fn advance(&mut self, scratch: &mut [u8], now: Instant, timeout: Duration) -> Step {
        loop {
            if let Some(step) = self.parse_buffered(now, timeout) {
                return step;
            }
            if let State::InWorker = self.state {
                return Step::Wait;
            }
            // Without waiting; the socket itself is blocking, for the workers.
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

    /// Parses what is buffered; `None` if more bytes are needed.
    fn parse_buffered(&mut self, now: Instant, timeout: Duration) -> Option<Step> {
        if let State::Idle { blank, .. } = &mut self.state {
            // RFC 9112 §2.2: empty lines before a request line are skipped.
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
            self.state = State::Head {
                scan: HeadScan::default(),
                since: now,
            };
            self.deadline = Some(now + timeout);
        }
        if let State::Head { scan, .. } = &mut self.state {
            let head = match scan.parse(&self.buffer) {
                Ok(head) => head?,
                Err(status) => return Some(Step::Refuse(status)),
            };
            self.buffer.drain(..head.length);
            if head.expects_continue && self.buffer.is_empty() {
                send_now(&self.stream, b"HTTP/1.1 100 Continue\r\n\r\n");
            }
            self.deadline = Some(now + timeout);
            self.state = State::Content { head, since: now };
        }
        self.drain_content()
    }

    fn drain_content(&mut self) -> Option<Step> {
        let State::Content { head, .. } = &mut self.state else {
            return None;
        };
        if let Some(drain) = &mut head.content {
            match drain.advance(&self.buffer) {
                Err(status) => return Some(Step::Refuse(status)),
                Ok(taken) => drop(self.buffer.drain(..taken)),
            }
            if !drain.is_done() {
                return None;
            }
        }
        match std::mem::replace(&mut self.state, State::InWorker) {
            State::Content { head, .. } => {
                self.deadline = None;
                Some(Step::Dispatch(head))
            }
            _ => None,
        }
    }

    /// Method and target, as far as they have been received, and cut to [`REQUEST_LINE_SHOWN`].
    pub(super) fn request_line(&self) -> (&[u8], &[u8]) {
        if let State::Content { head, .. } = &self.state {
            let target = head.request.target().as_bytes();
            let shown = target.len().min(REQUEST_LINE_SHOWN);
            return (head.request.method().as_str().as_bytes(), &target[..shown]);
        }
        let shown = &self.buffer[..self.buffer.len().min(REQUEST_LINE_SHOWN)];
        let line = shown.split(|&byte| byte == b'\r' || byte == b'\n').next();
        let mut words = line.unwrap_or_default().splitn(3, |&byte| byte == b' ');
        let mut word = || words.next().unwrap_or_default();
        (word(), word())
    }
}

/// Sends what the socket takes at once. The rest is lost, because the gate waits for no client.
fn send_now(stream: &TcpStream, bytes: &[u8]) {
    let _ = rustix::net::send(stream, bytes, SendFlags::DONTWAIT | SendFlags::NOSIGNAL);
}
