use std::io;
use std::net::SocketAddr;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::Result;
use crate::client::Connection;
use crate::film::{self, Film};
use crate::results::{Report, Samples, mebibytes};
use crate::servers::Server;

const BURST: usize = 6;
const FRESH_SERVERS: usize = 100;
const BURST_GOAL_MS: f64 = 100.0;

const KEPT: usize = 2_000;
const KEPT_GOAL: u64 = 32 << 20;
/// Threads that may come and go for other reasons than a connection each.
const THREADS_GOAL: u64 = 4;

/// Six connections at the same instant on a fresh server, a hundred times over.
pub(crate) fn burst(film: &Film, report: &mut Report) -> Result<()> {
    let mut answers = Samples::new("ms");
    let mut failures = 0;
    for _ in 0..FRESH_SERVERS {
        let server = Server::start(film, &[])?;
        for answer in connect_at_once(server.address()) {
            match answer {
                Ok(time) => answers.add_time(time),
                Err(error) => {
                    failures += 1;
                    report.figure("not answered", error);
                }
            }
        }
        server.stop()?;
    }
    report.goal(
        failures == 0 && answers.most() <= BURST_GOAL_MS,
        "6 connections at once on each of 100 fresh servers, until answered",
        format_args!("{answers}; {failures} without an answer"),
        format_args!("all, each within {BURST_GOAL_MS} ms"),
    );
    Ok(())
}

/// How long each had to wait for its first 64 KiB. All stay open until the last has its answer: a server that answers
/// one when another ends must not pass.
fn connect_at_once(address: SocketAddr) -> Vec<io::Result<Duration>> {
    let barrier = Barrier::new(BURST);
    let connect = || {
        barrier.wait();
        let begin = Instant::now();
        let mut connection = Connection::open(address)?;
        connection.get(film::TARGET, "Range: bytes=0-65535\r\n")?;
        Ok((begin.elapsed(), connection))
    };
    let answers: Vec<io::Result<_>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..BURST).map(|_| scope.spawn(connect)).collect();
        let panicked = |_| Err(io::Error::other("a client thread panicked"));
        threads
            .into_iter()
            .map(|one| one.join().unwrap_or_else(panicked))
            .collect()
    });
    answers
        .into_iter()
        .map(|one| one.map(|(time, _)| time))
        .collect()
}

/// Two thousand connections that have each made a request and now stay open.
pub(crate) fn kept_alive(film: &Film, report: &mut Report) -> Result<()> {
    // The server is started first: it must see to its own limit.
    let server = Server::start_warm(film, &[])?;
    let _limit = RaisedLimit::new()?;
    let mut connections = Vec::new();
    for _ in 0..BURST {
        connections.push(first_request(server.address())?);
    }
    let before = server.usage()?;
    while connections.len() < BURST + KEPT {
        connections.push(first_request(server.address())?);
    }
    let after = server.usage()?;

    let grown = after.threads.saturating_sub(before.threads);
    report.goal(
        grown <= THREADS_GOAL,
        "2,000 idle kept connections: threads",
        format_args!("{} before, {} with them", before.threads, after.threads),
        format_args!("at most {THREADS_GOAL} more"),
    );
    let grown = after.resident.saturating_sub(before.resident);
    report.goal(
        grown < KEPT_GOAL,
        "2,000 idle kept connections: memory",
        format_args!(
            "{} more than {}",
            mebibytes(grown),
            mebibytes(before.resident)
        ),
        format_args!("below {} more", mebibytes(KEPT_GOAL)),
    );

    report.figure(
        "descriptors of the server",
        format_args!(
            "{} before, {} with them",
            before.descriptors, after.descriptors
        ),
    );

    let mut again = Samples::new("ms");
    for connection in &mut connections {
        let begin = Instant::now();
        if connection.get("/healthz", "").is_ok() {
            again.add_time(begin.elapsed());
        }
    }
    report.goal(
        again.count() == BURST + KEPT,
        "a second request on each of them",
        format_args!("{} of {} answered, {again}", again.count(), BURST + KEPT),
        "all",
    );
    drop(connections);
    server.stop()
}

fn first_request(address: SocketAddr) -> io::Result<Connection> {
    let mut connection = Connection::open(address)?;
    connection.get(film::TARGET, "Range: bytes=0-99\r\n")?;
    Ok(connection)
}

/// As many descriptors for this process as it may have; the old limit comes back when this is dropped, so that
/// servers that are started later do not inherit it.
struct RaisedLimit {
    before: Rlimit,
}

impl RaisedLimit {
    fn new() -> Result<Self> {
        let before = getrlimit(Resource::Nofile);
        let most = Rlimit {
            current: before.maximum,
            maximum: before.maximum,
        };
        setrlimit(Resource::Nofile, most)?;
        Ok(Self { before })
    }
}

impl Drop for RaisedLimit {
    fn drop(&mut self) {
        // Lowering a soft limit is always allowed.
        let _ = setrlimit(Resource::Nofile, self.before);
    }
}
