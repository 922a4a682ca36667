//! Attacks the built program until nothing falls, for minutes. From outside: the server is a child process, so that
//! `/proc` tells its memory, threads and descriptors apart from the attackers'. Linux only.
//!
//!     scripts/soak [SCENARIO…] [--minutes N]
//!
//! One line for each scenario: `ok` or `FELL`, its figures. All the time a client that does nothing wrong asks and
//! compares what it gets; the worst of its answers is one of the figures. Exit code 1 when something fell, 2 when
//! something could not be tried. `--minutes` is the length of `mixed`, 30 unless given. `PROGRAM` names another
//! program to attack.

#![allow(clippy::too_many_lines)] // A list of steps or a table may be long.

/// Connections that say nothing, half of something, or something and never read.
mod connections;
/// Files and links that change while they are sent.
mod files;
/// Requests without an end.
mod floods;
/// What the system may refuse: descriptors, threads, memory.
mod limits;
/// What is served.
mod media;
/// Half an hour of everybody at once.
mod mixed;
/// Pages, subtitles and lists: unread, and expensive.
mod pages;
/// The program as a child process, under a limit.
mod server;
/// What the benches have in common.
#[path = "../shared/mod.rs"]
mod shared;
/// slowhttptest, which others have written.
mod slowhttptest;
/// The client that does nothing wrong, and what it sees.
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

/// What an attack works on.
pub(crate) struct Target<'a> {
    pub(crate) address: SocketAddr,
    pub(crate) media: &'a Media,
    pub(crate) minutes: u64,
    pub(crate) server: &'a Server,
}

/// One attack.
struct Scenario {
    name: &'static str,
    /// Returns its own figure.
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

/// One that takes all streams: then a 503 is a right answer to whoever wants one more.
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

const SCENARIOS: [Scenario; 29] = [
    taking_streams(scenario("slow-heads", slowhttptest::heads)),
    taking_streams(scenario("slow-bodies", slowhttptest::bodies)),
    taking_streams(scenario("slow-ranges", slowhttptest::ranges)),
    taking_streams(scenario("slow-reads", slowhttptest::reads)),
    scenario("trickled-heads", connections::trickle),
    scenario("long-half-heads", connections::long_half_heads),
    scenario("endless-line", floods::endless_line),
    scenario("endless-field", floods::endless_field),
    scenario("many-fields", floods::many_fields),
    scenario("endless-length", floods::endless_length),
    scenario("endless-chunks", floods::endless_chunks),
    scenario("pipeline", floods::pipeline),
    scenario("pipeline-film", floods::pipeline_of_films),
    scenario("idle", connections::idle),
    taking_streams(scenario("paused", connections::paused)),
    taking_streams(scenario("one-takes-all", connections::one_takes_all)),
    scenario("resets", connections::resets),
    taking_streams(scenario("unread-pages", pages::unread)),
    taking_streams(scenario("unread-subtitles", pages::unread_subtitles)),
    taking_streams(scenario("expensive-pages", pages::expensive)),
    taking_streams(scenario("expensive-burst", pages::burst)),
    scenario("changing-files", files::change),
    scenario("swapped-links", files::swap),
    under(Limit::Descriptors(256), "descriptors-256"),
    under(Limit::Threads(40), "threads-40"),
    under(Limit::Threads(16), "threads-16"),
    under(Limit::AddressSpace(256), "address-space-256"),
    under(Limit::Memory(64), "memory-64"),
    scenario("mixed", mixed::mixed),
];

/// Nobody waits longer than this for a right answer.
const ANSWER_GOAL: Duration = Duration::from_secs(2);
/// Nothing makes the program take more.
const MEMORY_GOAL: u64 = 128 << 20;
/// How long it may take until all is as before. The longest time-outs are those of a reader that vanished and of a
/// kept connection; clients that end their connections are noticed at once, surplus workers end after some seconds.
const RECOVERY: Duration = Duration::from_secs(40);
/// What may be more than before, then. Of memory that is what the allocator keeps: glibc has eight arenas for each
/// processor and gives nothing back of one that has less to give than the largest block that was ever freed.
const THREADS_MARGIN: u64 = 3;
const DESCRIPTORS_MARGIN: u64 = 2;
const MEMORY_MARGIN: u64 = 48 << 20;

fn main() -> ExitCode {
    match run() {
        Ok(0) => ExitCode::SUCCESS,
        Ok(fallen) => {
            println!("\n{fallen} fell");
            ExitCode::from(1)
        }
        Err(error) => {
            eprintln!("soak: {error}");
            ExitCode::from(2)
        }
    }
}

/// Runs what the command line asks for; returns how many fell.
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
    let mut fallen = 0;
    for scenario in &SCENARIOS {
        if !wanted.is_empty() && !wanted.iter().any(|name| name == scenario.name) {
            continue;
        }
        if let Some(reason) = scenario.limit.is_not_to_be_had(scenario.name) {
            println!("skipped {}: {reason}", scenario.name);
            continue;
        }
        match play(scenario, &media, minutes) {
            Ok(outcome) => {
                let word = if outcome.faults.is_empty() {
                    "ok  "
                } else {
                    "FELL"
                };
                println!("{word}    {}: {outcome}", scenario.name);
                fallen += usize::from(!outcome.faults.is_empty());
            }
            Err(error) => {
                println!("FELL    {}: {error}", scenario.name);
                fallen += 1;
            }
        }
    }
    Ok(fallen)
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

/// Plays one attack against a fresh server.
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
        "the attack could not go on".to_owned()
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
        faults.push("not as before".to_owned());
    }
    // Well again: all of it, without excuse.
    if let Err(error) = witness::is_well(server.address(), Expects::Everything) {
        faults.push(format!("not well afterwards: {error}"));
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

/// Waits until all is as before, or for as long as that may take.
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
    /// Within the margins.
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
            "{}; worst of {} right answers {} ms, peak {}; {:.0} s later {} threads ({} before), {} descriptors ({}), {} ({})",
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

/// Bytes in MiB, for reading.
pub(crate) fn mebibytes(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}
