use std::fs;
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::Result;
use crate::client::Connection;
use crate::film::Film;

/// A child process that serves on a free loopback port. It is killed when this value is dropped.
pub(crate) struct Server {
    child: Child,
    port: u16,
}

/// What `/proc` says about the child.
#[derive(Clone, Copy)]
pub(crate) struct Usage {
    /// Resident memory in bytes, the program's own pages included.
    pub(crate) resident: u64,
    /// The part of it that no file backs: heap and stacks.
    pub(crate) anonymous: u64,
    pub(crate) threads: u64,
}

/// How long a stop may take: the grace of running responses is 10 s.
const STOP_SECONDS: u64 = 12;
/// Ticks of `/proc/PID/stat` in a second; the same on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;

/// The program under test.
pub(crate) fn program() -> String {
    std::env::var("VIDEOSERVE_BIN").unwrap_or_else(|_| env!("CARGO_BIN_EXE_videoserve").to_owned())
}

impl Server {
    /// Starts the program; returns as soon as it has printed its port, before anybody has connected.
    pub(crate) fn start(film: &Film, flags: &[&str]) -> Result<Self> {
        let mut command = Command::new(program());
        command.arg("--dir").arg(film.directory());
        command
            .args(["--port", "0", "--bind", "127.0.0.1"])
            .args(flags);
        Self::spawn(command)
    }

    /// The same, after one answered request.
    pub(crate) fn start_warm(film: &Film, flags: &[&str]) -> Result<Self> {
        let server = Self::start(film, flags)?;
        Connection::open(server.port)?.get("/healthz", "")?;
        Ok(server)
    }

    /// Starts the loop in C, with its own arguments behind the file.
    pub(crate) fn start_copy_loop(program: &Path, film: &Film, flags: &[&str]) -> Result<Self> {
        let mut command = Command::new(program);
        command.arg(film.path()).args(flags);
        Self::spawn(command)
    }

    fn spawn(mut command: Command) -> Result<Self> {
        let mut child = command
            // Its access lines would hide the figures.
            .env("RUST_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("cannot start {:?}: {error}", command.get_program()))?;
        let output = child.stdout.take();
        let mut server = Self { child, port: 0 };
        let mut output = BufReader::new(output.ok_or("the server has no output")?);
        server.port = read_port(&mut output)?;
        // What else it prints must not fill the pipe and block it.
        thread::spawn(move || io::copy(&mut output, &mut io::sink()));
        Ok(server)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn usage(&self) -> Result<Usage> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        Ok(Usage {
            resident: 1024 * number_in(&status, "VmRSS:")?,
            anonymous: 1024 * number_in(&status, "RssAnon:")?,
            threads: number_in(&status, "Threads:")?,
        })
    }

    /// Its share of the memory that it has in common with others, in bytes.
    pub(crate) fn proportional_memory(&self) -> Result<u64> {
        let rollup = fs::read_to_string(format!("/proc/{}/smaps_rollup", self.child.id()))?;
        Ok(1024 * number_in(&rollup, "Pss:")?)
    }

    /// Processor time so far, user and system, in seconds.
    pub(crate) fn processor_seconds(&self) -> Result<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name, in brackets, may hold anything; utime and stime are the 12th and 13th field after it.
        let fields = stat.rsplit(')').next().unwrap_or_default();
        let ticks: u64 = fields
            .split_whitespace()
            .skip(11)
            .take(2)
            .filter_map(|field| field.parse::<u64>().ok())
            .sum();
        Ok(ticks as f64 / TICKS_PER_SECOND)
    }

    /// Asks it to end, and requires exit code 0.
    pub(crate) fn stop(mut self) -> Result<()> {
        kill_process(Pid::from_child(&self.child), Signal::TERM)?;
        let deadline = Instant::now() + Duration::from_secs(STOP_SECONDS);
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                return if status.success() {
                    Ok(())
                } else {
                    Err(format!("the server ended with {status} after SIGTERM").into())
                };
            }
            thread::sleep(Duration::from_millis(2));
        }
        Err(format!("the server still runs {STOP_SECONDS} s after SIGTERM").into())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // An error says that it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The port in the first URL that the program prints.
fn read_port(output: &mut BufReader<ChildStdout>) -> Result<u16> {
    let mut line = String::new();
    while output.read_line(&mut line)? > 0 {
        if let Some((_, url)) = line.split_once("http://") {
            let authority = url.split(['/', ' ', '\n']).next().unwrap_or_default();
            if let Some((_, port)) = authority.rsplit_once(':') {
                return Ok(port.parse()?);
            }
        }
        line.clear();
    }
    Err("the server ended without printing a URL with its port".into())
}

/// The number behind a name in one of the tables of `/proc`.
pub(crate) fn number_in(table: &str, name: &str) -> Result<u64> {
    let line = table.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|rest| rest.split_whitespace().next());
    Ok(number.ok_or(format!("/proc has no {name}"))?.parse()?)
}
