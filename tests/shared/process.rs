//! A server as a child process. Dropping a [`Process`] ends the child.

use std::fs;
use std::io::{self, BufRead, BufReader, Error, Read};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// A child process. `stdout` is its standard output; the line with the URL is already read.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) child: Child,
    pub(crate) stdout: Option<BufReader<ChildStdout>>,
}

/// Values of a process from `/proc`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Usage {
    /// The resident memory in bytes, including the pages of the program file.
    pub(crate) resident: u64,
    pub(crate) threads: u64,
    pub(crate) descriptors: u64,
}

/// The arguments for a free port on loopback.
pub(crate) const LOOPBACK: [&str; 4] = ["--port", "0", "--bind", "127.0.0.1"];

/// The maximum time of a stop. The server itself ends running responses after 10 s.
const STOP_TIME: Duration = Duration::from_secs(12);
/// The wait after each signal. If a [`Process`] is dropped while its child runs, the child gets SIGTERM twice, and then
/// SIGKILL. The second SIGTERM ends the child at once.
const DROP_TIME: Duration = Duration::from_millis(300);

/// Returns the path of the program under test: the variable `PROGRAM`, otherwise the program that cargo has built.
///
/// # Panics
///
/// Panics if both are missing.
pub(crate) fn program() -> String {
    let built = option_env!("CARGO_BIN_EXE_videoserve").map(str::to_owned);
    let given = std::env::var("PROGRAM").ok();
    given.or(built).expect("PROGRAM is the path of the program")
}

/// Starts the program without a supervisor, and with `--print-url`. Returns when the program has printed its URL. From
/// then on, clients can connect.
pub(crate) fn start(command: &mut Command) -> io::Result<(Process, SocketAddr)> {
    // If the caller has set or removed the variable, this function does not change it.
    let name = "VIDEOSERVE_NO_SUPERVISOR";
    if !command.get_envs().any(|(known, _)| known == name) {
        command.env(name, "1");
    }
    let child = command.arg("--print-url").stdout(Stdio::piped()).spawn();
    let child = child.map_err(|error| Error::other(format!("{command:?}: {error}")))?;
    let mut process = Process::from(child);
    let mut line = String::new();
    if let Some(stdout) = &mut process.stdout {
        stdout.read_line(&mut line)?;
    }
    match address_in(&line) {
        Some(address) => Ok((process, address)),
        None => {
            // Kill the process first, because `errors` reads until the process closes the pipe.
            process.child.kill()?;
            let errors = process.errors()?;
            Err(Error::other(format!(
                "{command:?} printed {line:?} instead of its URL: {errors}"
            )))
        }
    }
}

/// Returns the address in a line of `--print-url`: `http://HOST:PORT/`.
pub(crate) fn address_in(line: &str) -> Option<SocketAddr> {
    let authority = line.strip_prefix("http://")?.trim_end().strip_suffix('/')?;
    let (host, port) = authority.rsplit_once(':')?;
    let host: IpAddr = match host.trim_start_matches('[').trim_end_matches(']') {
        "localhost" => Ipv4Addr::LOCALHOST.into(),
        host => host.parse().ok()?,
    };
    Some((host, port.parse().ok()?).into())
}

impl From<Child> for Process {
    fn from(mut child: Child) -> Self {
        let stdout = child.stdout.take().map(BufReader::new);
        Self { child, stdout }
    }
}

impl Process {
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, signal: Signal) -> io::Result<()> {
        Ok(kill_process(Pid::from_child(&self.child), signal)?)
    }

    pub(crate) fn has_ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// Returns the exit status if the process ends within this time.
    pub(crate) fn ends_within(&mut self, time: Duration) -> io::Result<Option<ExitStatus>> {
        let deadline = Instant::now() + time;
        loop {
            let status = self.has_ended()?;
            if status.is_some() || Instant::now() > deadline {
                return Ok(status);
            }
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Reads standard error to its end. Returns an empty text if standard error is not a pipe.
    pub(crate) fn errors(&mut self) -> io::Result<String> {
        let mut text = String::new();
        if let Some(mut pipe) = self.child.stderr.take() {
            pipe.read_to_string(&mut text)?;
        }
        Ok(text)
    }

    /// Stops the process with SIGTERM. Returns an error if the exit code is not 0.
    pub(crate) fn stop(mut self) -> io::Result<()> {
        if self.has_ended()?.is_none() {
            self.signal(Signal::TERM)?;
        }
        match self.ends_within(STOP_TIME)? {
            Some(status) if status.success() => Ok(()),
            Some(status) => Err(Error::other(format!(
                "the process ended with {status} after SIGTERM"
            ))),
            None => Err(Error::other("the process still runs after SIGTERM")),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A process that gets SIGKILL cannot end its own children. So SIGTERM comes first.
        for signal in [Signal::TERM, Signal::TERM, Signal::KILL] {
            if !matches!(self.has_ended(), Ok(None)) {
                return;
            }
            let _ = self.signal(signal);
            let _ = self.ends_within(DROP_TIME);
        }
        let _ = self.child.wait();
    }
}

pub(crate) fn usage(process: u32) -> io::Result<Usage> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let descriptors = fs::read_dir(format!("/proc/{process}/fd"))?.count();
    Ok(Usage {
        resident: 1024 * number_in(&status, "VmRSS:")?,
        threads: number_in(&status, "Threads:")?,
        descriptors: u64::try_from(descriptors).map_err(Error::other)?,
    })
}

/// Returns the number after a name in a table of `/proc`.
pub(crate) fn number_in(table: &str, name: &str) -> io::Result<u64> {
    let line = table.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|rest| rest.split_whitespace().next());
    let number = number.ok_or_else(|| Error::other(format!("/proc has no {name}")))?;
    number.parse().map_err(Error::other)
}
