//! Starts a child of the supervisor, and passes the listening socket to it.

use std::ffi::OsString;
use std::io;
use std::net::TcpListener;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::{CommandExt, parent_id};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, set_parent_process_death_signal};
use rustix::stdio::dup2_stdin;
use rustix::thread::set_name;

use crate::cli::{AUTH_VARIABLE, SUPERVISOR_VARIABLE};

/// The path of this program. It is still valid after an upgrade has replaced the file.
const PROGRAM: &str = "/proc/self/exe";

/// Starts children.
pub(super) struct Launcher {
    /// The listening socket. `None` after a stop of the supervisor, so that the kernel refuses new clients.
    pub(super) socket: Option<TcpListener>,
    password: Option<OsString>,
    /// Path of the current folder. `--dir` may be relative to it.
    current_dir: Option<PathBuf>,
    /// Number of children that were started.
    pub(super) children: usize,
}

impl Launcher {
    pub(super) fn new(socket: TcpListener, password: Option<OsString>) -> Launcher {
        Launcher {
            socket: Some(socket),
            password,
            current_dir: std::env::current_dir().ok(),
            children: 0,
        }
    }

    /// Starts a child with the arguments and the environment of this process.
    pub(super) fn start(&mut self) -> io::Result<Pid> {
        let Some(socket) = &self.socket else {
            return Err(io::ErrorKind::NotConnected.into());
        };
        let mut arguments = std::env::args_os();
        let mut command = Command::new(PROGRAM);
        if let Some(name) = arguments.next() {
            command.arg0(name);
        }
        command
            .args(arguments)
            .env(SUPERVISOR_VARIABLE, std::process::id().to_string())
            .stdin(Stdio::from(OwnedFd::from(socket.try_clone()?)));
        if let Some(password) = &self.password {
            command.env(AUTH_VARIABLE, password);
        }
        if self.children > 0 {
            // Only the first child prints the URLs.
            command.stdout(Stdio::null());
            // The current folder may also have been replaced. Its path leads to the new folder.
            if let Some(path) = &self.current_dir {
                let _ = std::env::set_current_dir(path);
            }
        }
        // The `Child` is dropped, because the supervisor waits for all children with one call.
        let child = command.spawn()?;
        self.children += 1;
        Ok(Pid::from_child(&child))
    }
}

/// Returns the listening socket if this process is the child of a supervisor. After this call, the process ends when
/// the supervisor ends, so that the port is free again. Call it once, before this process opens anything.
///
/// # Errors
///
/// Returns one line with the reason why the socket cannot be used.
pub(crate) fn inherited_socket() -> Result<Option<TcpListener>, String> {
    let Some(supervisor) = std::env::var_os(SUPERVISOR_VARIABLE) else {
        return Ok(None);
    };
    let take = || -> io::Result<TcpListener> {
        set_parent_process_death_signal(Some(Signal::KILL))?;
        // Without this name, `ps` would list the process as `exe`, because its path is /proc/self/exe.
        set_name(c"videoserve")?;
        let socket = io::stdin().as_fd().try_clone_to_owned()?;
        // Replaces standard input, because the socket listens until its last descriptor is closed.
        let (empty, _) = io::pipe()?;
        dup2_stdin(&empty)?;
        Ok(socket.into())
    };
    let socket =
        take().map_err(|error| format!("cannot use the socket of the supervisor: {error}"))?;
    // The supervisor may have ended before this process asked for the signal.
    match supervisor.to_str() == Some(&parent_id().to_string()) {
        true => Ok(Some(socket)),
        false => Err(format!(
            "{SUPERVISOR_VARIABLE} is set, but no supervisor started this process: unset it"
        )),
    }
}
