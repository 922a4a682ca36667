//! The program's log: lines to standard error, written by a thread of their own.
//!
//! Standard error may stop taking lines: a pager that waits, a terminal behind a connection that sleeps. Nobody who
//! answers requests may wait for that, so lines queue up to a limit, and then are lost and counted.

use std::io::{self, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;
use std::time::{Duration, SystemTime};

/// Lines that wait to be written: a moment of a busy server.
const QUEUE: usize = 1024;
/// How long the end of the program waits for the last lines.
const PATIENCE: Duration = Duration::from_millis(500);

static QUEUE_IN: OnceLock<SyncSender<Message>> = OnceLock::new();
static LOST: AtomicU64 = AtomicU64::new(0);

enum Message {
    Line(Vec<u8>),
    /// To be answered when all lines before it are written.
    Flush(Sender<()>),
}

/// Starts the log. `RUST_LOG` as usual; without it, everything from level info.
pub(crate) fn start() {
    let mut builder = env_logger::Builder::new();
    // tiny_http calls it an error when its private listener is shut, as it is meant to be. Whoever wants to hear from
    // it can say so in RUST_LOG.
    builder
        .filter_level(log::LevelFilter::Info)
        .filter_module("tiny_http", log::LevelFilter::Off)
        .parse_default_env();
    builder.format(|out, record| {
        let time = httpdate::fmt_http_date(SystemTime::now());
        writeln!(out, "{time} {:5} {}", record.level(), record.args())
    });
    let (queue_in, queue_out) = sync_channel(QUEUE);
    let writer = thread::Builder::new()
        .name("videoserve-log".to_owned())
        .spawn(move || write(&queue_out));
    // Without a thread to spare, the log is written by whoever has something to say.
    if writer.is_ok() && QUEUE_IN.set(queue_in.clone()).is_ok() {
        builder.target(env_logger::Target::Pipe(Box::new(Queue(queue_in))));
    }
    builder.init();
}

/// Waits for a moment until what was logged is written.
pub(crate) fn flush() {
    let Some(queue_in) = QUEUE_IN.get() else {
        return;
    };
    let (done, is_done) = channel();
    if queue_in.try_send(Message::Flush(done)).is_ok() {
        let _ = is_done.recv_timeout(PATIENCE);
    }
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
            let _ = writeln!(io::stderr(), "{lost} log lines were lost: nobody took them");
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
