//! Bytes to a socket, a buffer at a time. Knows the socket and when to give up, nothing of what the bytes are.

use std::io;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;
use rustix::net::SendFlags;

use super::super::pool::Turn;
use super::Failure;
use crate::gate::send;
use crate::gate::{UNSENT_LIMIT, limit_unsent};
use crate::metrics::Counter;

/// Between two tries where the socket has room and takes nothing.
const PAUSE: Duration = Duration::from_millis(1);

/// How long a socket is given to have much room, and not just some.
const ROOMY: Duration = Duration::from_millis(500);

/// The one way of content to a socket.
pub(super) struct Sender<'a> {
    stream: &'a TcpStream,
    turn: &'a Turn<'a>,
    /// What is to be written next: `buffer[..filled]`. The head waits here for the first block, so that both leave
    /// in one segment.
    buffer: &'a mut [u8],
    filled: usize,
    taken: Taken<'a>,
    /// Whether the system may hold more unsent than usual.
    holds_much: bool,
}

/// What the system took of a response.
pub(super) struct Taken<'a> {
    /// Of its head, so much has still to go.
    head: u64,
    content: u64,
    /// That of all responses together.
    total: &'a Counter,
}

/// One deadline for progress, not one for each call: a reader that takes a little now and then is slow, not stalled.
pub(super) struct Patience<'a> {
    stream: &'a TcpStream,
    turn: &'a Turn<'a>,
    stall_timeout: Duration,
    deadline: Option<Instant>,
    /// Whether it has passed.
    is_late: bool,
}

impl<'a> Sender<'a> {
    pub(super) fn new(
        stream: &'a TcpStream,
        turn: &'a Turn<'a>,
        buffer: &'a mut [u8],
        taken: Taken<'a>,
    ) -> Sender<'a> {
        Sender {
            stream,
            turn,
            buffer,
            filled: 0,
            taken,
            holds_much: false,
        }
    }

    /// See [`Turn::step_aside`].
    pub(super) fn step_aside(&self) {
        self.turn.step_aside();
    }

    /// Bytes of content that the system took so far.
    pub(super) fn content(&self) -> u64 {
        self.taken.content
    }

    /// Bytes that are in memory.
    pub(super) fn put(&mut self, mut bytes: &[u8]) -> Result<(), Failure> {
        while !bytes.is_empty() {
            let room = self.room()?;
            let fits = room.len().min(bytes.len());
            room[..fits].copy_from_slice(&bytes[..fits]);
            self.fill(fits);
            bytes = &bytes[fits..];
        }
        Ok(())
    }

    /// Where the next bytes go, at least one. They count once [`fill`](Sender::fill) says so.
    pub(super) fn room(&mut self) -> Result<&mut [u8], Failure> {
        if self.filled == self.buffer.len() {
            self.flush()?;
        }
        Ok(&mut self.buffer[self.filled..])
    }

    pub(super) fn fill(&mut self, count: usize) {
        self.filled += count;
    }

    /// Writes what is in the buffer.
    pub(super) fn flush(&mut self) -> Result<(), Failure> {
        self.write(SendFlags::empty())
    }

    /// The same at the end. Not before is less held unsent than while the system copied: a slow client would have to take
    /// all that is too much before anything seems to move.
    pub(super) fn finish(&mut self) -> Result<(), Failure> {
        self.flush()?;
        if self.holds_much {
            limit_unsent(self.stream, UNSENT_LIMIT);
        }
        Ok(())
    }

    pub(super) fn patience(&self) -> Patience<'a> {
        Patience {
            stream: self.stream,
            turn: self.turn,
            stall_timeout: self.turn.pool().service().stall_timeout,
            deadline: None,
            is_late: false,
        }
    }

    fn write(&mut self, flags: SendFlags) -> Result<(), Failure> {
        let mut written = 0;
        let mut patience = self.patience();
        while written < self.filled {
            match send(self.stream, &self.buffer[written..self.filled], flags) {
                Ok(sent) => {
                    written += sent;
                    self.taken.add(sent as u64);
                    patience.renew();
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    patience.wait_until_writable()?;
                }
                Err(error) => return Err(Failure::of_socket(&error)),
            }
        }
        self.filled = 0;
        Ok(())
    }
}

/// What bytes need that go past the buffer. Other systems have no MSG_MORE.
impl<'a> Sender<'a> {
    pub(super) fn stream(&self) -> &'a TcpStream {
        self.stream
    }

    /// It took so many more, past the buffer, and may hold much of it.
    pub(super) fn count(&mut self, sent: usize) {
        self.taken.add(sent as u64);
        self.holds_much = true;
    }

    /// Writes what is in the buffer; it may wait for what follows, so that both leave in one segment.
    pub(super) fn flush_before_more(&mut self) -> Result<(), Failure> {
        self.write(SendFlags::MORE)
    }
}

impl<'a> Taken<'a> {
    /// Nothing, of a response with so long a head.
    pub(super) fn new(head: usize, total: &'a Counter) -> Taken<'a> {
        Taken {
            head: head as u64,
            content: 0,
            total,
        }
    }

    fn add(&mut self, bytes: u64) {
        let content = bytes.saturating_sub(self.head);
        self.head = self.head.saturating_sub(bytes);
        self.content += content;
        self.total.add(content);
    }
}

impl Patience<'_> {
    /// Something has moved.
    pub(super) fn renew(&mut self) {
        self.deadline = None;
        self.is_late = false;
    }

    /// Also returns when the connection broke; the next write says so. And once when the time is over: a socket is reported
    /// as writable when a good part of what it may hold is free, and whether a slow client has taken less than that
    /// shows only by one more write.
    pub(super) fn wait_until_writable(&mut self) -> Result<(), Failure> {
        if self.is_late {
            return Err(Failure::Stalled);
        }
        self.turn.step_aside();
        let deadline = match self.deadline {
            None => *self.deadline.insert(Instant::now() + self.stall_timeout),
            Some(deadline) => {
                // There was room, and nothing could be written: the system is short of memory, perhaps. Asked again at
                // once it says the same.
                std::thread::sleep(PAUSE);
                deadline
            }
        };
        self.is_late = !self.is_writable_by(deadline)?;
        Ok(())
    }

    /// Waits no longer than that.
    fn is_writable_by(&self, deadline: Instant) -> Result<bool, Failure> {
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(false);
            }
            let left = Timespec::try_from(left).unwrap_or(Timespec {
                tv_sec: 1,
                tv_nsec: 0,
            });
            let mut socket = [PollFd::new(self.stream, PollFlags::OUT)];
            match rustix::event::poll(&mut socket, Some(&left)) {
                Ok(0) => return Ok(false),
                Ok(_) => return Ok(true),
                Err(Errno::INTR) => {}
                Err(error) => return Err(Failure::Read(error.into())),
            }
        }
    }
}

impl Patience<'_> {
    /// The same for pages that are the file's own, of which the system may hold much once it has room. To be woken for each
    /// little that the client has taken costs more than to copy it. Whoever is too slow for that is waited for as always.
    pub(super) fn wait_until_roomy(&mut self) -> Result<(), Failure> {
        let much = self.turn.pool().service().copying.unsent();
        // There was room, and nothing could be written.
        if self.deadline.is_some() || much <= UNSENT_LIMIT {
            return self.wait_until_writable();
        }
        self.turn.step_aside();
        let now = Instant::now();
        self.deadline = Some(now + self.stall_timeout);
        limit_unsent(self.stream, UNSENT_LIMIT);
        let is_roomy = self.is_writable_by(now + self.stall_timeout.min(ROOMY))?;
        limit_unsent(self.stream, much);
        match is_roomy {
            true => Ok(()),
            false => self.wait_until_writable(),
        }
    }
}
