//! Bytes to a socket, a buffer at a time. Knows the socket and when to give up, nothing of what the bytes are.

use std::io;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;
use rustix::net::SendFlags;

use super::Failure;
use crate::gate::send;

/// Between two tries where the socket has room and takes nothing.
const PAUSE: Duration = Duration::from_millis(1);

/// The one way of content to a socket.
pub(super) struct Sender<'a> {
    stream: &'a TcpStream,
    stall_timeout: Duration,
    /// What is to be written next: `buffer[..filled]`. The head waits here for the first block, so that both leave
    /// in one segment.
    buffer: &'a mut [u8],
    filled: usize,
    /// Bytes that the system took.
    sent: u64,
}

/// One deadline for progress, not one for each call: a reader that takes a little now and then is slow, not stalled.
pub(super) struct Patience<'a> {
    stream: &'a TcpStream,
    stall_timeout: Duration,
    deadline: Option<Instant>,
}

impl<'a> Sender<'a> {
    pub(super) fn new(
        stream: &'a TcpStream,
        stall_timeout: Duration,
        buffer: &'a mut [u8],
    ) -> Sender<'a> {
        Sender {
            stream,
            stall_timeout,
            buffer,
            filled: 0,
            sent: 0,
        }
    }

    /// Bytes that the system took so far.
    pub(super) fn sent(&self) -> u64 {
        self.sent
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

    pub(super) fn patience(&self) -> Patience<'a> {
        Patience {
            stream: self.stream,
            stall_timeout: self.stall_timeout,
            deadline: None,
        }
    }

    fn write(&mut self, flags: SendFlags) -> Result<(), Failure> {
        let mut written = 0;
        let mut patience = self.patience();
        while written < self.filled {
            match send(self.stream, &self.buffer[written..self.filled], flags) {
                Ok(sent) => {
                    written += sent;
                    self.sent += sent as u64;
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
#[cfg(any(target_os = "linux", target_os = "android"))]
impl<'a> Sender<'a> {
    pub(super) fn stream(&self) -> &'a TcpStream {
        self.stream
    }

    /// It took so many more, past the buffer.
    pub(super) fn count(&mut self, sent: usize) {
        self.sent += sent as u64;
    }

    /// Writes what is in the buffer; it may wait for what follows, so that both leave in one segment.
    pub(super) fn flush_before_more(&mut self) -> Result<(), Failure> {
        self.write(SendFlags::MORE)
    }
}

impl Patience<'_> {
    /// Something has moved.
    pub(super) fn renew(&mut self) {
        self.deadline = None;
    }

    /// Also returns when the connection broke; the next write says so.
    pub(super) fn wait_until_writable(&mut self) -> Result<(), Failure> {
        let deadline = match self.deadline {
            None => *self.deadline.insert(Instant::now() + self.stall_timeout),
            Some(deadline) => {
                // There was room, and nothing could be written: the system is short of memory, perhaps. Asked again at
                // once it says the same.
                std::thread::sleep(PAUSE);
                deadline
            }
        };
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Failure::Stalled);
            }
            let left = Timespec::try_from(left).unwrap_or(Timespec {
                tv_sec: 1,
                tv_nsec: 0,
            });
            let mut socket = [PollFd::new(self.stream, PollFlags::OUT)];
            match rustix::event::poll(&mut socket, Some(&left)) {
                Ok(0) => return Err(Failure::Stalled),
                Ok(_) => return Ok(()),
                Err(Errno::INTR) => {}
                Err(error) => return Err(Failure::Read(error.into())),
            }
        }
    }
}
