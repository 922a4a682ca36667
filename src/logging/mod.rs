//! The log of the program. A separate thread writes the lines to standard error.
//!
//! The reader of standard error may stop reading, for example a pager that waits for a key. Requests must not wait for
//! the reader. Therefore lines go into a queue with a limit. If the queue is full, lines are dropped and counted.

mod json;

use std::io::{self, BufWriter, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use log::Level;

use crate::process::in_background;

/// Maximum number of lines in the queue.
const QUEUE: usize = 1024;
/// Time in which the thread collects lines. Otherwise each line would wake the thread, which costs more than the line.
const COLLECT: Duration = Duration::from_millis(5);
/// Maximum number of bytes of one write, unless a line is longer: `PIPE_BUF`. A longer write to a pipe could mix with a
/// line of the supervisor (pipe(7)).
const BATCH: usize = 4096;
/// Maximum time that the program waits for the last lines when it ends.
const PATIENCE: Duration = Duration::from_millis(500);

static QUEUE_IN: OnceLock<SyncSender<Vec<u8>>> = OnceLock::new();
/// Number of queued lines that are not written yet.
static PENDING: AtomicU64 = AtomicU64::new(0);
static LOST: AtomicU64 = AtomicU64::new(0);

/// The format of the lines. Set once, at the start.
static FORMAT: OnceLock<Format> = OnceLock::new();

/// The format of a log line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Format {
    /// Text, for people.
    #[default]
    Text,
    /// One JSON object for each line, for programs.
    Json,
}

/// Starts the log. `RUST_LOG` selects the lines. The default is level info and more important levels. Returns the value
/// of `RUST_LOG` if it is wrong.
pub(crate) fn start(format: Format) -> Option<String> {
    let _ = FORMAT.set(format);
    let mut builder = env_logger::Builder::new();
    // tiny_http logs an error when its private listener is shut down. This is normal here, so the default hides it.
    // RUST_LOG can show it.
    builder
        .filter_level(log::LevelFilter::Info)
        .filter_module("tiny_http", log::LevelFilter::Off);
    let filters = std::env::var("RUST_LOG").unwrap_or_default();
    let wrong = env_filter::Builder::new().try_parse(&filters).is_err();
    if !wrong {
        builder.parse_filters(&filters);
    }
    builder.format(move |out, record| match format {
        Format::Json => json::write_record(out, record),
        Format::Text => {
            let time = httpdate::fmt_http_date(videoserve::clock::now());
            writeln!(out, "{time} {:5} {}", record.level(), record.args())
        }
    });
    let (queue_in, queue_out) = sync_channel(QUEUE);
    let writer = in_background("videoserve-log", move || write(&queue_out));
    // If the system provides no thread, each thread writes its own lines.
    if writer.is_ok() && QUEUE_IN.set(queue_in).is_ok() {
        builder.target(env_logger::Target::Pipe(Box::new(Lines)));
    }
    builder.init();
    wrong.then_some(filters)
}

/// Writes the error that ends the program to standard error, at once and independent of `RUST_LOG`.
pub(crate) fn last_words(message: &str) {
    write_directly(Level::Error, "videoserve: ", message);
}

/// Writes a line to standard error in the format of the log, or as text if the log has not started.
fn write_directly(level: Level, prefix: &str, message: &str) {
    let line = match FORMAT.get() {
        Some(Format::Json) => json::line(level, message),
        Some(Format::Text) | None => format!("{prefix}{message}\n"),
    };
    let _ = io::stderr().write_all(line.as_bytes());
}

/// Waits until the queued lines are written, but not longer than [`PATIENCE`]. The last lines contain the reason for the
/// end of the program.
pub(crate) fn flush() {
    let until = Instant::now() + PATIENCE;
    while PENDING.load(Ordering::Relaxed) > 0 && Instant::now() < until {
        thread::sleep(PATIENCE / 100);
    }
}

fn write(queue_out: &Receiver<Vec<u8>>) {
    // If standard error is closed, the error cannot be reported.
    let mut out = BufWriter::with_capacity(BATCH, io::stderr());
    while let Ok(first) = queue_out.recv() {
        thread::sleep(COLLECT);
        let mut count = 0;
        for line in std::iter::once(first).chain(queue_out.try_iter()) {
            let _ = out.write_all(&line);
            count += 1;
        }
        let _ = out.flush();
        PENDING.fetch_sub(count, Ordering::Relaxed);
        let lost = LOST.swap(0, Ordering::Relaxed);
        if lost > 0 {
            let text = format!("{lost} log lines were lost: standard error was blocked");
            write_directly(Level::Warn, "", &text);
        }
    }
}

/// Queues each line for the thread that writes. If the queue is full, the line is dropped and counted. env_logger
/// writes each line with one call.
struct Lines;

impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        PENDING.fetch_add(1, Ordering::Relaxed);
        let queue_in = QUEUE_IN.get();
        if queue_in.is_none_or(|queue_in| queue_in.try_send(line.to_vec()).is_err()) {
            PENDING.fetch_sub(1, Ordering::Relaxed);
            LOST.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
