//! The page for Prometheus.

use std::sync::atomic::Ordering;

use crate::http::{ResponseHead, Status};
use crate::metrics::Kind::{Counter, Gauge};
use crate::metrics::{MEDIA_TYPE, Process, Text};
use crate::server::context::{Monitor, RequestContext};
use crate::server::errors::HandlerError;
use crate::server::response::Response;

/// Answers requests for `/metrics`. If metrics are off, the answer is 404, as for an unknown path.
pub(in crate::server) fn respond(context: RequestContext<'_>) -> Result<Response, HandlerError> {
    let monitor = context.app.monitor.as_ref();
    let monitor = monitor.ok_or(HandlerError::NotFound)?;
    let mut text = Text::default();
    by_label(&mut text, context);
    single(&mut text, context, monitor);
    process(&mut text, &monitor.process);
    let text = text.into_bytes();
    let head = ResponseHead::new(Status::Ok)
        .with_field("Content-Type", MEDIA_TYPE)
        .with_content_length(text.len() as u64)
        .with_field("Cache-Control", "no-store")
        .with_field("X-Content-Type-Options", "nosniff");
    let body = context.text(text)?;
    Ok(Response { head, body })
}

/// Adds the metrics that have labels.
fn by_label(text: &mut Text, context: RequestContext<'_>) {
    let metrics = &context.app.metrics;
    let responses = metrics.responses();
    text.by_label(
        Counter,
        "videoserve_http_responses_total Responses by status, including interrupted responses.",
        "status",
        responses.map(|(status, count)| (status.code(), count)),
    );
    text.by_label(
        Counter,
        "videoserve_timeouts_total Connections closed because a client took too long to send a request or to read a response.",
        "waiting_for",
        [
            ("request", metrics.timeouts.request.get()),
            ("idle", metrics.timeouts.idle.get()),
            ("reader", metrics.timeouts.stalled.get()),
        ],
    );
    text.by_label(
        Gauge,
        "videoserve_build_info The version of the program.",
        "version",
        [(env!("CARGO_PKG_VERSION"), 1)],
    );
}

/// Builds an array of rows: kind, name with help text, and value.
macro_rules! rows {
    ($($kind:ident $name_and_help:literal = $value:expr;)+) => {
        [$(($kind, $name_and_help, $value)),+]
    };
}

/// Adds the metrics that have one value.
fn single(text: &mut Text, context: RequestContext<'_>, monitor: &Monitor) {
    let app = context.app;
    let metrics = &app.metrics;
    let (connections, streams) = (&metrics.connections, &app.permits.streams);
    let rows = rows! {
        Counter "videoserve_http_content_sent_bytes_total Bytes of content sent, without heads, including running responses."
            = metrics.content.get();
        Counter "videoserve_streams_refused_total Requests refused because no stream permit was free for the client." = metrics.streams_refused.get();
        Counter "videoserve_connections_accepted_total Connections accepted, including refused ones." = connections.accepted.get();
        Counter "videoserve_connections_refused_total Connections refused because there were too many." = connections.refused.get();
        Counter "videoserve_connections_evicted_total Connections closed to make room for others." = connections.evicted.get();
        Gauge "videoserve_streams Running streams." = streams.taken() as u64;
        Gauge "videoserve_streams_limit Maximum number of running streams." = app.limits.streams as u64;
        Gauge "videoserve_requests_waiting Requests that wait for a worker." = app.handoff.pending() as u64;
        Gauge "videoserve_worker_threads Worker threads, including those that wait for a request." = monitor.threads.load(Ordering::Relaxed) as u64;
        Gauge "videoserve_worker_threads_limit Maximum number of worker threads." = app.limits.workers() as u64;
        Gauge "videoserve_connections Open connections." = connections.open.get();
        Gauge "videoserve_connections_limit Maximum number of open connections." = app.limits.connections as u64;
        Gauge "videoserve_uptime_seconds Time since the start, by the monotonic clock." = monitor.started.elapsed().as_secs();
    };
    for (kind, name_and_help, value) in rows {
        text.one(kind, name_and_help, value);
    }
}

/// Adds the metrics of the process. Their names are Prometheus's standard names.
fn process(text: &mut Text, process: &Process) {
    let usage = process.usage();
    let rows = rows! {
        Gauge "process_start_time_seconds Start of the server in seconds since 1970, by the system clock." = Some(process.started());
        Gauge "process_resident_memory_bytes Memory in use." = usage.resident;
        Gauge "process_virtual_memory_bytes Address space in use." = usage.address_space;
        Gauge "process_threads Threads of the process." = usage.threads;
        Gauge "process_max_fds Maximum number of open file descriptors." = process.descriptor_limit();
    };
    for (kind, name_and_help, value) in rows {
        if let Some(value) = value {
            text.one(kind, name_and_help, value);
        }
    }
}
