//! One client connection while the gate holds it: bytes in, next [`Step`] out. Knows its socket and the time it is
//! given, neither the poll nor the workers.

mod late;
mod room;

use std::io;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Instant;

use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags};

use super::body::Drain;
use super::head::{CleanHead, HeadScan, Verdict};
use super::rest::Rest;
use crate::http::Status;
use late::{HEAD_TIMEOUT, IDLE_TIMEOUT, LINGER_TIMEOUT};

/// Bytes of empty lines before a request line. A confused client sends one line; a flood must not be waded through.
const BLANK_LIMIT: usize = 16;
/// What is swallowed in that time.
const LINGER_LIMIT: usize = 256 * 1024;
/// Buffers of idle connections above this are given back; most heads fit.
const IDLE_BUFFER: usize = 1024;

/// What the log shows of a request that was refused.
const REQUEST_LINE_SHOWN: usize = 200;

/// A connection and what is known of its next request.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) stream: Arc<TcpStream>,
    pub(super) peer: SocketAddr,
    /// Bytes that were received and not yet used.
    buffer: Vec<u8>,
    state: State,
    deadline: Option<Instant>,
    /// Whether there may be something to be read that the poll will not report: it has, or the last read was full, which
    /// does not say whether that was all (epoll(7), question 9).
    may_read: bool,
    /// Whether a read that was not full says nothing either: the client has ended its side, or both, which is the last that
    /// the poll reports, or has sent urgent data, at which a read ends.
    always_read: bool,
    /// Whether the poll reports when the socket can be written to. It would do so again and again while a worker
    /// streams, so it is asked to only while there is something to send from here.
    pub(super) watched_for_room: bool,
    /// What the gate has counted as [`held`](Connection::held).
    pub(super) counted: usize,
}

#[derive(Debug)]
enum State {
    /// Nothing of the next request is here; since when, whether there was one before, and how many empty lines instead.
    Idle {
        since: Instant,
        is_kept: bool,
        blank: usize,
    },
    /// In a request head.
    Head(HeadScan),
    /// In the content that follows a head.
    Content(Drain, CleanHead),
    /// A worker has the socket.
    Away,
    /// The rest of a short response, since when nothing of it has moved, and whether the connection is kept after it.
    Unsent {
        rest: Rest,
        since: Instant,
        keep_alive: bool,
    },
    /// We have said our last; how much more is swallowed.
    Lingering { budget: usize },
}

/// What is to be done with a connection next.
#[derive(Debug)]
pub(super) enum Step {
    /// Wait until the socket is readable or the deadline passes.
    Wait,
    /// Wait until the socket is writable or the deadline passes.
    WaitToSend,
    /// Hand it to a worker with this head.
    Dispatch(CleanHead),
    /// Answer with this status and close.
    Refuse(Status),
    /// Close.
    Close,
}

impl Connection {
    /// A connection that was just accepted.
    pub(super) fn new(stream: TcpStream, peer: SocketAddr, now: Instant) -> Connection {
        Connection {
            stream: Arc::new(stream),
            peer,
            buffer: Vec::new(),
            state: State::Idle {
                since: now,
                is_kept: false,
                blank: 0,
            },
            // One that was opened ahead of need, as browsers do, has no more time than a head would.
            deadline: Some(now + HEAD_TIMEOUT),
            may_read: false,
            always_read: false,
            watched_for_room: false,
            counted: 0,
        }
    }

    /// Whether it has had an answer and not a byte of another request has come.
    pub(super) fn rests(&self) -> bool {
        matches!(self.state, State::Idle { is_kept: true, .. })
    }

    /// Whether it waits for a request or for the rest of one: what a server that stops does not wait for for long.
    pub(super) fn is_between_responses(&self) -> bool {
        matches!(
            self.state,
            State::Idle { .. } | State::Head(_) | State::Content(..)
        )
    }

    /// The socket goes to a worker.
    pub(super) fn leave(&mut self) {
        self.state = State::Away;
        self.deadline = None;
        self.may_read |= self.always_read || !self.buffer.is_empty();
    }

    /// Whether a worker has the socket and there may be something to be read.
    pub(super) fn is_awaited(&self) -> bool {
        self.may_read && matches!(self.state, State::Away)
    }

    /// The poll reports something; whether it is the client's end or urgent data.
    pub(super) fn hear(&mut self, is_end_or_urgent: bool) {
        self.may_read = true;
        self.always_read |= is_end_or_urgent;
    }

    /// The socket is back, and the client may send its next request.
    pub(super) fn keep(&mut self, now: Instant) {
        self.state = State::Idle {
            since: now,
            is_kept: true,
            blank: 0,
        };
        self.deadline = Some(now + IDLE_TIMEOUT);
        if self.buffer.is_empty() && self.buffer.capacity() > IDLE_BUFFER {
            self.buffer = Vec::new();
        }
    }

    /// Sends what a worker could not send at once.
    pub(super) fn send_rest(
        &mut self,
        rest: Rest,
        keep_alive: bool,
        now: Instant,
        deadline: Instant,
    ) {
        self.state = State::Unsent {
            rest,
            since: now,
            keep_alive,
        };
        self.deadline = Some(deadline);
    }

    /// What is being sent from here was the last.
    pub(super) fn keep_no_longer(&mut self) {
        if let State::Unsent { keep_alive, .. } = &mut self.state {
            *keep_alive = false;
        }
    }

    /// Ends our side and swallows what still comes for a moment.
    pub(super) fn linger(&mut self, now: Instant) {
        let _ = self.stream.shutdown(Shutdown::Write);
        self.buffer = Vec::new();
        self.state = State::Lingering {
            budget: LINGER_LIMIT,
        };
        self.deadline = Some(now + LINGER_TIMEOUT);
    }

    /// Does all that can be done without waiting.
    pub(super) fn advance(&mut self, scratch: &mut [u8], now: Instant) -> Step {
        loop {
            if let State::Unsent { .. } = self.state {
                match self.push_rest(now) {
                    Step::Wait => continue,
                    step => return step,
                }
            }
            if let Some(step) = self.judge(now) {
                return step;
            }
            if let State::Away = self.state {
                return Step::Wait;
            }
            let received = receive(&self.stream, scratch);
            self.may_read = matches!(received, Ok(count) if count == scratch.len());
            match received {
                Ok(0) => return Step::Close,
                Ok(received) => match &mut self.state {
                    State::Lingering { budget } if *budget < received => return Step::Close,
                    State::Lingering { budget } => *budget -= received,
                    _ => self.buffer.extend_from_slice(&scratch[..received]),
                },
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Step::Wait,
                Err(_) => return Step::Close,
            }
        }
    }

    /// Looks at what is buffered; nothing if more is needed.
    fn judge(&mut self, now: Instant) -> Option<Step> {
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
            self.state = State::Head(HeadScan::default());
            self.deadline = Some(now + HEAD_TIMEOUT);
        }
        if let State::Head(scan) = &mut self.state {
            match scan.examine(&self.buffer) {
                Verdict::Partial => return None,
                Verdict::Refuse(status) => return Some(Step::Refuse(status)),
                Verdict::Clean(head) => match Drain::begin(head.content) {
                    Err(status) => return Some(Step::Refuse(status)),
                    Ok(None) => {
                        self.buffer.drain(..head.length);
                        return Some(Step::Dispatch(head));
                    }
                    Ok(Some(drain)) => {
                        self.buffer.drain(..head.length);
                        if head.expects_continue && self.buffer.is_empty() {
                            let _ = send(
                                &self.stream,
                                b"HTTP/1.1 100 Continue\r\n\r\n",
                                SendFlags::empty(),
                            );
                        }
                        self.deadline = Some(now + HEAD_TIMEOUT);
                        self.state = State::Content(drain, head);
                    }
                },
            }
        }
        if let State::Content(drain, _) = &mut self.state {
            match drain.advance(&self.buffer) {
                Err(status) => return Some(Step::Refuse(status)),
                Ok(taken) => {
                    self.buffer.drain(..taken);
                }
            }
            if drain.is_done() {
                // The state is replaced by `leave`, which follows every dispatch.
                if let State::Content(_, head) = std::mem::replace(&mut self.state, State::Away) {
                    return Some(Step::Dispatch(head));
                }
            }
        }
        None
    }

    /// `Wait` when all is sent and the connection goes on.
    fn push_rest(&mut self, now: Instant) -> Step {
        let State::Unsent {
            rest,
            since,
            keep_alive,
        } = &mut self.state
        else {
            return Step::Wait;
        };
        while !rest.front().is_empty() {
            match send(&self.stream, rest.front(), SendFlags::empty()) {
                Ok(sent) => {
                    rest.advance(sent);
                    *since = now;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Step::WaitToSend,
                Err(_) => return Step::Close,
            }
        }
        if *keep_alive {
            self.keep(now);
        } else {
            self.linger(now);
        }
        Step::Wait
    }

    /// Says `answer` as far as the socket takes it at once, then lingers.
    pub(super) fn refuse(&mut self, answer: &[u8], now: Instant) {
        let _ = send(&self.stream, answer, SendFlags::empty());
        self.linger(now);
    }

    /// Method and target as far as they are here, and not too long to be shown.
    pub(super) fn request_line(&self) -> (&[u8], &[u8]) {
        let bytes = match &self.state {
            State::Content(_, head) => &head.wire,
            _ => &self.buffer,
        };
        let shown = &bytes[..bytes.len().min(REQUEST_LINE_SHOWN)];
        let line = shown.split(|&byte| byte == b'\r' || byte == b'\n').next();
        let mut words = line.unwrap_or_default().splitn(3, |&byte| byte == b' ');
        let mut word = || words.next().unwrap_or_default();
        (word(), word())
    }
}

/// Receives without waiting, whatever mode the socket is in.
fn receive(stream: &TcpStream, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match rustix::net::recv(stream, &mut *buffer, RecvFlags::DONTWAIT) {
            Ok((received, _)) => return Ok(received),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Sends without waiting.
pub(crate) fn send(stream: &TcpStream, bytes: &[u8], flags: SendFlags) -> io::Result<usize> {
    let flags = flags | SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
    loop {
        match rustix::net::send(stream, bytes, flags) {
            Err(Errno::INTR) => {}
            result => return Ok(result?),
        }
    }
}
