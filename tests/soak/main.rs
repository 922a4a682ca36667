//! Attacks the built program for minutes, and measures it. The server is a child process, so that `/proc` shows its memory,
//! threads and descriptors alone.
//!
//!     scripts/soak [SCENARIO…] [--minutes N]
//!
//! Prints one line per scenario: `ok` or `FAILED`, and its figures. During each attack a well-behaved client sends requests
//! and compares the responses; its longest response time is one of the figures. Exit code 1 if a scenario failed, 2 for an
//! error. `--minutes` is the length of `mixed`, 30 by default. `PROGRAM` names another program to attack.
//!
//! The wire tests (`tests/it`) have shorter attacks: `attack`, `memory`, `scarce`, `slots`, `smuggling`. Here are those that
//! need thousands of clients, or a long time.

#![allow(clippy::too_many_lines)] // A list of steps or a table may be long.

/// Connections that are idle, paused or reset.
mod connections;
/// A file that changes while it is sent.
mod files;
/// Requests that never end.
mod floods;
/// Few descriptors, threads, memory.
mod limits;
/// The served folder.
mod media;
/// All kinds of clients at once, for half an hour.
mod mixed;
/// Pages and listings: unread, and expensive.
mod pages;
/// The program as a child process, under a limit.
mod server;
/// Shared by all test crates.
#[path = "../shared/mod.rs"]
mod shared;
/// Attacks by slowhttptest.
mod slowhttptest;
/// The well-behaved client, and what it sees.
mod witness;

use std::error::Error;
use std::fmt;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::limits::Limit;
use crate::media::Media;
use crate::server::Server;
use crate::shared::process::{Usage, program};
use crate::witness::{Expects, Witness};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Target of an attack.
pub(crate) struct Target<'a> {
    pub(crate) address: SocketAddr,
    pub(crate) media: &'a Media,
    pub(crate) minutes: u64,
    pub(crate) server: &'a Server,
}

/// One attack.
struct Scenario {
    name: &'static str,
    /// Runs the attack. Returns a figure.
    attack: fn(&Target<'_>) -> Result<String>,
    expects: Expects,
    limit: Limit,
}

const fn scenario(name: &'static str, attack: fn(&Target<'_>) -> Result<String>) -> Scenario {
    Scenario {
        name,
        attack,
        expects: Expects::Everything,
        limit: Limit::None,
    }
}

/// A scenario that takes all streams, so that the well-behaved client may get 503.
const fn taking_streams(mut scenario: Scenario) -> Scenario {
    scenario.expects = Expects::StreamsMayBeTaken;
    scenario
}

const fn under(limit: Limit, name: &'static str) -> Scenario {
    Scenario {
        name,
        attack: limits::crowd,
        expects: Expects::LittleOfAnything,
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

/// Limit of the response time for the well-behaved client.
const ANSWER_GOAL: Duration = Duration::from_secs(2);
/// Limit of resident memory.
const MEMORY_GOAL: u64 = 128 << 20;
/// Limit of the time until threads, descriptors and memory are as before. Closed connections are noticed at once, idle
/// workers end after some seconds.
const RECOVERY: Duration = Duration::from_secs(40);
/// Allowed difference to the values before. The allocator keeps memory: glibc has eight arenas per processor, and returns
/// free memory of an arena only if it exceeds the largest block that was ever freed.
const THREADS_MARGIN: u64 = 3;
const DESCRIPTORS_MARGIN: u64 = 2;
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

/// Runs the scenarios of the command line. Returns how many failed.
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
            return Err(format!("there is no scenario `{word}`").into());
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
                let word = if outcome.faults.is_empty() {
                    "ok    "
                } else {
                    "FAILED"
                };
                println!("{word}    {}: {outcome}", scenario.name);
                failed += usize::from(!outcome.faults.is_empty());
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
    figure: String,
    answers: u64,
    worst: witness::Worst,
    peak: u64,
    before: Usage,
    after: Usage,
    recovered: Duration,
    faults: Vec<String>,
}

/// Runs one attack against a new server.
fn play(scenario: &Scenario, media: &Media, minutes: u64) -> Result<Outcome> {
    let mut server = Server::start(media, scenario.limit)?;
    witness::warm_up(server.address())?;
    let before = server.usage()?;
    let witness = Witness::begin(server.address(), server.process(), scenario.expects);
    let target = Target {
        address: server.address(),
        media,
        minutes,
        server: &server,
    };
    let figure = (scenario.attack)(&target);
    let seen = witness.end();
    let mut faults = seen.faults;
    let figure = figure.unwrap_or_else(|error| {
        faults.push(error.to_string());
        "the attack was aborted".to_owned()
    });
    if let Some(status) = server.has_ended()? {
        return Err(format!("the program has ended: {status}; {faults:?}").into());
    }
    let (worst, page) = seen.worst;
    if worst > ANSWER_GOAL {
        let seconds = worst.as_secs_f64();
        faults.push(format!("{page} was answered after {seconds:.2} s"));
    }
    if seen.peak > MEMORY_GOAL {
        faults.push(format!("{} of memory", mebibytes(seen.peak)));
    }
    let (after, recovered) = recover(&server, before)?;
    if !after.is_as(before) {
        faults.push("resources are not released".to_owned());
    }
    // After the attack, no 503 is allowed.
    if let Err(error) = witness::is_well(server.address(), Expects::Everything) {
        faults.push(format!("after the attack: {error}"));
    }
    if let Err(error) = server.stop() {
        faults.push(error.to_string());
    }
    Ok(Outcome {
        figure,
        answers: seen.answers,
        worst: seen.worst,
        peak: seen.peak,
        before,
        after,
        recovered,
        faults,
    })
}

/// Waits until resources are released, at most [`RECOVERY`].
fn recover(server: &Server, before: Usage) -> Result<(Usage, Duration)> {
    let begin = Instant::now();
    loop {
        let now = server.usage()?;
        if now.is_as(before) || begin.elapsed() > RECOVERY {
            return Ok((now, begin.elapsed()));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

impl Usage {
    /// Returns whether the values are within the margins.
    fn is_as(self, before: Usage) -> bool {
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
            self.figure,
            self.answers,
            self.worst.0.as_millis(),
            mebibytes(self.peak),
            self.recovered.as_secs_f64(),
            self.after.threads,
            self.before.threads,
            self.after.descriptors,
            self.before.descriptors,
            mebibytes(self.after.resident),
            mebibytes(self.before.resident),
        )?;
        for fault in &self.faults {
            write!(out, "\n          {fault}")?;
        }
        Ok(())
    }
}

/// Formats bytes in MiB.
pub(crate) fn mebibytes(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}
