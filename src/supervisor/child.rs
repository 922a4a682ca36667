//! Starts a child of the supervisor, and passes the listening socket to it.

use std::ffi::OsStr;
use std::io;
use std::net::TcpListener;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::{CommandExt, parent_id};
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, set_parent_process_death_signal};
use rustix::stdio::dup2_stdin;
use rustix::thread::set_name;

use crate::cli::{AUTH_VARIABLE, SUPERVISOR_VARIABLE};

/// The path of this program. It is still valid after an upgrade has replaced the file.
const PROGRAM: &str = "/proc/self/exe";

/// Starts a child with the arguments and the environment of this process. `password` is the value of `VIDEOSERVE_AUTH`.
pub(super) fn start(
    socket: &TcpListener,
    password: Option<&OsStr>,
    is_first: bool,
) -> io::Result<Pid> {
    let mut arguments = std::env::args_os();
    let mut command = Command::new(PROGRAM);
    command
        .arg0(arguments.next().unwrap_or_default())
        .args(arguments)
        .env(SUPERVISOR_VARIABLE, std::process::id().to_string())
        .envs(password.map(|password| (AUTH_VARIABLE, password)))
        .stdin(Stdio::from(OwnedFd::from(socket.try_clone()?)));
    if !is_first {
        // Only the first child prints the URLs.
        command.stdout(Stdio::null());
    }
    // The `Child` is dropped, because the supervisor waits for all children with one call.
    Ok(Pid::from_child(&command.spawn()?))
}

/// Returns the listening socket if this process is the child of a supervisor. After this call, the kernel kills this
/// process when the supervisor ends, so that the port is free again. Call it once, before this process opens anything.
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
        // Standard input is still a descriptor of the socket, and a socket listens until all its descriptors are
        // closed. So replace standard input.
        let (empty, _) = io::pipe()?;
        dup2_stdin(&empty)?;
        Ok(socket.into())
    };
    let socket =
        take().map_err(|error| format!("cannot use the socket of the supervisor: {error}"));
    // If the supervisor ended before the signal was set, this process now has another parent. The signal then never
    // comes, so the process must end.
    if supervisor.to_str() != Some(&parent_id().to_string()) {
        return Err(format!(
            "{SUPERVISOR_VARIABLE} is set, but no supervisor started this process: unset it"
        ));
    }
    socket.map(Some)
}
