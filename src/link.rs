//! The private link to tiny_http: a Unix socket inside this process. Only the gate (the thread that accepts clients)
//! writes to the link.
//!
//! tiny_http 0.12 is not safe on a network: one request can end the process, block it or stop the accept loop.
//! Therefore tiny_http accepts only one connection, which comes from this process.
//!
//! The gate parses each request head and stores the request under a ticket, which is a number (see [`crate::handoff`]).
//! Then the gate sends `GET /TICKET HTTP/1.1` over the link. Workers take the tickets from the queue of tiny_http.
//!
//! Invariant: if the link breaks, the server ends with an error. A supervisor or systemd then restarts the server.

use std::io::{self, Write};
use std::mem::ManuallyDrop;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::panic::catch_unwind;
use std::sync::Mutex;

use crate::limits::LINK_TIMEOUT;
use crate::lock::lock;

/// The number of threads that must be available. tiny_http needs six: one accept loop, four in its pool and one for the
/// link. Two are a reserve, because the kernel may still count an ended thread for a short time.
const TINY_HTTP_THREADS: usize = 8;
/// The stack size in bytes of each thread of tiny_http: the default of std.
const TINY_HTTP_STACK: usize = 2 * 1024 * 1024;

/// The gate's end of the link.
pub(crate) struct Link {
    /// The socket. It becomes readable only when tiny_http closes its end.
    pub(crate) stream: UnixStream,
    /// The request lines for the next [`flush`](Link::flush).
    batch: Vec<u8>,
}

/// The workers' end of the link: tiny_http's queue.
pub(crate) struct RequestQueue {
    // Never dropped, because `Drop` of tiny_http panics if the socket has no path. This leaks only a queue and a flag:
    // the threads end when the link is closed.
    server: ManuallyDrop<tiny_http::Server>,
}

impl Link {
    /// Starts a new tiny_http server and connects it to a new link.
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
        // Ticket 0 belongs to no request. It only shows that tiny_http reads the link.
        link.push(0);
        link.flush()?;
        queue.await_start()?;
        Ok((link, queue))
    }

    pub(crate) fn push(&mut self, ticket: u64) {
        self.batch
            .extend_from_slice(format!("GET /{ticket} HTTP/1.1\r\n\r\n").as_bytes());
    }

    /// Sends the batch.
    ///
    /// # Errors
    ///
    /// If tiny_http has closed its end of the link, or does not read within [`LINK_TIMEOUT`].
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
        // If `request` is dropped, tiny_http writes a 500 response to the link. `into_writer` prevents this.
        drop(request.into_writer());
        ticket
    }

    /// Ends the wait in [`next`](RequestQueue::next) of `workers` threads. If a thread does not wait at this
    /// moment, its next call returns at once.
    pub(crate) fn wake(&self, workers: usize) {
        for _ in 0..workers {
            self.server.unblock();
        }
    }

    /// Waits until tiny_http has accepted the link and has left its accept loop. tiny_http reports these two events as
    /// a request and an error, in any order.
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

/// Checks that the system can start [`TINY_HTTP_THREADS`] threads. Without this check, a thread of tiny_http panics if
/// it cannot start a further thread, and `await_start` then waits for its whole timeout.
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
            // `join` waits until the system has removed the thread. The end of the scope waits only for its closure.
            let _ = thread.join();
        }
        Ok(())
    })
}

/// Returns a listener and the client end of a connection that waits in the listener's queue.
///
/// The name of the socket is abstract, so there is no file. The name is random, so other processes cannot guess it. The
/// listener is already shut down. tiny_http can still accept the waiting connection. Its next accept fails, and this
/// ends the accept loop of tiny_http.
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
