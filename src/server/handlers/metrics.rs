//! The page that Prometheus reads.

use std::sync::atomic::Ordering;

use crate::http::{ResponseHead, Status};
use crate::metrics::{Kind, MEDIA_TYPE, Metrics, Process, Text};
use crate::server::context::{Monitor, RequestContext};
use crate::server::errors::HandlerError;
use crate::server::response::Response;

/// Answers `/metrics`; as an unknown path where metrics are off.
pub(in crate::server) fn respond(context: RequestContext<'_>) -> Result<Response, HandlerError> {
    let monitor = context.app.monitor.as_ref();
    let monitor = monitor.ok_or(HandlerError::NotFound)?;
    let mut text = Text::default();
    counted(&mut text, &context.app.metrics);
    current(&mut text, context, monitor);
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

/// Name, help, value.
type Row = (&'static str, &'static str, u64);

fn counted(text: &mut Text, metrics: &Metrics) {
    let Metrics {
        content,
        streams_refused,
        connections,
        timeouts,
        ..
    } = metrics;
    text.by(
        Kind::Counter,
        "videoserve_http_responses_total",
        "Responses by status, those that broke off included.",
        "status",
        metrics
            .responses()
            .map(|(status, count)| (status.code(), count)),
    );
    text.by(
        Kind::Counter,
        "videoserve_timeouts_total",
        "Connections ended because a client took too long: to send its request, to ask at all, to take its answer.",
        "waiting_for",
        [
            ("request", timeouts.request.get()),
            ("idle", timeouts.idle.get()),
            ("reader", timeouts.stalled.get()),
        ],
    );
    let rows: [Row; 5] = [
        (
            "videoserve_http_content_sent_bytes_total",
            "Bytes of content sent, without heads; also of responses that still run.",
            content.get(),
        ),
        (
            "videoserve_streams_refused_total",
            "Requests for a stream when the client could have none.",
            streams_refused.get(),
        ),
        (
            "videoserve_connections_accepted_total",
            "Connections accepted, those refused included.",
            connections.accepted.get(),
        ),
        (
            "videoserve_connections_refused_total",
            "Connections refused because there were too many.",
            connections.refused.get(),
        ),
        (
            "videoserve_connections_evicted_total",
            "Connections closed to make room for others.",
            connections.evicted.get(),
        ),
    ];
    for (name, help, value) in rows {
        text.one(Kind::Counter, name, help, value);
    }
}

fn current(text: &mut Text, context: RequestContext<'_>, monitor: &Monitor) {
    let app = context.app;
    let rows: [Row; 8] = [
        (
            "videoserve_streams",
            "Streams that are being sent.",
            app.permits.streams.taken() as u64,
        ),
        (
            "videoserve_streams_limit",
            "Streams that can be sent at the same time.",
            app.permits.streams.limit() as u64,
        ),
        (
            "videoserve_requests_waiting",
            "Requests that wait for a worker.",
            app.handoff.pending() as u64,
        ),
        (
            "videoserve_worker_threads",
            "Workers, those that wait for a request included.",
            monitor.threads.load(Ordering::Relaxed) as u64,
        ),
        (
            "videoserve_worker_threads_limit",
            "Workers that there can be.",
            app.limits.workers() as u64,
        ),
        (
            "videoserve_connections",
            "Connections that are open.",
            app.metrics.connections.open.get(),
        ),
        (
            "videoserve_connections_limit",
            "Connections that there can be.",
            app.limits.connections as u64,
        ),
        (
            "videoserve_uptime_seconds",
            "Time since the start, whatever the clock did.",
            monitor.started.elapsed().as_secs(),
        ),
    ];
    for (name, help, value) in rows {
        text.one(Kind::Gauge, name, help, value);
    }
    text.by(
        Kind::Gauge,
        "videoserve_build_info",
        "The version that runs.",
        "version",
        [(env!("CARGO_PKG_VERSION"), 1)],
    );
}

/// Under the names that all programs give to these.
fn process(text: &mut Text, process: &Process) {
    let usage = process.usage();
    let rows = [
        (
            "process_start_time_seconds",
            "Start of the server since 1970, by the clock as it was then.",
            Some(process.started()),
        ),
        (
            "process_resident_memory_bytes",
            "Memory in use.",
            usage.resident,
        ),
        (
            "process_virtual_memory_bytes",
            "Address space in use.",
            usage.address_space,
        ),
        ("process_threads", "Threads of the process.", usage.threads),
        (
            "process_max_fds",
            "Descriptors that may be open.",
            process.descriptor_limit(),
        ),
    ];
    for (name, help, value) in rows {
        if let Some(value) = value {
            text.one(Kind::Gauge, name, help, value);
        }
    }
}
