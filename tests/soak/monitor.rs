use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::Result;
use crate::media;
use crate::shared::client::Client;
use crate::shared::{content::difference, process};

/// The responses that are allowed during an attack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expects {
    /// The requests for `/healthz`, a page and the film must succeed, with the right bytes.
    AllRequests,
    /// Films and pages may get 503.
    StreamLimitReached,
    /// Films and pages may get 503. New connections may be refused or closed.
    FailuresAllowed,
}

/// The longest response time, and the target of its request.
pub(crate) type Slowest = (Duration, &'static str);

pub(crate) struct Seen {
    pub(crate) answers: u64,
    pub(crate) slowest: Slowest,
    /// The maximum of the resident memory, in bytes.
    pub(crate) peak: u64,
    pub(crate) errors: Vec<String>,
}

/// Threads that send requests and measure the memory, until [`Monitor::end`].
pub(crate) struct Monitor {
    is_over: Arc<AtomicBool>,
    client: JoinHandle<Seen>,
    observer: JoinHandle<u64>,
}

/// The pause between two rounds of requests, and between two measurements of the memory.
const PAUSE: Duration = Duration::from_millis(50);
/// The maximum number of errors that are stored.
const ERRORS: usize = 3;

impl Monitor {
    pub(crate) fn begin(address: SocketAddr, id: u32, expects: Expects) -> Monitor {
        let is_over = Arc::new(AtomicBool::new(false));
        let client = {
            let is_over = Arc::clone(&is_over);
            thread::spawn(move || ask(address, expects, &is_over))
        };
        let observer = {
            let is_over = Arc::clone(&is_over);
            thread::spawn(move || {
                let mut peak = 0;
                while !is_over.load(Ordering::Relaxed) {
                    let usage = process::usage(id).unwrap_or_default();
                    peak = peak.max(usage.resident);
                    thread::sleep(PAUSE);
                }
                peak
            })
        };
        Monitor {
            is_over,
            client,
            observer,
        }
    }

    pub(crate) fn end(self) -> Seen {
        self.is_over.store(true, Ordering::Relaxed);
        let mut seen = self.client.join().expect("the monitor does not panic");
        seen.peak = self.observer.join().expect("the observer does not panic");
        seen
    }
}

fn ask(address: SocketAddr, expects: Expects, is_over: &AtomicBool) -> Seen {
    let mut seen = Seen {
        answers: 0,
        slowest: (Duration::ZERO, "none"),
        peak: 0,
        errors: Vec::new(),
    };
    while !is_over.load(Ordering::Relaxed) {
        match check_requests(address, expects) {
            Ok((answers, slowest)) => {
                seen.answers += answers;
                seen.slowest = seen.slowest.max(slowest);
            }
            Err(error) if seen.errors.len() < ERRORS => seen.errors.push(error.to_string()),
            Err(_) => {}
        }
        thread::sleep(PAUSE);
    }
    seen
}

/// Sends three requests, each over a new connection. Returns the number of right responses, and the longest response
/// time.
pub(crate) fn check_requests(address: SocketAddr, expects: Expects) -> Result<(u64, Slowest)> {
    let mut answers = 0;
    let mut slowest = (Duration::ZERO, "none");
    let first = getrandom::u64()? % (media::FILM - 100_000);
    let last = first + 65_535;
    let range = format!("Range: bytes={first}-{last}\r\n");
    for (target, fields, right) in [
        ("/healthz", "", 200),
        (media::FILM_TARGET, range.as_str(), 206),
        ("/watch/film.mp4", "", 200),
    ] {
        let begin = Instant::now();
        let answer = Client::connect(address).and_then(|mut client| client.get(target, fields));
        let elapsed = begin.elapsed();
        let (status, content) = match answer.map(|answer| (answer.status, answer.content)) {
            Ok(answer) => answer,
            Err(_) if expects == Expects::FailuresAllowed && elapsed < crate::ANSWER_GOAL => {
                continue;
            }
            Err(error) => return Err(format!("{target}: {error} after {elapsed:?}").into()),
        };
        let is_allowed = match expects {
            Expects::AllRequests => false,
            Expects::StreamLimitReached => status == 503 && target != "/healthz",
            Expects::FailuresAllowed => status == 503,
        };
        if status != right && !is_allowed {
            return Err(format!("{target} got the status {status}").into());
        }
        if status == 206
            && let Some(difference) = difference(first, 65_536, &content)
        {
            return Err(format!("the film: {difference}").into());
        }
        answers += 1;
        slowest = slowest.max((elapsed, target));
    }
    Ok((answers, slowest))
}

/// Sends a few requests, so that the server has its usual threads and memory.
pub(crate) fn warm_up(address: SocketAddr) -> Result<()> {
    for _ in 0..5 {
        check_requests(address, Expects::FailuresAllowed)?;
    }
    // After 1 s, the server has released the closed connections, and idle workers may have ended.
    thread::sleep(Duration::from_secs(1));
    Ok(())
}
