//! Attacks the built program for minutes, and measures its behaviour. The server is a child process, so that `/proc`
//! shows only its own memory, threads and descriptors.
//!
//!     scripts/soak [SCENARIO…] [--minutes N]
//!
//! Prints one line per scenario: `ok` or `FAILED`, and its measurements. During each attack, a normal client (the
//! monitor) sends requests and checks the responses. The exit code is 1 if a scenario failed, and 2 after an error.
//! `--minutes` is the duration of the scenario `mixed`, 30 minutes by default. The variable `PROGRAM` is the path of
//! another program to attack.
//!
//! The modules `attack`, `memory`, `scarce`, `slots` and `smuggling` of `tests/it` have shorter attacks. The attacks of
//! this crate need thousands of clients, or a long time.

#![allow(clippy::too_many_lines)] // A list of steps or a table may be long.

/// Connections that are idle, paused or reset.
mod connections;
/// A file that changes while it is sent.
mod files;
/// Requests that never end.
mod floods;
/// A server with few descriptors, few threads or little memory.
mod limits;
/// The served folder.
mod media;
/// All kinds of clients at the same time, for half an hour.
mod mixed;
/// The normal client that runs during an attack, and its measurements.
mod monitor;
/// Pages and listings: unread responses, and expensive requests.
mod pages;
/// The program as a child process, under a limit.
mod server;
#[path = "../shared/mod.rs"]
mod shared;
/// Attacks with slowhttptest.
mod slowhttptest;

use std::error::Error;
use std::fmt;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::limits::Limit;
use crate::media::Media;
use crate::monitor::{Expects, Monitor};
use crate::server::Server;
use crate::shared::process::{Usage, program};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

pub(crate) struct Target<'a> {
    pub(crate) address: SocketAddr,
    pub(crate) media: &'a Media,
    pub(crate) minutes: u64,
    pub(crate) server: &'a Server,
}

/// An attack and its expected effect.
struct Scenario {
    name: &'static str,
    /// Runs the attack. Returns a description with measurements.
    attack: fn(&Target<'_>) -> Result<String>,
    expects: Expects,
    limit: Limit,
}

const fn scenario(name: &'static str, attack: fn(&Target<'_>) -> Result<String>) -> Scenario {
    Scenario {
        name,
        attack,
        expects: Expects::AllRequests,
        limit: Limit::None,
    }
}

/// Allows 503 for the monitor, because the attack takes all streams.
const fn taking_streams(mut scenario: Scenario) -> Scenario {
    scenario.expects = Expects::StreamLimitReached;
    scenario
}

const fn under(limit: Limit, name: &'static str) -> Scenario {
    Scenario {
        name,
        attack: limits::too_many_connections,
        expects: Expects::FailuresAllowed,
        limit,
    }
}

const SCENARIOS: [Scenario; 21] = [
    taking_streams(scenario("slow-heads", slowhttptest::heads)),
    taking_streams(scenario("slow-bodies", slowhttptest::bodies)),
    taking_streams(scenario("slow-ranges", slowhttptest::ranges)),
    taking_streams(scenario("slow-reads", slowhttptest::reads)),
    scenario("endless-line", floods::endless_line),
    scenario("endless-field", floods::endless_field),
    scenario("many-fields", floods::many_fields),
    scenario("endless-length", floods::endless_length),
    scenario("endless-chunks", floods::endless_chunks),
    scenario("pipeline-film", floods::pipeline_of_films),
    scenario("idle", connections::idle),
    taking_streams(scenario("paused", connections::paused)),
    scenario("resets", connections::resets),
    taking_streams(scenario("unread-pages", pages::unread)),
    taking_streams(scenario("expensive-pages", pages::expensive)),
    taking_streams(scenario("expensive-burst", pages::burst)),
    scenario("changing-files", files::change),
    under(Limit::Descriptors(256), "descriptors-256"),
    under(Limit::Threads(40), "threads-40"),
    under(Limit::Memory(64), "memory-64"),
    scenario("mixed", mixed::mixed),
];

/// The maximum time that a request of the monitor may take.
const ANSWER_GOAL: Duration = Duration::from_secs(2);
/// The maximum resident memory, in bytes.
const MEMORY_GOAL: u64 = 128 << 20;
/// The maximum time after an attack until the server has released threads, descriptors and memory. Idle worker threads
/// end after some seconds.
const RECOVERY: Duration = Duration::from_secs(40);
/// The server may have this number of additional threads after an attack.
const THREADS_MARGIN: u64 = 3;
/// The server may have this number of additional descriptors after an attack.
const DESCRIPTORS_MARGIN: u64 = 2;
/// The server may have this number of additional bytes of memory after an attack. The allocator does not return all
/// freed memory to the kernel. glibc has up to eight arenas per processor, and each arena keeps some free memory.
const MEMORY_MARGIN: u64 = 48 << 20;

fn main() -> ExitCode {
    match run() {
        Ok(0) => ExitCode::SUCCESS,
        Ok(failed) => {
            println!("\n{failed} failed");
            ExitCode::from(1)
        }
        Err(error) => {
            eprintln!("soak: {error}");
            ExitCode::from(2)
        }
    }
}

/// Runs the scenarios of the command line. Returns the number of failed scenarios.
fn run() -> Result<usize> {
    let mut minutes = 30;
    let mut wanted = Vec::new();
    // `cargo bench` adds `--bench`.
    let mut arguments = std::env::args().skip(1).filter(|word| word != "--bench");
    while let Some(word) = arguments.next() {
        if word == "--minutes" {
            let number = arguments.next().and_then(|number| number.parse().ok());
            minutes = number.ok_or("--minutes takes a number")?;
        } else if SCENARIOS.iter().any(|scenario| scenario.name == word) {
            wanted.push(word);
        } else {
            return Err(format!("unknown scenario `{word}`").into());
        }
    }
    server::raise_descriptor_limit()?;
    let media = Media::make()?;
    println!("{}", program());
    let mut failed = 0;
    for scenario in &SCENARIOS {
        if !wanted.is_empty() && !wanted.iter().any(|name| name == scenario.name) {
            continue;
        }
        if let Some(reason) = scenario.limit.obstacle(scenario.name) {
            println!("skipped {}: {reason}", scenario.name);
            continue;
        }
        match play(scenario, &media, minutes) {
            Ok(outcome) => {
                let word = if outcome.errors.is_empty() {
                    "ok    "
                } else {
                    "FAILED"
                };
                println!("{word}    {}: {outcome}", scenario.name);
                failed += usize::from(!outcome.errors.is_empty());
            }
            Err(error) => {
                println!("FAILED    {}: {error}", scenario.name);
                failed += 1;
            }
        }
    }
    Ok(failed)
}

struct Outcome {
    result: String,
    answers: u64,
    slowest: monitor::Slowest,
    peak: u64,
    before: Usage,
    after: Usage,
    recovered: Duration,
    errors: Vec<String>,
}

/// Runs one attack against a new server.
fn play(scenario: &Scenario, media: &Media, minutes: u64) -> Result<Outcome> {
    let mut server = Server::start(media, scenario.limit)?;
    monitor::warm_up(server.address())?;
    let before = server.usage()?;
    let monitor = Monitor::begin(server.address(), server.process(), scenario.expects);
    let target = Target {
        address: server.address(),
        media,
        minutes,
        server: &server,
    };
    let result = (scenario.attack)(&target);
    let seen = monitor.end();
    let mut errors = seen.errors;
    let result = result.unwrap_or_else(|error| {
        errors.push(error.to_string());
        "the attack was aborted".to_owned()
    });
    if let Some(status) = server.has_ended()? {
        return Err(format!("the program has ended: {status}; {errors:?}").into());
    }
    let (slowest, page) = seen.slowest;
    if slowest > ANSWER_GOAL {
        let seconds = slowest.as_secs_f64();
        errors.push(format!("the response for {page} took {seconds:.2} s"));
    }
    if seen.peak > MEMORY_GOAL {
        errors.push(format!("the server used {}", mebibytes(seen.peak)));
    }
    let (after, recovered) = recover(&server, before)?;
    if !after.is_within_margins(before) {
        errors.push("resources are not released".to_owned());
    }
    // After the attack, the server must not answer 503.
    if let Err(error) = monitor::check_requests(server.address(), Expects::AllRequests) {
        errors.push(format!("after the attack: {error}"));
    }
    if let Err(error) = server.stop() {
        errors.push(error.to_string());
    }
    Ok(Outcome {
        result,
        answers: seen.answers,
        slowest: seen.slowest,
        peak: seen.peak,
        before,
        after,
        recovered,
        errors,
    })
}

/// Waits until resources are released, for at most [`RECOVERY`].
fn recover(server: &Server, before: Usage) -> Result<(Usage, Duration)> {
    let begin = Instant::now();
    loop {
        let now = server.usage()?;
        if now.is_within_margins(before) || begin.elapsed() > RECOVERY {
            return Ok((now, begin.elapsed()));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

impl Usage {
    fn is_within_margins(self, before: Usage) -> bool {
        self.threads <= before.threads + THREADS_MARGIN
            && self.descriptors <= before.descriptors + DESCRIPTORS_MARGIN
            && self.resident <= before.resident + MEMORY_MARGIN
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{}; longest of {} right responses {} ms, peak {}; {:.0} s later {} threads ({} before), {} descriptors ({}), {} ({})",
            self.result,
            self.answers,
            self.slowest.0.as_millis(),
            mebibytes(self.peak),
            self.recovered.as_secs_f64(),
            self.after.threads,
            self.before.threads,
            self.after.descriptors,
            self.before.descriptors,
            mebibytes(self.after.resident),
            mebibytes(self.before.resident),
        )?;
        for error in &self.errors {
            write!(out, "\n          {error}")?;
        }
        Ok(())
    }
}

pub(crate) fn mebibytes(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}
