use std::thread;
use std::time::{Duration, Instant};

use super::{Bench, Measurements, servers};
use crate::Result;
use crate::client::{Client, Wanted};
use crate::results::{Better, Metric, milliseconds, percentile};
use crate::servers::Server;

pub(crate) const NAME: &str = "paused";

const ROUNDS: usize = 1;
const READERS: usize = 256;
/// The bench needs 257 streams, for the readers and the new client. By default, videoserve allows 256 streams.
const FLAGS: [&str; 2] = ["--max-streams", "512"];
/// The number of new clients.
const SAMPLES: usize = 100;
/// The time for a server to fill the socket buffers of the readers.
const SETTLE: Duration = Duration::from_secs(1);

/// Measures the time to the first byte for a new client while 256 other clients are paused: each has requested the film
/// and read only the head of the response.
pub(crate) fn measure(bench: &mut Bench<'_>) -> Result<()> {
    let rounds = bench.options.rounds(ROUNDS);
    bench.in_rounds(NAME, rounds, &FLAGS, servers, |_| Ok(()), new_client)
}

fn new_client(server: &Server) -> Result<Measurements> {
    let mut readers = Vec::new();
    for _ in 0..READERS {
        let mut reader = Client::connect(server.address())?;
        Wanted::Whole.check_head(&reader.ask(server.target(), "")?)?;
        readers.push(reader);
    }
    thread::sleep(SETTLE);
    let memory = server.tree()?.memory()? as f64 / f64::from(1 << 20);
    let mut times = Vec::new();
    for _ in 0..SAMPLES {
        let begin = Instant::now();
        let mut client = Client::connect(server.address())?;
        Wanted::Whole.check_head(&client.ask(server.target(), "")?)?;
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
