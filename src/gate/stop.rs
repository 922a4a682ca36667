//! Taking leave: who is still answered, and for how long. Knows the gate's connections, and no reason for the stop.

use std::net::Shutdown;
use std::time::{Duration, Instant};

use super::Gate;
use super::connection::Connection;

/// How long a request may still be on its way over a connection that was there before the stop: a moment of the network.
const LAST_REQUESTS: Duration = Duration::from_millis(500);
/// How long running responses may go on.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// Of accepting: more than the system's queue holds, and an end where somebody fills it as fast as it is emptied.
const ROUNDS: usize = 8;

/// What a stop waits for.
pub(super) struct Stop {
    /// Until then requests are taken from whoever has connected before, and has had no answer yet.
    last_requests: Option<Instant>,
    end: Instant,
}

impl Stop {
    /// When there is something to do for it.
    pub(super) fn next(&self) -> Instant {
        self.last_requests.unwrap_or(self.end)
    }
}

impl Gate<'_> {
    /// The first time, shuts the door; then whether the rest is done.
    pub(super) fn stop_is_over(&mut self, now: Instant) -> bool {
        let Stop { last_requests, end } =
            self.stop.take().unwrap_or_else(|| self.shut_the_door(now));
        let last_requests = last_requests.filter(|&at| now < at);
        if last_requests.is_none() {
            self.drop_those(Connection::is_between_responses);
        }
        self.stop = Some(Stop { last_requests, end });
        if self.connections.is_empty() {
            return true;
        }
        if now < end {
            return false;
        }
        // Workers that still send find a closed socket.
        for (_, connection) in &self.connections {
            let _ = connection.stream.shutdown(Shutdown::Both);
        }
        true
    }

    fn drop_those(&mut self, are_done: fn(&Connection) -> bool) {
        let open = self.connections.iter();
        let done: Vec<usize> = open
            .filter(|(_, connection)| are_done(connection))
            .map(|(id, _)| id)
            .collect();
        for id in done {
            self.remove(id);
        }
    }

    /// Nobody gets in any more. A client that is refused asks elsewhere, or again; one whose connection the system has
    /// taken for us, and who hears nothing on it, cannot know whether it was heard. So these are answered. One that has had
    /// an answer knows that its connection may end at any time (RFC 9112 §9.5).
    fn shut_the_door(&mut self, now: Instant) -> Stop {
        for _ in 0..ROUNDS {
            self.accept(now);
            // Else the round ended before the queue did.
            if self.accept_again != Some(now) {
                break;
            }
        }
        self.listener = None;
        self.accept_again = None;
        // What has come meanwhile; after it, a kept connection is none that rests.
        let all: Vec<usize> = self.connections.iter().map(|(id, _)| id).collect();
        for id in all {
            self.advance(id, now);
        }
        self.outbox
            .flush(&self.poll, &self.desk, self.shift.workers, now);
        self.drop_those(Connection::rests);
        for (_, connection) in &mut self.connections {
            connection.keep_no_longer();
        }
        Stop {
            last_requests: Some(now + LAST_REQUESTS),
            end: now + STOP_TIMEOUT,
        }
    }
}
