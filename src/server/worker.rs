//! The processing of one request on a worker thread. The gate, the thread that owns idle connections, has stored the
//! request in a table (the handoff) under a number (the ticket).

use std::net::TcpStream;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rustix::event::{PollFd, PollFlags, Timespec};

use super::context::AppState;
use super::router;
use super::send::{self, SendError};
use crate::access;
use crate::handoff::{Completion, PendingRequest};
use crate::http::Persistence;
use crate::limits::CLIENT_CHECK_AFTER;

/// Answers the request of `ticket`, then returns its connection to the gate. After a panic, the gate closes only this
/// connection.
pub(super) fn handle(app: &AppState, ticket: u64, has_backup: bool) {
    let Some(request) = app.handoff.claim(ticket) else {
        return;
    };
    let completion = catch_unwind(AssertUnwindSafe(|| answer(app, &request, has_backup)));
    let completion = completion.unwrap_or_else(|_| {
        let target = access::masked(&request.head.target);
        log::error!("a worker panicked while it answered {target:?}");
        Completion::Abort
    });
    app.handoff.give_back(request, completion);
}

/// Returns whether the client has reset the connection. Under load, many clients do this before a worker takes their
/// requests. A client that closed only its sending direction has not left, because it still reads the response.
fn has_left(stream: &TcpStream) -> bool {
    let mut client = [PollFd::new(stream, PollFlags::empty())];
    rustix::event::poll(&mut client, Some(&Timespec::default())).is_ok_and(|ready| ready > 0)
}

fn answer(app: &AppState, request: &PendingRequest, has_backup: bool) -> Completion {
    if request.received.elapsed() > CLIENT_CHECK_AFTER && has_left(&request.stream) {
        return Completion::Abort;
    }
    let head = &request.head;
    let client = app.config.proxies.client(request.peer.ip(), head);
    let response = router::respond(app, request, client, has_backup);
    let status = response.head.status;
    let (sent, result) = send::send(app, response, client, request);
    app.metrics.responded(status);
    match &result {
        Err(SendError::Stalled) => app.metrics.timeouts_stalled.add(1),
        Err(SendError::Read(error)) => {
            let target = access::masked(&head.target);
            log::error!("cannot continue reading for {target:?}: {error}");
        }
        _ => {}
    }
    let note = |error: &SendError| error.note(app.handoff.is_stopping());
    // Log before the gate can pass on the client's next request, so that the log lines are in order.
    access::log(&access::Line {
        client: client.address,
        method: head.method.as_str().as_bytes(),
        target: head.target.as_bytes(),
        status: status.code(),
        sent,
        started: request.received,
        note: result.as_ref().err().map(note),
    });
    match (result, request.persistence) {
        (Err(_), _) => Completion::Abort,
        (Ok(()), Persistence::Close) => Completion::Close,
        (Ok(()), Persistence::KeepAlive | Persistence::KeepAliveHttp10) => Completion::KeepAlive,
    }
}
