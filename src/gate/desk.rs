//! Where a connection waits under a ticket while its request head goes through tiny_http, and where workers give it
//! back. Shared by the gate and the workers; knows no HTTP.

use std::collections::HashMap;
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::head::Version;
use super::rest::Rest;
use crate::http::Persistence;

/// How often a head is sent again because the link broke. A head that breaks it twice is the cause.
const SENDINGS_LIMIT: u8 = 2;

/// The desk between the gate and the workers.
#[derive(Debug)]
pub(crate) struct Desk {
    waiting: Mutex<Waiting>,
    returned: Mutex<Vec<(usize, Ending)>>,
    waker: mio::Waker,
    stopping: AtomicBool,
}

#[derive(Debug, Default)]
struct Waiting {
    /// Never reused, else a request that was left in a broken link could redeem another client's connection.
    last_ticket: u64,
    parcels: HashMap<u64, Parcel>,
}

/// What the gate leaves at the desk.
#[derive(Debug)]
pub(crate) struct Parcel {
    /// The gate's number for the connection.
    pub(crate) id: usize,
    pub(crate) stream: Arc<TcpStream>,
    pub(crate) peer: SocketAddr,
    pub(crate) version: Version,
    pub(crate) persistence: Persistence,
    /// When the head was complete.
    pub(crate) received: Instant,
    /// The head, to send it again if the link breaks.
    pub(crate) wire: Vec<u8>,
    pub(crate) sendings: u8,
}

/// What a worker leaves behind on a connection.
#[derive(Debug)]
pub(crate) enum Ending {
    /// The response is sent; the next request may come.
    KeepAlive,
    /// The response is sent and was the last.
    Close,
    /// The response broke off, or was never begun: the client must not take what it has for the whole.
    Abort,
    /// The client's window is full. The rest of a short response, so that no worker waits for it; then whether
    /// the connection is kept.
    Unsent { rest: Rest, keep_alive: bool },
}

/// A connection in a worker's hands, for one response. Dropped without [`finish`](Exchange::finish) (a panic), the
/// connection is closed.
#[derive(Debug)]
pub(crate) struct Exchange {
    id: usize,
    stream: Option<Arc<TcpStream>>,
    desk: Arc<Desk>,
    pub(crate) peer: SocketAddr,
    pub(crate) version: Version,
    pub(crate) persistence: Persistence,
    pub(crate) received: Instant,
}

impl Desk {
    pub(crate) fn new(waker: mio::Waker) -> Desk {
        Desk {
            waiting: Mutex::default(),
            returned: Mutex::default(),
            waker,
            stopping: AtomicBool::new(false),
        }
    }

    /// Leaves a connection, and adds its head with a new ticket to those that go over the link.
    pub(crate) fn leave(&self, parcel: Parcel, heads: &mut Vec<u8>) {
        lock(&self.waiting).issue(parcel, heads);
    }

    /// Takes the connection of a ticket, once.
    pub(crate) fn redeem(self: &Arc<Desk>, ticket: u64) -> Option<Exchange> {
        let parcel = lock(&self.waiting).parcels.remove(&ticket)?;
        Some(Exchange {
            id: parcel.id,
            stream: Some(parcel.stream),
            desk: Arc::clone(self),
            peer: parcel.peer,
            version: parcel.version,
            persistence: if self.is_stopping() {
                Persistence::Close
            } else {
                parcel.persistence
            },
            received: parcel.received,
        })
    }

    /// How many requests wait for a worker.
    pub(crate) fn waiting(&self) -> usize {
        lock(&self.waiting).parcels.len()
    }

    /// After the link broke: every head that waits, to be sent again under a new ticket. One that was sent too
    /// often is given up, and its connection with it.
    pub(crate) fn reissue(&self) -> Vec<u8> {
        let mut heads = Vec::new();
        let mut waiting = lock(&self.waiting);
        let parcels: Vec<Parcel> = waiting.parcels.drain().map(|(_, parcel)| parcel).collect();
        for mut parcel in parcels {
            parcel.sendings += 1;
            if parcel.sendings > SENDINGS_LIMIT {
                self.give_back(parcel.id, Ending::Abort);
                continue;
            }
            waiting.issue(parcel, &mut heads);
        }
        heads
    }

    /// What workers have given back since the last call.
    pub(crate) fn take_returned(&self) -> Vec<(usize, Ending)> {
        std::mem::take(&mut *lock(&self.returned))
    }

    /// Asks the gate to end.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        self.wake();
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    fn give_back(&self, id: usize, ending: Ending) {
        let first = {
            let mut returned = lock(&self.returned);
            returned.push((id, ending));
            returned.len() == 1
        };
        // The gate takes all that is there at once: only the first needs to wake it.
        if first {
            self.wake();
        }
    }

    fn wake(&self) {
        if let Err(error) = self.waker.wake() {
            log::error!("cannot wake the gate: {error}");
        }
    }
}

impl Waiting {
    fn issue(&mut self, parcel: Parcel, heads: &mut Vec<u8>) {
        self.last_ticket += 1;
        super::link::push_head(heads, &parcel.wire, self.last_ticket);
        self.parcels.insert(self.last_ticket, parcel);
    }
}

impl Exchange {
    /// The client's socket.
    pub(crate) fn stream(&self) -> &TcpStream {
        // Only `release` takes it, and that ends the exchange.
        self.stream
            .as_deref()
            .expect("an exchange has its socket until it ends")
    }

    /// Gives the connection back to the gate.
    pub(crate) fn finish(mut self, ending: Ending) {
        self.release(ending);
    }

    fn release(&mut self, ending: Ending) {
        // Our handle goes first: when the gate closes its own, the client is to see that at once.
        if self.stream.take().is_some() {
            self.desk.give_back(self.id, ending);
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.release(Ending::Abort);
    }
}

/// No state behind these locks is left half-changed by a panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
