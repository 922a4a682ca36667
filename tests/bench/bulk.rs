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

/// 1 GiB from the page cache to one client, from the server and from a bare loop of `read` and `write` in turn, so
/// that whatever else the machine does meets both.
pub(crate) fn against_copy_loop(film: &Film, report: &mut Report) -> Result<()> {
    let server = Server::start_warm(film, &[])?;
    let copy_loop = Server::start_copy_loop(&compile_copy_loop()?, film)?;
    // One round that does not count.
    transfer(&server)?;
    transfer(&copy_loop)?;

    let processor = [server.processor_seconds()?, copy_loop.processor_seconds()?];
    let (mut ours, mut bare, mut ratios) = (
        Samples::new("MB/s"),
        Samples::new("MB/s"),
        Samples::new("times"),
    );
    for _ in 0..ROUNDS {
        let (one, other) = (transfer(&server)?, transfer(&copy_loop)?);
        ours.add(one);
        bare.add(other);
        ratios.add(one / other);
    }
    let ratio = ours.median() / bare.median();
    report.goal(
        ratio >= RATIO_GOAL,
        "bulk, median against the median of the loop in C",
        format_args!("{ratio:.3}"),
        format_args!("at least {RATIO_GOAL}"),
    );
    report.figure("the server", &ours);
    report.figure("the loop in C", &bare);
    report.figure("round by round", &ratios);
    let gibibytes = ROUNDS as f64;
    report.figure(
        "processor time for 1 GiB",
        format_args!(
            "server {:.2} s, loop in C {:.2} s",
            (server.processor_seconds()? - processor[0]) / gibibytes,
            (copy_loop.processor_seconds()? - processor[1]) / gibibytes
        ),
    );
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
