//! The supervisor: holds the listening socket, runs the server as a child process, and restarts it.
//!
//! The child is the same program. Its standard input is the listening socket. If no child runs, new clients wait in the
//! queue of the socket.
//!
//! | event | reaction |
//! |---|---|
//! | SIGTERM or SIGINT | close the socket, stop the child, exit with its code |
//! | a second SIGTERM or SIGINT | kill the child, exit with 128 plus the number of the signal |
//! | a child that does not stop in time | kill the child, exit with 137 |
//! | the child exits with 0 or 2; the first child exits with 1 | exit with the same code |
//! | the child ends in another way: signal, panic, exit code 3 | start the next child after a pause |
//! | the folder was replaced | start the next child at once; the old child has 10 s for its responses |
//!
//! The supervisor is not confined, because children inherit all restrictions, but need more rights at their start. The
//! risk is small, because the supervisor accepts no connections and reads no files.

mod child;
mod folder;

use std::ffi::OsString;
use std::io;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, kill_process, wait};
use signal_hook::consts::{SIGCHLD, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::exit;
use crate::process::in_background;

pub(crate) use child::inherited_socket;
pub(crate) use folder::FOLDER_INTERVAL;

/// If a child ran for this duration, its start was successful. The pause before the next start is then
/// [`SHORTEST_PAUSE`] again.
const STEADY: Duration = Duration::from_secs(10);
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// The maximum duration of a stop. A child that does not hang needs at most 10 s.
const STOP: Duration = Duration::from_secs(11);

enum Event {
    Signal(i32),
    FolderReplaced,
}

/// Runs the server on `socket` until it ends, and returns the exit code of the program. `folder` is the folder to
/// watch. It is `None` without a sandbox, because the server then opens a new folder itself. `password` is the value of
/// `VIDEOSERVE_AUTH`, which was removed from the environment.
///
/// # Errors
///
/// If the system provides no signal handler or no thread, or if the folder cannot be watched.
pub(crate) fn run(
    socket: TcpListener,
    folder: Option<PathBuf>,
    password: Option<OsString>,
) -> io::Result<u8> {
    let (sender, events) = channel();
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGCHLD])?;
    let signal_sender = sender.clone();
    in_background("videoserve-signals", move || {
        for signal in &mut signals {
            // An error means that the supervisor ends.
            let _ = signal_sender.send(Event::Signal(signal));
        }
    })?;
    if let Some(path) = folder {
        folder::watch(path, move || {
            let _ = sender.send(Event::FolderReplaced);
        })?;
    }
    let supervisor = Supervisor {
        socket: Some(socket),
        password,
        current_dir: std::env::current_dir().ok(),
        children: 0,
        current: None,
        running: Vec::new(),
        started: Instant::now(),
        deadline: None,
        pause: SHORTEST_PAUSE,
        ending: None,
    };
    Ok(supervisor.run(&events))
}

struct Supervisor {
    /// The listening socket. `None` during a stop, so that the kernel refuses new clients.
    socket: Option<TcpListener>,
    password: Option<OsString>,
    /// Path of the working directory. `--dir` may be relative to it.
    current_dir: Option<PathBuf>,
    children: usize,
    /// The child that accepts connections.
    current: Option<Pid>,
    /// All running children: `current`, and older children that still send responses.
    running: Vec<Pid>,
    started: Instant,
    /// The time of the next start, if a start is scheduled. During a stop, the time at which the supervisor kills the
    /// children.
    deadline: Option<Instant>,
    /// The pause before the next start. It doubles while children end soon after their start.
    pause: Duration,
    /// The exit code, if the supervisor is stopping.
    ending: Option<u8>,
}

impl Supervisor {
    fn run(mut self, events: &Receiver<Event>) -> u8 {
        self.start();
        loop {
            if let Some(code) = self.ending
                && self.running.is_empty()
            {
                return code;
            }
            let now = Instant::now();
            let event = match self.deadline {
                Some(at) => events.recv_timeout(at.saturating_duration_since(now)).ok(),
                None => events.recv().ok(),
            };
            match event {
                Some(Event::Signal(SIGCHLD)) => self.reap(),
                Some(Event::Signal(signal)) if self.ending.is_some() => {
                    self.signal_all(Signal::KILL);
                    return exit::by_signal(signal);
                }
                Some(Event::Signal(_)) => {
                    log::info!("a second signal ends running responses at once");
                    self.end(0);
                }
                Some(Event::FolderReplaced) => self.replace(),
                // The deadline has passed.
                None if self.ending.is_some() => {
                    log::error!("the server does not stop: killing it");
                    self.deadline = None;
                    self.signal_all(Signal::KILL);
                }
                None => self.start(),
            }
        }
    }

    fn start(&mut self) {
        let Some(socket) = &self.socket else { return };
        // The working directory may have been removed and created again. Its path leads to the new one.
        if let Some(path) = &self.current_dir {
            let _ = std::env::set_current_dir(path);
        }
        self.deadline = None;
        self.started = Instant::now();
        match child::start(socket, self.password.as_deref(), self.children == 0) {
            Ok(pid) => {
                self.children += 1;
                self.current = Some(pid);
                self.running.push(pid);
            }
            Err(error) => {
                log::error!(
                    "cannot start the server process: {error}; --no-supervisor runs the server without a supervisor"
                );
                if self.children == 0 {
                    self.end(exit::FAILURE);
                } else {
                    self.schedule_start();
                }
            }
        }
    }

    /// Collects all children that have ended. As process 1, the supervisor also collects the orphans of other
    /// processes.
    fn reap(&mut self) {
        while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
            self.running.retain(|running| *running != pid);
            if self.current.take_if(|current| *current == pid).is_some() {
                self.ended(status);
            }
        }
    }

    fn ended(&mut self, status: WaitStatus) {
        let signal = status.terminating_signal();
        let exited = status.exit_status().map(u8::try_from);
        let code = match signal {
            Some(signal) => exit::by_signal(signal),
            None => exited.and_then(Result::ok).unwrap_or(exit::FAILURE),
        };
        if self.ending.is_some() {
            // A new child has no handler for SIGTERM yet, so the signal kills it. This is also a normal stop.
            let is_stopped = signal == Some(SIGTERM);
            self.ending = Some(if is_stopped { 0 } else { code });
            return;
        }
        // If the first child cannot start, the program ends. A later child gets another try, because the folder may be
        // missing only for some time.
        if matches!(code, 0 | exit::USAGE) || code == exit::FAILURE && self.children == 1 {
            return self.end(code);
        }
        let pause = self.schedule_start();
        let event = match signal {
            Some(signal) => format!("signal {signal} ended the server"),
            None => format!("the server ended with code {code}"),
        };
        log::error!("{event}: starting it again in {pause:?}");
    }

    /// Schedules the next start. Returns the pause before this start.
    fn schedule_start(&mut self) -> Duration {
        let pause = next_pause(&mut self.pause, self.started.elapsed());
        self.deadline = Some(Instant::now() + pause);
        pause
    }

    fn replace(&mut self) {
        if self.ending.is_some() {
            return;
        }
        log::warn!("the folder was replaced: starting a new server on it");
        if let Some(pid) = self.current.take() {
            // An error means that the child has ended; the next SIGCHLD reports this.
            let _ = kill_process(pid, Signal::TERM);
        }
        self.start();
    }

    /// Stops all children. Afterwards, the supervisor exits with `code`.
    fn end(&mut self, code: u8) {
        self.ending = Some(code);
        self.deadline = Some(Instant::now() + STOP);
        self.socket = None;
        self.signal_all(Signal::TERM);
    }

    fn signal_all(&self, signal: Signal) {
        for pid in &self.running {
            // An error means that the child has ended; the next SIGCHLD reports this.
            let _ = kill_process(*pid, signal);
        }
    }
}

/// Returns the pause before the next start, and doubles `pause` for the start after it. `ran` is the time for which the
/// previous child ran.
fn next_pause(pause: &mut Duration, ran: Duration) -> Duration {
    if ran >= STEADY {
        *pause = SHORTEST_PAUSE;
    }
    let next = LONGEST_PAUSE.min(2 * *pause);
    std::mem::replace(pause, next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pause_doubles_to_its_limit_and_resets_after_a_steady_run() {
        let mut pause = SHORTEST_PAUSE;
        let soon = Duration::from_millis(20);
        let milliseconds: Vec<u128> = (0..8)
            .map(|_| next_pause(&mut pause, soon).as_millis())
            .collect();
        assert_eq!(milliseconds, [100, 200, 400, 800, 1600, 3200, 5000, 5000]);
        assert_eq!(next_pause(&mut pause, STEADY), SHORTEST_PAUSE);
        assert_eq!(next_pause(&mut pause, soon), 2 * SHORTEST_PAUSE);
    }
}
