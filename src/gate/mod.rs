//! The gate: one thread that owns the listener and every socket that no worker holds. It lets whole, unambiguous
//! request heads through to tiny_http, one per connection at a time, and answers the rest itself. Knows sockets and
//! time, no files.
//!
//! ```text
//! accept ─► Idle ─► Head ─► Content ─► Away (with a worker) ─► Idle …
//!             │       │        │         └► Unsent ─► Idle …
//!             └───────┴────────┴─ refused or closed ─► Lingering ─► gone
//! ```

mod body;
mod connection;
pub(crate) mod desk;
mod head;
pub(crate) mod link;
mod listener;

use std::io;
use std::net::{Shutdown, TcpListener};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};
use slab::Slab;
use std::os::fd::AsRawFd;

use crate::access;
use crate::http::{Persistence, ResponseHead, Status};
use connection::{Connection, Step};
use desk::{Desk, Ending, Parcel};
use head::CleanHead;
use link::{Link, Requests};

pub(crate) use connection::send;
pub(crate) use head::Version;
pub(crate) use listener::listen;

const LISTENER: Token = Token(usize::MAX);
const WAKER: Token = Token(usize::MAX - 1);
const LINK: Token = Token(usize::MAX - 2);

/// Connections beside the streams.
pub(crate) const CONNECTION_LIMIT: usize = 4096;
/// Refused ones that are still told so.
const REFUSED_LIMIT: usize = 64;
/// Connections accepted before those that are here get their turn.
const ACCEPT_ROUND: usize = 256;
/// How long accepting rests after the system refused a descriptor or memory.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// How long a link that could not be made anew is left alone.
const LINK_PAUSE: Duration = Duration::from_millis(100);
/// Deadlines are looked at no more often than this: being late by it harms nobody.
const SWEEP_INTERVAL: Duration = Duration::from_millis(100);
/// How long running responses may go on after a stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);
/// What is read from a socket at once.
const SCRATCH: usize = 16 * 1024;

/// The gate and all that it holds.
pub(crate) struct Gate<'a> {
    poll: Poll,
    listener: Option<TcpListener>,
    /// Set after an accept error.
    accept_again: Option<Instant>,
    connections: Slab<Connection>,
    connection_limit: usize,
    stall_timeout: Duration,
    link: Option<Link>,
    link_again: Option<Instant>,
    requests: Requests,
    /// Heads on their way to the link, sent together.
    outbox: Vec<u8>,
    desk: Arc<Desk>,
    workers: &'a dyn Workers,
    /// No deadline is earlier than this.
    next_sweep: Option<Instant>,
    stop_at: Option<Instant>,
    scratch: Box<[u8]>,
}

/// What the gate asks of the pool.
pub(crate) trait Workers {
    /// A request waits: there should be a worker for it.
    fn balance(&self);
    /// How many there are.
    fn count(&self) -> usize;
}

/// What a gate is made of.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) poll: Poll,
    pub(crate) listener: TcpListener,
    pub(crate) link: Link,
    pub(crate) requests: Requests,
    pub(crate) desk: Arc<Desk>,
    pub(crate) connection_limit: usize,
    pub(crate) stall_timeout: Duration,
}

/// A poll, and the desk whose waker it answers to.
pub(crate) fn poll_and_desk() -> io::Result<(Poll, Arc<Desk>)> {
    let poll = Poll::new()?;
    let desk = Arc::new(Desk::new(mio::Waker::new(poll.registry(), WAKER)?));
    Ok((poll, desk))
}

impl<'a> Gate<'a> {
    pub(crate) fn new(parts: Parts, workers: &'a dyn Workers) -> io::Result<Gate<'a>> {
        let Parts {
            poll,
            listener,
            link,
            requests,
            desk,
            connection_limit,
            stall_timeout,
        } = parts;
        listener.set_nonblocking(true)?;
        poll.registry().register(
            &mut SourceFd(&listener.as_raw_fd()),
            LISTENER,
            Interest::READABLE,
        )?;
        poll.registry().register(
            &mut SourceFd(&link.stream().as_raw_fd()),
            LINK,
            Interest::READABLE,
        )?;
        Ok(Gate {
            poll,
            listener: Some(listener),
            accept_again: None,
            connections: Slab::new(),
            connection_limit,
            stall_timeout,
            link: Some(link),
            link_again: None,
            requests,
            outbox: Vec::new(),
            desk,
            workers,
            next_sweep: None,
            stop_at: None,
            scratch: vec![0; SCRATCH].into_boxed_slice(),
        })
    }

    /// Until the desk is stopped and the last response has ended, or its time is over.
    pub(crate) fn run(mut self) {
        let mut events = Events::with_capacity(256);
        loop {
            let now = Instant::now();
            if self.desk.is_stopping() && self.stop_is_over(now) {
                return;
            }
            match self.poll.poll(&mut events, self.patience(now)) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    log::error!("cannot poll: {error}");
                    std::thread::sleep(ACCEPT_PAUSE);
                }
            }
            let now = Instant::now();
            let mut acceptable = self.accept_again.is_some_and(|at| at <= now);
            for event in &events {
                match event.token() {
                    LISTENER => acceptable = true,
                    WAKER => {}
                    LINK => self.break_link("tiny_http closed it"),
                    Token(id) => self.advance(id, now),
                }
            }
            // After the wake-up was drained: what is returned from here on wakes the next poll.
            for (id, ending) in self.desk.take_returned() {
                self.take_back(id, ending, now);
            }
            if acceptable {
                self.accept(now);
            }
            self.flush(now);
            self.sweep(now);
        }
    }

    /// How long the poll may wait.
    fn patience(&self, now: Instant) -> Option<Duration> {
        [
            self.next_sweep,
            self.accept_again,
            self.link_again,
            self.stop_at,
        ]
        .into_iter()
        .flatten()
        .min()
        .map(|at| at.saturating_duration_since(now))
    }

    fn accept(&mut self, now: Instant) {
        // If the round ends before the queue does, there is no further event for what is left in it.
        self.accept_again = Some(now);
        for _ in 0..ACCEPT_ROUND {
            let Some(listener) = &self.listener else {
                return;
            };
            match listener.accept() {
                Ok((stream, peer)) => self.admit(stream, peer, now),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.accept_again = None;
                    return;
                }
                // The client was gone before we came to it.
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::ConnectionAborted | io::ErrorKind::Interrupted
                    ) => {}
                // No descriptor, no memory, or something new: nothing that ends by itself ends the accepting.
                Err(error) => {
                    log::warn!("cannot accept: {error}");
                    self.evict();
                    self.accept_again = Some(now + ACCEPT_PAUSE);
                    return;
                }
            }
        }
    }

    fn admit(&mut self, stream: std::net::TcpStream, peer: std::net::SocketAddr, now: Instant) {
        listener::prepare(&stream);
        let full = self.connections.len() >= self.connection_limit && !self.evict();
        if full && self.connections.len() >= self.connection_limit + REFUSED_LIMIT {
            return;
        }
        let fd = stream.as_raw_fd();
        let id = self.connections.insert(Connection::new(stream, peer, now));
        // Edge-triggered: registered once, and read until there is nothing more whenever the gate has the socket.
        let registered =
            self.poll
                .registry()
                .register(&mut SourceFd(&fd), Token(id), Interest::READABLE);
        if let Err(error) = registered {
            log::warn!("cannot watch a connection: {error}");
            self.connections.remove(id);
        } else if full {
            self.take_step(id, Step::Refuse(Status::ServiceUnavailable), now);
        } else {
            self.advance(id, now);
        }
    }

    /// Makes room by closing the connection that has been idle for longest.
    fn evict(&mut self) -> bool {
        let idle = self
            .connections
            .iter()
            .filter_map(|(id, connection)| Some((connection.idle_since()?, id)));
        match idle.min() {
            Some((_, id)) => {
                self.connections.remove(id);
                true
            }
            None => false,
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
            Step::Close => {
                self.connections.try_remove(id);
                return;
            }
        }
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
            true => Interest::READABLE | Interest::WRITABLE,
            false => Interest::READABLE,
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
            wire: head.wire.clone(),
            sendings: 1,
        };
        let ticket = self.desk.leave(parcel);
        link::push_head(&mut self.outbox, &head.wire, ticket);
        self.workers.balance();
    }

    fn refuse(&mut self, id: usize, status: Status, now: Instant) {
        let Some(connection) = self.connections.get_mut(id) else {
            return;
        };
        let head_only = connection.request_line().starts_with(b"HEAD ");
        let sentence = format!("{}\n", status.reason());
        let mut head = ResponseHead::new(status)
            .with_field("Content-Type", "text/plain")
            .with_field("Content-Length", sentence.len().to_string());
        if status == Status::ServiceUnavailable {
            head = head.with_field("Retry-After", access::RETRY_AFTER_SECONDS);
        }
        let mut answer = Vec::with_capacity(256);
        head.encode(SystemTime::now(), Persistence::Close, &mut answer);
        if !head_only {
            answer.extend_from_slice(sentence.as_bytes());
        }
        access::log(&access::Line {
            peer: connection.peer,
            request: connection.request_line(),
            status: status.code(),
            sent: if head_only { 0 } else { sentence.len() as u64 },
            since: now,
            note: Some("refused at the gate"),
        });
        connection.refuse(&answer, now);
        self.advance(id, now);
    }

    fn take_back(&mut self, id: usize, ending: Ending, now: Instant) {
        let Some(connection) = self.connections.get_mut(id) else {
            return;
        };
        let stopping = self.stop_at.is_some();
        match ending {
            Ending::KeepAlive if !stopping => connection.keep(now),
            Ending::KeepAlive | Ending::Close => connection.linger(now),
            Ending::Unsent { rest, keep_alive } => {
                connection.send_rest(rest, keep_alive && !stopping, now + self.stall_timeout);
            }
            Ending::Abort => {
                self.connections.remove(id);
                return;
            }
        }
        // What came while the worker had the socket has raised its only event already.
        self.advance(id, now);
    }

    /// Sends what is in the outbox, over a new link if the old one broke.
    fn flush(&mut self, now: Instant) {
        if self.link.is_none() && self.link_again.is_none_or(|at| at <= now) {
            self.renew_link(now);
        }
        let Some(link) = &mut self.link else {
            // What waits is sent from the desk, once there is a link.
            self.outbox.clear();
            return;
        };
        if self.outbox.is_empty() {
            return;
        }
        if let Err(error) = link.send(&self.outbox) {
            self.break_link(&error.to_string());
        }
        self.outbox.clear();
    }

    fn break_link(&mut self, cause: &str) {
        if let Some(link) = self.link.take() {
            log::error!("the link to tiny_http broke ({cause}); making a new one");
            let _ = link.stream().shutdown(Shutdown::Both);
            self.link_again = Some(Instant::now());
        }
    }

    fn renew_link(&mut self, now: Instant) {
        let renewed = Link::renew(&self.requests, self.workers.count()).and_then(|link| {
            let fd = link.stream().as_raw_fd();
            self.poll
                .registry()
                .register(&mut SourceFd(&fd), LINK, Interest::READABLE)?;
            Ok(link)
        });
        match renewed {
            Ok(link) => {
                self.link = Some(link);
                self.link_again = None;
                self.outbox = self.desk.reissue();
            }
            Err(error) => {
                log::error!("cannot make a new link to tiny_http: {error}");
                self.link_again = Some(now + LINK_PAUSE);
            }
        }
    }

    /// Ends what is past its deadline.
    fn sweep(&mut self, now: Instant) {
        if self.next_sweep.is_none_or(|at| at > now) {
            return;
        }
        self.next_sweep = None;
        let late: Vec<usize> = self
            .connections
            .iter()
            .filter(|(_, connection)| connection.deadline().is_some_and(|at| at <= now))
            .map(|(id, _)| id)
            .collect();
        for id in late {
            if let Some(connection) = self.connections.get(id) {
                let step = connection.expire();
                self.take_step(id, step, now);
            }
        }
        let earliest = self
            .connections
            .iter()
            .filter_map(|(_, connection)| connection.deadline())
            .min();
        self.next_sweep = earliest.map(|at| at.max(now + SWEEP_INTERVAL));
    }

    /// The first time, takes leave of whoever has no response running; then whether the rest is done.
    fn stop_is_over(&mut self, now: Instant) -> bool {
        let stop_at = *self.stop_at.get_or_insert_with(|| {
            self.listener = None;
            self.accept_again = None;
            self.connections
                .retain(|_, connection| !connection.is_between_responses());
            now + STOP_TIMEOUT
        });
        if self.connections.is_empty() {
            return true;
        }
        if now < stop_at {
            return false;
        }
        // Workers that still send find a closed socket.
        for (_, connection) in &self.connections {
            let _ = connection.stream.shutdown(Shutdown::Both);
        }
        true
    }
}

impl std::fmt::Debug for Gate<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate")
            .field("connections", &self.connections.len())
            .finish_non_exhaustive()
    }
}
