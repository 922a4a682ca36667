//! Memory, threads and limits of this process, from `/proc`.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustix::process::{Resource, getrlimit};

/// Size of the buffer for `/proc/self/status`. The file is shorter.
const STATUS_LENGTH: usize = 8 * 1024;

/// This process.
#[derive(Debug)]
pub(crate) struct Process {
    /// The open `/proc/self/status`. It stays open, because a confined process cannot open it again.
    status: Option<Arc<File>>,
    started: SystemTime,
    since: Instant,
}

impl Process {
    /// Returns this process. `status` is the open `/proc/self/status`.
    pub(crate) fn now(status: Option<Arc<File>>) -> Process {
        Process {
            status,
            started: crate::clock::now(),
            since: Instant::now(),
        }
    }

    /// Returns the start of the server in seconds since 1970. Later changes of the clock have no effect.
    pub(crate) fn started(&self) -> u64 {
        let since = self.started.duration_since(UNIX_EPOCH);
        since.unwrap_or_default().as_secs()
    }

    /// Returns the time since the start of the server, by the monotonic clock.
    pub(crate) fn age(&self) -> Duration {
        self.since.elapsed()
    }

    /// Reads the current usage: bytes in physical memory, bytes of address space, and threads. `None` means unknown.
    pub(crate) fn usage(&self) -> [Option<u64>; 3] {
        let mut text = [0; STATUS_LENGTH];
        let read = self.status.as_ref().map(|file| file.read_at(&mut text, 0));
        let length = read.and_then(Result::ok).unwrap_or_default();
        usage(&String::from_utf8_lossy(&text[..length]))
    }

    /// Returns the maximum number of open descriptors, if there is a limit.
    pub(crate) fn descriptor_limit(&self) -> Option<u64> {
        getrlimit(Resource::Nofile).current
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_is_parsed() {
        let status = "Name:\tThreads: 9\nVmPeak:\t 9 kB\nVmSize:\t    5000 kB\nVmRSS:\t  2000 kB\nThreads:\t7\n";
        assert_eq!(
            usage(status),
            [Some(2000 * 1024), Some(5000 * 1024), Some(7)]
        );
        assert_eq!(usage("VmRSS:\tmuch kB\nThreads:\n"), [None; 3]);
    }
}
