//! The handoff between the gate and the workers. It contains requests that wait for a worker, and connections that
//! workers have returned. Each request has a number, its ticket.
//!
//! Invariant: every ticket is claimed at most once. A connection belongs to the gate, to the handoff or to one worker.
//!
//! A worker that returns a keep-alive connection does not wake the gate. Instead, the worker registers the socket with
//! the poll of the gate again. Then the poll reports the next input, even if it arrived before the registration. With a
//! wake-up for each return, the server answers a fifth fewer requests per second (16 connections, ranges of 1 KiB).

use std::collections::HashMap;
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use mio::unix::SourceFd;
use mio::{Interest, Registry, Token, Waker};

use crate::http::{Persistence, RequestHead};
use crate::lock::lock;

#[derive(Debug)]
pub(crate) struct Handoff {
    last_ticket: AtomicU64,
    pending: Mutex<HashMap<u64, PendingRequest>>,
    returned: Mutex<Vec<Returned>>,
    registry: Registry,
    waker: Waker,
    is_stopping: AtomicBool,
}

/// A returned connection: its number in the gate, the result of its request, and the time of the return.
pub(crate) type Returned = (usize, Completion, Instant);

#[derive(Debug)]
pub(crate) struct PendingRequest {
    /// The number of the connection in the gate.
    pub(crate) id: usize,
    pub(crate) stream: Arc<TcpStream>,
    pub(crate) peer: SocketAddr,
    pub(crate) head: RequestHead,
    pub(crate) persistence: Persistence,
    /// True if the gate has already received bytes of the next request.
    pub(crate) is_pipelined: bool,
    /// The time when the head and the content were complete.
    pub(crate) received: Instant,
}

/// The result of a request for its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Completion {
    /// The response is sent. The client may send its next request.
    KeepAlive,
    /// The final response of the connection is sent.
    Close,
    /// The response is missing or incomplete. The gate closes the connection at once, so the client notices the error.
    Abort,
}

impl Handoff {
    /// Creates a handoff without requests. `registry` belongs to the poll of the gate, and `waker` wakes the gate.
    pub(crate) fn new(registry: Registry, waker: Waker) -> Handoff {
        Handoff {
            last_ticket: AtomicU64::default(),
            pending: Mutex::default(),
            returned: Mutex::default(),
            registry,
            waker,
            is_stopping: AtomicBool::new(false),
        }
    }

    /// Stores a request, and returns its ticket. Tickets are never reused.
    pub(crate) fn enqueue(&self, request: PendingRequest) -> u64 {
        let ticket = self.last_ticket.fetch_add(1, Ordering::Relaxed) + 1;
        lock(&self.pending).insert(ticket, request);
        ticket
    }

    /// Takes the request with this ticket. The worker must return it with [`give_back`](Handoff::give_back).
    pub(crate) fn claim(&self, ticket: u64) -> Option<PendingRequest> {
        let mut request = lock(&self.pending).remove(&ticket)?;
        if self.is_stopping() {
            request.persistence = Persistence::Close;
        }
        Some(request)
    }

    pub(crate) fn pending(&self) -> usize {
        lock(&self.pending).len()
    }

    pub(crate) fn take_returned(&self) -> Vec<Returned> {
        std::mem::take(&mut *lock(&self.returned))
    }

    /// Asks the gate to shut down.
    pub(crate) fn stop(&self) {
        self.is_stopping.store(true, Ordering::SeqCst);
        self.wake();
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::SeqCst)
    }

    /// Returns the connection of a request to the gate.
    pub(crate) fn give_back(&self, request: PendingRequest, completion: Completion) {
        // A socket closes only when its final handle is dropped. So the worker drops its handle before the gate gets
        // the connection. It keeps the handle only if it must register the socket again.
        let is_kept = completion == Completion::KeepAlive && !request.is_pipelined;
        let kept = is_kept.then_some(request.stream);
        lock(&self.returned).push((request.id, completion, Instant::now()));
        // From here on, input or a stop can wake the gate, so the connection must already be in `returned`.
        let (registry, token) = (&self.registry, Token(request.id));
        let is_registered = kept.is_some_and(|stream| {
            let fd = stream.as_raw_fd();
            let registered = registry.reregister(&mut SourceFd(&fd), token, Interest::READABLE);
            registered.is_ok()
        });
        if !is_registered || self.is_stopping() {
            self.wake();
        }
    }

    fn wake(&self) {
        if let Err(error) = self.waker.wake() {
            log::error!("cannot wake the gate: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::TcpListener;
    use std::time::Duration;

    use super::*;
    use crate::http::Method;

    const ID: usize = 7;

    /// This test counts the wake-ups of the gate. `tests/it` tests the responses on returned connections.
    #[test]
    fn returned_connection_wakes_the_gate_only_if_it_must_act() {
        let mut poll = mio::Poll::new().unwrap();
        let waker = Waker::new(poll.registry(), Token(0)).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let stream = Arc::new(listener.accept().unwrap().0);
        let (mut socket, token) = (SourceFd(&stream.as_raw_fd()), Token(ID));
        let registry = poll.registry().try_clone().unwrap();
        registry
            .register(&mut socket, token, Interest::READABLE)
            .unwrap();
        let handoff = Handoff::new(registry, waker);
        let claim = |is_pipelined: bool| {
            let ticket = handoff.enqueue(PendingRequest {
                id: ID,
                stream: Arc::clone(&stream),
                peer: stream.peer_addr().unwrap(),
                head: RequestHead::new(Method::Get, "/"),
                persistence: Persistence::KeepAlive,
                is_pipelined,
                received: Instant::now(),
            });
            let request = handoff.claim(ticket).unwrap();
            assert!(handoff.claim(ticket).is_none(), "a ticket is claimed once");
            request
        };
        // Returns the tokens of the events within 20 ms.
        let mut events = || -> Vec<usize> {
            let mut events = mio::Events::with_capacity(4);
            poll.poll(&mut events, Some(Duration::from_millis(20)))
                .unwrap();
            events.iter().map(|event| event.token().0).collect()
        };
        let (kept, close) = (Completion::KeepAlive, Completion::Close);
        handoff.give_back(claim(false), kept);
        assert!(events().is_empty());
        assert_eq!(handoff.take_returned().len(), 1);
        handoff.give_back(claim(true), kept);
        assert_eq!(events(), [0], "the gate must handle the next request");
        handoff.give_back(claim(false), close);
        assert_eq!(events(), [0], "the gate must close the connection");
        // The poll reports input once. It reports the input again after the return.
        let request = claim(false);
        client.write_all(b"GET").unwrap();
        assert_eq!(events(), [ID]);
        assert!(events().is_empty());
        handoff.give_back(request, kept);
        assert_eq!(events(), [ID], "the gate must read the input");
        let request = claim(false);
        handoff.stop();
        assert!(events().contains(&0));
        handoff.give_back(request, kept);
        assert!(events().contains(&0), "the return wakes the gate");
    }
}
