use std::fs;
use std::io;
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use crate::Result;
use crate::client::Connection;
use crate::film::{self, Film};
use crate::results::{Report, Samples, mebibytes};
use crate::servers::Server;
use crate::shared::process::number_in;

const READERS: usize = 256;
const MEMORY_GOAL: u64 = 64 << 20;
const FIRST_BYTE_GOAL_MS: f64 = 50.0;
const SAMPLES: usize = 200;
/// How long the server may go on filling the readers' buffers before its memory is read.
const SETTLE: Duration = Duration::from_secs(1);

/// The time-out that is measured every time, and the real one.
const SHORT_TIMEOUT: Duration = Duration::from_secs(3);
pub(crate) const REAL_TIMEOUT: Duration = Duration::from_secs(90);
/// How often the freed place is asked for.
const POLL: Duration = Duration::from_millis(50);

/// 256 readers of a 1 GiB file that have taken the head and then nothing.
pub(crate) fn paused(film: &Film, report: &mut Report) -> Result<()> {
    let server = Server::start_warm(film, &["--max-streams", "256"])?;
    let before = server.usage()?;
    let mut readers = Vec::new();
    for _ in 0..READERS {
        readers.push(paused_reader(server.address())?);
    }
    thread::sleep(SETTLE);
    let during = server.usage()?;
    let grown = during.resident.saturating_sub(before.resident);
    report.goal(
        grown < MEMORY_GOAL,
        "256 paused readers: memory",
        format_args!(
            "{} more than {}",
            mebibytes(grown),
            mebibytes(before.resident)
        ),
        format_args!("below {} more", mebibytes(MEMORY_GOAL)),
    );
    report.figure(
        "threads",
        format_args!("{} before, {} with them", before.threads, during.threads),
    );

    report.figure(
        "kernel memory of all TCP sockets, both ends",
        mebibytes(socket_memory()?),
    );

    health_beside_them(server.address(), report)?;
    one_reader_more(server.address(), report)?;
    readers_that_change(server.address(), &mut readers, report)?;
    drop(readers);
    server.stop()
}

/// What the kernel holds for TCP on this machine, in bytes: not the server's memory, but the machine's.
fn socket_memory() -> Result<u64> {
    let sockets = fs::read_to_string("/proc/net/sockstat")?;
    let pages = sockets
        .lines()
        .find_map(|line| line.strip_prefix("TCP:")?.split_once("mem "));
    let (_, pages) = pages.ok_or("/proc/net/sockstat has no TCP memory")?;
    let page = number_in(&fs::read_to_string("/proc/self/smaps")?, "KernelPageSize:")?;
    Ok(pages.trim().parse::<u64>()? * 1024 * page)
}

fn health_beside_them(address: SocketAddr, report: &mut Report) -> Result<()> {
    let mut answers = Samples::new("ms");
    for _ in 0..SAMPLES {
        let begin = Instant::now();
        Connection::open(address)?.get("/healthz", "")?;
        answers.add_time(begin.elapsed());
    }
    first_byte_goal(report, "/healthz to a new client beside them", &answers);
    Ok(())
}

fn one_reader_more(address: SocketAddr, report: &mut Report) -> Result<()> {
    let mut answers = Samples::new("ms");
    let mut right = 0;
    for _ in 0..SAMPLES {
        let begin = Instant::now();
        let head = Connection::open(address)?.ask(film::TARGET, "")?;
        answers.add_time(begin.elapsed());
        right += usize::from(head.status == 503 && head.retry_after);
    }
    report.goal(
        right == SAMPLES,
        "reader 257",
        format_args!("503 with Retry-After {right} times of {SAMPLES}"),
        "each time",
    );
    first_byte_goal(report, "that answer", &answers);
    Ok(())
}

/// One reader leaves, another comes at the same instant; it counts from the leaving to the newcomer's first byte of
/// content, with every 503 in between.
fn readers_that_change(
    address: SocketAddr,
    readers: &mut Vec<Connection>,
    report: &mut Report,
) -> Result<()> {
    let mut answers = Samples::new("ms");
    let mut refused = 0;
    for _ in 0..SAMPLES {
        drop(readers.swap_remove(0));
        let begin = Instant::now();
        loop {
            let mut reader = Connection::open(address)?;
            if reader.ask(film::TARGET, "")?.status == 200 {
                reader.first_byte()?;
                readers.push(reader);
                break;
            }
            refused += 1;
            if begin.elapsed() > Duration::from_secs(5) {
                return Err("the place of a reader that left is not free after 5 s".into());
            }
        }
        answers.add_time(begin.elapsed());
    }
    first_byte_goal(
        report,
        "the stream to a new client, after another has left",
        &answers,
    );
    report.figure("503 that the newcomers met on the way", refused);
    Ok(())
}

fn first_byte_goal(report: &mut Report, what: &str, answers: &Samples) {
    report.goal(
        answers.most() <= FIRST_BYTE_GOAL_MS,
        what,
        answers,
        format_args!("each within {FIRST_BYTE_GOAL_MS} ms"),
    );
}

pub(crate) fn stalled(film: &Film, report: &mut Report) -> Result<()> {
    stalled_for(film, report, SHORT_TIMEOUT)
}

/// A reader that takes nothing is gone after the time-out. Seen from outside: with room for one stream only, the next
/// client is served as soon as the first has lost its connection.
pub(crate) fn stalled_for(film: &Film, report: &mut Report, timeout: Duration) -> Result<()> {
    let seconds = timeout.as_secs().to_string();
    let server = Server::start_warm(film, &["--max-streams", "1", "--stall-timeout", &seconds])?;
    let mut reader = paused_reader(server.address())?;
    let begin = Instant::now();
    let latest = timeout + timeout / 10 + Duration::from_secs(2);
    let mut free = false;
    while !free && begin.elapsed() < 2 * latest {
        thread::sleep(POLL);
        free = Connection::open(server.address())?
            .ask(film::TARGET, "")?
            .status
            == 200;
    }
    let gone = begin.elapsed();
    report.goal(
        free && gone + POLL >= timeout && gone <= latest,
        "a reader that takes nothing is gone after",
        format_args!("{:.2} s", gone.as_secs_f64()),
        format_args!("from {seconds} s to {:.1} s", latest.as_secs_f64()),
    );
    let received = reader.drain();
    report.goal(
        received < film::LENGTH,
        "its connection is closed",
        format_args!("it still reads {} that were under way", mebibytes(received)),
        "an end before the end of the file",
    );
    server.stop()
}

/// A reader that has seen the head and pauses.
fn paused_reader(address: SocketAddr) -> io::Result<Connection> {
    let mut reader = Connection::open(address)?;
    match reader.ask(film::TARGET, "")?.status {
        200 => Ok(reader),
        status => Err(io::Error::other(format!(
            "a reader was answered with {status}"
        ))),
    }
}
