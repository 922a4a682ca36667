use std::time::Duration;

use super::{Bench, Measurements, servers_and_bare_loop};
use crate::Result;
use crate::client::{Client, Load, Wanted, compare};
use crate::film;
use crate::random::Random;
use crate::results::{Better, CLIENT_SHARE, Goal, Metric, percentile};
use crate::servers::{Clock, ProcessTree, Server};

pub(crate) const NAME: &str = "seeks";

const ROUNDS: usize = 5;
const TIME: Duration = Duration::from_secs(1);
/// The number of ranges whose bytes the warm-up checks.
const COMPARED: usize = 20;

/// Each case has the length of its ranges in KiB, and the number of clients.
const CASES: [(u64, usize); 4] = [(256, 1), (256, 16), (1, 1), (1, 16)];

/// Measures requests for ranges at random positions, on keep-alive connections.
pub(crate) fn measure(bench: &mut Bench<'_>) -> Result<()> {
    let rounds = bench.options.rounds(ROUNDS);
    let time = bench.time(TIME);
    for (kibibytes, clients) in CASES {
        let warm_up = |server: &Server| compare_some(server, kibibytes);
        let turn = |server: &Server| seek(server, kibibytes, clients, time);
        bench.in_rounds(NAME, rounds, &[], servers_and_bare_loop, warm_up, turn)?;
    }
    Ok(())
}

fn random_range(random: &mut Random, kibibytes: u64) -> Wanted {
    let length = kibibytes * 1024;
    let first = random.below(film::LENGTH - length);
    Wanted::Range { first, length }
}

fn compare_some(server: &Server, kibibytes: u64) -> Result<()> {
    let mut random = Random::new();
    let mut client = Client::connect(server.address())?;
    for _ in 0..COMPARED {
        let wanted = random_range(&mut random, kibibytes);
        if !compare(&mut client, server.target(), wanted)? {
            client = Client::connect(server.address())?;
        }
    }
    Ok(())
}

fn seek(server: &Server, kibibytes: u64, clients: usize, time: Duration) -> Result<Measurements> {
    let (tree, own) = (server.tree()?, ProcessTree::this_program());
    let mut random = Random::new();
    let next = || random_range(&mut random, kibibytes);
    let mut load = Load::open(server.address(), server.target(), clients, next)?;
    let (before, own_before) = (Clock::read(&tree), Clock::read(&own));
    let answers = load.run(time)?;
    let processor = Clock::read(&tree).since(&before);
    let own_processor = Clock::read(&own).since(&own_before);

    let seconds = answers.elapsed.as_secs_f64();
    let count = answers.times.len() as f64;
    let metric = |what: &str, better| {
        let many = if clients == 1 { "client" } else { "clients" };
        Metric::new(
            NAME,
            format!("{kibibytes} KiB, {clients} {many}: {what}"),
            better,
        )
    };
    let mut speed = metric("requests/s", Better::More);
    let mut slowest = metric("p99, ms", Better::Less);
    let mut cost = metric("processor time per request, µs", Better::Less);
    if clients == 16 {
        let (least, most) = if kibibytes == 1 {
            (0.6, 2.2)
        } else {
            (0.8, 1.6)
        };
        speed = speed.goal(Goal::RatioAtLeast(least)).charted();
        cost = cost.goal(Goal::RatioAtMost(most));
        if kibibytes == 1 {
            slowest = slowest.charted();
        }
    }
    Ok(vec![
        (speed, count / seconds),
        (
            metric("p50, ms", Better::Less),
            percentile(&answers.times, 50),
        ),
        (slowest, percentile(&answers.times, 99)),
        (cost, 1e6 * processor / count),
        (
            metric(CLIENT_SHARE, Better::Neither),
            100.0 * own_processor / seconds,
        ),
    ])
}
