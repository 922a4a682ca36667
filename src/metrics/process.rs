//! Memory, threads and limits of this process, from `/proc`.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::process::{Resource, getrlimit};

/// Size of the buffer for `/proc/self/status`. The file is shorter.
const STATUS_LENGTH: usize = 8 * 1024;

/// This process.
#[derive(Debug)]
pub(crate) struct Process {
    /// The open `/proc/self/status`. It stays open, because a confined process cannot open it again.
    status: Option<Arc<File>>,
    started: SystemTime,
}

/// Current usage of the process. `None` if a number is unknown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// Bytes in physical memory.
    pub(crate) resident: Option<u64>,
    /// Bytes of address space.
    pub(crate) address_space: Option<u64>,
    pub(crate) threads: Option<u64>,
}

impl Process {
    /// Returns this process. `status` is `/proc/self/status`, if it is already open.
    pub(crate) fn now(status: Option<Arc<File>>) -> Process {
        let opened = || File::open("/proc/self/status").ok().map(Arc::new);
        Process {
            status: status.or_else(opened),
            started: crate::clock::now(),
        }
    }

    /// Returns the start of the server in seconds since 1970. Later changes of the clock have no effect.
    pub(crate) fn started(&self) -> u64 {
        let since = self.started.duration_since(UNIX_EPOCH);
        since.unwrap_or_default().as_secs()
    }

    /// Reads the current usage.
    pub(crate) fn usage(&self) -> Usage {
        let mut text = [0; STATUS_LENGTH];
        let read = self.status.as_ref().map(|file| file.read_at(&mut text, 0));
        match read {
            Some(Ok(length)) => Usage::read(&String::from_utf8_lossy(&text[..length])),
            _ => Usage::default(),
        }
    }

    /// Returns the maximum number of open descriptors, if there is a limit.
    pub(crate) fn descriptor_limit(&self) -> Option<u64> {
        getrlimit(Resource::Nofile).current
    }
}

impl Usage {
    /// Parses `/proc/self/status`: proc_pid_status(5).
    fn read(status: &str) -> Usage {
        let value = |name: &str| -> Option<u64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse().ok()
        };
        let kibibytes = |name| value(name)?.checked_mul(1024);
        Usage {
            resident: kibibytes("VmRSS:"),
            address_space: kibibytes("VmSize:"),
            threads: value("Threads:"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_is_parsed() {
        let status = "Name:\tThreads: 9\nVmPeak:\t 9 kB\nVmSize:\t    5000 kB\nVmRSS:\t  2000 kB\nThreads:\t7\n";
        let usage = Usage {
            resident: Some(2000 * 1024),
            address_space: Some(5000 * 1024),
            threads: Some(7),
        };
        assert_eq!(Usage::read(status), usage);
        assert_eq!(Usage::read("VmRSS:\tmuch kB\nThreads:\n"), Usage::default());
        assert_eq!(Usage::read(""), Usage::default());
    }

    #[test]
    fn usage_of_this_process_is_known() {
        let process = Process::now(None);
        let usage = process.usage();
        assert!(usage.resident > Some(100_000) && usage.resident < usage.address_space);
        assert!(usage.threads >= Some(1));
        assert!(process.started() > 1_700_000_000);
    }
}
