//! Measures the built program. Compares it with its goals and with other servers (peers). Every server is a child
//! process, so `/proc` shows its resources without those of the clients.
//!
//!     scripts/bench [WORKLOAD…] [--rounds N] [--quick] [--peers nginx,lighttpd] [--out DIR]
//!
//! Workloads: `bulk seeks first-byte paused viewers windows rest` (see `workloads/mod.rs`). All servers serve the same
//! file. In each round, each server has one turn, so that other work of the machine affects all servers. Prints the
//! median and the spread of the rounds, the ratio to nginx in the same round, and the goals. `windows` requests
//! subtitles inside a film. Only videoserve can read them, so `windows` does not measure the peers.
//!
//! The exit code is 1 if a goal is missed, and 2 if a measurement failed. Two environment variables contain paths:
//! `PROGRAM` is the program to measure, if it is not the release build. `STATIC_PROGRAM` is the static build, whose
//! size the workload `rest` measures.
//!
//! Clients and servers share the machine. Processor time is the user and system time of all processes of a server. On
//! loopback, this time includes a part of the kernel's work for the clients. Memory is the proportional share (Pss): a
//! page that two processes share counts once.

#![allow(clippy::too_many_lines)] // A list of steps or a table may be long.

mod client;
/// The served file.
mod film;
mod options;
mod random;
mod results;
mod servers;
/// Code that all test crates share.
#[path = "../shared/mod.rs"]
mod shared;
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
use crate::workloads::{Bench, WORKLOADS};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> ExitCode {
    if let [_, flag, address, directory] = &std::env::args().collect::<Vec<_>>()[..]
        && flag == bare_loop::FLAG
    {
        // `run` returns only if an error occurs.
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
            println!("\nmissing results: {unknown}");
            ExitCode::from(2)
        }
        Ok(Outcome { missed, .. }) => {
            println!("\nmissed goals: {missed}");
            ExitCode::from(1)
        }
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::from(2)
        }
    }
}

/// The number of missed goals, and the number of goals without a measurement.
struct Outcome {
    missed: usize,
    unknown: usize,
}

fn run(options: &Options) -> Result<Outcome> {
    for name in &options.workloads {
        let known = WORKLOADS.iter().any(|(known, _)| known == name);
        if !known {
            return Err(format!("unknown workload `{name}`").into());
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
        "all servers except python without access logs; nginx with sendfile and tcp_nopush, one worker per processor"
    );

    let mut report = Report::default();
    let names = peers.iter().map(Peer::name).collect();
    let ours = peers.iter().position(Peer::is_ours);
    let reference = peers.iter().position(Peer::is_reference);
    let bare_loop = peers.iter().position(Peer::is_bare_loop);
    let mut bench = Bench {
        film: &film,
        peers: &peers,
        options,
        table: Table::new(
            names,
            ours.ok_or("there is no videoserve")?,
            reference,
            bare_loop,
        ),
    };
    for (name, measure) in WORKLOADS {
        if options.wants(name) {
            report.section(name);
            measure(&mut bench).map_err(|error| format!("{name}: {error}"))?;
            print!("{}", text::rows(&bench.table, name));
        }
    }

    let table = bench.table;
    report.section("goals");
    let mut unknown = table.judge(&mut report);
    for line in table.failures() {
        println!("  {line}");
    }
    if let Some(share) = table.client_share() {
        println!(
            "  the single thread of the clients was never busy for more than {share:.0} % of the time"
        );
    }
    unknown += usize::from(table.lacks_a_value());
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

fn machine() -> Result<String> {
    let read = |path: &str| fs::read_to_string(Path::new("/proc").join(path));
    let (processor, load) = (read("cpuinfo")?, read("loadavg")?);
    let model = processor
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("unknown processor", |(_, name)| name);
    Ok(format!(
        "{} × {model}, Linux {}, load {}",
        thread::available_parallelism()?,
        read("sys/kernel/osrelease")?.trim(),
        load.split(' ').next().unwrap_or_default()
    ))
}
