//! The built program as a child process. Killed on drop.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::{Client, eventually};

pub(crate) fn program() -> Command {
    let mut command = clean(env!("CARGO_BIN_EXE_videoserve"));
    command.stdin(Stdio::null());
    command
}

/// A command without what the environment could say to the program.
pub(crate) fn clean(name: &str) -> Command {
    let mut command = Command::new(name);
    for (name, _) in std::env::vars_os() {
        // Ours, also those that only tests know.
        if name.as_encoded_bytes().starts_with(b"VIDEOSERVE_") {
            command.env_remove(name);
        }
    }
    for name in ["RUST_LOG", "NOTIFY_SOCKET", "LISTEN_PID", "LISTEN_FDS"] {
        command.env_remove(name);
    }
    command
}

/// The program while it runs. Killed on drop.
pub(crate) struct Running {
    pub(crate) child: Child,
    /// Behind the greeting.
    pub(crate) stdout: BufReader<ChildStdout>,
    pub(crate) greeting: Vec<String>,
    pub(crate) address: SocketAddr,
}

impl Running {
    /// Runs until the start-up lines are printed.
    pub(crate) fn start(mut command: Command) -> Running {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut greeting = Vec::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let port: u16 = loop {
            let mut line = String::new();
            if stdout.read_line(&mut line).unwrap() == 0 {
                panic!("{greeting:?} {}", stderr(&mut child));
            }
            greeting.push(line.trim_end().to_owned());
            // The first URL is the one for this machine.
            if let Some((_, port)) = line.trim_end().rsplit_once(':')
                && line.contains("http://")
            {
                break port.trim_end_matches('/').parse().unwrap();
            }
        };
        Running {
            child,
            stdout,
            greeting,
            address: ([127, 0, 0, 1], port).into(),
        }
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

    /// Without a log.
    pub(crate) fn quiet(dir: &Path, arguments: &[&str]) -> Running {
        let mut command = program();
        command
            .env("RUST_LOG", "off")
            .args(["--port", "0", "--dir"])
            .arg(dir)
            .args(arguments);
        Running::start(command)
    }

    /// That may not open more files than this.
    pub(crate) fn with_descriptors(limit: u32, dir: &Path, arguments: &[&str]) -> Running {
        let mut command = Command::new("sh");
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

    /// Its resident memory in KiB.
    pub(crate) fn resident(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// The most that it was.
    pub(crate) fn peak(&self) -> u64 {
        self.status("VmHWM:")
    }

    pub(crate) fn threads(&self) -> u64 {
        self.status("Threads:")
    }

    /// Of its processor time, in hundredths of a second.
    pub(crate) fn processor_ticks(&self) -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let (_, fields) = stat.rsplit_once(") ").unwrap();
        // proc_pid_stat(5): utime and stime are fields 14 and 15; these begin with the third.
        let times = fields.split(' ').skip(11).take(2);
        times.map(|field| field.parse::<u64>().unwrap()).sum()
    }

    /// Whether it has this socket, by its inode.
    pub(crate) fn has_socket(&self, number: u64) -> bool {
        let name = format!("socket:[{number}]");
        std::fs::read_dir(format!("/proc/{}/fd", self.child.id()))
            .unwrap()
            .filter_map(|entry| std::fs::read_link(entry.unwrap().path()).ok())
            .any(|target| target.as_os_str() == name.as_str())
    }

    fn status(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(name));
        let value = line.unwrap().split_whitespace().nth(1);
        value.unwrap().parse().unwrap()
    }

    /// What it logs, to be read while it runs; not to be waited for then.
    pub(crate) fn take_log(&mut self) -> ChildStderr {
        self.child.stderr.take().unwrap()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Its exit code (128 and the signal's number if it was killed) and what it logged.
    pub(crate) fn wait(&mut self) -> (i32, String) {
        use std::os::unix::process::ExitStatusExt;
        let mut status = None;
        eventually("the program ends", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        let status = status.unwrap();
        (
            status
                .code()
                .unwrap_or_else(|| 128 + status.signal().unwrap()),
            stderr(&mut self.child),
        )
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn stderr(child: &mut Child) -> String {
    let mut text = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    text
}

/// A client that does nothing wrong is answered, and soon: in 2 s on a machine that does nothing else.
#[track_caller]
pub(crate) fn is_well(running: &Running) {
    let before = Instant::now();
    let mut client = Client::connect(running.address);
    assert_eq!(client.request("GET", "/healthz", "").text(), "ok");
    let elapsed = before.elapsed();
    assert!(elapsed < Duration::from_secs(5), "{elapsed:?}");
}
