//! A [`Plan`] to a socket: head, then content in blocks of 64 KiB. Decides nothing but when to give up.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::net::TcpStream;
use std::time::{Duration, Instant, SystemTime};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;

use super::respond::{Content, Plan};
use crate::gate::desk::{Ending, Exchange};
use crate::gate::rest::Rest;
use crate::gate::send as send_now;
use crate::http::{ByteRange, Method, Multipart, Persistence, ResponseHead};
use crate::media::MediaFile;
use crate::web::Listing;

/// What is read and written at once, and with it the memory of a stream.
const BLOCK: usize = 64 * 1024;

/// What came of a response.
#[derive(Debug)]
pub(super) struct Report {
    /// Bytes of content that the system took; for several ranges with what stands between them.
    pub(super) sent: u64,
    pub(super) failure: Option<Failure>,
    pub(super) ending: Ending,
}

/// Why a response broke off. The client sees a connection that closed before the announced length: nothing else can
/// tell it that what it has is not the whole.
#[derive(Debug)]
pub(super) enum Failure {
    /// The client closed the connection.
    Left,
    /// The client took nothing for the whole stall time-out.
    Stalled,
    /// The file is no longer the one that the head describes.
    Changed,
    /// The disk.
    Read(io::Error),
}

/// Sends a response.
pub(super) fn send(
    plan: Plan,
    method: Method,
    exchange: &Exchange,
    stall_timeout: Duration,
) -> Report {
    let Plan { head, content } = plan;
    let persistence = exchange.persistence;
    let short = match content {
        _ if method == Method::Head => Cow::Borrowed(&[][..]),
        Content::None => Cow::Borrowed(&[][..]),
        Content::Bytes(bytes) => bytes,
        stream => return send_stream(&head, stream, exchange, stall_timeout),
    };
    Sender::new(exchange, stall_timeout, &mut []).send_short(&head, persistence, short)
}

/// By itself, since its block is on the stack: a worker that has never streamed has touched none, and with a worker that
/// ends the system has it back at once, which no allocator promises.
#[inline(never)]
fn send_stream(
    head: &ResponseHead,
    content: Content,
    exchange: &Exchange,
    stall_timeout: Duration,
) -> Report {
    let mut block = [0; BLOCK];
    let mut sender = Sender::new(exchange, stall_timeout, &mut block);
    let persistence = exchange.persistence;
    let begun = sender.begin(head, persistence);
    // A slot is held until all is sent.
    let result = begun.and_then(|()| match content {
        Content::None => sender.flush(),
        Content::Bytes(bytes) => sender.put(&bytes).and_then(|()| sender.flush()),
        Content::Text(bytes, _slot, _share) => sender.put(&bytes).and_then(|()| sender.flush()),
        Content::Range(file, range, _slot) => sender
            .send_range(&file, range)
            .and_then(|()| sender.flush()),
        Content::Ranges(file, multipart, _slot) => sender.send_ranges(&file, &multipart),
        Content::Listing {
            mut listing,
            block,
            length,
            slot: _slot,
            share: _share,
        } => match length {
            Some(length) => sender.send_listing(&mut listing, block, length),
            None => sender.send_chunks(&mut listing, block),
        }
        .and_then(|()| sender.flush()),
    });
    let ending = match &result {
        Ok(()) => ending(persistence != Persistence::Close),
        Err(_) => Ending::Abort,
    };
    Report {
        sent: sender.sent.saturating_sub(sender.head_length),
        failure: result.err(),
        ending,
    }
}

/// The one way of content to a socket.
struct Sender<'a> {
    stream: &'a TcpStream,
    stall_timeout: Duration,
    /// What is to be written next: `buffer[..filled]`. The head waits here for the first block, so that both leave
    /// in one segment.
    buffer: &'a mut [u8],
    filled: usize,
    head_length: u64,
    /// Bytes that the system took, the head included.
    sent: u64,
}

impl<'a> Sender<'a> {
    fn new(exchange: &'a Exchange, stall_timeout: Duration, buffer: &'a mut [u8]) -> Sender<'a> {
        Sender {
            stream: exchange.stream(),
            stall_timeout,
            buffer,
            filled: 0,
            head_length: 0,
            sent: 0,
        }
    }

    fn begin(&mut self, head: &ResponseHead, persistence: Persistence) -> Result<(), Failure> {
        let mut bytes = Vec::with_capacity(512);
        head.encode(SystemTime::now(), persistence, &mut bytes);
        self.head_length = bytes.len() as u64;
        self.put(&bytes)
    }

    /// A response that is sent as far as the socket takes it now. The gate sends the rest, so that no worker waits
    /// for a client that does not read.
    fn send_short(
        mut self,
        head: &ResponseHead,
        persistence: Persistence,
        content: Cow<'static, [u8]>,
    ) -> Report {
        let mut bytes = Vec::with_capacity(512 + content.len());
        head.encode(SystemTime::now(), persistence, &mut bytes);
        let head_length = bytes.len();
        bytes.extend_from_slice(&content);
        let keep_alive = persistence != Persistence::Close;
        let sent = match send_now(self.stream, &bytes) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            result => result,
        };
        let (failure, ending) = match sent {
            Ok(sent) if sent == bytes.len() => (None, ending(keep_alive)),
            Ok(sent) => {
                let shared = match content {
                    Cow::Borrowed(asset) => asset,
                    Cow::Owned(_) => &[],
                };
                bytes.truncate(if shared.is_empty() {
                    bytes.len()
                } else {
                    head_length
                });
                let rest = Rest::new(bytes, shared).after(sent);
                (None, Ending::Unsent { rest, keep_alive })
            }
            Err(error) => (Some(left(&error)), Ending::Abort),
        };
        self.sent = if failure.is_none() {
            content.len() as u64
        } else {
            0
        };
        Report {
            sent: self.sent,
            failure,
            ending,
        }
    }

    /// The bytes of a file: the only place where content goes from one to the other.
    fn send_range(&mut self, media: &MediaFile, range: ByteRange) -> Result<(), Failure> {
        let mut file: &File = media.file();
        file.seek(SeekFrom::Start(range.first_pos()))
            .map_err(Failure::Read)?;
        let mut left = range.length();
        while left > 0 {
            if self.filled == self.buffer.len() {
                self.flush()?;
            }
            let room = &mut self.buffer[self.filled..];
            let want = room.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            let read = match file.read(&mut room[..want]) {
                // Shorter than the head promised.
                Ok(0) => return Err(Failure::Changed),
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Failure::Read(error)),
            };
            // Asked after the read and before the write: what was read is of the version that the head describes.
            if !media.is_unchanged().map_err(Failure::Read)? {
                return Err(Failure::Changed);
            }
            self.filled += read;
            left -= read as u64;
        }
        Ok(())
    }

    /// RFC 9110 §14.6.
    fn send_ranges(&mut self, media: &MediaFile, multipart: &Multipart) -> Result<(), Failure> {
        for part in multipart.parts() {
            self.put(part.head())?;
            self.send_range(media, part.range())?;
        }
        self.put(multipart.closing())?;
        self.flush()
    }

    /// A folder whose length was counted before.
    fn send_listing(
        &mut self,
        listing: &mut Listing,
        mut block: Vec<u8>,
        length: u64,
    ) -> Result<(), Failure> {
        let mut left = length;
        loop {
            // The folder has changed since it was counted if it does not come out even.
            left = left
                .checked_sub(block.len() as u64)
                .ok_or(Failure::Changed)?;
            self.put(&block)?;
            if left == 0 {
                return Ok(());
            }
            block.clear();
            listing.next_block(&mut block).map_err(Failure::Read)?;
            if block.is_empty() {
                return Err(Failure::Changed);
            }
        }
    }

    /// RFC 9112 §7.1.
    fn send_chunks(&mut self, listing: &mut Listing, mut block: Vec<u8>) -> Result<(), Failure> {
        loop {
            // An empty chunk would be the last.
            if !block.is_empty() {
                self.put(format!("{:x}\r\n", block.len()).as_bytes())?;
                self.put(&block)?;
                self.put(b"\r\n")?;
            }
            block.clear();
            let more = listing.next_block(&mut block).map_err(Failure::Read)?;
            if !more && block.is_empty() {
                return self.put(b"0\r\n\r\n");
            }
        }
    }

    /// Bytes that are in memory.
    fn put(&mut self, mut bytes: &[u8]) -> Result<(), Failure> {
        while !bytes.is_empty() {
            if self.filled == self.buffer.len() {
                self.flush()?;
            }
            let room = &mut self.buffer[self.filled..];
            let fits = room.len().min(bytes.len());
            room[..fits].copy_from_slice(&bytes[..fits]);
            self.filled += fits;
            bytes = &bytes[fits..];
        }
        Ok(())
    }

    /// Writes what is in the buffer. One deadline for progress, not one for each call: a reader that takes a little
    /// now and then is slow, not stalled.
    fn flush(&mut self) -> Result<(), Failure> {
        let mut written = 0;
        let mut deadline = None;
        while written < self.filled {
            match send_now(self.stream, &self.buffer[written..self.filled]) {
                Ok(sent) => {
                    written += sent;
                    self.sent += sent as u64;
                    deadline = None;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let deadline =
                        *deadline.get_or_insert_with(|| Instant::now() + self.stall_timeout);
                    wait_until_writable(self.stream, deadline)?;
                }
                Err(error) => return Err(left(&error)),
            }
        }
        self.filled = 0;
        Ok(())
    }
}

fn ending(keep_alive: bool) -> Ending {
    if keep_alive {
        Ending::KeepAlive
    } else {
        Ending::Close
    }
}

/// Also returns when the connection broke; the next write says so.
fn wait_until_writable(stream: &TcpStream, deadline: Instant) -> Result<(), Failure> {
    loop {
        let patience = deadline.saturating_duration_since(Instant::now());
        let patience = Timespec::try_from(patience).unwrap_or(Timespec {
            tv_sec: 1,
            tv_nsec: 0,
        });
        match rustix::event::poll(&mut [PollFd::new(stream, PollFlags::OUT)], Some(&patience)) {
            Ok(0) => return Err(Failure::Stalled),
            Ok(_) => return Ok(()),
            Err(Errno::INTR) => {}
            Err(error) => return Err(Failure::Read(error.into())),
        }
    }
}

fn left(error: &io::Error) -> Failure {
    match error.kind() {
        // TCP_USER_TIMEOUT: the kernel has seen no progress for as long as we would have waited.
        io::ErrorKind::TimedOut => Failure::Stalled,
        _ => Failure::Left,
    }
}
