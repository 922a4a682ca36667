use std::time::Duration;

use super::{Bench, Measurements, servers_and_bare_loop};
use crate::Result;
use crate::client::{Client, Load, Wanted, compare};
use crate::film;
use crate::results::{Better, CLIENT_SHARE, Goal, Metric};
use crate::servers::{Clock, Peak, ProcessTree, Server};

pub(crate) const NAME: &str = "bulk";

const ROUNDS: usize = 5;
const TIME: Duration = Duration::from_secs(1);
const CLIENTS: [usize; 3] = [1, 8, 64];

const GIB: f64 = 1_073_741_824.0;
const MIB: f64 = 1_048_576.0;

/// Measures clients that download the film repeatedly for one second. Before the first measurement, one download
/// checks every byte.
pub(crate) fn measure(bench: &mut Bench<'_>) -> Result<()> {
    let rounds = bench.options.rounds(ROUNDS);
    let time = bench.time(TIME);
    for clients in CLIENTS {
        let warm_up = |server: &Server| {
            if clients == CLIENTS[0] {
                let mut client = Client::connect(server.address())?;
                compare(&mut client, server.target(), Wanted::Whole)?;
            }
            Ok(())
        };
        let turn = |server: &Server| transfer(server, clients, time);
        bench.in_rounds(NAME, rounds, &[], servers_and_bare_loop, warm_up, turn)?;
    }
    Ok(())
}

fn transfer(server: &Server, clients: usize, time: Duration) -> Result<Measurements> {
    let (tree, own) = (server.tree()?, ProcessTree::this_program());
    let mut load = Load::open(server.address(), server.target(), clients, || Wanted::Whole)?;
    let peak = Peak::begin(&tree);
    let (before, own_before) = (Clock::read(&tree), Clock::read(&own));
    let answers = load.run(time)?;
    let processor = Clock::read(&tree).since(&before);
    let own_processor = Clock::read(&own).since(&own_before);
    let memory = peak.end()?;

    let seconds = answers.elapsed.as_secs_f64();
    let bytes = answers.bytes as f64;
    let metric = |what: &str, better| {
        let many = if clients == 1 { "client" } else { "clients" };
        Metric::new(NAME, format!("{clients} {many}: {what}"), better)
    };
    let mut speed = metric("MB/s", Better::More);
    if clients != 8 {
        speed = speed.charted();
    }
    let mut cost = metric("processor seconds per GiB", Better::Less);
    if clients <= 8 {
        cost = cost.goal(Goal::RatioAtMost(1.1));
    }
    if clients == 1 {
        cost = cost.charted();
    }
    // The cost per GiB has no meaning if the server sent only a small part of a GiB.
    if bytes < film::LENGTH as f64 / 64.0 {
        return Err("the server sent too few bytes".into());
    }
    Ok(vec![
        (speed, bytes / 1e6 / seconds),
        (cost, processor / (bytes / GIB)),
        (
            metric("peak memory, MiB", Better::Less),
            memory as f64 / MIB,
        ),
        (
            metric(CLIENT_SHARE, Better::Neither),
            100.0 * own_processor / seconds,
        ),
    ])
}
