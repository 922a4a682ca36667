//! A server as a child process: started, asked to end, also when it is forgotten. Linux only.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::Result;

/// A child process. It ends when this value is dropped: asked at first, for one that has children may leave them behind
/// when it is killed.
pub(crate) struct Process {
    child: Child,
}

/// What `/proc` says about a process.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Usage {
    /// Resident memory in bytes, the program's own pages included.
    pub(crate) resident: u64,
    pub(crate) threads: u64,
    pub(crate) descriptors: u64,
}

/// How long a stop may take: the grace of running responses is 10 s.
const STOP_TIME: Duration = Duration::from_secs(12);

/// How long it may take when nobody cares how it ends.
const DROP_TIME: Duration = Duration::from_secs(2);

/// The program under test.
pub(crate) fn program() -> String {
    std::env::var("PROGRAM").unwrap_or_else(|_| env!("CARGO_BIN_EXE_videoserve").to_owned())
}

/// Starts the program on a free loopback port; returns as soon as it has printed that port, before anybody has
/// connected. `command` is the program, or what runs it.
pub(crate) fn start_program(mut command: Command) -> Result<(Process, u16)> {
    let mut child = command
        .args(["--port", "0", "--bind", "127.0.0.1"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot start {:?}: {error}", command.get_program()))?;
    let output = child.stdout.take();
    let process = Process::from(child);
    let mut output = BufReader::new(output.ok_or("the server has no output")?);
    let port = read_port(&mut output)?;
    // What else it prints must not fill the pipe and block it.
    thread::spawn(move || io::copy(&mut output, &mut io::sink()));
    Ok((process, port))
}

impl From<Child> for Process {
    fn from(child: Child) -> Self {
        Self { child }
    }
}

impl Process {
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it has.
    pub(crate) fn has_ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Asks it to end, and requires exit code 0.
    pub(crate) fn stop(mut self) -> Result<()> {
        match self.ask_to_end(STOP_TIME)? {
            Some(status) if status.success() => Ok(()),
            Some(status) => Err(format!("the server ended with {status} after SIGTERM").into()),
            None => Err("the server still runs long after SIGTERM".into()),
        }
    }

    /// How it ended, if it did so within this time.
    fn ask_to_end(&mut self, time: Duration) -> Result<Option<ExitStatus>> {
        if let Some(status) = self.has_ended()? {
            return Ok(Some(status));
        }
        kill_process(Pid::from_child(&self.child), Signal::TERM)?;
        let deadline = Instant::now() + time;
        while Instant::now() < deadline {
            if let Some(status) = self.has_ended()? {
                return Ok(Some(status));
            }
            thread::sleep(Duration::from_millis(2));
        }
        Ok(None)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !matches!(self.ask_to_end(DROP_TIME), Ok(Some(_))) {
            // An error says that it has ended already.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Of one process; the program has no children.
pub(crate) fn usage(process: u32) -> Result<Usage> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    Ok(Usage {
        resident: 1024 * number_in(&status, "VmRSS:")?,
        threads: number_in(&status, "Threads:")?,
        descriptors: fs::read_dir(format!("/proc/{process}/fd"))?.count() as u64,
    })
}

/// The number behind a name in one of the tables of `/proc`.
pub(crate) fn number_in(table: &str, name: &str) -> Result<u64> {
    let line = table.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|rest| rest.split_whitespace().next());
    Ok(number.ok_or(format!("/proc has no {name}"))?.parse()?)
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
