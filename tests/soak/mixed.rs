use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::media::{FILM, FILM_TARGET};
use crate::shared::client::{Client, get};
use crate::shared::content::difference;
use crate::{Result, Target, mebibytes};

/// The number of clients at the same time.
const CLIENTS: u64 = 24;
/// The fraction of the time after which memory must not grow: 1/6, which is minute 5 of 30.
const SETTLED: u32 = 6;
/// The allowed growth of memory in per cent.
const GROWTH: u64 = 2;
/// The pause of all clients before memory is read, so that idle workers end.
const REST: Duration = Duration::from_secs(15);

/// The state that all clients share, and their counters.
#[derive(Default)]
struct Traffic {
    is_over: AtomicBool,
    /// True while memory is read, because the memory during requests changes every second.
    rests: AtomicBool,
    requests: AtomicU64,
    bytes: AtomicU64,
}

/// A measurement of memory.
struct Memory {
    /// The mean while the clients send requests.
    busy: u64,
    /// The mean during a pause of the clients.
    at_rest: u64,
}

/// Runs all kinds of clients at the same time: seeks, downloads, pauses, disconnects, pages, subtitles, searches,
/// invalid requests. Compares every byte of the film.
pub(crate) fn mixed(target: &Target<'_>) -> Result<String> {
    let time = Duration::from_secs(60 * target.minutes);
    let begin = Instant::now();
    let traffic = Traffic::default();
    let (early, late) = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|number| {
                let traffic = &traffic;
                scope.spawn(move || behave(target.address, number, traffic))
            })
            .collect();
        let early = measure(target, &traffic, begin + time / SETTLED);
        let late = early.and_then(|early| Ok((early, measure(target, &traffic, begin + time)?)));
        traffic.is_over.store(true, Ordering::Relaxed);
        for client in clients {
            client.join().expect("a client does not panic")?;
        }
        late
    })?;
    let memory = format!(
        "memory at rest {} then {}, busy {} then {}",
        mebibytes(early.at_rest),
        mebibytes(late.at_rest),
        mebibytes(early.busy),
        mebibytes(late.busy)
    );
    if late.at_rest > early.at_rest + early.at_rest * GROWTH / 100 {
        return Err(format!("memory has grown: {memory}").into());
    }
    Ok(format!(
        "{} minutes, {} requests, {:.1} GiB compared, {memory}",
        target.minutes,
        traffic.requests.load(Ordering::Relaxed),
        traffic.bytes.load(Ordering::Relaxed) as f64 / f64::from(1 << 30),
    ))
}

/// Measures the memory, and ends at the time `at`: first the mean over 1/30 of the whole time, then the mean at the
/// end of a pause.
fn measure(target: &Target<'_>, traffic: &Traffic, at: Instant) -> Result<Memory> {
    let window = Duration::from_secs(2 * target.minutes);
    sleep_until(at - REST - window);
    let busy = mean(target, window)?;
    traffic.rests.store(true, Ordering::Relaxed);
    sleep_until(at - Duration::from_secs(1));
    let at_rest = mean(target, Duration::from_secs(1));
    traffic.rests.store(false, Ordering::Relaxed);
    Ok(Memory {
        busy,
        at_rest: at_rest?,
    })
}

fn sleep_until(at: Instant) {
    thread::sleep(at.saturating_duration_since(Instant::now()));
}

/// Returns the mean of the memory over a time.
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

/// A random number generator (Xorshift), so that the clients behave the same in each run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

fn behave(address: SocketAddr, number: u64, traffic: &Traffic) -> Result<()> {
    let mut dice = Dice(0x9E37_79B9 + number * 0x1234_5677);
    while !traffic.is_over.load(Ordering::Relaxed) {
        if traffic.rests.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(100));
            continue;
        }
        let mut client = match dice.roll(4) {
            0 => Client::connect_small(address)?,
            _ => Client::connect(address)?,
        };
        for _ in 0..=dice.roll(4) {
            traffic.requests.fetch_add(1, Ordering::Relaxed);
            let goes_on = match dice.roll(10) {
                0..=5 => view(&mut client, &mut dice, &traffic.bytes)?,
                6 | 7 => visit(&mut client, &mut dice)?,
                8 => break_off(&mut client, &mut dice)?,
                _ => pause(&mut client, &mut dice)?,
            };
            if !goes_on {
                break;
            }
        }
        if dice.roll(3) == 0 {
            client.reset()?;
        }
        // The client pauses, so that one processor is enough for all clients.
        thread::sleep(Duration::from_millis(20 + dice.roll(200)));
    }
    Ok(())
}

/// Requests a part of the film, and reads all of it or only its beginning.
fn view(client: &mut Client, dice: &mut Dice, bytes: &AtomicU64) -> Result<bool> {
    let first = dice.roll(FILM - 1);
    let length = (1 + dice.roll(2 << 20)).min(FILM - first);
    let range = format!("Range: bytes={first}-{}\r\n", first + length - 1);
    let answer = client
        .ask(FILM_TARGET, &range)
        .map_err(|error| format!("{range:?}: {error}"))?;
    if answer.status != 206 || answer.length()? != Some(length) {
        return Err(format!("a range of the film got the status {}", answer.status).into());
    }
    let disconnects = dice.roll(4) == 0;
    let taken = if disconnects {
        dice.roll(length)
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

/// Requests a page, a playlist, a listing or subtitles.
fn visit(client: &mut Client, dice: &mut Dice) -> Result<bool> {
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
    let index = usize::try_from(dice.roll(PAGES.len() as u64))?;
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
fn break_off(client: &mut Client, dice: &mut Dice) -> Result<bool> {
    let whole = get(FILM_TARGET, "Content-Length: 100\r\n");
    let half = usize::try_from(dice.roll(whole.len() as u64))?;
    client.send(&whole[..half])?;
    if dice.roll(2) == 0 {
        client.send(b"\n\0")?;
        let _ = client.read_head();
    }
    Ok(false)
}

/// Requests the whole film, reads its beginning, and then pauses.
fn pause(client: &mut Client, dice: &mut Dice) -> Result<bool> {
    let answer = client
        .ask(FILM_TARGET, "")
        .map_err(|error| format!("the whole film: {error}"))?;
    if answer.status != 200 {
        return Err(format!("the film got the status {}", answer.status).into());
    }
    client.discard(dice.roll(100_000))?;
    thread::sleep(Duration::from_millis(dice.roll(3000)));
    Ok(false)
}
