use std::fs;
use std::io::{self, BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process, setrlimit};

use crate::Result;
use crate::limits::Limit;
use crate::media::Media;

/// A child process that serves on a free loopback port. It is killed when this value is dropped.
pub(crate) struct Server {
    child: Child,
    port: u16,
}

/// What `/proc` says about it and its children.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Usage {
    pub(crate) resident: u64,
    pub(crate) threads: u64,
    pub(crate) descriptors: u64,
}

/// How long a stop may take: the grace of running responses is 10 s.
const STOP_TIME: Duration = Duration::from_secs(12);

pub(crate) fn program() -> String {
    std::env::var("VIDEOSERVE_BIN").unwrap_or_else(|_| env!("CARGO_BIN_EXE_videoserve").to_owned())
}

/// Room for thousands of clients in this process. The server raises its own.
pub(crate) fn raise_descriptor_limit() -> Result<()> {
    let maximum = getrlimit(Resource::Nofile).maximum;
    let current = maximum;
    Ok(setrlimit(Resource::Nofile, Rlimit { current, maximum })?)
}

impl Server {
    /// Starts the program; returns as soon as it has printed its port.
    pub(crate) fn start(media: &Media, limit: Limit) -> Result<Self> {
        let mut command: Command = limit.command();
        // Whoever looks for a cause sets it to something else.
        let log = std::env::var("RUST_LOG").unwrap_or_else(|_| "off".to_owned());
        let mut child = command
            .arg("--dir")
            .arg(media.dir())
            .args(["--port", "0", "--bind", "127.0.0.1"])
            .env("RUST_LOG", log)
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

    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn usage(&self) -> Result<Usage> {
        usage(self.child.id())
    }

    /// How it ended, if it has.
    pub(crate) fn has_ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Asks it to end, and requires exit code 0.
    pub(crate) fn stop(mut self) -> Result<()> {
        kill_process(Pid::from_child(&self.child), Signal::TERM)?;
        let deadline = Instant::now() + STOP_TIME;
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
        Err("the server still runs long after SIGTERM".into())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // An error says that it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Of a process and all below it.
pub(crate) fn usage(process: u32) -> Result<Usage> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let mut sum = Usage {
        resident: 1024 * number_in(&status, "VmRSS:")?,
        threads: number_in(&status, "Threads:")?,
        descriptors: fs::read_dir(format!("/proc/{process}/fd"))?.count() as u64,
    };
    for thread in fs::read_dir(format!("/proc/{process}/task"))?.flatten() {
        let children = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
        for child in children.split_whitespace().filter_map(|id| id.parse().ok()) {
            // It may be gone by now.
            let below = usage(child).unwrap_or_default();
            sum.resident += below.resident;
            sum.threads += below.threads;
            sum.descriptors += below.descriptors;
        }
    }
    Ok(sum)
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
fn number_in(table: &str, name: &str) -> Result<u64> {
    let line = table.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|rest| rest.split_whitespace().next());
    Ok(number.ok_or(format!("/proc has no {name}"))?.parse()?)
}
