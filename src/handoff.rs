//! The handoff between the gate and the workers: requests that wait for a worker, each under a ticket, and connections
//! that workers have returned.
//!
//! Invariant: every ticket is claimed at most once. A connection belongs either to the gate, to the handoff or to one
//! worker.
//!
//! A return does not always wake the gate. If a kept connection has no unread input, the client's next request wakes the
//! gate, which then first takes the returned connections. This saves a system call of the worker, and a wait and a read
//! of the gate, for each request.

use std::collections::HashMap;
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use crate::http::{Persistence, RequestHead};
use crate::limits::RETURN_CHECK;
use crate::lock::lock;

/// The state that the gate and the workers share.
#[derive(Debug)]
pub(crate) struct Handoff {
    pending: Mutex<Pending>,
    returned: Mutex<Returned>,
    waker: mio::Waker,
    is_stopping: AtomicBool,
}

#[derive(Debug, Default)]
struct Pending {
    last_ticket: u64,
    requests: HashMap<u64, PendingRequest>,
}

#[derive(Debug, Default)]
struct Returned {
    connections: Vec<(usize, Completion)>,
    /// Whether the gate has been woken for these connections.
    has_woken: bool,
}

/// A request that waits for a worker or is in a worker.
#[derive(Debug)]
pub(crate) struct PendingRequest {
    /// The number of the connection in the gate.
    pub(crate) id: usize,
    pub(crate) stream: Arc<TcpStream>,
    pub(crate) peer: SocketAddr,
    pub(crate) head: RequestHead,
    pub(crate) persistence: Persistence,
    /// Whether the connection has unread input that the gate's poll will not report again.
    pub(crate) has_input: Arc<AtomicBool>,
    /// The time when the head was complete.
    pub(crate) received: Instant,
}

/// The result of a worker for a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Completion {
    /// The response is sent, and the client may send its next request.
    KeepAlive,
    /// The response is sent, and it was the last on this connection.
    Close,
    /// The response ended early or did not begin. The gate closes the connection at once, so that the client notices
    /// the incomplete response.
    Abort,
}

impl Handoff {
    /// Creates an empty handoff; `waker` wakes the gate.
    pub(crate) fn new(waker: mio::Waker) -> Handoff {
        Handoff {
            pending: Mutex::default(),
            returned: Mutex::default(),
            waker,
            is_stopping: AtomicBool::new(false),
        }
    }

    /// Stores a request and returns its ticket. Tickets are never reused.
    pub(crate) fn enqueue(&self, request: PendingRequest) -> u64 {
        let mut pending = lock(&self.pending);
        pending.last_ticket += 1;
        let ticket = pending.last_ticket;
        pending.requests.insert(ticket, request);
        ticket
    }

    /// Takes the request that belongs to a ticket. The worker must return its connection with
    /// [`give_back`](Handoff::give_back).
    pub(crate) fn claim(&self, ticket: u64) -> Option<PendingRequest> {
        let mut request = lock(&self.pending).requests.remove(&ticket)?;
        if self.is_stopping() {
            request.persistence = Persistence::Close;
        }
        Some(request)
    }

    /// Returns the number of requests that wait for a worker.
    pub(crate) fn pending(&self) -> usize {
        lock(&self.pending).requests.len()
    }

    /// Takes the connections that workers have returned since the last call.
    pub(crate) fn take_returned(&self) -> Vec<(usize, Completion)> {
        std::mem::take(&mut *lock(&self.returned)).connections
    }

    /// Asks the gate to shut down.
    pub(crate) fn stop(&self) {
        self.is_stopping.store(true, Ordering::SeqCst);
        self.wake();
    }

    /// Whether [`stop`](Handoff::stop) has been called.
    pub(crate) fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::SeqCst)
    }

    /// Returns the connection of a request to the gate. Wakes the gate if it must act before it gets new input from this
    /// client.
    pub(crate) fn give_back(&self, request: PendingRequest, completion: Completion) {
        let PendingRequest {
            id,
            stream,
            received,
            has_input,
            ..
        } = request;
        // The gate may close the socket at once, and that takes effect when no other handle is open.
        drop(stream);
        let is_due = {
            let mut returned = lock(&self.returned);
            returned.connections.push((id, completion));
            // Under the lock, because the gate sets `has_input` before it looks at the list, and looks at the list again
            // RETURN_CHECK after the dispatch.
            let is_due = completion != Completion::KeepAlive
                || has_input.load(Ordering::Relaxed)
                || received.elapsed() >= RETURN_CHECK
                || self.is_stopping();
            is_due && !std::mem::replace(&mut returned.has_woken, true)
        };
        if is_due {
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
    use std::net::TcpListener;
    use std::time::Duration;

    use super::*;
    use crate::http::Method;

    struct Rig {
        poll: mio::Poll,
        handoff: Handoff,
        listener: TcpListener,
    }

    impl Rig {
        fn new() -> Rig {
            let poll = mio::Poll::new().unwrap();
            let waker = mio::Waker::new(poll.registry(), mio::Token(0)).unwrap();
            Rig {
                poll,
                handoff: Handoff::new(waker),
                listener: TcpListener::bind("127.0.0.1:0").unwrap(),
            }
        }

        fn enqueue(&self, id: usize) -> u64 {
            let peer = self.listener.local_addr().unwrap();
            self.handoff.enqueue(PendingRequest {
                id,
                stream: Arc::new(TcpStream::connect(peer).unwrap()),
                peer,
                head: RequestHead::new(Method::Get, "/"),
                persistence: Persistence::KeepAlive,
                has_input: Arc::default(),
                received: Instant::now(),
            })
        }

        fn claim(&self) -> PendingRequest {
            self.handoff.claim(self.enqueue(1)).unwrap()
        }

        fn is_woken(&mut self) -> bool {
            let mut events = mio::Events::with_capacity(4);
            self.poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
            !events.is_empty()
        }
    }

    #[test]
    fn ticket_is_claimed_once() {
        let rig = Rig::new();
        let (first, second) = (rig.enqueue(1), rig.enqueue(2));
        assert_ne!(first, second);
        assert_eq!(rig.handoff.pending(), 2);
        assert!(rig.handoff.claim(first).is_some());
        assert!(rig.handoff.claim(first).is_none());
        assert!(rig.handoff.claim(0).is_none());
        assert_eq!(rig.handoff.pending(), 1);
    }

    #[test]
    fn gate_is_woken_once_until_it_takes_what_was_returned() {
        let mut rig = Rig::new();
        for round in 0..2 {
            for id in 0..3 {
                let request = rig.claim();
                rig.handoff.give_back(request, Completion::Close);
                assert_eq!(rig.is_woken(), id == 0, "{round} {id}");
            }
            assert_eq!(rig.handoff.take_returned().len(), 3);
        }
    }

    #[test]
    fn kept_connection_wakes_the_gate_only_if_it_must_act() {
        let mut rig = Rig::new();
        let request = rig.claim();
        rig.handoff.give_back(request, Completion::KeepAlive);
        assert!(!rig.is_woken(), "the next request wakes the gate");
        let request = rig.claim();
        request.has_input.store(true, Ordering::Relaxed);
        rig.handoff.give_back(request, Completion::KeepAlive);
        assert!(rig.is_woken(), "the gate must read the input");
        assert_eq!(rig.handoff.take_returned(), [(1, Completion::KeepAlive); 2]);
        let mut request = rig.claim();
        request.received -= RETURN_CHECK;
        rig.handoff.give_back(request, Completion::KeepAlive);
        assert!(rig.is_woken(), "the gate has looked already");
        rig.handoff.take_returned();
        let request = rig.claim();
        rig.handoff.stop();
        assert!(rig.is_woken());
        rig.handoff.give_back(request, Completion::KeepAlive);
        assert!(rig.is_woken(), "the gate waits for all connections");
    }

    #[test]
    fn request_claimed_during_a_stop_closes_its_connection() {
        let rig = Rig::new();
        rig.handoff.stop();
        assert_eq!(rig.claim().persistence, Persistence::Close);
    }
}
