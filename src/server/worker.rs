//! One request, from tiny_http's queue to the access log. With `gate/link.rs` the only place that names tiny_http's
//! types.

use std::net::TcpStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};

use super::pool::{Pool, Turn};
use super::respond;
use super::transfer::{self, Failure};
use crate::access;
use crate::gate::desk::Exchange;
use crate::gate::link::TICKET_FIELD;
use crate::http::{Method, RequestHead};

/// Whoever waited longer for a worker may not wait any more.
const LONG_WAIT: Duration = Duration::from_millis(20);

/// Takes a request apart and redeems its ticket. Nothing, if nobody waits for an answer any more.
pub(super) fn take(
    pool: &Arc<Pool>,
    request: tiny_http::Request,
) -> Option<(RequestHead, Exchange)> {
    let method = Method::parse(request.method().as_str());
    let mut ticket = None;
    let mut head = RequestHead::new(method.unwrap_or(Method::Get), request.url());
    for field in request.headers() {
        let (name, value) = (field.field.as_str().as_str(), field.value.as_str());
        if name == TICKET_FIELD {
            ticket = value.parse().ok();
        } else {
            head.add_field(name, value);
        }
    }
    // Frees tiny_http for the next request at once. A request that is dropped whole would write a 500 to the link.
    drop(request.into_writer());
    let now = Instant::now();
    let exchange = pool.desk().redeem(ticket?, now)?;
    if now.saturating_duration_since(exchange.received) > LONG_WAIT && is_gone(exchange.stream()) {
        return None;
    }
    // The gate lets no other method through.
    method.map(|_| (head, exchange))
}

/// Whether the client has reset the connection. When all are busy, hundreds may have by the time it is their turn. One
/// that has only ended its side still reads.
fn is_gone(stream: &TcpStream) -> bool {
    let mut client = [PollFd::new(stream, PollFlags::empty())];
    rustix::event::poll(&mut client, Some(&Timespec::default())).is_ok_and(|ready| ready > 0)
}

/// Answers it. A panic costs this connection and nothing else: the exchange is dropped, and the gate closes it.
pub(super) fn answer(turn: &Turn<'_>, head: &RequestHead, exchange: Exchange) {
    let answered = catch_unwind(AssertUnwindSafe(|| {
        let (pool, service) = (turn.pool(), turn.pool().service());
        let caller = service.caller(exchange.peer.ip(), head);
        let plan = respond::plan(turn, head, exchange.version, caller, exchange.received);
        let status = plan.head.status();
        let (since, method) = (exchange.received, head.method());
        let report = transfer::send(plan, method, &exchange, turn);
        service.metrics.responded(status);
        let note = match &report.failure {
            None => None,
            Some(Failure::Left) if pool.desk().is_stopping() => Some("cut off, the server stopped"),
            // A viewer who seeks away is no error.
            Some(Failure::Left) => Some("client left"),
            Some(Failure::Stalled) => Some("client took nothing for too long"),
            Some(Failure::Changed) => Some("file changed while it was sent"),
            Some(Failure::Read(_)) => Some("read error"),
        };
        if let Some(Failure::Read(error)) = &report.failure {
            log::error!(
                "cannot go on reading for {:?}: {error}",
                access::masked(head.target())
            );
        }
        // Logged before the client can send its next request, so that lines stand in order.
        access::log(&access::Line {
            client: caller.address,
            method: method.as_str().as_bytes(),
            target: head.target().as_bytes(),
            status: status.code(),
            sent: report.sent,
            since,
            note,
        });
        exchange.finish(report.ending);
    }));
    if answered.is_err() {
        log::error!(
            "a worker panicked while it answered {:?}",
            access::masked(head.target())
        );
    }
}
