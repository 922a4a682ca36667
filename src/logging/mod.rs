//! The program's log: lines to standard error, written by a thread of their own.
//!
//! The reader of standard error may stop reading: a pager that waits, a terminal behind a connection that sleeps.
//! Requests must not wait for it. So lines are queued up to a limit; beyond it they are dropped and counted.

mod json;

use std::io::{self, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, TrySendError, channel, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use log::Level;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// Lines that wait to be written: a moment of a busy server.
const QUEUE: usize = 1024;
/// How long the end of the program waits for the last lines.
const PATIENCE: Duration = Duration::from_millis(500);

static QUEUE_IN: OnceLock<SyncSender<Message>> = OnceLock::new();
static LOST: AtomicU64 = AtomicU64::new(0);

/// What a line looks like. Set once, by [`start`].
static FORMAT: OnceLock<Format> = OnceLock::new();

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// For people, and for journals that know the time themselves.
    Text,
    /// One object for each line, for programs.
    Json,
}

impl Format {
    fn of_this_log() -> Format {
        FORMAT.get().copied().unwrap_or(Format::Text)
    }
}

enum Message {
    Line(Vec<u8>),
    /// To be answered when all lines before it are written.
    Flush(Sender<()>),
}

/// Starts the log of the server. `RUST_LOG` selects the lines; by default all from level info.
pub(crate) fn start(format: Format) {
    let (mut builder, wrong) = builder(format);
    let (queue_in, queue_out) = sync_channel(QUEUE);
    let writer = thread::Builder::new()
        .name("videoserve-log".to_owned())
        .spawn(move || write(&queue_out));
    // If the system gives no thread, each thread writes its own lines.
    if writer.is_ok() && QUEUE_IN.set(queue_in.clone()).is_ok() {
        builder.target(env_logger::Target::Pipe(Box::new(Queue(queue_in))));
    }
    builder.init();
    if let Some(filters) = wrong {
        log::warn!("ignoring RUST_LOG={filters:?}: it is not a filter");
    }
}

/// Starts the log of the supervisor, which has no thread for it. Its child reports a wrong `RUST_LOG`.
pub(crate) fn start_without_thread(format: Format) {
    let (mut builder, _) = builder(format);
    builder.target(env_logger::Target::Pipe(Box::new(Unblocked)));
    builder.init();
}

/// Returns a logger, and the value of `RUST_LOG` if it is wrong.
fn builder(format: Format) -> (env_logger::Builder, Option<String>) {
    let _ = FORMAT.set(format);
    let mut builder = env_logger::Builder::new();
    // tiny_http reports an error when its private listener is shut down, which is no error here. RUST_LOG can show it.
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
    (builder, wrong.then_some(filters))
}

/// What the program has to say when it cannot go on, whatever is logged else: to standard error at once, in the form that
/// the log has there, if there is one by now.
pub(crate) fn last_words(message: &str) {
    let line = match Format::of_this_log() {
        Format::Json => json::line(Level::Error, message),
        Format::Text => format!("videoserve: {message}\n").into_bytes(),
    };
    let _ = io::stderr().write_all(&line);
}

/// Waits for a moment until what was logged is written.
pub(crate) fn flush() {
    let Some(queue_in) = QUEUE_IN.get() else {
        return;
    };
    let until = Instant::now() + PATIENCE;
    let (done, is_done) = channel();
    let mut message = Message::Flush(done);
    // Where lines wait, the last ones are those that say why it ends.
    while let Err(TrySendError::Full(refused)) = queue_in.try_send(message) {
        if Instant::now() >= until {
            return;
        }
        message = refused;
        thread::sleep(PATIENCE / 50);
    }
    let _ = is_done.recv_timeout(until.saturating_duration_since(Instant::now()));
}

fn write(queue_out: &Receiver<Message>) {
    for message in queue_out {
        match message {
            // There is nobody left to tell that standard error is gone.
            Message::Line(line) => drop(io::stderr().write_all(&line)),
            Message::Flush(done) => drop(done.send(())),
        }
        let lost = LOST.swap(0, Ordering::Relaxed);
        if lost > 0 {
            let text = format!("{lost} log lines were lost: nobody took them");
            let line = match Format::of_this_log() {
                Format::Json => json::line(Level::Warn, &text),
                Format::Text => format!("{text}\n").into_bytes(),
            };
            let _ = io::stderr().write_all(&line);
        }
    }
}

/// env_logger writes each line with one call.
struct Queue(SyncSender<Message>);

impl Write for Queue {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.0.try_send(Message::Line(line.to_vec())).is_err() {
            LOST.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Standard error, for a process that must not wait for its reader. A line that does not fit is lost.
struct Unblocked;

impl Write for Unblocked {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let stderr = io::stderr();
        let mut ready = [PollFd::new(&stderr, PollFlags::OUT)];
        if poll(&mut ready, Some(&Timespec::default())) == Ok(1) {
            stderr.lock().write_all(line)?;
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
