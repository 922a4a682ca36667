//! The handoff between the gate and the workers: requests that wait for a worker, each under a ticket, and connections
//! that workers have returned.
//!
//! Invariant: every ticket is claimed at most once. A connection belongs either to the gate, to the handoff or to one
//! worker.

use std::collections::HashMap;
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use crate::http::{Persistence, RequestHead};
use crate::lock::lock;

/// The state that the gate and the workers share.
#[derive(Debug)]
pub(crate) struct Handoff {
    pending: Mutex<Pending>,
    returned: Mutex<Vec<(usize, Completion)>>,
    waker: mio::Waker,
    is_stopping: AtomicBool,
}

#[derive(Debug, Default)]
struct Pending {
    last_ticket: u64,
    requests: HashMap<u64, PendingRequest>,
}

/// A request that waits for a worker.
#[derive(Debug)]
pub(crate) struct PendingRequest {
    /// The number of the connection in the gate.
    pub(crate) id: usize,
    pub(crate) stream: Arc<TcpStream>,
    pub(crate) peer: SocketAddr,
    pub(crate) head: Box<RequestHead>,
    pub(crate) persistence: Persistence,
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

/// A request with its connection, owned by a worker for one response. If it is dropped without
/// [`finish`](WorkerConnection::finish) (after a panic), the gate closes the connection.
#[derive(Debug)]
pub(crate) struct WorkerConnection {
    request: Option<PendingRequest>,
    handoff: Arc<Handoff>,
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

    /// Takes the request that belongs to a ticket.
    pub(crate) fn claim(self: &Arc<Handoff>, ticket: u64) -> Option<WorkerConnection> {
        let mut request = lock(&self.pending).requests.remove(&ticket)?;
        if self.is_stopping() {
            request.persistence = Persistence::Close;
        }
        Some(WorkerConnection {
            request: Some(request),
            handoff: Arc::clone(self),
        })
    }

    /// Returns the number of requests that wait for a worker.
    pub(crate) fn pending(&self) -> usize {
        lock(&self.pending).requests.len()
    }

    /// Takes the connections that workers have returned since the last call.
    pub(crate) fn take_returned(&self) -> Vec<(usize, Completion)> {
        std::mem::take(&mut lock(&self.returned))
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

    fn give_back(&self, id: usize, completion: Completion) {
        let was_empty = {
            let mut returned = lock(&self.returned);
            returned.push((id, completion));
            returned.len() == 1
        };
        // If the list already had an entry, the gate has been woken for it and will also take the new entry.
        if was_empty {
            self.wake();
        }
    }

    fn wake(&self) {
        if let Err(error) = self.waker.wake() {
            log::error!("cannot wake the gate: {error}");
        }
    }
}

impl WorkerConnection {
    /// Returns the request with the client's socket.
    pub(crate) fn request(&self) -> &PendingRequest {
        // Only `release` takes the request, and `finish` and `drop` are its only callers.
        self.request
            .as_ref()
            .expect("a worker has its request until it returns the connection")
    }

    /// Returns the connection to the gate.
    pub(crate) fn finish(mut self, completion: Completion) {
        self.release(completion);
    }

    fn release(&mut self, completion: Completion) {
        if let Some(request) = self.request.take() {
            let id = request.id;
            // The gate may close the socket at once, and that takes effect when no other handle is open.
            drop(request);
            self.handoff.give_back(id, completion);
        }
    }
}

impl Drop for WorkerConnection {
    fn drop(&mut self) {
        self.release(Completion::Abort);
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
        handoff: Arc<Handoff>,
        listener: TcpListener,
    }

    impl Rig {
        fn new() -> Rig {
            let poll = mio::Poll::new().unwrap();
            let waker = mio::Waker::new(poll.registry(), mio::Token(0)).unwrap();
            Rig {
                poll,
                handoff: Arc::new(Handoff::new(waker)),
                listener: TcpListener::bind("127.0.0.1:0").unwrap(),
            }
        }

        fn enqueue(&self, id: usize) -> u64 {
            let peer = self.listener.local_addr().unwrap();
            self.handoff.enqueue(PendingRequest {
                id,
                stream: Arc::new(TcpStream::connect(peer).unwrap()),
                peer,
                head: Box::new(RequestHead::new(Method::Get, "/")),
                persistence: Persistence::KeepAlive,
                received: Instant::now(),
            })
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
    fn dropped_connection_is_returned_as_aborted() {
        let rig = Rig::new();
        let connection = rig.handoff.claim(rig.enqueue(7)).unwrap();
        drop(connection);
        assert_eq!(rig.handoff.take_returned(), [(7, Completion::Abort)]);
    }

    #[test]
    fn gate_is_woken_once_until_it_takes_what_was_returned() {
        let mut rig = Rig::new();
        for round in 0..2 {
            for id in 0..3 {
                let connection = rig.handoff.claim(rig.enqueue(id)).unwrap();
                connection.finish(Completion::KeepAlive);
                assert_eq!(rig.is_woken(), id == 0, "{round} {id}");
            }
            assert_eq!(rig.handoff.take_returned().len(), 3);
        }
    }

    #[test]
    fn request_claimed_during_a_stop_closes_its_connection() {
        let rig = Rig::new();
        let ticket = rig.enqueue(1);
        rig.handoff.stop();
        let connection = rig.handoff.claim(ticket).unwrap();
        assert_eq!(connection.request().persistence, Persistence::Close);
    }
}
