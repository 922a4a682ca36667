//! The gate: one thread that owns the listener and every socket that no worker holds. It lets whole, unambiguous
//! request heads through to tiny_http, one per connection at a time, and answers the rest itself. Knows sockets and
//! time, no files.
//!
//! ```text
//! accept ─► Idle ─► Head ─► Content ─► Away (with a worker) ─► Idle …
//!             │       │        │         └► Unsent ─► Idle …
//!             └───────┴────────┴─ refused or closed ─► Lingering ─► gone
//! ```

mod admission;
pub(crate) mod body;
mod connection;
mod deadlines;
pub(crate) mod desk;
pub(crate) mod head;
pub(crate) mod link;
mod listener;
mod outbox;
mod parts;
mod refusal;
pub(crate) mod rest;
mod returns;
mod shift;
mod stop;

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};
use slab::Slab;
use std::os::fd::AsRawFd;

use crate::access;
use crate::clock;
use crate::http::{Persistence, Status};
use crate::metrics::Metrics;
use connection::{Connection, Step};
use desk::{Desk, Parcel};
use head::CleanHead;
use outbox::Outbox;
use refusal::Refusal;
use returns::Returns;
use shift::Shift;
use stop::Stop;

pub(crate) use admission::CONNECTION_LIMIT;
pub(crate) use connection::send;
pub(crate) use head::Version;
pub(crate) use listener::Listener;
pub(crate) use listener::{UNSENT_LIMIT, limit_unsent};
pub(crate) use parts::{Parts, Workers, poll_and_desk};

const LISTENER: Token = Token(usize::MAX);
const WAKER: Token = Token(usize::MAX - 1);
const LINK: Token = Token(usize::MAX - 2);

/// What comes from a client. Of urgent data it must be known that there is some: a read ends there (tcp(7)).
const FROM_CLIENT: Interest = Interest::READABLE.add(Interest::PRIORITY);

/// How long the gate rests when it cannot even poll.
const POLL_PAUSE: Duration = Duration::from_millis(50);
/// What is read from a socket at once.
const SCRATCH: usize = 16 * 1024;

/// The gate and all that it holds.
pub(crate) struct Gate<'a> {
    poll: Poll,
    listener: Option<Listener>,
    /// Set after an accept error.
    accept_again: Option<Instant>,
    connections: Slab<Connection>,
    /// What they hold together.
    held: usize,
    connection_limit: usize,
    stall_timeout: Duration,
    outbox: Outbox,
    desk: Arc<Desk>,
    returns: Returns,
    shift: Shift<'a>,
    metrics: Arc<Metrics>,
    /// No deadline is earlier than this.
    next_sweep: Option<Instant>,
    stop: Option<Stop>,
    scratch: Box<[u8]>,
}

impl<'a> Gate<'a> {
    pub(crate) fn new(parts: Parts, workers: &'a dyn Workers) -> io::Result<Gate<'a>> {
        let Parts {
            poll,
            listener,
            link,
            requests,
            desk,
            metrics,
            connection_limit,
            stall_timeout,
        } = parts;
        let socket = listener.socket();
        socket.set_nonblocking(true)?;
        poll.registry().register(
            &mut SourceFd(&socket.as_raw_fd()),
            LISTENER,
            Interest::READABLE,
        )?;
        let outbox = Outbox::new(link, requests, &poll)?;
        Ok(Gate {
            poll,
            listener: Some(listener),
            accept_again: None,
            connections: Slab::new(),
            held: 0,
            connection_limit,
            stall_timeout,
            outbox,
            desk,
            returns: Returns::default(),
            shift: Shift::new(workers),
            metrics,
            next_sweep: None,
            stop: None,
            scratch: vec![0; SCRATCH].into_boxed_slice(),
        })
    }

    /// Until the desk is stopped and the last response has ended, or its time is over.
    ///
    /// # Errors
    ///
    /// If there is no way to the workers any more.
    pub(crate) fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(256);
        loop {
            let now = Instant::now();
            if self.desk.is_stopping() {
                self.collect(now);
                if self.stop_is_over(now) {
                    return self.outbox.lost().map_or(Ok(()), Err);
                }
                // From now on they wake it: nobody waits for a round.
                self.tell(now);
            }
            match self.poll.poll(&mut events, self.patience(now)) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    log::error!("cannot poll: {error}");
                    std::thread::sleep(POLL_PAUSE);
                }
            }
            let now = Instant::now();
            // First, so that what a client sends after its answer finds its connection here.
            self.collect(now);
            let mut acceptable = self.accept_again.is_some_and(|at| at <= now);
            for event in &events {
                match event.token() {
                    LISTENER => acceptable = true,
                    WAKER => {}
                    LINK => self.outbox.break_link("tiny_http closed it"),
                    Token(id) => {
                        self.hear(id, event);
                        self.advance(id, now);
                    }
                }
            }
            if acceptable {
                self.accept(now);
            }
            self.tell(now);
            self.outbox
                .flush(&self.poll, &self.desk, self.shift.workers, now);
            self.sweep(now);
            self.shift.tend(now);
        }
    }

    fn advance(&mut self, id: usize, now: Instant) {
        // An event may be left from a connection that had this number before.
        let Some(connection) = self.connections.get_mut(id) else {
            return;
        };
        // A defect in reading one client's bytes must not cost the others theirs.
        let step = catch_unwind(AssertUnwindSafe(|| {
            connection.advance(&mut self.scratch, now)
        }));
        self.take_step(id, step.unwrap_or(Step::Close), now);
    }

    fn take_step(&mut self, id: usize, step: Step, now: Instant) {
        self.watch_for_room(id, matches!(step, Step::WaitToSend));
        match step {
            Step::Wait | Step::WaitToSend => {}
            Step::Dispatch(head) => self.dispatch(id, head, now),
            Step::Refuse(status) => self.refuse(id, status, now),
            Step::Close => return self.remove(id),
        }
        self.weigh(id);
        let deadline = self.connections.get(id).and_then(Connection::deadline);
        self.next_sweep = [self.next_sweep, deadline].into_iter().flatten().min();
    }

    fn watch_for_room(&mut self, id: usize, wanted: bool) {
        let Some(connection) = self.connections.get_mut(id) else {
            return;
        };
        if connection.watched_for_room == wanted {
            return;
        }
        connection.watched_for_room = wanted;
        let interest = match wanted {
            true => FROM_CLIENT | Interest::WRITABLE,
            false => FROM_CLIENT,
        };
        let fd = connection.stream.as_raw_fd();
        let watched = self
            .poll
            .registry()
            .reregister(&mut SourceFd(&fd), Token(id), interest);
        if let Err(error) = watched {
            // Its deadline closes it.
            log::warn!("cannot watch a connection: {error}");
        }
    }

    fn dispatch(&mut self, id: usize, head: CleanHead, now: Instant) {
        let Some(connection) = self.connections.get_mut(id) else {
            return;
        };
        connection.leave();
        self.returns.expect(connection.is_awaited(), now);
        let parcel = Parcel {
            id,
            stream: Arc::clone(&connection.stream),
            peer: connection.peer,
            version: head.version,
            persistence: match (head.keep_alive, head.version) {
                (true, Version::Http11) => Persistence::KeepAlive,
                (true, Version::Http10) => Persistence::KeepAliveHttp10,
                (false, _) => Persistence::Close,
            },
            received: now,
            wire: head.wire,
            sendings: 1,
        };
        self.desk.leave(parcel, self.outbox.heads());
        self.shift.expect(now);
    }

    fn refuse(&mut self, id: usize, status: Status, now: Instant) {
        let Some(connection) = self.connections.get_mut(id) else {
            return;
        };
        let (method, target) = connection.request_line();
        let refusal = Refusal::new(status, method, target);
        self.metrics.responded(status);
        self.metrics.content.add(refusal.content_length());
        access::log(&access::Line {
            client: connection.peer.ip(),
            method,
            target,
            status: status.code(),
            sent: refusal.content_length(),
            since: now,
            note: Some("refused at the gate"),
        });
        connection.refuse(&refusal.encode(clock::now()), now);
        self.advance(id, now);
    }
}

impl std::fmt::Debug for Gate<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate")
            .field("connections", &self.connections.len())
            .finish_non_exhaustive()
    }
}
