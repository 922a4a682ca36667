//! The numbers that `/metrics` shows: counters, and the memory and threads of this process.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Instant, UNIX_EPOCH};

use crate::http::Status;

/// A counter or a gauge. If a thread changes two counters, other threads may see the second change first.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// Replaces the number. Only one thread may call this.
    pub(crate) fn set(&self, value: usize) {
        self.0.store(value as u64, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The counters. The page `/metrics` describes each of them.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    responses: [Counter; Status::ALL.len()],
    pub(crate) content: Counter,
    pub(crate) streams_refused: Counter,
    pub(crate) connections_open: Counter,
    pub(crate) connections_accepted: Counter,
    pub(crate) connections_refused: Counter,
    pub(crate) connections_evicted: Counter,
    pub(crate) timeouts_request: Counter,
    pub(crate) timeouts_idle: Counter,
    pub(crate) timeouts_stalled: Counter,
}

impl Metrics {
    pub(crate) fn responded(&self, status: Status) {
        let counts = Status::ALL.iter().zip(&self.responses);
        for (_, count) in counts.filter(|(it, _)| **it == status) {
            count.add(1);
        }
    }

    pub(crate) fn responses(&self) -> impl Iterator<Item = (Status, u64)> {
        let counts = self.responses.iter().map(Counter::get);
        Status::ALL.iter().copied().zip(counts)
    }
}

/// The number of bytes to read from `/proc/self/status`. The file is always shorter.
const STATUS_LENGTH: usize = 8 * 1024;

#[derive(Debug)]
pub(crate) struct Process {
    /// The open `/proc/self/status`. It stays open, because a confined process cannot open it again.
    status: Option<Arc<File>>,
    /// The start of the server in seconds since 1970. Later changes of the clock have no effect.
    pub(crate) started: u64,
    /// The start of the server, by the monotonic clock.
    pub(crate) since: Instant,
}

impl Process {
    pub(crate) fn now(status: Option<Arc<File>>) -> Process {
        let started = crate::clock::now().duration_since(UNIX_EPOCH);
        Process {
            status,
            started: started.unwrap_or_default().as_secs(),
            since: Instant::now(),
        }
    }

    /// Returns the used bytes of physical memory, the bytes of address space, and the number of threads. `None` means
    /// unknown.
    pub(crate) fn usage(&self) -> [Option<u64>; 3] {
        let mut text = [0; STATUS_LENGTH];
        let read = self.status.as_ref().map(|file| file.read_at(&mut text, 0));
        let length = read.and_then(Result::ok).unwrap_or_default();
        usage(&String::from_utf8_lossy(&text[..length]))
    }
}

/// Parses `/proc/self/status`: proc_pid_status(5).
fn usage(status: &str) -> [Option<u64>; 3] {
    let value = |name: &str| -> Option<u64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse().ok()
    };
    let kibibytes = |name| value(name)?.checked_mul(1024);
    [kibibytes("VmRSS:"), kibibytes("VmSize:"), value("Threads:")]
}
