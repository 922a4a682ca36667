//! The supervisor: holds the listening socket, runs the server as a child process, and starts it again.
//!
//! The child is the same program. It gets the listening socket as its standard input, which the server does not read.
//! Clients that connect while no child runs wait in the queue of that socket.
//!
//! | event | reaction |
//! |---|---|
//! | SIGTERM or SIGINT | close the socket, stop the child, exit with its code |
//! | a second one | kill the child, exit with 128 plus the number of the signal |
//! | the child exits with 0 or 2, or the first child with 1 | exit with the same code |
//! | the child ends in another way: signal, panic, exit code 3 | start the next one after a pause |
//! | the folder was replaced | start the next one at once; the old one has 10 s for its responses |
//!
//! The supervisor is not confined. A child inherits every restriction, and needs what the server gives up only after
//! its start: opening the folder anew, mounting, executing itself. The supervisor does not need to be confined: it never
//! accepts a connection and reads no file. Its input is signals, exit codes and the metadata of one folder.

mod child;
mod folder;

use std::ffi::OsString;
use std::io;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, kill_process, wait};
use signal_hook::consts::{SIGCHLD, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::exit;
use child::Launcher;
use folder::Watch;

pub(crate) use child::inherited_socket;

/// A child that served for this long did not fail at its start: the next pause is short again.
const STEADY: Duration = Duration::from_secs(10);
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// Timeout of a wait that only an event ends.
const LONG: Duration = Duration::from_secs(24 * 60 * 60);

/// What the supervisor waits for.
enum Event {
    Signal(i32),
    FolderReplaced,
}

/// Runs the server on `socket` until it ends, and returns the exit code of the program. `folder` is the folder to watch,
/// if a server that is confined to it cannot follow when it is replaced. `password` is the value of `VIDEOSERVE_AUTH`,
/// which the environment no longer contains.
///
/// # Errors
///
/// If signals cannot be received.
pub(crate) fn run(
    socket: TcpListener,
    folder: Option<PathBuf>,
    password: Option<OsString>,
) -> io::Result<u8> {
    let (sender, events) = channel();
    send_signals(sender.clone())?;
    let report = move || {
        // An error says that the supervisor ends.
        let _ = sender.send(Event::FolderReplaced);
    };
    let watch = folder.map(|path| Watch::start(path, report)).transpose()?;
    let supervisor = Supervisor {
        launcher: Launcher::new(socket, password),
        watch,
        current: None,
        leaving: Vec::new(),
        restart: None,
        pause: SHORTEST_PAUSE,
        ending: None,
    };
    Ok(supervisor.run(&events))
}

fn send_signals(events: Sender<Event>) -> io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGCHLD])?;
    let forward = move || {
        for signal in &mut signals {
            if events.send(Event::Signal(signal)).is_err() {
                break;
            }
        }
    };
    thread::Builder::new()
        .name("videoserve-signals".to_owned())
        .spawn(forward)
        .map(drop)
}

/// A child process.
struct Server {
    pid: Pid,
    started: Instant,
}

struct Supervisor {
    launcher: Launcher,
    watch: Option<Watch>,
    /// The child that accepts connections.
    current: Option<Server>,
    /// Children that finish their last responses. The folder is looked at every 2 s and a stop takes at most 10 s, so
    /// there are few of them.
    leaving: Vec<Pid>,
    /// When the next child starts, if one is to be started.
    restart: Option<Instant>,
    /// The pause before the next start. It doubles while children end soon after their start.
    pause: Duration,
    /// The exit code, once the supervisor only waits for its children to end.
    ending: Option<u8>,
}

impl Supervisor {
    fn run(mut self, events: &Receiver<Event>) -> u8 {
        self.start();
        loop {
            if let Some(code) = self.ending
                && self.current.is_none()
                && self.leaving.is_empty()
            {
                return code;
            }
            let timeout = self
                .restart
                .map_or(LONG, |at| at.saturating_duration_since(Instant::now()));
            match events.recv_timeout(timeout) {
                Ok(Event::Signal(SIGCHLD)) => self.reap(),
                Ok(Event::Signal(signal)) if self.ending.is_some() => {
                    self.signal_all(Signal::KILL);
                    return exit::by_signal(signal);
                }
                Ok(Event::Signal(_)) => {
                    log::info!("a second signal ends running responses at once");
                    self.end(0);
                }
                Ok(Event::FolderReplaced) => self.replace(),
                Err(_) if self.restart.is_some_and(|at| at <= Instant::now()) => self.start(),
                Err(_) => {}
            }
        }
    }

    fn start(&mut self) {
        self.restart = None;
        if let Some(watch) = &self.watch {
            watch.before_start();
        }
        match self.launcher.start() {
            Ok(pid) => {
                let started = Instant::now();
                self.current = Some(Server { pid, started });
            }
            Err(error) => {
                log::error!(
                    "cannot start the server process: {error}; --no-supervisor serves without one"
                );
                if self.launcher.children() == 0 {
                    self.end(exit::FAILURE);
                } else {
                    self.restart_after(Duration::ZERO);
                }
            }
        }
    }

    /// Waits for all children that have ended. Process 1 also gets the orphans of others.
    fn reap(&mut self) {
        while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
            self.leaving.retain(|leaving| *leaving != pid);
            if let Some(server) = self.current.take_if(|server| server.pid == pid) {
                self.ended(&server, status);
            }
        }
    }

    fn ended(&mut self, server: &Server, status: WaitStatus) {
        let signal = status.terminating_signal();
        let code = match signal {
            Some(signal) => exit::by_signal(signal),
            None => status
                .exit_status()
                .and_then(|code| u8::try_from(code).ok())
                .unwrap_or(exit::FAILURE),
        };
        if self.ending.is_some() {
            // A child that just starts does not handle the signal yet, and ends by it.
            let is_stopped = signal == Some(SIGTERM);
            self.ending = Some(if is_stopped { 0 } else { code });
            return;
        }
        // A child that cannot start prints the reason. Later children may find the folder missing for a while.
        match code {
            0 | exit::USAGE => return self.end(code),
            exit::FAILURE if self.launcher.children() == 1 => return self.end(code),
            _ => {}
        }
        let pause = self.restart_after(server.started.elapsed());
        match signal {
            Some(signal) => {
                log::error!("signal {signal} ended the server: starting it again in {pause:?}");
            }
            None => {
                log::error!("the server ended with code {code}: starting it again in {pause:?}");
            }
        }
    }

    /// Schedules the next start, after a child that ran for `ran`, and returns the pause before it.
    fn restart_after(&mut self, ran: Duration) -> Duration {
        let pause = next_pause(&mut self.pause, ran);
        self.restart = Some(Instant::now() + pause);
        pause
    }

    /// Starts a new child, which finds the folder that is there now.
    fn replace(&mut self) {
        if self.ending.is_some() {
            return;
        }
        log::warn!("the folder was replaced: starting a new server on it");
        if let Some(server) = self.current.take() {
            // It accepts no more connections. An error says that it has ended, which the next SIGCHLD reports.
            let _ = kill_process(server.pid, Signal::TERM);
            self.leaving.push(server.pid);
        }
        self.start();
    }

    /// Stops all children; the supervisor exits with `code` afterwards.
    fn end(&mut self, code: u8) {
        self.ending = Some(code);
        self.restart = None;
        self.launcher.close_socket();
        self.signal_all(Signal::TERM);
    }

    fn signal_all(&self, signal: Signal) {
        let current = self.current.iter().map(|server| server.pid);
        for pid in current.chain(self.leaving.iter().copied()) {
            // An error says that it has ended, which the next SIGCHLD reports.
            let _ = kill_process(pid, signal);
        }
    }
}

/// Returns the pause after a child that ran for `ran`, and sets the one after that.
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
