//! Runs the built program as a child process.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::shared::process::{self, Process};
use crate::support::{Client, TIMEOUT};

pub(crate) fn program() -> Command {
    let mut command = clean(env!("CARGO_BIN_EXE_videoserve"));
    command.stdin(Stdio::null());
    command
}

/// The environment variable that turns the supervisor off. The supervisor is a process that starts the server process,
/// and starts it again after a crash. Without a supervisor, the program is one process: the server. So the id of the
/// child process is the id of the server.
pub(crate) const NO_SUPERVISOR: (&str, &str) = ("VIDEOSERVE_NO_SUPERVISOR", "1");

/// Returns a command whose environment has [`NO_SUPERVISOR`] and no other variable that the program reads. So the
/// environment of the user does not change the result of a test.
pub(crate) fn clean(name: &str) -> Command {
    let mut command = Command::new(name);
    for (name, _) in std::env::vars_os() {
        if name.as_encoded_bytes().starts_with(b"VIDEOSERVE_") {
            command.env_remove(name);
        }
    }
    for name in [
        "RUST_LOG",
        "NOTIFY_SOCKET",
        "INVOCATION_ID",
        "SYSTEMD_EXEC_PID",
        "LISTEN_PID",
        "LISTEN_FDS",
    ] {
        command.env_remove(name);
    }
    command.env(NO_SUPERVISOR.0, NO_SUPERVISOR.1);
    command
}

pub(crate) struct Running {
    pub(crate) process: Process,
    pub(crate) address: SocketAddr,
}

impl Running {
    /// Starts the command with `--print-url`, and returns when clients can connect.
    #[track_caller]
    pub(crate) fn start(mut command: Command) -> Running {
        let started = process::start(command.stderr(Stdio::piped()));
        let (process, address) = started.unwrap_or_else(|error| panic!("{error}"));
        Running { process, address }
    }

    pub(crate) fn serving(dir: &Path, arguments: &[&str]) -> Running {
        let mut command = program();
        command
            .arg("--dir")
            .arg(dir)
            .args(["--port", "0", "--bind", "127.0.0.1"])
            .args(arguments);
        Running::start(command)
    }

    /// Starts the program without a log.
    pub(crate) fn quiet(dir: &Path, arguments: &[&str]) -> Running {
        let mut command = program();
        command
            .env("RUST_LOG", "off")
            .args(["--port", "0", "--dir"])
            .arg(dir)
            .args(arguments);
        Running::start(command)
    }

    pub(crate) fn with_descriptors(limit: u32, dir: &Path, arguments: &[&str]) -> Running {
        let mut command = clean("sh");
        command
            .arg("-c")
            .arg(format!("ulimit -n {limit}; exec \"$@\""))
            .args([
                "sh",
                env!("CARGO_BIN_EXE_videoserve"),
                "--port",
                "0",
                "--dir",
            ])
            .arg(dir)
            .args(arguments)
            .env("RUST_LOG", "off");
        Running::start(command)
    }

    /// Returns the resident memory in KiB.
    pub(crate) fn resident(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// Returns the maximum of the resident memory since the start, in KiB.
    pub(crate) fn peak(&self) -> u64 {
        self.status("VmHWM:")
    }

    pub(crate) fn threads(&self) -> u64 {
        self.status("Threads:")
    }

    /// Returns the processor time that the program has used, in hundredths of a second.
    pub(crate) fn processor_ticks(&self) -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id())).unwrap();
        let (_, fields) = stat.rsplit_once(") ").unwrap();
        // proc_pid_stat(5): utime and stime are fields 14 and 15. The list `fields` begins with field 3.
        let times = fields.split(' ').skip(11).take(2);
        times.map(|field| field.parse::<u64>().unwrap()).sum()
    }

    /// Returns whether the program has an open socket with the inode `number`.
    pub(crate) fn has_socket(&self, number: u64) -> bool {
        let name = format!("socket:[{number}]");
        std::fs::read_dir(format!("/proc/{}/fd", self.process.id()))
            .unwrap()
            .filter_map(|entry| std::fs::read_link(entry.unwrap().path()).ok())
            .any(|target| target.as_os_str() == name.as_str())
    }

    fn status(&self, name: &str) -> u64 {
        let path = format!("/proc/{}/status", self.process.id());
        process::number_in(&std::fs::read_to_string(path).unwrap(), name).unwrap()
    }

    /// Returns the pipe with the log, so that a test can read the log while the program runs.
    pub(crate) fn take_log(&mut self) -> ChildStderr {
        self.process.child.stderr.take().unwrap()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        self.process.signal(signal).unwrap();
    }

    /// Waits until the program ends. Returns the exit code and the log. If a signal killed the program, the code is 128
    /// plus the signal number.
    #[track_caller]
    pub(crate) fn wait(&mut self) -> (i32, String) {
        use std::os::unix::process::ExitStatusExt;
        let status = self.process.ends_within(TIMEOUT).unwrap();
        let status = status.expect("the program ends in time");
        let code = status
            .code()
            .unwrap_or_else(|| 128 + status.signal().unwrap());
        (code, self.process.errors().unwrap())
    }
}

/// Checks that a command exits with `code` and prints one line of error. The line contains all `words`.
#[track_caller]
pub(crate) fn fails(command: &mut Command, code: i32, words: &[&str]) {
    let output = command.output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{message}");
    assert!(output.stdout.is_empty(), "{message}");
    assert!(
        message.starts_with("videoserve: ") && message.lines().count() == 1,
        "{message}"
    );
    for word in words {
        assert!(message.contains(word), "{word:?} is not in {message}");
    }
}

/// Checks that a normal client gets a response within 5 s.
#[track_caller]
pub(crate) fn check_is_well(running: &Running) {
    let before = Instant::now();
    let mut client = Client::connect(running.address);
    assert_eq!(client.request("GET", "/healthz", "").text(), "ok");
    let elapsed = before.elapsed();
    assert!(elapsed < Duration::from_secs(5), "{elapsed:?}");
}
