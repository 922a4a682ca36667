//! The command line.

use std::path::PathBuf;

use argh::FromArgs;

/// Measures the release build against its goals and its peers.
#[derive(FromArgs)]
pub(crate) struct Options {
    /// rounds of a workload, 5 unless given; the long workloads have fewer
    #[argh(option)]
    pub(crate) rounds: Option<usize>,
    /// short rounds, two of each: does it all work? The figures are worth little
    #[argh(switch)]
    pub(crate) quick: bool,
    /// only these peers, with commas between them
    #[argh(option)]
    pub(crate) peers: Option<String>,
    /// a directory for bench.md and bench.svg
    #[argh(option)]
    pub(crate) out: Option<PathBuf>,
    /// only these workloads
    #[argh(positional)]
    pub(crate) workloads: Vec<String>,
}

impl Options {
    /// Reads it, or says what to print: help, or what is wrong.
    pub(crate) fn read() -> Result<Self, argh::EarlyExit> {
        // `cargo bench` adds `--bench`.
        let words: Vec<String> = std::env::args()
            .skip(1)
            .filter(|word| word != "--bench")
            .collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        Self::from_args(&["scripts/bench"], &words)
    }

    /// How often a workload is done that has so many rounds at the most.
    pub(crate) fn rounds(&self, most: usize) -> usize {
        let usual = if self.quick { 2 } else { 5 };
        match self.rounds {
            // Asked for, so it counts also where one round takes long.
            Some(rounds) => rounds.max(1),
            None => usual.min(most),
        }
    }

    /// Whether a workload was asked for.
    pub(crate) fn wants(&self, workload: &str) -> bool {
        self.workloads.is_empty() || self.workloads.iter().any(|one| one == workload)
    }

    /// Whether a peer was asked for. The program itself always is.
    pub(crate) fn wants_peer(&self, peer: &str) -> bool {
        self.peers
            .as_ref()
            .is_none_or(|list| list.split(',').any(|one| one.trim() == peer))
    }
}
