use std::env;
use std::fs;
use std::thread;
use std::time::Duration;

use super::{Bench, servers};
use crate::Result;
use crate::results::{Better, Goal, Metric, milliseconds};
use crate::servers::Server;

pub(crate) const NAME: &str = "rest";

const STARTS: usize = 10;
/// The pause between the start and the measurement. In this time, the servers become idle.
const SETTLE: Duration = Duration::from_secs(10);
const TIME: Duration = Duration::from_secs(10);

const MIB: f64 = 1_048_576.0;

/// Starts a server. Returns `None` for the bare loop, for a server that has already failed in this workload, and if the
/// start fails.
fn start(bench: &mut Bench<'_>, index: usize) -> Option<(Server, Duration)> {
    let peer = &bench.peers[index];
    if !servers(peer) || bench.table.has_failed(index, NAME) {
        return None;
    }
    bench
        .start(peer, &[])
        .map_err(|error| bench.table.fail(index, NAME, &error.to_string()))
        .ok()
}

/// Measures the time from the start to the first response. Then starts all servers, and measures the memory and the
/// wake-ups of each idle server.
pub(crate) fn measure(bench: &mut Bench<'_>) -> Result<()> {
    for _ in 0..bench.options.rounds.unwrap_or(STARTS) {
        for index in 0..bench.peers.len() {
            let Some((server, time)) = start(bench, index) else {
                continue;
            };
            let metric = Metric::new(NAME, "start to first answer, ms", Better::Less)
                .goal(Goal::Below(15.0))
                .charted();
            bench.table.add(index, metric, milliseconds(time));
            let ended = server.stop();
            if bench.peers[index].is_ours() {
                ended?;
            }
        }
    }
    let mut idle = Vec::new();
    for index in 0..bench.peers.len() {
        if let Some((server, _)) = start(bench, index) {
            idle.push((index, server));
        }
    }
    thread::sleep(bench.time(SETTLE));
    let before = context_switches(&idle)?;
    let time = bench.time(TIME);
    thread::sleep(time);
    let after = context_switches(&idle)?;
    for (((index, server), before), after) in idle.into_iter().zip(before).zip(after) {
        let tree = server.tree()?;
        let mut add = |metric, value| bench.table.add(index, metric, value);
        add(
            Metric::new(NAME, "idle memory (Pss), MiB", Better::Less).charted(),
            tree.memory()? as f64 / MIB,
        );
        add(
            Metric::new(NAME, "idle memory (VmRSS), MiB", Better::Less).goal(Goal::Below(4.0)),
            tree.resident()? as f64 / MIB,
        );
        add(
            Metric::new(NAME, "wake-ups per second when idle", Better::Less).goal(Goal::Below(1.0)),
            (after - before) as f64 / time.as_secs_f64(),
        );
        add(
            Metric::new(NAME, "program and libraries, MB", Better::Less),
            tree.size_on_disk()? as f64 / 1e6,
        );
        if bench.peers[index].is_ours() {
            // `scripts/bench` sets this variable.
            if let Ok(file) = env::var("STATIC_PROGRAM") {
                let metric = Metric::new(NAME, "static binary, MB", Better::Less);
                add(
                    metric.goal(Goal::Below(2.0)),
                    fs::metadata(file)?.len() as f64 / 1e6,
                );
            }
            server.stop()?;
        }
    }
    Ok(())
}

fn context_switches(servers: &[(usize, Server)]) -> Result<Vec<u64>> {
    let all = servers.iter();
    all.map(|(_, server)| server.tree()?.context_switches())
        .collect()
}
