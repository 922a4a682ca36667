use std::env;
use std::fs;
use std::thread;
use std::time::Duration;

use super::{Field, servers};
use crate::Result;
use crate::results::{Better, Goal, Metric, milliseconds};
use crate::servers::Server;

pub(crate) const NAME: &str = "rest";

const STARTS: usize = 10;
/// What a start leaves behind must be over before anything is counted.
const SETTLE: Duration = Duration::from_secs(10);
const TIME: Duration = Duration::from_secs(10);

const MIB: f64 = 1_048_576.0;

/// A server that takes part and has not failed; if it fails now, the table says so.
fn start(field: &mut Field<'_>, index: usize) -> Option<(Server, Duration)> {
    let peer = &field.peers[index];
    if !servers(peer) || field.table.has_failed(index, NAME) {
        return None;
    }
    field
        .start(peer, &[])
        .map_err(|error| field.table.fail(index, NAME, &error.to_string()))
        .ok()
}

/// From the start to the first answer; then memory and wake-ups of servers that have answered one request and have
/// nothing to do, all at the same time: they do not disturb each other.
pub(crate) fn measure(field: &mut Field<'_>) -> Result<()> {
    for _ in 0..field.options.rounds.unwrap_or(STARTS) {
        for index in 0..field.peers.len() {
            let Some((server, time)) = start(field, index) else {
                continue;
            };
            let metric = Metric::new(NAME, "start to first answer, ms", Better::Less)
                .goal(Goal::Below(15.0))
                .charted();
            field.table.add(index, metric, milliseconds(time));
            let ended = server.stop();
            if field.peers[index].is_ours() {
                ended?;
            }
        }
    }
    let mut idle = Vec::new();
    for index in 0..field.peers.len() {
        if let Some((server, _)) = start(field, index) {
            idle.push((index, server));
        }
    }
    thread::sleep(field.time(SETTLE));
    let before = wake_ups(&idle)?;
    let time = field.time(TIME);
    thread::sleep(time);
    let after = wake_ups(&idle)?;
    for (((index, server), before), after) in idle.into_iter().zip(before).zip(after) {
        let family = server.family()?;
        let mut add = |metric, value| field.table.add(index, metric, value);
        add(
            Metric::new(NAME, "idle memory (Pss), MiB", Better::Less).charted(),
            family.memory()? as f64 / MIB,
        );
        add(
            Metric::new(NAME, "idle memory (VmRSS), MiB", Better::Less).goal(Goal::Below(4.0)),
            family.resident()? as f64 / MIB,
        );
        add(
            Metric::new(NAME, "wake-ups per second when idle", Better::Less).goal(Goal::Below(1.0)),
            (after - before) as f64 / time.as_secs_f64(),
        );
        add(
            Metric::new(NAME, "program and libraries, MB", Better::Less),
            family.size_on_disk()? as f64 / 1e6,
        );
        if field.peers[index].is_ours() {
            // What scripts/bench has built beside it.
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

fn wake_ups(servers: &[(usize, Server)]) -> Result<Vec<u64>> {
    let all = servers.iter();
    all.map(|(_, server)| server.family()?.wake_ups()).collect()
}
