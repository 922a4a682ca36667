//! The command line.

use std::path::PathBuf;

use argh::FromArgs;

/// Measures the release build against its goals and its peers.
#[derive(FromArgs)]
pub(crate) struct Options {
    /// number of rounds of a workload; default 5, fewer for long workloads
    #[argh(option)]
    pub(crate) rounds: Option<usize>,
    /// two short rounds, only to test the benchmark; the results are not precise
    #[argh(switch)]
    pub(crate) quick: bool,
    /// measure only these peers, separated by commas
    #[argh(option)]
    pub(crate) peers: Option<String>,
    /// directory for bench.md and bench.svg
    #[argh(option)]
    pub(crate) out: Option<PathBuf>,
    /// measure only these workloads
    #[argh(positional)]
    pub(crate) workloads: Vec<String>,
}

impl Options {
    /// Parses the command line. For `--help` or a wrong argument, returns an `EarlyExit` with the text to print.
    pub(crate) fn read() -> Result<Self, argh::EarlyExit> {
        // `cargo bench` adds `--bench`.
        let words: Vec<String> = std::env::args()
            .skip(1)
            .filter(|word| word != "--bench")
            .collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        Self::from_args(&["scripts/bench"], &words)
    }

    /// Returns the number of rounds of a workload. Without `--rounds`, it is at most `most`.
    pub(crate) fn rounds(&self, most: usize) -> usize {
        let usual = if self.quick { 2 } else { 5 };
        match self.rounds {
            Some(rounds) => rounds.max(1),
            None => usual.min(most),
        }
    }

    pub(crate) fn wants(&self, workload: &str) -> bool {
        self.workloads.is_empty() || self.workloads.iter().any(|one| one == workload)
    }

    /// Returns true if `--peers` contains this peer or is not set.
    pub(crate) fn wants_peer(&self, peer: &str) -> bool {
        self.peers
            .as_ref()
            .is_none_or(|list| list.split(',').any(|one| one.trim() == peer))
    }
}
