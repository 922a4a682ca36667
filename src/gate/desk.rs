//! Where a connection waits under a ticket while its request head goes through tiny_http, and where workers give it
//! back. Shared by the gate and the workers; knows no HTTP.

use std::collections::HashMap;
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::head::Version;
use super::rest::Rest;
use crate::http::Persistence;

/// How often a head is sent again because the link broke. A head that breaks it twice is the cause.
const SENDINGS_LIMIT: u8 = 2;

/// A request that has waited for so long, while no other was taken either: all workers are held up by something. Most
/// answers take a tenth of a millisecond.
pub(super) const STUCK: Duration = Duration::from_millis(2);
/// One that has waited for so long, whatever became of the others: some are.
const HELD_UP: Duration = Duration::from_millis(20);

/// The desk between the gate and the workers.
#[derive(Debug)]
pub(crate) struct Desk {
    waiting: Mutex<Waiting>,
    /// How many wait, to be read at any time.
    waiting_count: AtomicUsize,
    returned: Mutex<Returned>,
    waker: mio::Waker,
    stopping: AtomicBool,
}

#[derive(Debug, Default)]
struct Waiting {
    /// Never reused, else a request that was left in a broken link could redeem another client's connection.
    last_ticket: u64,
    parcels: HashMap<u64, Parcel>,
    last_redeemed: Option<Instant>,
}

/// What workers have given back and the gate has not taken yet.
#[derive(Debug, Default)]
struct Returned {
    endings: Vec<(usize, Ending)>,
    /// The gate takes connections that are merely kept by itself.
    gate_comes: bool,
    /// It was woken, and takes all that is there at once.
    is_woken: bool,
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
            waiting_count: AtomicUsize::new(0),
            returned: Mutex::default(),
            waker,
            stopping: AtomicBool::new(false),
        }
    }

    /// Leaves a connection, and adds its head with a new ticket to those that go over the link.
    pub(crate) fn leave(&self, parcel: Parcel, heads: &mut Vec<u8>) {
        let mut waiting = lock(&self.waiting);
        waiting.issue(parcel, heads);
        self.count(&waiting);
    }

    /// Takes the connection of a ticket, once.
    pub(crate) fn redeem(self: &Arc<Desk>, ticket: u64, now: Instant) -> Option<Exchange> {
        let parcel = {
            let mut waiting = lock(&self.waiting);
            let parcel = waiting.parcels.remove(&ticket)?;
            waiting.last_redeemed = Some(now);
            self.count(&waiting);
            parcel
        };
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
        self.waiting_count.load(Ordering::SeqCst)
    }

    /// Whether those that wait do so because workers are held up, and not just because there is much to do.
    pub(crate) fn is_held_up(&self, now: Instant) -> bool {
        let waiting = lock(&self.waiting);
        let Some(oldest) = waiting.parcels.values().map(|it| it.received).min() else {
            return false;
        };
        let since = |at: Instant| now.saturating_duration_since(at);
        let waits = since(oldest);
        let is_stuck = waiting.last_redeemed.is_none_or(|at| since(at) >= STUCK);
        waits >= HELD_UP || (waits >= STUCK && is_stuck)
    }

    fn count(&self, waiting: &Waiting) {
        self.waiting_count
            .store(waiting.parcels.len(), Ordering::SeqCst);
    }

    /// After the link broke: every head that waits, to be sent again under a new ticket. One that was sent too
    /// often is given up, and its connection with it.
    pub(crate) fn reissue(&self) -> Vec<u8> {
        let mut heads = Vec::new();
        let mut waiting = lock(&self.waiting);
        let parcels = std::mem::take(&mut waiting.parcels);
        for mut parcel in parcels.into_values() {
            parcel.sendings += 1;
            if parcel.sendings > SENDINGS_LIMIT {
                self.give_back(parcel.id, Ending::Abort);
                continue;
            }
            waiting.issue(parcel, &mut heads);
        }
        self.count(&waiting);
        heads
    }

    /// What workers have given back since the last call, in place of what is in `endings`.
    pub(super) fn take_returned(&self, endings: &mut Vec<(usize, Ending)>) {
        let mut returned = lock(&self.returned);
        returned.is_woken = false;
        std::mem::swap(&mut returned.endings, endings);
    }

    /// Whether the gate comes for connections that are merely kept by itself, so that none needs to wake it. Returns whether
    /// there are any now.
    pub(super) fn announce(&self, gate_comes: bool) -> bool {
        let mut returned = lock(&self.returned);
        returned.gate_comes = gate_comes;
        !returned.endings.is_empty()
    }

    /// Asks the gate to end.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        self.wake();
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    pub(super) fn give_back(&self, id: usize, ending: Ending) {
        let needs_gate = {
            let mut returned = lock(&self.returned);
            let waits = returned.gate_comes && matches!(ending, Ending::KeepAlive);
            returned.endings.push((id, ending));
            !waits && !std::mem::replace(&mut returned.is_woken, true)
        };
        if needs_gate {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn parcel(received: Instant) -> Parcel {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let peer = listener.local_addr().unwrap();
        Parcel {
            id: 0,
            stream: Arc::new(TcpStream::connect(peer).unwrap()),
            peer,
            version: Version::Http11,
            persistence: Persistence::Close,
            received,
            wire: Vec::new(),
            sendings: 1,
        }
    }

    #[test]
    fn a_gate_that_comes_is_not_woken() {
        let (mut poll, desk) = super::super::poll_and_desk().unwrap();
        let mut events = mio::Events::with_capacity(4);
        let mut ticket = 0;
        let mut wakes = |ending| {
            ticket += 1;
            desk.leave(parcel(Instant::now()), &mut Vec::new());
            desk.redeem(ticket, Instant::now()).unwrap().finish(ending);
            poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
            !events.is_empty()
        };
        let taken = || {
            let mut endings = Vec::new();
            desk.take_returned(&mut endings);
            endings.len()
        };
        assert!(wakes(Ending::KeepAlive), "it was not said to come");
        assert!(!wakes(Ending::KeepAlive), "it is awake");
        assert_eq!(taken(), 2);
        assert!(wakes(Ending::KeepAlive), "it sleeps again");
        assert_eq!(taken(), 1);
        assert!(!desk.announce(true), "nothing is left");
        assert!(!wakes(Ending::KeepAlive), "it comes");
        assert!(wakes(Ending::Close), "it must close");
        assert!(desk.announce(false), "two are left");
        assert_eq!(taken(), 2);
        assert!(wakes(Ending::KeepAlive), "it comes no more");
    }

    #[test]
    fn much_to_do_is_not_being_held_up() {
        let (_poll, desk) = super::super::poll_and_desk().unwrap();
        let now = Instant::now();
        let leave = |received| desk.leave(parcel(received), &mut Vec::new());
        assert!(!desk.is_held_up(now), "nobody waits");
        leave(now);
        leave(now);
        assert!(!desk.is_held_up(now + STUCK / 2), "not yet");
        assert!(desk.is_held_up(now + STUCK), "nobody was ever taken");
        assert!(desk.redeem(1, now + STUCK).is_some());
        assert!(!desk.is_held_up(now + STUCK), "it goes on");
        assert!(desk.is_held_up(now + STUCK * 2), "it does not go on");
        assert!(desk.redeem(2, now).is_some());
        assert!(!desk.is_held_up(now + HELD_UP), "nobody waits any more");
        leave(now);
        leave(now);
        assert!(desk.redeem(3, now + HELD_UP).is_some());
        assert!(desk.is_held_up(now + HELD_UP), "it goes on too slowly");
    }
}
