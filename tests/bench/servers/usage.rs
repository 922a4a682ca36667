use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::Result;
use crate::shared::process::number_in;

/// The processes of a server: the started process and all its descendants.
#[derive(Clone)]
pub(crate) struct ProcessTree {
    processes: Vec<u32>,
}

/// The processor time of all processes, at one moment.
pub(crate) struct Clock {
    /// The processor time of each running thread, in nanoseconds.
    threads: HashMap<(u32, u32), u64>,
    /// The processor time of each process, in ticks. It includes threads that have ended.
    processes: HashMap<u32, u64>,
}

/// A thread that measures the maximum memory of all processes.
pub(crate) struct Peak {
    is_over: Arc<AtomicBool>,
    observer: JoinHandle<u64>,
}

/// The duration of a tick of `/proc/PID/stat`, in seconds. It is the same on every Linux.
const TICK: f64 = 0.01;
/// The pause between two measurements of memory.
const LOOK: Duration = Duration::from_millis(50);

impl ProcessTree {
    pub(crate) fn of(root: u32) -> Result<Self> {
        let mut parents = Vec::new();
        for entry in fs::read_dir("/proc")?.flatten() {
            let process = entry
                .file_name()
                .to_str()
                .and_then(|name| name.parse().ok());
            if let Some(process) = process
                // The process may have ended.
                && let Some([_, parent, ..]) = stat_fields(process).as_deref()
            {
                parents.push((process, u32::try_from(*parent).unwrap_or(0)));
            }
        }
        let mut processes = vec![root];
        let mut next = 0;
        while let Some(&parent) = processes.get(next) {
            processes.extend(
                parents
                    .iter()
                    .filter(|(_, of)| *of == parent)
                    .map(|(id, _)| id),
            );
            next += 1;
        }
        Ok(Self { processes })
    }

    /// Returns this process without its child processes.
    pub(crate) fn this_program() -> Self {
        Self {
            processes: vec![std::process::id()],
        }
    }

    /// Returns the proportional memory (Pss) in bytes. A page that several processes share counts once.
    pub(crate) fn memory(&self) -> Result<u64> {
        self.sum(|process| {
            let rollup = fs::read_to_string(format!("/proc/{process}/smaps_rollup"))?;
            Ok(1024 * number_in(&rollup, "Pss:")?)
        })
    }

    /// Returns the resident memory (VmRSS) in bytes. A page that several processes share counts for each process.
    pub(crate) fn resident(&self) -> Result<u64> {
        self.sum(|process| {
            let status = fs::read_to_string(format!("/proc/{process}/status"))?;
            Ok(1024 * number_in(&status, "VmRSS:")?)
        })
    }

    /// Returns the number of context switches of all threads.
    pub(crate) fn context_switches(&self) -> Result<u64> {
        self.sum(|process| {
            let mut sum = 0;
            for thread in threads(process) {
                let status = fs::read_to_string(format!("/proc/{process}/task/{thread}/status"))?;
                sum += number_in(&status, "voluntary_ctxt_switches:")?;
                sum += number_in(&status, "nonvoluntary_ctxt_switches:")?;
            }
            Ok(sum)
        })
    }

    /// Returns the size of the program and of its loaded libraries, in bytes.
    pub(crate) fn size_on_disk(&self) -> Result<u64> {
        let mut files = BTreeSet::new();
        for process in &self.processes {
            let maps = fs::read_to_string(format!("/proc/{process}/maps"))?;
            // The columns are address, rights, offset, device, inode and path.
            let mapped = maps.lines().filter_map(|line| {
                let mut words = line.split_whitespace();
                let rights = words.nth(1)?;
                let path = words.nth(3)?;
                (rights.contains('x') && path.starts_with('/')).then(|| path.to_owned())
            });
            files.extend(mapped);
        }
        files
            .iter()
            .map(|file| Ok(fs::metadata(Path::new(file))?.len()))
            .sum()
    }

    fn sum(&self, of: impl Fn(u32) -> Result<u64>) -> Result<u64> {
        self.processes.iter().copied().map(of).sum()
    }
}

impl Clock {
    pub(crate) fn read(tree: &ProcessTree) -> Self {
        let mut clock = Self {
            threads: HashMap::new(),
            processes: HashMap::new(),
        };
        for &process in &tree.processes {
            for thread in threads(process) {
                let path = format!("/proc/{process}/task/{thread}/schedstat");
                let text = fs::read_to_string(path).unwrap_or_default();
                let time = text.split(' ').next().and_then(|time| time.parse().ok());
                clock.threads.insert((process, thread), time.unwrap_or(0));
            }
            let ticks =
                stat_fields(process).map_or(0, |fields| fields.iter().skip(11).take(2).sum());
            clock.processes.insert(process, ticks);
        }
        clock
    }

    /// Returns the processor time since `before`, in seconds. The sum of the threads is exact, but does not include
    /// threads that have ended. The sum of the processes includes ended threads, but has a resolution of one tick. So
    /// the sum of the processes is used only if it is clearly larger.
    pub(crate) fn since(&self, before: &Self) -> f64 {
        let nanoseconds: u64 = difference(&self.threads, &before.threads);
        let exact = Duration::from_nanos(nanoseconds).as_secs_f64();
        let coarse = difference(&self.processes, &before.processes) as f64 * TICK;
        let tolerance = 2.0 * TICK * self.processes.len() as f64;
        if coarse > exact + tolerance {
            coarse
        } else {
            exact
        }
    }
}

fn difference<K: std::hash::Hash + Eq>(after: &HashMap<K, u64>, before: &HashMap<K, u64>) -> u64 {
    let since =
        |(key, time): (&K, &u64)| time.saturating_sub(before.get(key).copied().unwrap_or(0));
    after.iter().map(since).sum()
}

impl Peak {
    pub(crate) fn begin(tree: &ProcessTree) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let (over, tree) = (Arc::clone(&is_over), tree.clone());
        let observer = thread::spawn(move || {
            let mut peak = 0;
            while !over.load(Ordering::Relaxed) {
                peak = peak.max(tree.memory().unwrap_or(0));
                thread::sleep(LOOK);
            }
            peak
        });
        Self { is_over, observer }
    }

    /// Stops the measurement. Returns the maximum in bytes.
    pub(crate) fn end(self) -> Result<u64> {
        self.is_over.store(true, Ordering::Relaxed);
        let peak = self.observer.join();
        peak.map_err(|_| "the observer of the memory panicked".into())
    }
}

fn threads(process: u32) -> Vec<u32> {
    let Ok(entries) = fs::read_dir(format!("/proc/{process}/task")) else {
        return Vec::new();
    };
    let names = entries.flatten().map(|entry| entry.file_name());
    names
        .filter_map(|name| name.to_str()?.parse().ok())
        .collect()
}

/// Returns the fields of `/proc/PID/stat` after the name in brackets (proc_pid_stat(5)). The first field is the state,
/// a letter, which becomes 0. The second field is the id of the parent. The 12th and 13th fields are the user time and
/// the system time, in ticks.
fn stat_fields(process: u32) -> Option<Vec<u64>> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name itself may contain brackets.
    let (_, fields) = stat.rsplit_once(')')?;
    let number = |field: &str| field.parse().unwrap_or(0);
    Some(fields.split_whitespace().map(number).collect())
}
