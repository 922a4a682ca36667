//! Measures the built program against its goals and its peers, from outside: every server is a child process, so that
//! `/proc` tells its memory, threads and processor time apart from the client's. Linux only.
//!
//!     scripts/bench [WORKLOAD…] [--rounds N] [--quick] [--peers nginx,lighttpd] [--out DIR]
//!
//! Workloads: `bulk seeks first-byte paused viewers windows rest`. All servers serve the same file, and take turns: one
//! round is one turn of each, so that whatever else the machine does meets all. Shown are the median of the rounds, their
//! spread, and the ratio to nginx in the same round. One line for each goal: met or missed. `windows` measures only this
//! program, because the peers read no subtitles in films.
//!
//! Exit code 1 when a goal is missed, 2 when something could not be measured. `PROGRAM` names another program to
//! measure, `STATIC_PROGRAM` the static build whose size counts.
//!
//! What to know about the figures: client and server share the machine. Processor time is user and system time of all
//! processes of a server; what the kernel does on loopback for the receiver is in part charged to the sender, for every
//! server alike. Memory is the proportional share (Pss), which counts a page that two processes have in common once.

#![allow(clippy::too_many_lines)] // A list of steps or a table may be long.

/// The clients.
mod client;
/// The file that is served.
mod film;
/// The command line.
mod options;
/// Numbers without a pattern.
mod random;
/// Figures, goals, and how they are shown.
mod results;
/// The servers as child processes.
mod servers;
/// Shared by all test crates.
#[path = "../shared/mod.rs"]
mod shared;
/// What is measured of all servers.
mod workloads;

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::thread;

use crate::film::Film;
use crate::options::Options;
use crate::results::{Report, Table, chart, markdown, text};
use crate::servers::{Found, Peer, bare_loop};
use crate::workloads::{Field, WORKLOADS};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> ExitCode {
    if let [_, flag, address, directory] = &std::env::args().collect::<Vec<_>>()[..]
        && flag == bare_loop::FLAG
    {
        // Runs until it gets a signal.
        let _ = bare_loop::run(address, directory);
        return ExitCode::FAILURE;
    }
    let options = match Options::read() {
        Ok(options) => options,
        Err(exit) => {
            println!("{}", exit.output);
            return ExitCode::from(if exit.status.is_ok() { 0 } else { 2 });
        }
    };
    match run(&options) {
        Ok(Outcome {
            missed: 0,
            unknown: 0,
        }) => ExitCode::SUCCESS,
        Ok(Outcome { missed: 0, unknown }) => {
            println!("\n{unknown} could not be judged");
            ExitCode::from(2)
        }
        Ok(Outcome { missed, .. }) => {
            println!("\n{missed} missed");
            ExitCode::from(1)
        }
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::from(2)
        }
    }
}

/// Number of goals that were missed, and of goals without a measurement.
struct Outcome {
    missed: usize,
    unknown: usize,
}

/// Runs what the command line asks for.
fn run(options: &Options) -> Result<Outcome> {
    for name in &options.workloads {
        let known = WORKLOADS.iter().any(|(known, _)| known == name);
        if !known {
            return Err(format!("there is no workload `{name}`").into());
        }
    }
    let film = Film::write()?;
    let Found { peers, missing } = servers::find(options)?;
    let machine = machine()?;
    println!("{machine}");
    for peer in &peers {
        println!("  {:<20}{}", peer.name(), peer.description());
    }
    for line in &missing {
        println!("  not measured: {line}");
    }

    println!(
        "no logs of requests; nginx with sendfile and tcp_nopush, a worker for each processor"
    );

    let mut report = Report::default();
    let names = peers.iter().map(Peer::name).collect();
    let ours = peers.iter().position(Peer::is_ours);
    let yardstick = peers.iter().position(Peer::is_yardstick);
    let bare_loop = peers.iter().position(Peer::is_bare_loop);
    let mut field = Field {
        film: &film,
        peers: &peers,
        options,
        table: Table::new(
            names,
            ours.ok_or("there is no videoserve")?,
            yardstick,
            bare_loop,
        ),
    };
    for (name, measure) in WORKLOADS {
        if options.wants(name) {
            report.section(name);
            measure(&mut field).map_err(|error| format!("{name}: {error}"))?;
            print!("{}", text::rows(&field.table, name));
        }
    }

    let table = field.table;
    report.section("goals");
    let mut unknown = table.judge(&mut report);
    for line in table.failures() {
        println!("  {line}");
    }
    if let Some(share) = table.client_share() {
        println!(
            "  the one thread of the clients was never busy for more than {share:.0} % of the time"
        );
    }
    unknown += usize::from(table.lacks_a_figure());
    if let Some(directory) = &options.out {
        fs::create_dir_all(directory)?;
        fs::write(
            directory.join("bench.md"),
            markdown::write(&table, &machine),
        )?;
        fs::write(directory.join("bench.svg"), chart::draw(&table, &machine))?;
        println!("\nbench.md and bench.svg are in {}", directory.display());
    }
    Ok(Outcome {
        missed: report.missed(),
        unknown,
    })
}

/// What the figures depend on.
fn machine() -> Result<String> {
    let read = |path: &str| fs::read_to_string(Path::new("/proc").join(path));
    let (processor, load) = (read("cpuinfo")?, read("loadavg")?);
    let model = processor
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("a processor without a name", |(_, name)| name);
    Ok(format!(
        "{} × {model}, Linux {}, load {}",
        thread::available_parallelism()?,
        read("sys/kernel/osrelease")?.trim(),
        load.split(' ').next().unwrap_or_default()
    ))
}
