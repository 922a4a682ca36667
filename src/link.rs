//! The private link into tiny_http: a Unix socket that only the gate writes to. The only file that names tiny_http's
//! types.
//!
//! tiny_http 0.12 must not meet a network: one request can end its process, hang it or stop its accept loop. Here it
//! accepts exactly one connection, which this process makes, and its listener is shut down before the first client is
//! served. The gate parses each request head and keeps it under a ticket (see [`crate::handoff`]); over the link goes
//! `GET /TICKET HTTP/1.1`. So tiny_http is the queue from which workers pull requests, and nothing that a client wrote
//! is parsed twice. Nothing ever comes back over the link, because workers write to the clients' sockets.
//!
//! Invariant: when the link breaks, the server ends with an error. A supervisor or systemd starts it again.

use std::io::{self, Write};
use std::mem::ManuallyDrop;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::panic::catch_unwind;
use std::sync::{Arc, Mutex, PoisonError};

use rustix::net::{AddressFamily, Shutdown, SocketAddrUnix, SocketFlags, SocketType};

use crate::limits::LINK_TIMEOUT;

/// The request that shows that tiny_http has accepted the link.
const HANDSHAKE: &[u8] = b"HEAD /handshake HTTP/1.1\r\n\r\n";

/// Bytes that tiny_http reads at once. It would lose the rest of a longer record.
const RECORD: usize = 1024;

/// Threads of tiny_http: its accept loop, the four of its pool and one for the link. Two more, because the kernel may
/// count a thread that has ended for a moment longer.
const TINY_HTTP_THREADS: usize = 8;
/// Bytes of stack that std gives to a thread by default, as tiny_http's are.
const TINY_HTTP_STACK: usize = 2 * 1024 * 1024;

/// The gate's end of the link.
pub(crate) struct Link {
    stream: UnixStream,
    /// Request lines that [`flush`](Link::flush) sends together, with one system call.
    batch: Vec<u8>,
}

/// The workers' end of the link: tiny_http's queue.
#[derive(Clone)]
pub(crate) struct RequestQueue {
    // Never dropped: its Drop panics for a socket without a path. What stays behind is a queue and a flag; its threads
    // end with the link.
    server: Arc<ManuallyDrop<tiny_http::Server>>,
}

impl Link {
    /// Connects a new tiny_http to a new link.
    ///
    /// # Errors
    ///
    /// If the system gives no socket or thread.
    pub(crate) fn new() -> io::Result<(Link, RequestQueue)> {
        ensure_threads_available()?;
        let (listener, stream) = socket_pair()?;
        // It panics where the system gives it no thread.
        let server = catch_unwind(|| {
            tiny_http::Server::from_listener(std::os::unix::net::UnixListener::from(listener), None)
        })
        .map_err(|_| io::Error::other("tiny_http could not start its threads"))?
        .map_err(|error| io::Error::other(error.to_string()))?;
        let queue = RequestQueue {
            server: Arc::new(ManuallyDrop::new(server)),
        };
        let mut stream = UnixStream::from(stream);
        stream.set_write_timeout(Some(LINK_TIMEOUT))?;
        stream.write_all(HANDSHAKE)?;
        queue.await_handshake()?;
        let link = Link {
            stream,
            batch: Vec::new(),
        };
        Ok((link, queue))
    }

    /// Adds a request to the batch.
    pub(crate) fn push(&mut self, ticket: u64) {
        self.batch
            .extend_from_slice(format!("GET /{ticket} HTTP/1.1\r\n\r\n").as_bytes());
    }

    /// Sends the batch.
    ///
    /// # Errors
    ///
    /// If tiny_http no longer reads: the link is broken.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        for record in self.batch.chunks(RECORD) {
            self.stream.write_all(record)?;
        }
        self.batch.clear();
        Ok(())
    }

    /// The socket, for the poll. It becomes readable only when tiny_http closes its end.
    pub(crate) fn stream(&self) -> &UnixStream {
        &self.stream
    }
}

impl RequestQueue {
    /// Waits for a request and returns its ticket; `None` when [`wake`](RequestQueue::wake) ended the wait.
    ///
    /// Waits without a timeout, because tiny_http's timed wait can swallow a wake-up.
    pub(crate) fn next(&self) -> Option<u64> {
        let request = self.server.recv().ok()?;
        let ticket = request.url().strip_prefix('/')?.parse().ok();
        // A request that is dropped whole writes a 500 to the link.
        drop(request.into_writer());
        ticket
    }

    /// Ends the wait of `workers` threads, now or when they come to wait.
    pub(crate) fn wake(&self, workers: usize) {
        for _ in 0..workers {
            self.server.unblock();
        }
    }

    /// Waits until tiny_http has accepted the link and left its accept loop, whichever it reports first.
    fn await_handshake(&self) -> io::Result<()> {
        let (mut is_accepted, mut has_left) = (false, false);
        while !(is_accepted && has_left) {
            match self.server.recv_timeout(LINK_TIMEOUT) {
                Ok(Some(request)) if request.url() == "/handshake" && !is_accepted => {
                    drop(request.into_writer());
                    is_accepted = true;
                }
                Err(_) if !has_left => has_left = true,
                Err(error) => return Err(error),
                Ok(_) => return Err(io::Error::other("tiny_http did not take the private link")),
            }
        }
        Ok(())
    }
}

/// Starts and ends as many threads as tiny_http will start. Where the system gives it none, tiny_http panics in a thread
/// of its own, and this process would wait for it until the timeout.
fn ensure_threads_available() -> io::Result<()> {
    let hold = Mutex::new(());
    let held = hold.lock().unwrap_or_else(PoisonError::into_inner);
    std::thread::scope(|scope| {
        let start = |_| {
            std::thread::Builder::new()
                .stack_size(TINY_HTTP_STACK)
                .spawn_scoped(scope, || drop(hold.lock()))
        };
        let started: io::Result<Vec<_>> = (0..TINY_HTTP_THREADS).map(start).collect();
        drop(held);
        for thread in started? {
            // A scope does not wait until the system has the threads back.
            let _ = thread.join();
        }
        Ok(())
    })
}

/// A listener with one connection to it that waits to be accepted, and the other end of that connection.
///
/// An abstract name leaves nothing in the file system and cannot be guessed. The listener is shut down at once, so
/// tiny_http accepts this one connection and then leaves its accept loop.
fn socket_pair() -> io::Result<(OwnedFd, OwnedFd)> {
    let (listener, stream) = (record_socket()?, record_socket()?);
    let name = SocketAddrUnix::new_abstract_name(unguessable_name().as_bytes())?;
    rustix::net::bind(&listener, &name)?;
    rustix::net::listen(&listener, 1)?;
    rustix::net::connect(&stream, &rustix::net::getsockname(&listener)?)?;
    rustix::net::shutdown(&listener, Shutdown::Both)?;
    Ok((listener, stream))
}

/// A socket of records, so that a stranger who guesses the type `SOCK_STREAM` cannot connect to the name.
fn record_socket() -> io::Result<OwnedFd> {
    let (kind, flags) = (SocketType::SEQPACKET, SocketFlags::CLOEXEC);
    Ok(rustix::net::socket_with(
        AddressFamily::UNIX,
        kind,
        flags,
        None,
    )?)
}

/// A name of 128 random bits: std seeds its hasher from the system's random generator.
fn unguessable_name() -> String {
    use std::hash::{BuildHasher, RandomState};
    let half = || RandomState::new().hash_one(0);
    format!("videoserve-{:016x}{:016x}", half(), half())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tickets_arrive_in_order_across_records() {
        let (mut link, queue) = Link::new().unwrap();
        for ticket in 1..=100 {
            link.push(ticket);
        }
        link.flush().unwrap();
        for ticket in 1..=100 {
            assert_eq!(queue.next(), Some(ticket));
        }
        queue.wake(1);
        assert_eq!(queue.next(), None);
    }
}
