//! The private way into tiny_http: a Unix socket whose only writer is the gate. With `server/worker.rs` the only
//! place that names tiny_http's types; knows no client socket and no file.
//!
//! tiny_http 0.12 must not meet a network: one request can end its process, hang it or stop its accept loop. Here
//! it accepts exactly one connection, made by ourselves, and its listener is shut before the first client is
//! served. Over it go heads that the gate has read and written anew; nothing ever comes back, since workers write
//! to the clients' sockets themselves.

use std::io::{self, Write};
use std::mem::ManuallyDrop;
use std::os::unix::net::{UnixListener, UnixStream};
use std::panic::catch_unwind;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

/// The field that names the connection a head came from. A client's own field of this name is not forwarded.
pub(crate) const TICKET_FIELD: &str = "ticket";

/// Adds a head, as the gate wrote it, with its ticket and the end.
pub(super) fn push_head(heads: &mut Vec<u8>, wire: &[u8], ticket: u64) {
    heads.extend_from_slice(wire);
    heads.extend_from_slice(format!("{TICKET_FIELD}: {ticket}\r\n\r\n").as_bytes());
}

/// How long tiny_http may take to hand over the first request, and later to make room in the stream. Both take
/// microseconds; beyond this the link is given up and made anew, and of ways to do that a confined process has few.
const PATIENCE: Duration = Duration::from_secs(5);

/// Threads that must be to be had before tiny_http is started: its accept loop, the four of its pool and perhaps one
/// more for our connection; two beyond, since the system may count one that has ended for a moment longer.
const THREADS: usize = 8;
/// What std gives to a thread unless told otherwise, as tiny_http's are. Where the address space is limited, a smaller
/// one may be to be had and that not.
const PROBE_STACK: usize = 2 * 1024 * 1024;

/// The request that proves that tiny_http has our stream.
const HANDSHAKE: &[u8] = b"HEAD /handshake HTTP/1.1\r\n\r\n";

/// What tiny_http reads at once. Of a longer record it would lose the rest.
const RECORD: usize = 1024;

/// Ways that are kept for when one breaks: a confined process may be unable to make further ones by then (see
/// `sandbox/seccomp.rs`). Only tiny_http's threads starving for as long as we are patient is known to break one.
const SPARES: usize = 8;

/// The gate's end.
#[derive(Debug)]
pub(crate) struct Link {
    stream: UnixStream,
}

/// The workers' end: tiny_http's queue of requests, replaced when the link is made anew.
#[derive(Clone)]
pub(crate) struct Requests {
    server: Arc<RwLock<Arc<ManuallyDrop<tiny_http::Server>>>>,
    spares: Arc<Mutex<Vec<Way>>>,
    /// The gate's end of the link, to break it.
    #[cfg(test)]
    end: Arc<Mutex<UnixStream>>,
}

impl Link {
    /// A link with a tiny_http behind it that has accepted it.
    ///
    /// # Errors
    ///
    /// If the system gives no socket or thread.
    pub(crate) fn new() -> io::Result<(Link, Requests)> {
        let (link, server) = connect(Way::new)?;
        let spares: io::Result<_> = (0..SPARES).map(|_| Way::new()).collect();
        let requests = Requests {
            server: Arc::new(RwLock::new(server)),
            spares: Arc::new(Mutex::new(spares?)),
            #[cfg(test)]
            end: Arc::new(Mutex::new(link.stream.try_clone()?)),
        };
        Ok((link, requests))
    }

    /// Puts a new link and a new tiny_http in the place of broken ones, and calls the workers over. `workers` says how
    /// many there are, at least.
    ///
    /// # Errors
    ///
    /// If the system gives no socket or thread.
    pub(crate) fn renew(requests: &Requests, workers: impl FnOnce() -> usize) -> io::Result<Link> {
        let way = || Way::new().or_else(|why| requests.spare().ok_or(why));
        let (link, server) = connect(way)?;
        let old = {
            let mut current = requests
                .server
                .write()
                .unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *current, server)
        };
        #[cfg(test)]
        {
            *requests.end.lock().unwrap() = link.stream.try_clone()?;
        }
        // Counted now: whoever is started from here on waits for the new one.
        wake(&old, workers());
        Ok(link)
    }

    /// Sends whole heads.
    ///
    /// # Errors
    ///
    /// If tiny_http no longer reads: the link is broken.
    pub(crate) fn send(&mut self, heads: &[u8]) -> io::Result<()> {
        heads
            .chunks(RECORD)
            .try_for_each(|record| self.stream.write_all(record))
    }

    /// For the poll: readable means broken, since nothing ever comes back.
    pub(crate) fn stream(&self) -> &UnixStream {
        &self.stream
    }
}

impl Requests {
    /// Waits for a request; `None` when woken for another reason.
    pub(crate) fn next(&self) -> Option<tiny_http::Request> {
        self.current().recv().ok()
    }

    /// Wakes so many workers that wait, or that come to wait.
    pub(crate) fn wake(&self, workers: usize) {
        wake(&self.current(), workers);
    }

    fn spare(&self) -> Option<Way> {
        let mut spares = self.spares.lock().unwrap_or_else(PoisonError::into_inner);
        spares.pop()
    }

    /// Breaks the link, as if tiny_http had.
    #[cfg(test)]
    pub(crate) fn break_link(&self) {
        let end = self.end.lock().unwrap();
        end.shutdown(std::net::Shutdown::Both).unwrap();
    }

    fn current(&self) -> Arc<ManuallyDrop<tiny_http::Server>> {
        Arc::clone(&self.server.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl std::fmt::Debug for Requests {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Requests(tiny_http)")
    }
}

/// One at a time is all that tiny_http can.
fn wake(server: &tiny_http::Server, workers: usize) {
    for _ in 0..workers {
        server.unblock();
    }
}

fn connect(
    way: impl FnOnce() -> io::Result<Way>,
) -> io::Result<(Link, Arc<ManuallyDrop<tiny_http::Server>>)> {
    threads_are_to_be_had()?;
    let Way {
        listener,
        mut stream,
        is_shut,
    } = way()?;
    // Never dropped: its Drop wants the path of the socket and panics where there is none, or else connects to
    // whoever has the path by then. What stays behind is a queue and a flag; its threads end with the link.
    // It panics where the system gives it no thread.
    let server = catch_unwind(|| tiny_http::Server::from_listener(listener, None))
        .map_err(|_| io::Error::other("tiny_http could not start its threads"))?
        .map_err(|error| io::Error::other(error.to_string()))?;
    let server = Arc::new(ManuallyDrop::new(server));
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(HANDSHAKE)?;
    // Its accept loop ends, and says so once in the queue of requests, before the first of them or after it.
    let (mut is_taken, mut has_left) = (false, !is_shut);
    while !(is_taken && has_left) {
        match server.recv_timeout(PATIENCE) {
            Ok(Some(request)) if request.url() == "/handshake" && !is_taken => {
                drop(request.into_writer());
                is_taken = true;
            }
            Err(_) if !has_left => has_left = true,
            Err(error) => return Err(error),
            Ok(_) => return Err(io::Error::other("tiny_http did not take the private link")),
        }
    }
    Ok((Link { stream }, server))
}

/// tiny_http panics in a thread of its own where the system gives it no more of them, and says nothing. We would wait
/// for it in vain, and with us all clients when it is a broken link that is made anew.
fn threads_are_to_be_had() -> io::Result<()> {
    let hold = Mutex::new(());
    let held = hold.lock().unwrap_or_else(PoisonError::into_inner);
    std::thread::scope(|scope| {
        let start = |_| {
            std::thread::Builder::new()
                .stack_size(PROBE_STACK)
                .spawn_scoped(scope, || drop(hold.lock()))
        };
        let started: io::Result<Vec<_>> = (0..THREADS).map(start).collect();
        drop(held);
        for thread in started? {
            // A scope does not wait until the system has them back.
            let _ = thread.join();
        }
        Ok(())
    })
}

/// What tiny_http is to be started with: one connection, and the listener at which it waits and nobody else can.
struct Way {
    listener: UnixListener,
    stream: UnixStream,
    /// Whether the accept loop ends by itself behind that connection.
    is_shut: bool,
}

/// An abstract name leaves nothing in the file system. It cannot be guessed, and after less than a millisecond nobody is
/// let in by it. The socket is one of records that keep their order: hardly anybody tries these.
impl Way {
    fn new() -> io::Result<Way> {
        use rustix::net::{Shutdown, SocketAddrUnix, bind, connect, listen, shutdown};
        let (listener, stream) = (record_socket()?, record_socket()?);
        bind(
            &listener,
            &SocketAddrUnix::new_abstract_name(unguessable_name().as_bytes())?,
        )?;
        listen(&listener, 1)?;
        connect(&stream, &rustix::net::getsockname(&listener)?)?;
        // Nobody connects from here on; who waits already is let in still.
        shutdown(&listener, Shutdown::Both)?;
        Ok(Way {
            listener: listener.into(),
            stream: stream.into(),
            is_shut: true,
        })
    }
}

fn record_socket() -> io::Result<std::os::fd::OwnedFd> {
    use rustix::net::{AddressFamily, SocketFlags, SocketType, socket_with};
    let socket = socket_with(
        AddressFamily::UNIX,
        SocketType::SEQPACKET,
        SocketFlags::CLOEXEC,
        None,
    )?;
    Ok(socket)
}

/// 128 random bits: std seeds its hasher from the system's generator.
fn unguessable_name() -> String {
    use std::hash::{BuildHasher, RandomState};
    format!(
        "videoserve-{:016x}{:016x}",
        RandomState::new().hash_one(0),
        RandomState::new().hash_one(1)
    )
}
