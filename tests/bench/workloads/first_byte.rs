use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::{Bench, Measurements, servers};
use crate::Result;
use crate::client::{Client, Readers, Wanted};
use crate::film;
use crate::random::Random;
use crate::results::{Better, Metric, milliseconds, percentile};
use crate::servers::Server;

pub(crate) const NAME: &str = "first-byte";

const ROUNDS: usize = 5;
const READERS: usize = 32;
/// The rate of each reader: 1 MB/s.
const RATE: u64 = 1_000_000;
const TIME: Duration = Duration::from_secs(3);
/// The pause between two seeks.
const PAUSE: Duration = Duration::from_millis(10);

/// Measures the time to the first byte of a seek while 32 clients stream. Each seek uses a new connection, as browsers
/// do.
pub(crate) fn measure(bench: &mut Bench<'_>) -> Result<()> {
    let rounds = bench.options.rounds(ROUNDS);
    let time = bench.time(TIME);
    let turn = |server: &Server| seek_beside_readers(server, time);
    bench.in_rounds(NAME, rounds, &[], servers, |_| Ok(()), turn)
}

fn seek_beside_readers(server: &Server, time: Duration) -> Result<Measurements> {
    let readers = Readers::open(server.address(), server.target(), READERS, RATE)?;
    let is_over = AtomicBool::new(false);
    let (times, pace) = thread::scope(|scope| {
        let pace = scope.spawn(|| readers.read(2 * time, &is_over));
        let times = seek(server, time);
        is_over.store(true, Ordering::Relaxed);
        (times, pace.join())
    });
    pace.map_err(|_| "the readers panicked")??;
    let times = times?;
    let metric = |what: &str| {
        Metric::new(
            NAME,
            format!("beside {READERS} streams: {what}"),
            Better::Less,
        )
    };
    Ok(vec![
        (metric("p50, ms"), percentile(&times, 50)),
        (metric("p99, ms").charted(), percentile(&times, 99)),
    ])
}

fn seek(server: &Server, time: Duration) -> Result<Vec<f64>> {
    let mut random = Random::new();
    let mut times = Vec::new();
    let begin = Instant::now();
    while begin.elapsed() < time {
        let first = random.below(film::LENGTH);
        let asked = Instant::now();
        let mut client = Client::connect(server.address())?;
        let head = client.ask(server.target(), &format!("Range: bytes={first}-\r\n"))?;
        let length = film::LENGTH - first;
        Wanted::Range { first, length }.check_head(&head)?;
        client.take(1)?;
        times.push(milliseconds(asked.elapsed()));
        drop(client);
        thread::sleep(PAUSE);
    }
    Ok(times)
}
