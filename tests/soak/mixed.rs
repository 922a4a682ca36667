use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::media::{FILM, FILM_TARGET};
use crate::shared::client::{Client, get};
use crate::shared::content::difference;
use crate::{Result, Target, mebibytes};

const CLIENTS: u64 = 24;
/// A divisor of the whole time. After 1/6 of this time, for example after minute 5 of 30, memory must not grow.
const WARM_UP: u32 = 6;
/// The allowed growth of memory, in per cent.
const GROWTH_PER_CENT: u64 = 2;
/// The growth in bytes that is always allowed. musl returns freed memory to the kernel in groups of up to 128 KiB, and
/// only if the whole group is free. So a few requests can change the result by one or two groups.
const GROWTH_BYTES: u64 = 2 * 128 * 1024;
/// The pause of all clients before memory is read, so that idle workers end.
const PAUSE_OF_CLIENTS: Duration = Duration::from_secs(15);

/// The state that all clients share, and their counters.
#[derive(Default)]
struct Traffic {
    is_over: AtomicBool,
    /// True while the clients must not send requests, because the memory is measured.
    is_paused: AtomicBool,
    requests: AtomicU64,
    bytes: AtomicU64,
}

struct Memory {
    /// The mean of the resident memory while the clients send requests, in bytes.
    busy: u64,
    /// The mean during a pause of the clients, in bytes.
    idle: u64,
}

/// Runs all kinds of clients at the same time: seeks, downloads, pauses, disconnects, pages, subtitles, searches,
/// invalid requests. Checks every received byte of the film.
pub(crate) fn mixed(target: &Target<'_>) -> Result<String> {
    let time = Duration::from_secs(60 * target.minutes);
    let begin = Instant::now();
    let traffic = Traffic::default();
    let (early, late) = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|number| {
                let traffic = &traffic;
                scope.spawn(move || send_requests(target.address, number, traffic))
            })
            .collect();
        let early = measure(target, &traffic, begin + time / WARM_UP);
        let late = early.and_then(|early| Ok((early, measure(target, &traffic, begin + time)?)));
        traffic.is_over.store(true, Ordering::Relaxed);
        for client in clients {
            client.join().expect("a client does not panic")?;
        }
        late
    })?;
    let memory = format!(
        "memory during pauses {} then {}, busy {} then {}",
        mebibytes(early.idle),
        mebibytes(late.idle),
        mebibytes(early.busy),
        mebibytes(late.busy)
    );
    if late.idle > early.idle + GROWTH_BYTES.max(early.idle * GROWTH_PER_CENT / 100) {
        return Err(format!("memory has grown: {memory}").into());
    }
    Ok(format!(
        "{} minutes, {} requests, {:.1} GiB compared, {memory}",
        target.minutes,
        traffic.requests.load(Ordering::Relaxed),
        traffic.bytes.load(Ordering::Relaxed) as f64 / f64::from(1 << 30),
    ))
}

/// Measures the memory while clients send requests, then during a pause. Returns at the time `at`. `busy` is the mean
/// over 1/30 of the whole time. `idle` is the mean over the final second of the pause.
fn measure(target: &Target<'_>, traffic: &Traffic, at: Instant) -> Result<Memory> {
    let window = Duration::from_secs(2 * target.minutes);
    sleep_until(at - PAUSE_OF_CLIENTS - window);
    let busy = mean(target, window)?;
    traffic.is_paused.store(true, Ordering::Relaxed);
    sleep_until(at - Duration::from_secs(1));
    let idle = mean(target, Duration::from_secs(1));
    traffic.is_paused.store(false, Ordering::Relaxed);
    Ok(Memory { busy, idle: idle? })
}

fn sleep_until(at: Instant) {
    thread::sleep(at.saturating_duration_since(Instant::now()));
}

/// Returns the mean of the resident memory during `window`, in bytes.
fn mean(target: &Target<'_>, window: Duration) -> Result<u64> {
    let until = Instant::now() + window;
    let (mut sum, mut count) = (0, 0);
    while Instant::now() < until {
        sum += target.server.usage()?.resident;
        count += 1;
        thread::sleep(Duration::from_millis(50));
    }
    Ok(sum / count)
}

/// A random number generator (Xorshift), so that the clients send the same requests in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

fn send_requests(address: SocketAddr, number: u64, traffic: &Traffic) -> Result<()> {
    let mut random = Random(0x9E37_79B9 + number * 0x1234_5677);
    while !traffic.is_over.load(Ordering::Relaxed) {
        if traffic.is_paused.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(100));
            continue;
        }
        let mut client = match random.below(4) {
            0 => Client::connect_small(address)?,
            _ => Client::connect(address)?,
        };
        for _ in 0..=random.below(4) {
            traffic.requests.fetch_add(1, Ordering::Relaxed);
            let continues = match random.below(10) {
                0..=5 => read_film(&mut client, &mut random, &traffic.bytes)?,
                6 | 7 => read_page(&mut client, &mut random)?,
                8 => send_invalid(&mut client, &mut random)?,
                _ => pause_after_start(&mut client, &mut random)?,
            };
            if !continues {
                break;
            }
        }
        if random.below(3) == 0 {
            client.reset()?;
        }
        // The client pauses, so that one processor is enough for all clients.
        thread::sleep(Duration::from_millis(20 + random.below(200)));
    }
    Ok(())
}

/// Requests a part of the film. Reads the whole part, or only its beginning. Returns true if the connection can have
/// another request.
fn read_film(client: &mut Client, random: &mut Random, bytes: &AtomicU64) -> Result<bool> {
    let first = random.below(FILM - 1);
    let length = (1 + random.below(2 << 20)).min(FILM - first);
    let range = format!("Range: bytes={first}-{}\r\n", first + length - 1);
    let answer = client
        .ask(FILM_TARGET, &range)
        .map_err(|error| format!("{range:?}: {error}"))?;
    if answer.status != 206 || answer.length()? != Some(length) {
        return Err(format!("a range of the film got the status {}", answer.status).into());
    }
    let disconnects = random.below(4) == 0;
    let taken = if disconnects {
        random.below(length)
    } else {
        length
    };
    let count = usize::try_from(taken)?;
    let content = client
        .take(count)
        .map_err(|error| format!("{count} bytes of {range:?}: {error}"))?;
    if let Some(difference) = difference(first, count, &content) {
        return Err(format!("the film: {difference}").into());
    }
    bytes.fetch_add(taken, Ordering::Relaxed);
    Ok(taken == length)
}

fn read_page(client: &mut Client, random: &mut Random) -> Result<bool> {
    const PAGES: [(&str, &str); 9] = [
        ("/?list", "film.mp4"),
        ("/browse/many/?sort=size", "Season"),
        ("/browse/tree/?sort=date", "tree"),
        ("/watch/film.mp4", "video"),
        ("/watch/tracks.mp4", "video"),
        ("/api/subtitles/film.srt", "hello"),
        ("/playlist/many/", "#EXTM3U"),
        ("/api/videos/", "film.mp4"),
        // A search ends after 2 s, with the results that it has found.
        ("/?q=episode", "episode"),
    ];
    let index = usize::try_from(random.below(PAGES.len() as u64))?;
    let (page, word) = PAGES[index];
    let answer = client
        .get(page, "")
        .map_err(|error| format!("{page}: {error}"))?;
    let (status, text) = (answer.status, String::from_utf8_lossy(&answer.content));
    let is_right = status == 200 && text.contains(word);
    if !is_right && status != 503 {
        return Err(format!("{page} got the status {status}, {} bytes", text.len()).into());
    }
    Ok(true)
}

/// Sends an invalid request, or a part of a request.
fn send_invalid(client: &mut Client, random: &mut Random) -> Result<bool> {
    let whole = get(FILM_TARGET, "Content-Length: 100\r\n");
    let half = usize::try_from(random.below(whole.len() as u64))?;
    client.send(&whole[..half])?;
    if random.below(2) == 0 {
        client.send(b"\n\0")?;
        let _ = client.read_head();
    }
    Ok(false)
}

/// Requests the whole film, reads its beginning, and then pauses.
fn pause_after_start(client: &mut Client, random: &mut Random) -> Result<bool> {
    let answer = client
        .ask(FILM_TARGET, "")
        .map_err(|error| format!("the whole film: {error}"))?;
    if answer.status != 200 {
        return Err(format!("the film got the status {}", answer.status).into());
    }
    client.discard(random.below(100_000))?;
    thread::sleep(Duration::from_millis(random.below(3000)));
    Ok(false)
}
