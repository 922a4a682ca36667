//! A [`Plan`] to a socket: head, then content in blocks of 64 KiB, or as the system copies it. Decides nothing but when to
//! give up.

mod file;
mod sender;

use std::borrow::Cow;
use std::io;
use std::net::TcpStream;

use rustix::net::SendFlags;

use super::pool::Turn;
use super::respond::{Content, Plan};
use crate::clock;
use crate::gate::desk::{Ending, Exchange};
use crate::gate::rest::Rest;
use crate::gate::send as send_now;
use crate::http::{Method, Multipart, Persistence, ResponseHead};
use crate::media::MediaFile;
use crate::web::Listing;
pub(super) use file::Copying;
use sender::{Sender, Taken};

/// What is read and written at once, and with it the memory of a stream.
const BLOCK: usize = 64 * 1024;
/// The same where the whole response fits in, head and all: to clear a whole block takes as long as to open a file.
const SMALL_BLOCK: usize = 4 * 1024;
/// What a head takes of that at most; if it were more, the block would be written twice.
const HEAD: u64 = 1024;

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

impl Failure {
    /// What an error of the client's socket means.
    fn of_socket(error: &io::Error) -> Failure {
        match error.kind() {
            // TCP_USER_TIMEOUT: the kernel has seen no progress for as long as we would have waited.
            io::ErrorKind::TimedOut => Failure::Stalled,
            _ => Failure::Left,
        }
    }
}

/// Sends a response.
pub(super) fn send(plan: Plan, method: Method, exchange: &Exchange, turn: &Turn<'_>) -> Report {
    let Plan { head, content } = plan;
    let metrics = &turn.pool().service().metrics;
    let persistence = exchange.persistence;
    let short = match content {
        _ if method == Method::Head => Cow::Borrowed(&[][..]),
        Content::None => Cow::Borrowed(&[][..]),
        Content::Bytes(bytes) => bytes,
        stream => {
            let send_stream = match &stream {
                Content::Range(_, range, _) if range.length() + HEAD <= SMALL_BLOCK as u64 => {
                    send_in::<SMALL_BLOCK>
                }
                _ => send_in::<BLOCK>,
            };
            let report = send_stream(&head, stream, exchange, turn);
            if let Some(Failure::Stalled) = report.failure {
                metrics.timeouts.stalled.add(1);
            }
            return report;
        }
    };
    let report = send_short(&head, exchange.stream(), persistence, short);
    metrics.content.add(report.sent);
    report
}

/// By itself, since its block is on the stack: a worker that has never streamed has touched none, and with a worker that
/// ends the system has it back at once, which no allocator promises.
#[inline(never)]
fn send_in<const BLOCK: usize>(
    head: &ResponseHead,
    content: Content,
    exchange: &Exchange,
    turn: &Turn<'_>,
) -> Report {
    send_through(&mut [0; BLOCK], head, content, exchange, turn)
}

#[inline(never)]
fn send_through(
    block: &mut [u8],
    head: &ResponseHead,
    mut content: Content,
    exchange: &Exchange,
    turn: &Turn<'_>,
) -> Report {
    let service = turn.pool().service();
    let persistence = exchange.persistence;
    let head = encoded(head, persistence, 0);
    let taken = Taken::new(head.len(), &service.metrics.content);
    let mut sender = Sender::new(exchange.stream(), turn, block, taken);
    let sent = sender
        .put(&head)
        .and_then(|()| put_content(&mut sender, &mut content, service.copying))
        .and_then(|()| sender.finish());
    // The slot that it has was held until all was sent.
    drop(content);
    Report {
        sent: sender.content(),
        ending: match &sent {
            Ok(()) => ending(persistence != Persistence::Close),
            Err(_) => Ending::Abort,
        },
        failure: sent.err(),
    }
}

/// All of it but what is left in the sender's buffer.
fn put_content(
    sender: &mut Sender<'_>,
    content: &mut Content,
    copying: Copying,
) -> Result<(), Failure> {
    match content {
        Content::None => Ok(()),
        Content::Bytes(bytes) => sender.put(bytes),
        Content::Text(bytes, _slot, _share) => sender.put(bytes),
        Content::Range(file, range, _slot) => sender.send_range(file, *range, copying),
        Content::Ranges(file, multipart, _slot) => send_ranges(sender, file, multipart, copying),
        Content::Listing {
            listing,
            block,
            length,
            slot: _slot,
            share: _share,
        } => {
            let block = std::mem::take(block);
            match *length {
                Some(length) => send_listing(sender, listing, block, length),
                None => send_chunks(sender, listing, block),
            }
        }
    }
}

/// A response that is sent as far as the socket takes it now. The gate sends the rest, so that no worker waits
/// for a client that does not read.
fn send_short(
    head: &ResponseHead,
    stream: &TcpStream,
    persistence: Persistence,
    content: Cow<'static, [u8]>,
) -> Report {
    let mut bytes = encoded(head, persistence, content.len());
    let head_length = bytes.len();
    bytes.extend_from_slice(&content);
    let keep_alive = persistence != Persistence::Close;
    let sent = match send_now(stream, &bytes, SendFlags::empty()) {
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
            if !shared.is_empty() {
                bytes.truncate(head_length);
            }
            let rest = Rest::new(bytes, shared).after(sent);
            (None, Ending::Unsent { rest, keep_alive })
        }
        Err(error) => (Some(Failure::of_socket(&error)), Ending::Abort),
    };
    Report {
        sent: match failure {
            None => content.len() as u64,
            Some(_) => 0,
        },
        failure,
        ending,
    }
}

/// RFC 9110 §14.6.
fn send_ranges(
    sender: &mut Sender<'_>,
    media: &MediaFile,
    multipart: &Multipart,
    copying: Copying,
) -> Result<(), Failure> {
    for part in multipart.parts() {
        sender.put(part.head())?;
        sender.send_range(media, part.range(), copying)?;
    }
    sender.put(multipart.closing())
}

/// A folder whose length was counted before.
fn send_listing(
    sender: &mut Sender<'_>,
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
        sender.put(&block)?;
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
fn send_chunks(
    sender: &mut Sender<'_>,
    listing: &mut Listing,
    mut block: Vec<u8>,
) -> Result<(), Failure> {
    loop {
        // An empty chunk would be the last.
        if !block.is_empty() {
            sender.put(format!("{:x}\r\n", block.len()).as_bytes())?;
            sender.put(&block)?;
            sender.put(b"\r\n")?;
        }
        block.clear();
        let more = listing.next_block(&mut block).map_err(Failure::Read)?;
        if !more && block.is_empty() {
            return sender.put(b"0\r\n\r\n");
        }
    }
}

/// A head, with room for so much content behind it.
fn encoded(head: &ResponseHead, persistence: Persistence, content: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(512 + content);
    head.encode(clock::now(), persistence, &mut bytes);
    bytes
}

fn ending(keep_alive: bool) -> Ending {
    if keep_alive {
        Ending::KeepAlive
    } else {
        Ending::Close
    }
}
