use std::thread;
use std::time::{Duration, Instant};

use super::{Field, Figures, servers};
use crate::Result;
use crate::client::{Client, Wanted};
use crate::results::{Better, Metric, milliseconds, percentile};
use crate::servers::Server;

pub(crate) const NAME: &str = "paused";

const ROUNDS: usize = 1;
const READERS: usize = 256;
/// One client more than there are readers must find a place.
const FLAGS: [&str; 2] = ["--max-streams", "512"];
/// New clients.
const SAMPLES: usize = 100;
/// How long a server may go on filling the readers' buffers before its memory is read.
const SETTLE: Duration = Duration::from_secs(1);

/// 256 readers who have taken the head of the film and then nothing, and a new client.
pub(crate) fn measure(field: &mut Field<'_>) -> Result<()> {
    let rounds = field.options.rounds(ROUNDS);
    field.in_rounds(NAME, rounds, &FLAGS, servers, |_| Ok(()), new_client)
}

fn new_client(server: &Server) -> Result<Figures> {
    let mut readers = Vec::new();
    for _ in 0..READERS {
        let mut reader = Client::connect(server.address())?;
        Wanted::Whole.must_be(&reader.ask(server.target(), "")?)?;
        readers.push(reader);
    }
    thread::sleep(SETTLE);
    let memory = server.family()?.memory()? as f64 / f64::from(1 << 20);
    let mut times = Vec::new();
    for _ in 0..SAMPLES {
        let begin = Instant::now();
        let mut client = Client::connect(server.address())?;
        Wanted::Whole.must_be(&client.ask(server.target(), "")?)?;
        client.take(1)?;
        times.push(milliseconds(begin.elapsed()));
    }
    drop(readers);
    let metric = |what: &str| {
        Metric::new(
            NAME,
            format!("{READERS} paused readers: {what}"),
            Better::Less,
        )
    };
    Ok(vec![
        (metric("memory, MiB").charted(), memory),
        (
            metric("first byte to a new client, p50, ms"),
            percentile(&times, 50),
        ),
        (
            metric("first byte to a new client, p99, ms"),
            percentile(&times, 99),
        ),
    ])
}
