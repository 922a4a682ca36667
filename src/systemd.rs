//! The protocols of the service manager: socket activation (sd_listen_fds(3)) and notification (sd_notify(3)).
//!
//! This module uses no crate for these protocols. The crates for socket activation do not check that exactly one
//! listening TCP socket was passed. The crates for notification open a socket for each message, which a confined
//! program cannot do. The module does not support the watchdog, because its messages would not prove that the server
//! answers requests.

use std::ffi::{OsStr, OsString};
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::os::fd::{BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr as UnixAddr, UnixDatagram};
use std::sync::OnceLock;

use rustix::io::{FdFlags, fcntl_setfd};
use rustix::net::{SocketType, sockopt};

/// The first passed descriptor, `SD_LISTEN_FDS_START`. It follows the standard streams.
const FIRST: RawFd = 3;

static MANAGER: OnceLock<UnixDatagram> = OnceLock::new();

/// Returns `true` if a service manager started this process. Then no supervisor is necessary, because the manager
/// restarts the process.
///
/// `INVOCATION_ID` alone is not enough, because the terminals of a desktop session inherit it. From systemd 248 on,
/// `SYSTEMD_EXEC_PID` contains the id of the process that the manager started.
pub(crate) fn is_manager_present() -> bool {
    variable("NOTIFY_SOCKET").is_some()
        || variable("INVOCATION_ID").is_some()
            && variable("SYSTEMD_EXEC_PID").is_none_or(is_this_process)
}

fn is_this_process(id: OsString) -> bool {
    id.to_str() == Some(&std::process::id().to_string())
}

/// Returns the value of an environment variable. Returns `None` if it is missing or empty.
fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// Returns the socket that the service manager passed, if any. Call it once, before this process opens anything.
///
/// # Errors
///
/// Returns one line that describes the wrong descriptor or variable.
pub(crate) fn listener() -> Result<Option<TcpListener>, String> {
    // If `LISTEN_PID` is the id of another process, the socket is for that process. This process only inherited the
    // variables.
    if !variable("LISTEN_PID").is_some_and(is_this_process) {
        return Ok(None);
    }
    let Some(count) = variable("LISTEN_FDS") else {
        return Ok(None);
    };
    match count.to_str().and_then(|text| text.parse::<u32>().ok()) {
        Some(0) => Ok(None),
        Some(1) => take().map(Some).map_err(|cause| {
            format!("the passed descriptor is not a listening TCP socket: {cause}")
        }),
        Some(count) => Err(format!(
            "{count} sockets were passed (LISTEN_FDS), but the server uses only one: a socket unit needs exactly one ListenStream="
        )),
        None => Err(format!("LISTEN_FDS must be a number, not {count:?}")),
    }
}

fn take() -> Result<TcpListener, String> {
    // SAFETY: the borrow ends after the next call. This call does not close the descriptor, and fails if it is not
    // open.
    #[allow(unsafe_code)]
    let borrowed = unsafe { BorrowedFd::borrow_raw(FIRST) };
    // Child processes must not inherit the socket.
    fcntl_setfd(borrowed, FdFlags::CLOEXEC).map_err(|error| format!("it is not open ({error})"))?;
    // SAFETY: the call above shows that the descriptor is open. By the protocol, nothing else in this process owns it.
    #[allow(unsafe_code)]
    let socket = unsafe { OwnedFd::from_raw_fd(FIRST) };
    let cause = match sockopt::socket_type(&socket) {
        Err(_) => "it is not a socket",
        Ok(kind) if kind != SocketType::STREAM => "it is a socket of another type",
        // Only TCP sockets have this option.
        Ok(_) if sockopt::tcp_nodelay(&socket).is_err() => "it is not a TCP socket",
        Ok(_) if sockopt::socket_acceptconn(&socket) == Ok(true) => return Ok(socket.into()),
        Ok(_) => "it does not listen (a socket unit needs Accept=no)",
    };
    Err(cause.to_owned())
}

/// Checks that `--port` and `--bind` agree with the address of the passed socket. A contradiction is an error, because
/// the user could believe that the server listens on fewer addresses than it does.
///
/// # Errors
///
/// Returns one line that names the contradiction.
pub(crate) fn check_address(
    address: SocketAddr,
    port: Option<u16>,
    bind: Option<IpAddr>,
) -> Result<(), String> {
    let contradiction = match (port, bind) {
        // Port 0 means any port.
        (Some(port), _) if port != 0 && port != address.port() => format!("--port {port}"),
        (_, Some(bind)) if bind.to_canonical() != address.ip().to_canonical() => {
            format!("--bind {bind}")
        }
        _ => return Ok(()),
    };
    Err(format!(
        "{contradiction} contradicts the passed socket, which listens on {address}: change the socket unit, and remove --port and --bind (VIDEOSERVE_PORT, VIDEOSERVE_BIND)"
    ))
}

/// Connects to the socket in `NOTIFY_SOCKET`. Call this function before the sandbox forbids connections. Without a
/// connection, this module drops all messages.
///
/// # Errors
///
/// Returns an error if it cannot connect to the socket.
pub(crate) fn connect() -> io::Result<()> {
    if let Some(name) = variable("NOTIFY_SOCKET") {
        let _ = MANAGER.set(connect_to(&name)?);
    }
    Ok(())
}

fn connect_to(name: &OsStr) -> io::Result<UnixDatagram> {
    let address = match name.as_encoded_bytes() {
        [b'/', ..] => UnixAddr::from_pathname(name)?,
        [b'@', name @ ..] => UnixAddr::from_abstract_name(name)?,
        _ => {
            let cause = "it must begin with / or @";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, cause));
        }
    };
    let socket = UnixDatagram::unbound()?;
    // A manager that does not read must not block the server.
    socket.set_nonblocking(true)?;
    socket.connect_addr(&address)?;
    Ok(socket)
}

pub(crate) fn ready(port: u16) {
    notify(&format!("READY=1\nSTATUS=Serving on port {port}"));
}

pub(crate) fn stopping() {
    notify("STOPPING=1\nSTATUS=Stopping; running responses have up to 10 s");
}

fn notify(message: &str) {
    if let Some(socket) = MANAGER.get()
        && let Err(error) = socket.send(message.as_bytes())
    {
        log::warn!("cannot notify the service manager: {error}");
    }
}
