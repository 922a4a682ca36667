//! Starts programs, and ends them with all their child processes.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

/// A child process and its children, in one process group. The whole group is ended on drop.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    lines: Receiver<String>,
    output: Vec<String>,
}

impl Process {
    pub(crate) fn start(command: &mut Command) -> Result<Process, String> {
        let program = command.get_program().to_string_lossy().into_owned();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|error| format!("cannot start {program}: {error}"))?;
        // Threads read both pipes while the child runs, because a full pipe would block the child.
        let (sender, lines) = channel();
        let outputs: [Option<Box<dyn Read + Send>>; 2] = [
            child.stdout.take().map(|pipe| Box::new(pipe) as _),
            child.stderr.take().map(|pipe| Box::new(pipe) as _),
        ];
        for output in outputs.into_iter().flatten() {
            let sender = sender.clone();
            thread::spawn(move || {
                for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
                    let _ = sender.send(String::from_utf8_lossy(&line).into_owned());
                }
            });
        }
        Ok(Process {
            child,
            lines,
            output: Vec::new(),
        })
    }

    /// Waits until `find` returns a value for a line of the output.
    pub(crate) fn wait_for<T>(
        &mut self,
        name: &str,
        limit: Duration,
        find: impl Fn(&str) -> Option<T>,
    ) -> Result<T, String> {
        let deadline = Instant::now() + limit;
        loop {
            match self
                .lines
                .recv_timeout(deadline.saturating_duration_since(Instant::now()))
            {
                Ok(line) => {
                    let found = find(&line);
                    self.output.push(line);
                    if let Some(found) = found {
                        return Ok(found);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    return Err(format!(
                        "{name}: not within {limit:?}; output {:?}",
                        self.output
                    ));
                }
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(format!(
                        "{name}: the process ended; output {:?}",
                        self.output
                    ));
                }
            }
        }
    }

    pub(crate) fn output(&mut self) -> &[String] {
        self.output.extend(self.lines.try_iter());
        &self.output
    }

    /// Sends SIGTERM, and SIGKILL if the process still runs after `grace`. Returns true if SIGTERM ended the process.
    pub(crate) fn end(&mut self, grace: Duration) -> bool {
        for (signal, limit) in [
            (Signal::TERM, grace),
            (Signal::KILL, Duration::from_secs(5)),
        ] {
            self.signal(signal);
            let deadline = Instant::now() + limit;
            while Instant::now() < deadline {
                if !matches!(self.child.try_wait(), Ok(None)) {
                    // Children of the process may still run.
                    self.signal(Signal::KILL);
                    return signal == Signal::TERM;
                }
                thread::sleep(Duration::from_millis(10));
            }
        }
        false
    }

    fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let Some(id) = id {
            let _ = kill_process_group(id, signal);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.end(Duration::from_secs(3));
        }
    }
}
