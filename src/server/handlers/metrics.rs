//! The page for Prometheus.

use std::fmt::{Display, Write};
use std::sync::atomic::Ordering;

use rustix::process::{Resource, getrlimit};

use crate::http::{ResponseHead, Status};
use crate::server::context::RequestContext;
use crate::server::errors::HandlerResult;

/// The text format of Prometheus. Prometheus 3 requires the parameter `version`.
const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(in crate::server) fn respond(context: RequestContext<'_>) -> HandlerResult {
    let mut text = String::new();
    let metrics = &context.app.metrics;
    let responses = metrics.responses();
    add(
        &mut text,
        "counter",
        "videoserve_http_responses_total Responses by status, including interrupted responses.",
        responses.map(|(status, count)| (format!("{{status=\"{}\"}}", status.code()), count)),
    );
    add(
        &mut text,
        "counter",
        "videoserve_timeouts_total Connections closed because a client took too long to send a request or to read a response.",
        [
            (r#"{waiting_for="request"}"#, metrics.timeouts_request.get()),
            (r#"{waiting_for="idle"}"#, metrics.timeouts_idle.get()),
            (r#"{waiting_for="reader"}"#, metrics.timeouts_stalled.get()),
        ],
    );
    let version = concat!("{version=\"", env!("CARGO_PKG_VERSION"), "\"}");
    let name_and_help = "videoserve_build_info The version of the program.";
    add(&mut text, "gauge", name_and_help, [(version, 1)]);
    for (kind, name_and_help, value) in rows(context) {
        if let Some(value) = value {
            add(&mut text, kind, name_and_help, [("", value)]);
        }
    }
    let head = ResponseHead::new(Status::Ok)
        .with_field("Content-Type", MEDIA_TYPE)
        .with_field("Cache-Control", "no-store")
        .with_field("X-Content-Type-Options", "nosniff");
    super::text(context, head, text)
}

/// Adds the lines of a metric: HELP, TYPE, and one line for each value. `kind` is `counter` or `gauge`. `name_and_help`
/// is the name, a space and the help text. A label includes its braces: `{status="200"}`.
fn add(
    text: &mut String,
    kind: &str,
    name_and_help: &str,
    values: impl IntoIterator<Item = (impl Display, u64)>,
) {
    let name = name_and_help.split(' ').next().unwrap_or_default();
    // Writing to a string cannot fail.
    let _ = writeln!(text, "# HELP {name_and_help}\n# TYPE {name} {kind}");
    for (label, value) in values {
        let _ = writeln!(text, "{name}{label} {value}");
    }
}

macro_rules! rows {
    ($($kind:ident $name_and_help:literal = $value:expr;)+) => {
        [$((stringify!($kind), $name_and_help, Option::<u64>::from($value))),+]
    };
}

/// Returns a row for each metric that has one value. The columns are the kind, the name with the help text, and the
/// value. An unknown value is `None`. Prometheus defines the names that begin with `process`.
fn rows(context: RequestContext<'_>) -> [(&'static str, &'static str, Option<u64>); 18] {
    let app = context.app;
    let metrics = &app.metrics;
    let [resident, address_space, threads] = app.process.usage();
    rows! {
        counter "videoserve_http_content_sent_bytes_total Bytes of content sent, without heads, including running responses."
            = metrics.content.get();
        counter "videoserve_streams_refused_total Requests refused because no stream permit was free for the client." = metrics.streams_refused.get();
        counter "videoserve_connections_accepted_total Connections accepted, including refused ones." = metrics.connections_accepted.get();
        counter "videoserve_connections_refused_total Connections refused because there were too many." = metrics.connections_refused.get();
        counter "videoserve_connections_evicted_total Connections closed to make room for others." = metrics.connections_evicted.get();
        gauge "videoserve_streams Running streams." = (app.limits.streams - app.permits.streams.free()) as u64;
        gauge "videoserve_streams_limit Maximum number of running streams." = app.limits.streams as u64;
        gauge "videoserve_requests_waiting Requests that wait for a worker." = app.handoff.pending() as u64;
        gauge "videoserve_worker_threads Worker threads, including those that wait for a request." = app.threads.load(Ordering::Relaxed) as u64;
        gauge "videoserve_worker_threads_limit Maximum number of worker threads." = app.limits.workers() as u64;
        gauge "videoserve_connections Open connections." = metrics.connections_open.get();
        gauge "videoserve_connections_limit Maximum number of open connections." = app.limits.connections as u64;
        gauge "videoserve_uptime_seconds Time since the start, by the monotonic clock." = app.process.since.elapsed().as_secs();
        gauge "process_start_time_seconds Start of the server in seconds since 1970, by the system clock." = app.process.started;
        gauge "process_resident_memory_bytes Memory in use." = resident;
        gauge "process_virtual_memory_bytes Address space in use." = address_space;
        gauge "process_threads Threads of the process." = threads;
        gauge "process_max_fds Maximum number of open file descriptors." = getrlimit(Resource::Nofile).current;
    }
}
