use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::media::{FILM, FILM_TARGET};
use crate::raw::{Raw, get};
use crate::shared::content::film;
use crate::{Result, Target, mebibytes};

/// Clients at a time.
const CLIENTS: u64 = 24;
/// From when on memory is to be level, as a part of the whole: minute 5 of 30.
const SETTLED: u32 = 6;
/// How much more it may be at the end, in hundredths.
const GROWTH: u64 = 2;

/// Everybody at once, for as long as the command line says: viewers who seek, download, pause and leave in the middle,
/// visitors, subtitles, searches, broken requests. Every byte is compared.
pub(crate) fn mixed(target: &Target<'_>) -> Result<String> {
    let time = Duration::from_secs(60 * target.minutes);
    let begin = Instant::now();
    let is_over = AtomicBool::new(false);
    let (requests, bytes) = (AtomicU64::new(0), AtomicU64::new(0));
    let (early, late) = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|number| {
                let (is_over, requests, bytes) = (&is_over, &requests, &bytes);
                scope.spawn(move || behave(target.port, number, is_over, requests, bytes))
            })
            .collect();
        // The mean of a minute, or of a tenth where there are not thirty: one look depends on who asks just then.
        let window = (time / 30).max(Duration::from_secs(2));
        let settled = time / SETTLED;
        let early = sleep_until(begin + settled - window).and_then(|()| mean(target, window));
        let late = sleep_until(begin + time - window).and_then(|()| mean(target, window));
        is_over.store(true, Ordering::Relaxed);
        let (early, late) = (early?, late?);
        for client in clients {
            let end = client.join().expect("a client does not panic");
            end.map_err(|error| {
                format!(
                    "{error}; memory {} then {}",
                    mebibytes(early),
                    mebibytes(late)
                )
            })?;
        }
        Ok::<_, Box<dyn std::error::Error + Send + Sync>>((early, late))
    })?;
    if late > early + early * GROWTH / 100 {
        return Err(format!("{} grew to {}", mebibytes(early), mebibytes(late)).into());
    }
    Ok(format!(
        "{} minutes, {} requests, {:.1} GiB compared, memory {} then {}",
        target.minutes,
        requests.load(Ordering::Relaxed),
        bytes.load(Ordering::Relaxed) as f64 / f64::from(1 << 30),
        mebibytes(early),
        mebibytes(late)
    ))
}

fn sleep_until(at: Instant) -> Result<()> {
    thread::sleep(at.saturating_duration_since(Instant::now()));
    Ok(())
}

/// Of the memory, over a while.
fn mean(target: &Target<'_>, window: Duration) -> Result<u64> {
    let until = Instant::now() + window;
    let (mut sum, mut looks) = (0, 0);
    while Instant::now() < until {
        sum += target.server.usage()?.resident;
        looks += 1;
        thread::sleep(Duration::from_millis(50));
    }
    Ok(sum / looks)
}

/// Xorshift: the same clients each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

fn behave(
    port: u16,
    number: u64,
    is_over: &AtomicBool,
    requests: &AtomicU64,
    bytes: &AtomicU64,
) -> Result<()> {
    let mut dice = Dice(0x9E37_79B9 + number * 0x1234_5677);
    while !is_over.load(Ordering::Relaxed) {
        let mut client = match dice.roll(4) {
            0 => Raw::open_small(port)?,
            _ => Raw::open(port)?,
        };
        for _ in 0..=dice.roll(4) {
            requests.fetch_add(1, Ordering::Relaxed);
            let goes_on = match dice.roll(10) {
                0..=5 => view(&mut client, &mut dice, bytes)?,
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
        // As long as people think, so that one core is enough for all.
        thread::sleep(Duration::from_millis(20 + dice.roll(200)));
    }
    Ok(())
}

/// A part of the film, to its end or not.
fn view(client: &mut Raw, dice: &mut Dice, bytes: &AtomicU64) -> Result<bool> {
    let first = dice.roll(FILM - 1);
    let length = (1 + dice.roll(2 << 20)).min(FILM - first);
    let range = format!("Range: bytes={first}-{}\r\n", first + length - 1);
    client.send(&get(FILM_TARGET, &range))?;
    let answer = client.head()?;
    if answer.status != 206 || answer.length != Some(length) {
        return Err(format!("a part of the film was answered with {}", answer.status).into());
    }
    let leaves = dice.roll(4) == 0;
    let taken = if leaves { dice.roll(length) } else { length };
    let content = client.content(taken)?;
    if content != film(first, content.len()) {
        return Err(format!("wrong bytes of the film from {first} on").into());
    }
    bytes.fetch_add(taken, Ordering::Relaxed);
    Ok(taken == length)
}

/// A page, a list, subtitles.
fn visit(client: &mut Raw, dice: &mut Dice) -> Result<bool> {
    const PAGES: [(&str, &str); 9] = [
        ("/?list", "film.mp4"),
        ("/browse/many/?sort=size", "Season"),
        ("/browse/tree/?sort=date", "tree"),
        ("/watch/film.mp4", "video"),
        ("/watch/tracks.mp4", "video"),
        ("/api/subtitles/film.srt", "hello"),
        ("/playlist/many/", "#EXTM3U"),
        ("/api/videos/", "film.mp4"),
        // A search ends after 2 s, with what it has by then.
        ("/?q=episode", "episode"),
    ];
    let index = usize::try_from(dice.roll(PAGES.len() as u64))?;
    let (page, holds) = PAGES[index];
    let (status, content) = client.ask(page, "")?;
    let is_right = status == 200 && String::from_utf8_lossy(&content).contains(holds);
    if !is_right && status != 503 {
        return Err(format!("{page} was answered with {status}, {} bytes", content.len()).into());
    }
    Ok(true)
}

/// Something that is no request, or half of one.
fn break_off(client: &mut Raw, dice: &mut Dice) -> Result<bool> {
    let whole = get(FILM_TARGET, "Content-Length: 100\r\n");
    let half = usize::try_from(dice.roll(whole.len() as u64))?;
    client.send(&whole[..half])?;
    if dice.roll(2) == 0 {
        client.send(b"\n\0")?;
        let _ = client.head();
    }
    Ok(false)
}

/// The whole film, of which it takes the beginning, and then nothing for a while.
fn pause(client: &mut Raw, dice: &mut Dice) -> Result<bool> {
    client.send(&get(FILM_TARGET, ""))?;
    let answer = client.head()?;
    if answer.status != 200 {
        return Err(format!("the film was answered with {}", answer.status).into());
    }
    client.content(dice.roll(100_000))?;
    thread::sleep(Duration::from_millis(dice.roll(3000)));
    Ok(false)
}
