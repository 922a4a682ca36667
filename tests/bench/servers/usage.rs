use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::Result;
use crate::shared::process::number_in;

/// A server's processes: the one that was started and all below it.
#[derive(Clone)]
pub(crate) struct Family {
    processes: Vec<u32>,
}

/// The processor time of a family, at one moment.
pub(crate) struct Clock {
    /// Of each thread that is alive, in nanoseconds.
    threads: HashMap<(u32, u32), u64>,
    /// Of each process with all threads that it has had, in ticks.
    processes: HashMap<u32, u64>,
}

/// Looks at the memory of a family all the time.
pub(crate) struct Peak {
    is_over: Arc<AtomicBool>,
    observer: JoinHandle<u64>,
}

/// Seconds in a tick of `/proc/PID/stat`; the same on every Linux.
const TICK: f64 = 0.01;
/// How often the memory is looked at.
const LOOK: Duration = Duration::from_millis(50);

impl Family {
    pub(crate) fn of(root: u32) -> Result<Self> {
        let mut parents = Vec::new();
        for entry in fs::read_dir("/proc")?.flatten() {
            let process = entry
                .file_name()
                .to_str()
                .and_then(|name| name.parse().ok());
            if let Some(process) = process
                // It may be gone by now.
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

    /// This program without the servers that it has started.
    pub(crate) fn this_program() -> Self {
        Self {
            processes: vec![std::process::id()],
        }
    }

    /// Memory in bytes; what several processes have in common is shared out among them (Pss), so that a server is not
    /// charged for the same page twice.
    pub(crate) fn memory(&self) -> Result<u64> {
        self.sum(|process| {
            let rollup = fs::read_to_string(format!("/proc/{process}/smaps_rollup"))?;
            Ok(1024 * number_in(&rollup, "Pss:")?)
        })
    }

    /// Resident memory in bytes, everything counted in full for every process (VmRSS).
    pub(crate) fn resident(&self) -> Result<u64> {
        self.sum(|process| {
            let status = fs::read_to_string(format!("/proc/{process}/status"))?;
            Ok(1024 * number_in(&status, "VmRSS:")?)
        })
    }

    /// How often its threads have been given a processor.
    pub(crate) fn wake_ups(&self) -> Result<u64> {
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

    /// The bytes of its program and of the libraries that this has loaded.
    pub(crate) fn size_on_disk(&self) -> Result<u64> {
        let mut files = BTreeSet::new();
        for process in &self.processes {
            let maps = fs::read_to_string(format!("/proc/{process}/maps"))?;
            // Address, rights, offset, device, inode, path.
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
    pub(crate) fn read(family: &Family) -> Self {
        let mut clock = Self {
            threads: HashMap::new(),
            processes: HashMap::new(),
        };
        for &process in &family.processes {
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

    /// Seconds since an earlier moment. Two figures know it: the exact one lacks threads that have ended in between,
    /// the other one counts them in ticks. So the exact one holds as far as the other one does not say clearly more.
    pub(crate) fn since(&self, before: &Self) -> f64 {
        let nanoseconds: u64 = difference(&self.threads, &before.threads);
        let exact = Duration::from_nanos(nanoseconds).as_secs_f64();
        let coarse = difference(&self.processes, &before.processes) as f64 * TICK;
        let doubt = 2.0 * TICK * self.processes.len() as f64;
        if coarse > exact + doubt {
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
    pub(crate) fn begin(family: &Family) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let (over, family) = (Arc::clone(&is_over), family.clone());
        let observer = thread::spawn(move || {
            let mut peak = 0;
            while !over.load(Ordering::Relaxed) {
                peak = peak.max(family.memory().unwrap_or(0));
                thread::sleep(LOOK);
            }
            peak
        });
        Self { is_over, observer }
    }

    /// The most that it was, in bytes.
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

/// The numbers of `/proc/PID/stat` behind the name in brackets, which may hold anything: state (0 here), parent, …, with
/// utime and stime as the 12th and 13th.
fn stat_fields(process: u32) -> Option<Vec<u64>> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    let number = |field: &str| field.parse().unwrap_or(0);
    Some(fields.split_whitespace().map(number).collect())
}
