use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::Result;
use crate::client::Connection;
use crate::film::{self, Film};
use crate::report::{Report, Samples};
use crate::server::Server;

const ROUNDS: usize = 9;
const RATIO_GOAL: f64 = 0.9;

/// What the server lets the kernel hold unsent. The second loop has that and its other options.
const UNSENT: &str = "262144";

/// 1 GiB from the page cache to one client, from the server and from two bare loops of `read` and `write` in turn, so
/// that whatever else the machine does meets all.
pub(crate) fn against_copy_loop(film: &Film, report: &mut Report) -> Result<()> {
    let program = compile_copy_loop()?;
    let runners = [
        ("the server", Server::start_warm(film, &[])?),
        (
            "the loop in C",
            Server::start_copy_loop(&program, film, &[])?,
        ),
        (
            "the loop in C with the server's socket options",
            Server::start_copy_loop(&program, film, &[UNSENT])?,
        ),
    ];
    let mut speeds = Vec::new();
    let mut processor = Vec::new();
    for (_, runner) in &runners {
        // One round that does not count.
        transfer(runner)?;
        speeds.push(Samples::new("MB/s"));
        processor.push(runner.processor_seconds()?);
    }
    for _ in 0..ROUNDS {
        for ((_, runner), speed) in runners.iter().zip(&mut speeds) {
            speed.add(transfer(runner)?);
        }
    }
    for (other, name) in [(1, runners[1].0), (2, runners[2].0)] {
        let ratio = speeds[0].median() / speeds[other].median();
        report.goal(
            ratio >= RATIO_GOAL,
            &format!("bulk, median against that of {name}"),
            format_args!("{ratio:.3}"),
            format_args!("at least {RATIO_GOAL}"),
        );
    }
    for (((name, runner), speed), before) in runners.iter().zip(&speeds).zip(processor) {
        let seconds = (runner.processor_seconds()? - before) / ROUNDS as f64;
        report.figure(
            name,
            format_args!("{speed}; processor {seconds:.2} s for 1 GiB"),
        );
    }
    let [(_, server), ..] = runners;
    server.stop()
}

/// Fetches the film over a new connection; MB/s from the request to its last byte.
fn transfer(server: &Server) -> Result<f64> {
    let mut connection = Connection::open(server.port())?;
    let begin = Instant::now();
    connection.get(film::TARGET, "Connection: close\r\n")?;
    Ok(film::LENGTH as f64 / 1e6 / begin.elapsed().as_secs_f64())
}

fn compile_copy_loop() -> Result<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bench/copyloop.c");
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("copyloop");
    let compiler = Command::new("cc")
        .arg("-O2")
        .arg("-o")
        .arg(&program)
        .arg(source)
        .status();
    match compiler {
        Ok(status) if status.success() => Ok(program),
        Ok(status) => Err(format!("cc ended with {status}").into()),
        Err(error) => Err(format!("cannot run cc: {error}").into()),
    }
}
