//! Measures the built program against its goals, from outside: the server is a child process, so that `/proc` tells
//! its memory, threads and processor time apart from the client's. Linux only.
//!
//!     scripts/bench [--long] [memory burst idle readers stall bulk]
//!
//! One line for each goal: met or missed, the figure, the goal. Exit code 1 when a goal is missed, 2 when something
//! could not be measured. `--long` waits for the real stall time-out of 90 s too. `VIDEOSERVE_BIN` names another
//! program to measure.

/// Bulk transfer from the page cache, against a bare loop in C.
mod bulk;
/// A raw HTTP client that stops reading when it is told to.
mod client;
/// Many connections: six at the same instant, two thousand kept open.
mod connections;
/// The file that is served.
mod film;
/// Memory of a server that has nothing to do.
mod memory;
/// Readers that have stopped reading.
mod readers;
/// Figures, goals, and the lines that say so.
mod report;
/// The server as a child process.
mod server;

use std::error::Error;
use std::process::ExitCode;

use crate::film::Film;
use crate::report::Report;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// A measurement: what to call it on the command line, and what to run.
type Measurement = (&'static str, fn(&Film, &mut Report) -> Result<()>);

const MEASUREMENTS: [Measurement; 6] = [
    ("memory", memory::idle),
    ("burst", connections::burst),
    ("idle", connections::kept_alive),
    ("readers", readers::paused),
    ("stall", readers::stalled),
    ("bulk", bulk::against_copy_loop),
];

fn main() -> ExitCode {
    match run() {
        Ok(0) => ExitCode::SUCCESS,
        Ok(missed) => {
            println!("\n{missed} missed");
            ExitCode::from(1)
        }
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::from(2)
        }
    }
}

/// Runs what the command line asks for; returns how many goals were missed.
fn run() -> Result<usize> {
    // `cargo bench` adds `--bench`.
    let mut wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let long = wanted.iter().any(|argument| argument == "--long");
    wanted.retain(|argument| argument != "--long");
    for name in &wanted {
        if !MEASUREMENTS.iter().any(|(known, _)| known == name) {
            return Err(format!("there is no measurement `{name}`").into());
        }
    }

    let film = Film::write()?;
    let mut report = Report::default();
    println!("{}", server::program());
    for (name, measure) in MEASUREMENTS {
        if wanted.is_empty() || wanted.iter().any(|one| one == name) {
            report.section(name);
            measure(&film, &mut report).map_err(|error| format!("{name}: {error}"))?;
        }
    }
    if long {
        report.section("stall, the real time-out");
        readers::stalled_for(&film, &mut report, readers::REAL_TIMEOUT)?;
    }
    Ok(report.missed())
}
