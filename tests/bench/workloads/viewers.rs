use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::{Bench, Measurements, servers};
use crate::Result;
use crate::client::Readers;
use crate::results::{Better, Goal, Metric, milliseconds};
use crate::servers::{Clock, Server};

pub(crate) const NAME: &str = "viewers";

const ROUNDS: usize = 1;
const VIEWERS: usize = 100;
/// The rate of each viewer: 8 Mbit/s.
const RATE: u64 = 1_000_000;
const TIME: Duration = Duration::from_secs(15);

pub(crate) fn measure(bench: &mut Bench<'_>) -> Result<()> {
    let rounds = bench.options.rounds(ROUNDS);
    let time = bench.time(TIME);
    let turn = |server: &Server| watch(server, time);
    bench.in_rounds(NAME, rounds, &[], servers, |_| Ok(()), turn)
}

fn watch(server: &Server, time: Duration) -> Result<Measurements> {
    let tree = server.tree()?;
    let before = Clock::read(&tree);
    let readers = Readers::open(server.address(), server.target(), VIEWERS, RATE)?;
    let pace = readers.read(time, &AtomicBool::new(false))?;
    let processor = Clock::read(&tree).since(&before);
    let metric =
        |what: &str, better| Metric::new(NAME, format!("{VIEWERS} at 8 Mbit/s: {what}"), better);
    let late = "blocks late by more than 250 ms";
    Ok(vec![
        (
            metric(late, Better::Less).goal(Goal::Zero),
            pace.late as f64,
        ),
        (metric("blocks in all", Better::Neither), pace.blocks as f64),
        (
            metric("share of a processor, %", Better::Less).charted(),
            100.0 * processor / time.as_secs_f64(),
        ),
        (
            metric("the clients' own delay at the most, ms", Better::Neither),
            milliseconds(pace.own_delay),
        ),
    ])
}
