//! The gate: one thread that owns the listener and every connection that no worker holds. It parses request heads.
//! Valid requests go to workers through the [`handoff`](crate::handoff), one at a time for each connection. The gate
//! answers invalid requests itself.
//!
//! ```text
//! accept ─► Idle ─► Head ─► Content ─► InWorker ─► Idle …
//!             │       │        │          │
//!             └───────┴────────┴──────────┴─ refused or closed ─► Lingering ─► gone
//! ```

mod admission;
pub(crate) mod body;
mod connection;
pub(crate) mod head;
mod listener;
mod refusal;
mod shutdown;

use std::io;
use std::net::TcpListener;
use std::os::fd::AsRawFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token, Waker};
use slab::Slab;

use crate::handoff::{Completion, Handoff, PendingRequest};
use crate::limits::{RECEIVE_BUFFER, SWEEP_INTERVAL, Timeouts};
use crate::link::Link;
use crate::metrics::Metrics;
use connection::{Connection, Step};
use head::ParsedHead;

pub(crate) use listener::{ensure_listening, listen};

const LISTENER: Token = Token(usize::MAX);
const WAKER: Token = Token(usize::MAX - 1);
const LINK: Token = Token(usize::MAX - 2);

const POLL_PAUSE: Duration = Duration::from_millis(50);

pub(crate) struct Gate {
    poll: Poll,
    listener: Option<TcpListener>,
    /// The time at which the gate must accept again. Set after an error, or if connections remain in the queue.
    accept_again: Option<Instant>,
    connections: Slab<Connection>,
    /// The bytes of unfinished requests in all connections.
    held: usize,
    connection_limit: usize,
    timeouts: Timeouts,
    pub(crate) link: Link,
    pub(crate) handoff: Arc<Handoff>,
    metrics: Arc<Metrics>,
    /// The time of the previous sweep.
    swept: Instant,
    stopping_since: Option<Instant>,
    receive_buffer: Box<[u8]>,
}

impl Gate {
    /// # Errors
    ///
    /// If the poll cannot watch the listener or the link (the internal connection to tiny_http).
    pub(crate) fn new(
        listener: TcpListener,
        link: Link,
        metrics: Arc<Metrics>,
        connection_limit: usize,
        timeouts: Timeouts,
    ) -> io::Result<Gate> {
        let poll = Poll::new()?;
        let waker = Waker::new(poll.registry(), WAKER)?;
        let handoff = Handoff::new(poll.registry().try_clone()?, waker);
        listener.set_nonblocking(true)?;
        let watched = [
            (listener.as_raw_fd(), LISTENER),
            (link.stream.as_raw_fd(), LINK),
        ];
        for (descriptor, token) in watched {
            poll.registry()
                .register(&mut SourceFd(&descriptor), token, Interest::READABLE)?;
        }
        Ok(Gate {
            poll,
            listener: Some(listener),
            accept_again: None,
            connections: Slab::new(),
            held: 0,
            connection_limit,
            timeouts,
            link,
            handoff: Arc::new(handoff),
            metrics,
            swept: Instant::now(),
            stopping_since: None,
            receive_buffer: vec![0; RECEIVE_BUFFER].into_boxed_slice(),
        })
    }

    /// Runs until the shutdown is complete.
    ///
    /// # Errors
    ///
    /// If the link to tiny_http breaks. Then no request can reach a worker.
    pub(crate) fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(256);
        loop {
            let now = Instant::now();
            if self.handoff.is_stopping() {
                self.take_back_returned(now);
                if self.is_shut_down(now)? {
                    return Ok(());
                }
            }
            match self.poll.poll(&mut events, self.poll_timeout(now)) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    log::error!("cannot poll: {error}");
                    std::thread::sleep(POLL_PAUSE);
                }
            }
            self.handle(&events)?;
        }
    }

    fn handle(&mut self, events: &Events) -> io::Result<()> {
        let now = Instant::now();
        // `events` may report the next request of a connection that a worker has returned. The loop ignores the input
        // of connections in workers, so the gate takes back the returned connections first.
        self.take_back_returned(now);
        let mut acceptable = self.accept_again.is_some_and(|at| at <= now);
        for event in events {
            match event.token() {
                LISTENER => acceptable = true,
                WAKER => {}
                LINK => return Err(io::Error::other("tiny_http closed the private link")),
                Token(id) => self.advance(id, now),
            }
        }
        if acceptable {
            self.accept(now);
        }
        self.link.flush()?;
        self.sweep(now);
        Ok(())
    }

    /// Returns the maximum wait of the poll; `None` means no limit. While connections are open, the gate wakes after
    /// each [`SWEEP_INTERVAL`]. Then it checks all timeouts (a sweep), and the time limit of a shutdown.
    fn poll_timeout(&self, now: Instant) -> Option<Duration> {
        let accept = self.accept_again;
        let accept = accept.map(|at| at.saturating_duration_since(now));
        let sweep = (!self.connections.is_empty()).then_some(SWEEP_INTERVAL);
        accept.into_iter().chain(sweep).min()
    }

    /// Checks all timeouts.
    fn sweep(&mut self, now: Instant) {
        if now < self.swept + SWEEP_INTERVAL {
            return;
        }
        self.swept = now;
        let is_late = |connection: &Connection| {
            let timeout = connection.timeout(&self.timeouts);
            timeout.is_some_and(|timeout| connection.since + timeout <= now)
        };
        let late = self.connections.iter().filter(|(_, it)| is_late(it));
        let late = late.map(|(id, connection)| (id, connection.expire(&self.metrics)));
        for (id, step) in late.collect::<Vec<_>>() {
            self.take_step(id, step, now);
        }
    }

    /// Takes back the connections that workers have returned.
    fn take_back_returned(&mut self, now: Instant) {
        for (id, completion, since) in self.handoff.take_returned() {
            let Some(connection) = self.connections.get_mut(id) else {
                continue;
            };
            match completion {
                Completion::KeepAlive if self.stopping_since.is_none() => {
                    connection.set_idle(since);
                }
                Completion::KeepAlive | Completion::Close => connection.linger(now),
                Completion::Abort => {
                    self.remove(id);
                    continue;
                }
            }
            // The buffer may already contain the next request. Then no event reports this request. A connection that
            // closes is not registered with the poll again, so no event reports its input either. In both cases, the
            // gate must advance the connection now.
            self.advance(id, now);
        }
    }

    fn advance(&mut self, id: usize, now: Instant) {
        // The event may be for a connection that the gate has removed.
        let Some(connection) = self.connections.get_mut(id) else {
            return;
        };
        let advance = || connection.advance(&mut self.receive_buffer, now);
        // A panic for one client must not end the other connections.
        let step = catch_unwind(AssertUnwindSafe(advance));
        self.take_step(id, step.unwrap_or(Step::Close), now);
    }

    fn take_step(&mut self, id: usize, step: Step, now: Instant) {
        match step {
            Step::Wait => {}
            Step::Dispatch(head) => self.dispatch(id, head, now),
            Step::Refuse(status) => self.refuse(id, status, now),
            Step::Close => return self.remove(id),
        }
        self.account_memory(id);
    }

    fn dispatch(&mut self, id: usize, head: ParsedHead, now: Instant) {
        let Some(connection) = self.connections.get(id) else {
            return;
        };
        let ticket = self.handoff.enqueue(PendingRequest {
            id,
            stream: Arc::clone(&connection.stream),
            peer: connection.peer,
            persistence: head.persistence,
            head: head.request,
            is_pipelined: !connection.buffer.is_empty(),
            received: now,
        });
        self.link.push(ticket);
    }

    /// Closes a connection, if it still exists.
    fn remove(&mut self, id: usize) {
        if let Some(connection) = self.connections.try_remove(id) {
            self.held = self.held.saturating_sub(connection.counted);
            self.metrics.connections_open.set(self.connections.len());
        }
    }
}
