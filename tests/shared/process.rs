//! A server as a child process. It ends when the value is dropped.

use std::fs;
use std::io::{self, BufRead, BufReader, Error, Read};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// A child process and, of the program, its standard output behind the URL.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) child: Child,
    pub(crate) stdout: Option<BufReader<ChildStdout>>,
}

/// What `/proc` says about a process.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Usage {
    /// Resident memory in bytes, the program's own pages included.
    pub(crate) resident: u64,
    pub(crate) threads: u64,
    pub(crate) descriptors: u64,
}

/// Arguments for a free port of this machine alone.
pub(crate) const LOOPBACK: [&str; 4] = ["--port", "0", "--bind", "127.0.0.1"];

/// How long a stop may take: running responses have 10 s.
const STOP_TIME: Duration = Duration::from_secs(12);
/// After this time a child that is dropped gets a second signal, which ends it at once, and then SIGKILL.
const DROP_TIME: Duration = Duration::from_millis(300);

/// The program under test.
///
/// # Panics
///
/// In a crate that is not built together with the program, unless `PROGRAM` names it.
pub(crate) fn program() -> String {
    let built = option_env!("CARGO_BIN_EXE_videoserve").map(str::to_owned);
    let named = std::env::var("PROGRAM").ok();
    named.or(built).expect("PROGRAM names the program")
}

/// Starts the program as one process with `--print-url`, and returns once it has printed its URL: clients can connect by then.
/// `command` is the program with its other arguments, or a command that runs it.
pub(crate) fn start(command: &mut Command) -> io::Result<(Process, SocketAddr)> {
    // Unless the command sets or removes the variable.
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
            // A running process would keep the pipe open.
            process.child.kill()?;
            let errors = process.errors()?;
            Err(Error::other(format!(
                "{command:?} printed {line:?} instead of its URL: {errors}"
            )))
        }
    }
}

/// The address in a line that `--print-url` prints: `http://HOST:PORT/`.
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

    /// The exit status, if the process has ended.
    pub(crate) fn has_ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// The exit status, if the process ends within this time.
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

    /// Standard error to its end, where it is a pipe.
    pub(crate) fn errors(&mut self) -> io::Result<String> {
        let mut text = String::new();
        if let Some(mut pipe) = self.child.stderr.take() {
            pipe.read_to_string(&mut text)?;
        }
        Ok(text)
    }

    /// Asks the process to end, and requires exit code 0.
    pub(crate) fn stop(mut self) -> io::Result<()> {
        if self.has_ended()?.is_none() {
            self.signal(Signal::TERM)?;
        }
        match self.ends_within(STOP_TIME)? {
            Some(status) if status.success() => Ok(()),
            Some(status) => Err(Error::other(format!(
                "it ended with {status} after SIGTERM"
            ))),
            None => Err(Error::other("it still runs long after SIGTERM")),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A process with children leaves them behind when it is killed, so it is asked first.
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

/// What `/proc` says about one process.
pub(crate) fn usage(process: u32) -> io::Result<Usage> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let descriptors = fs::read_dir(format!("/proc/{process}/fd"))?.count();
    Ok(Usage {
        resident: 1024 * number_in(&status, "VmRSS:")?,
        threads: number_in(&status, "Threads:")?,
        descriptors: u64::try_from(descriptors).map_err(Error::other)?,
    })
}

/// The number behind a name in one of the tables of `/proc`.
pub(crate) fn number_in(table: &str, name: &str) -> io::Result<u64> {
    let line = table.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|rest| rest.split_whitespace().next());
    let number = number.ok_or_else(|| Error::other(format!("/proc has no {name}")))?;
    number.parse().map_err(Error::other)
}
