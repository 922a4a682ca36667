//! The private link to tiny_http: a Unix socket. Only the gate writes to it. No other file uses tiny_http's types.
//!
//! tiny_http 0.12 must not face a network: one request can end its process, block it or stop its accept loop. In this
//! server, tiny_http accepts exactly one connection, from this process. Its listener is shut down before the gate
//! accepts clients. The gate parses each request head and stores it under a ticket (see [`crate::handoff`]). Then it
//! sends `GET /TICKET HTTP/1.1` over the link. So tiny_http is only the queue from which workers take requests, and no
//! bytes of a client are parsed twice. No response goes back over the link, because workers write to the clients'
//! sockets.
//!
//! Invariant: if the link breaks, the server ends with an error. A supervisor or systemd then restarts it.

use std::io::{self, Write};
use std::mem::ManuallyDrop;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::panic::catch_unwind;
use std::sync::Mutex;

use crate::limits::LINK_TIMEOUT;
use crate::lock::lock;

/// The number of threads for tiny_http: one accept loop, four in its pool and one for the link. The two extra threads
/// are necessary, because the kernel may still count a thread for a short time after its end.
const TINY_HTTP_THREADS: usize = 8;
/// The stack size of a tiny_http thread in bytes: std's default.
const TINY_HTTP_STACK: usize = 2 * 1024 * 1024;

/// The gate's end of the link.
pub(crate) struct Link {
    /// The socket. It becomes readable only when tiny_http closes its end.
    pub(crate) stream: UnixStream,
    /// The request lines that [`flush`](Link::flush) sends together, with one system call.
    batch: Vec<u8>,
}

/// The workers' end of the link: tiny_http's queue.
pub(crate) struct RequestQueue {
    // Never dropped, because `Drop` panics for a socket without a path. Only a queue and a flag are leaked; the threads
    // end with the link.
    server: ManuallyDrop<tiny_http::Server>,
}

impl Link {
    /// Starts a new tiny_http server and connects it to a new link.
    ///
    /// # Errors
    ///
    /// If the system provides no socket or thread.
    pub(crate) fn new() -> io::Result<(Link, RequestQueue)> {
        ensure_threads_available()?;
        let (listener, stream) = socket_pair()?;
        // tiny_http panics if the system cannot start its thread.
        let server = catch_unwind(|| tiny_http::Server::from_listener(listener, None))
            .map_err(|_| io::Error::other("tiny_http could not start its threads"))?
            .map_err(|error| io::Error::other(error.to_string()))?;
        let queue = RequestQueue {
            server: ManuallyDrop::new(server),
        };
        stream.set_write_timeout(Some(LINK_TIMEOUT))?;
        let batch = Vec::new();
        let mut link = Link { stream, batch };
        // Ticket 0 belongs to no request.
        link.push(0);
        link.flush()?;
        queue.await_start()?;
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
    /// If the link is broken, because tiny_http has closed its end.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.stream.write_all(&self.batch)?;
        self.batch.clear();
        Ok(())
    }
}

impl RequestQueue {
    /// Waits for a request and returns its ticket. Returns `None` if [`wake`](RequestQueue::wake) ended the wait.
    ///
    /// The wait has no timeout, because tiny_http's timed wait can lose a wake-up.
    pub(crate) fn next(&self) -> Option<u64> {
        let request = self.server.recv().ok()?;
        let ticket = request.url().strip_prefix('/')?.parse().ok();
        // If a request is dropped as a whole, tiny_http writes a 500 response to the link.
        drop(request.into_writer());
        ticket
    }

    /// Ends the wait of `workers` threads: at once, or as soon as they begin to wait.
    pub(crate) fn wake(&self, workers: usize) {
        for _ in 0..workers {
            self.server.unblock();
        }
    }

    /// Waits until tiny_http has accepted the link and has left its accept loop. It then reports the first request and
    /// an error, in any order.
    fn await_start(&self) -> io::Result<()> {
        for _ in 0..2 {
            match self.server.recv_timeout(LINK_TIMEOUT) {
                Ok(Some(request)) => drop(request.into_writer()),
                Ok(None) => return Err(io::Error::other("tiny_http rejected the private link")),
                Err(_) => {}
            }
        }
        Ok(())
    }
}

/// Starts and ends as many threads as tiny_http needs. If the system cannot start them later, tiny_http panics in its
/// own thread, and this process would wait until the timeout.
fn ensure_threads_available() -> io::Result<()> {
    let hold = Mutex::new(());
    let held = lock(&hold);
    std::thread::scope(|scope| {
        let start = |_| {
            std::thread::Builder::new()
                .stack_size(TINY_HTTP_STACK)
                .spawn_scoped(scope, || drop(hold.lock()))
        };
        let started: io::Result<Vec<_>> = (0..TINY_HTTP_THREADS).map(start).collect();
        drop(held);
        for thread in started? {
            // `join`, because a scope does not wait until the system has removed the threads.
            let _ = thread.join();
        }
        Ok(())
    })
}

/// Returns a listener and the client end of a connection that waits in the listener's queue.
///
/// An abstract name leaves no file behind, and this name cannot be guessed. The listener is shut down at once, so
/// tiny_http accepts only this connection and then leaves its accept loop.
fn socket_pair() -> io::Result<(UnixListener, UnixStream)> {
    let name = SocketAddr::from_abstract_name(unguessable_name())?;
    let listener = UnixListener::bind_addr(&name)?;
    let stream = UnixStream::connect_addr(&name)?;
    rustix::net::shutdown(&listener, rustix::net::Shutdown::Both)?;
    Ok((listener, stream))
}

/// Returns a name with 128 random bits. std seeds its hasher from the system's random generator.
fn unguessable_name() -> String {
    use std::hash::{BuildHasher, RandomState};
    let half = || RandomState::new().hash_one(0);
    format!("videoserve-{:016x}{:016x}", half(), half())
}
