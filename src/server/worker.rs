//! One request, from its ticket to the access log.

use std::net::TcpStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec};

use super::context::AppState;
use super::pool::{Backup, Queue};
use super::router;
use super::send::{self, SendError};
use crate::access;
use crate::handoff::WorkerConnection;
use crate::http::RequestHead;
use crate::limits::CLIENT_CHECK_AFTER;
use crate::link::RequestQueue;

impl Queue for RequestQueue {
    type Job = u64;

    fn next(&self) -> Option<u64> {
        RequestQueue::next(self)
    }

    fn wake(&self, threads: usize) {
        RequestQueue::wake(self, threads);
    }
}

/// Answers the request of a ticket. A panic costs this connection and nothing else: the connection is dropped, and the
/// gate closes it.
pub(super) fn handle(app: &AppState, ticket: u64, backup: Backup) {
    let Some((request, connection)) = app.handoff.claim(ticket) else {
        return;
    };
    let waited = Instant::now().saturating_duration_since(connection.received);
    if waited > CLIENT_CHECK_AFTER && has_left(connection.stream()) {
        return;
    }
    let answered = catch_unwind(AssertUnwindSafe(|| {
        answer(app, &request, connection, backup);
    }));
    if answered.is_err() {
        let target = access::masked(request.target());
        log::error!("a worker panicked while it answered {target:?}");
    }
}

/// Whether the client has reset the connection. Under load, hundreds may have by the time it is their turn. A client
/// that has only ended its sending side still reads.
fn has_left(stream: &TcpStream) -> bool {
    let mut client = [PollFd::new(stream, PollFlags::empty())];
    rustix::event::poll(&mut client, Some(&Timespec::default())).is_ok_and(|ready| ready > 0)
}

fn answer(app: &AppState, request: &RequestHead, connection: WorkerConnection, backup: Backup) {
    let caller = app.proxies.caller(connection.peer.ip(), request);
    let received = connection.received;
    let response = router::respond(app, request, caller, received, backup);
    let status = response.head.status();
    let report = send::send(app, response, request.method(), caller, &connection);
    app.metrics.responded(status);
    if let Some(SendError::Read(error)) = &report.error {
        let target = access::masked(request.target());
        log::error!("cannot go on reading for {target:?}: {error}");
    }
    let is_stopping = app.handoff.is_stopping();
    let note = report.error.as_ref().map(|it| it.note(is_stopping));
    // Logged before the client can send its next request, so that lines stand in order.
    access::log(&access::Line {
        client: caller.address,
        method: request.method().as_str().as_bytes(),
        target: request.target().as_bytes(),
        status: status.code(),
        sent: report.sent,
        since: received,
        note,
    });
    connection.finish(report.completion);
}
