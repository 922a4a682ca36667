//! The log of the program. A thread writes the lines to standard error.
//!
//! Standard error may block, for example if a pager waits for a key. Requests must not wait for it, so lines go into a
//! queue. If the queue is full, new lines are dropped and counted.

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
/// The thread collects lines for this time, so that it does not wake for each line.
const COLLECT: Duration = Duration::from_millis(5);
/// Maximum number of bytes of one write. A longer line is written alone. pipe(7): a write of more than `PIPE_BUF` bytes
/// to a pipe can mix with a line of the supervisor.
const BATCH: usize = 4096;
/// Maximum time that [`flush`] waits.
const FLUSH_TIMEOUT: Duration = Duration::from_millis(500);

static QUEUE_IN: OnceLock<SyncSender<Vec<u8>>> = OnceLock::new();
static PENDING: AtomicU64 = AtomicU64::new(0);
static LOST: AtomicU64 = AtomicU64::new(0);

static FORMAT: OnceLock<LogFormat> = OnceLock::new();

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum LogFormat {
    #[default]
    Text,
    Json,
}

/// Starts the log. `RUST_LOG` selects the lines; the default is level info and above. If `RUST_LOG` is invalid, returns
/// its value.
pub(crate) fn start(format: LogFormat) -> Option<String> {
    let _ = FORMAT.set(format);
    let mut builder = env_logger::Builder::new();
    // tiny_http logs a harmless error when its private listener is shut down. The default hides this error.
    builder
        .filter_level(log::LevelFilter::Info)
        .filter_module("tiny_http", log::LevelFilter::Off);
    let filters = std::env::var("RUST_LOG").unwrap_or_default();
    let wrong = env_filter::Builder::new().try_parse(&filters).is_err();
    if !wrong {
        builder.parse_filters(&filters);
    }
    builder.format(move |out, record| match format {
        LogFormat::Json => json::write_record(out, record),
        LogFormat::Text => {
            let time = httpdate::fmt_http_date(videoserve::clock::now());
            writeln!(out, "{time} {:5} {}", record.level(), record.args())
        }
    });
    let (queue_in, queue_out) = sync_channel(QUEUE);
    let writer = in_background("videoserve-log", move || write(&queue_out));
    // If the system provides no thread, env_logger writes the lines directly to standard error.
    if writer.is_ok() && QUEUE_IN.set(queue_in).is_ok() {
        builder.target(env_logger::Target::Pipe(Box::new(Lines)));
    }
    builder.init();
    wrong.then_some(filters)
}

/// Writes the error that ends the program to standard error. Ignores `RUST_LOG` and the queue.
pub(crate) fn write_fatal(message: &str) {
    write_directly(Level::Error, "videoserve: ", message);
}

/// Writes a line to standard error in the format of the log, or as text if the log has not started.
fn write_directly(level: Level, prefix: &str, message: &str) {
    let line = match FORMAT.get() {
        Some(LogFormat::Json) => json::line(level, message),
        Some(LogFormat::Text) | None => format!("{prefix}{message}\n"),
    };
    let _ = io::stderr().write_all(line.as_bytes());
}

/// Waits until the queued lines are written, at most [`FLUSH_TIMEOUT`]. Call it before the program ends.
pub(crate) fn flush() {
    let until = Instant::now() + FLUSH_TIMEOUT;
    while PENDING.load(Ordering::Relaxed) > 0 && Instant::now() < until {
        thread::sleep(FLUSH_TIMEOUT / 100);
    }
}

fn write(queue_out: &Receiver<Vec<u8>>) {
    // Errors are ignored, because there is no other place to report them.
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

/// Adds lines to the queue. env_logger calls `write` once for each line.
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
