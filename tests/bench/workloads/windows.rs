use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Barrier;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};

use super::{Bench, Measurements};
use crate::Result;
use crate::client::{Client, Load, Readers, Wanted};
use crate::results::{Better, Goal, Metric, milliseconds, percentile};
use crate::servers::{Peer, Server};
use crate::shared::matroska::{SEGMENT, TRACKS, cluster, ebml, element, text, track};

/// A window is a time interval. A request for a window returns only the subtitles in this interval.
pub(crate) const NAME: &str = "windows";

const ROUNDS: usize = 5;
/// The number of turns in a round. Each turn measures one stream twice: alone, and while clients request windows.
const TURNS: u32 = 5;
const TIME: Duration = Duration::from_secs(1);

/// The number of streams at the rate of a player.
const VIEWERS: usize = 10;
/// The rate of these streams in bytes per second: 80 Mbit/s, as on an Ultra HD Blu-ray.
const RATE: u64 = 10_000_000;
/// The duration of these streams.
const VIEWING_TIME: Duration = Duration::from_secs(5);

/// The number of clients that request windows.
const CLIENTS: u32 = 10;
/// The time between two requests of a client. The player page sends fewer requests, one for each seek and one every two
/// minutes.
const PERIOD: Duration = Duration::from_secs(1);

const FILM: &str = "windows.mkv";
/// The duration of the film, in seconds.
const SECONDS: u32 = 600;
/// The duration of a cluster, in seconds. A cluster is a group of frames in a Matroska file. ffmpeg writes clusters of
/// this duration.
const CLUSTER: u32 = 5;
/// The duration of a window, in seconds. The player page uses the same value.
const WINDOW: u32 = 120;

/// Measures streams while other clients request windows of subtitles. Streams at the rate of a player must have no
/// block (0.1 s of the film) that arrives more than 250 ms too late. One stream at full speed must keep 90 % of the
/// speed that it has without these clients.
pub(crate) fn measure(bench: &mut Bench<'_>) -> Result<()> {
    let rounds = bench.options.rounds(ROUNDS);
    let (time, viewing_time) = (bench.time(TIME), bench.time(VIEWING_TIME));
    let film = bench.film.directory().join(FILM);
    write_film(&film)?;
    let turn = |server: &Server| {
        let mut measurements = viewers_beside_windows(server, viewing_time)?;
        measurements.extend(stream_beside_windows(server, time)?);
        Ok(measurements)
    };
    bench.in_rounds(NAME, rounds, &[], Peer::is_ours, |_| Ok(()), turn)?;
    Ok(fs::remove_file(film)?)
}

fn viewers_beside_windows(server: &Server, time: Duration) -> Result<Measurements> {
    let watch = || {
        let readers = Readers::open(server.address(), server.target(), VIEWERS, RATE)?;
        readers.read(time, &AtomicBool::new(false))
    };
    let (pace, _) = beside_windows(server, time, watch)?;
    let metric = |what: &str, better| {
        let what = format!("{VIEWERS} viewers at 80 Mbit/s beside 10 windows a second: {what}");
        Metric::new(NAME, what, better)
    };
    let late = metric("blocks late by more than 250 ms", Better::Less);
    Ok(vec![
        (late.goal(Goal::Zero), pace.late as f64),
        (metric("blocks in all", Better::Neither), pace.blocks as f64),
    ])
}

fn stream_beside_windows(server: &Server, time: Duration) -> Result<Measurements> {
    let (mut alone, mut beside, mut times) = (0.0, 0.0, Vec::new());
    // The two measurements alternate, so that other work of the machine affects both.
    for _ in 0..TURNS {
        alone += stream(server, time)?;
        let (speed, windows) = beside_windows(server, time, || stream(server, time))?;
        beside += speed;
        times.extend(windows);
    }
    let metric = |what: &str, better| Metric::new(NAME, what, better);
    let ratio = metric(
        "one stream beside windows, as a share of its speed alone",
        Better::More,
    );
    Ok(vec![
        (
            metric("one stream alone, MB/s", Better::More),
            alone / f64::from(TURNS),
        ),
        (
            metric("one stream beside 10 windows a second, MB/s", Better::More),
            beside / f64::from(TURNS),
        ),
        (ratio.goal(Goal::AtLeast(0.9)), beside / alone),
        (
            metric("a window beside the stream, p50, ms", Better::Less),
            percentile(&times, 50),
        ),
        (
            metric("a window beside the stream, p99, ms", Better::Less),
            percentile(&times, 99),
        ),
    ])
}

/// Runs `work` while the clients request windows. Returns the result of `work`, and the duration of each request in ms.
fn beside_windows<T>(
    server: &Server,
    time: Duration,
    work: impl FnOnce() -> Result<T>,
) -> Result<(T, Vec<f64>)> {
    // All clients begin at the same time.
    let start = Barrier::new(usize::try_from(CLIENTS)? + 1);
    let (result, windows) = thread::scope(|scope| {
        let ask = |number| {
            let start = &start;
            scope.spawn(move || ask(server, number, time, start))
        };
        let clients: Vec<_> = (0..CLIENTS).map(ask).collect();
        start.wait();
        let result = work();
        let windows: Vec<_> = clients.into_iter().map(|it| it.join()).collect();
        (result, windows)
    });
    let mut times = Vec::new();
    for client in windows {
        times.extend(client.map_err(|_| "a client of windows panicked")??);
    }
    Ok((result?, times))
}

/// Returns the MB/s of one client that downloads the film repeatedly.
fn stream(server: &Server, time: Duration) -> Result<f64> {
    let mut load = Load::open(server.address(), server.target(), 1, || Wanted::Whole)?;
    let answers = load.run(time)?;
    Ok(answers.bytes as f64 / 1e6 / answers.elapsed.as_secs_f64())
}

/// Requests one window in each [`PERIOD`], at changing positions in the film. Returns the durations of the requests in
/// ms.
fn ask(server: &Server, number: u32, time: Duration, start: &Barrier) -> Result<Vec<f64>> {
    let client = Client::connect(server.address());
    start.wait();
    let (mut client, begin, mut times) = (client?, Instant::now(), Vec::new());
    let mut due = PERIOD * number / CLIENTS;
    while due < time {
        thread::sleep(due.saturating_sub(begin.elapsed()));
        let turn = u32::try_from(times.len())?;
        let from = (turn * 211 + number * 47) % (SECONDS - WINDOW);
        let to = from + WINDOW;
        let target = format!("/api/subtitles/{FILM}?track=300&from={from}&to={to}");
        let asked = Instant::now();
        let response = client.get(&target, "")?;
        times.push(milliseconds(asked.elapsed()));
        let cues = String::from_utf8_lossy(&response.content);
        let (first, last) = (format!("Text {from}\n"), format!("Text {}\n", to - 1));
        if response.status != 200 || !cues.contains(&first) || !cues.contains(&last) {
            return Err(format!("{target}: {} {cues:?}", response.head).into());
        }
        if !response.keeps_connection() {
            client = Client::connect(server.address())?;
        }
        due += PERIOD;
    }
    Ok(times)
}

/// Writes a film with a subtitle in each second. The film has no index. So for each window, the server must search for
/// the first cluster of the window, and then read the header of every frame in the window. This is the most expensive
/// case.
fn write_film(path: &Path) -> Result<()> {
    const INFO: u32 = 0x1549_a966;
    let tracks = [
        track(1, 1, "V_VP8", &[]),
        track(2, 2, "A_OPUS", &[]),
        track(300, 17, "S_TEXT/UTF8", &[]),
    ];
    let mut file = BufWriter::new(File::create(path)?);
    file.write_all(&ebml("matroska"))?;
    // The segment has an unknown length.
    file.write_all(&SEGMENT.to_be_bytes())?;
    file.write_all(&[0xff])?;
    file.write_all(&element(INFO, &[]))?;
    file.write_all(&element(TRACKS, &tracks.concat()))?;
    for first in (0..SECONDS).step_by(usize::try_from(CLUSTER)?) {
        let mut blocks = Vec::new();
        for second in 0..CLUSTER {
            let at = i16::try_from(1000 * second)?;
            blocks.push(text(at, 900, &format!("Text {}", first + second)));
            // Each second has 25 video frames and 50 audio frames, about 260 kB.
            for part in 0..25 {
                blocks.push(frame(1, at + 40 * part, 10_000));
                blocks.push(frame(2, at + 40 * part, 200));
                blocks.push(frame(2, at + 40 * part + 20, 200));
            }
        }
        file.write_all(&cluster(1000 * first, &blocks))?;
    }
    // Without `sync_all`, the kernel writes to the disk during the measurement.
    Ok(file.into_inner()?.sync_all()?)
}

/// Returns a frame of a track. `offset` is in milliseconds from the start of the cluster.
fn frame(track: u8, offset: i16, length: usize) -> Vec<u8> {
    let head = [&[0x80 | track][..], &offset.to_be_bytes(), &[0x80]].concat();
    element(0xa3, &[head, vec![7; length]].concat())
}
