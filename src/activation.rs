//! A socket from the service manager, as in sd_listen_fds(3): it listens from the boot on, and starts the program when the
//! first client has come. Knows descriptors and two variables, not what is served.
//!
//! By hand, since the crates for it look at less than what is asked here: whether it is one listening TCP socket.

use std::net::{IpAddr, SocketAddr, TcpListener};
use std::os::fd::{BorrowedFd, FromRawFd, OwnedFd, RawFd};

use rustix::io::{FdFlags, fcntl_setfd};
use rustix::net::{SocketType, sockopt};

/// `SD_LISTEN_FDS_START`: behind the standard streams.
const FIRST: RawFd = 3;

/// The socket that was handed over, if one was. To be called once, before this process opens anything.
///
/// The variables stay: they are for the process that they name, and this program never starts another one.
///
/// # Errors
///
/// One line that says what was handed over instead.
pub(crate) fn listener() -> Result<Option<TcpListener>, String> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let Some(process) = variable("LISTEN_PID") else {
        return Ok(None);
    };
    if process.to_str() != Some(&std::process::id().to_string()) {
        // Meant for whoever started us.
        return Ok(None);
    }
    let Some(count) = variable("LISTEN_FDS") else {
        return Ok(None);
    };
    match count.to_str().and_then(|text| text.parse::<u32>().ok()) {
        Some(0) => Ok(None),
        Some(1) => take().map(Some),
        Some(count) => Err(format!(
            "{count} sockets were handed over (LISTEN_FDS), but one is served: a socket unit needs exactly one ListenStream="
        )),
        None => Err(format!("LISTEN_FDS must be a number, not {count:?}")),
    }
}

fn take() -> Result<TcpListener, String> {
    // SAFETY: whether there is such a descriptor is what is asked, and it is not held.
    #[allow(unsafe_code)]
    let lent = unsafe { BorrowedFd::borrow_raw(FIRST) };
    // Nobody else is to have it, should another program ever be started.
    fcntl_setfd(lent, FdFlags::CLOEXEC)
        .map_err(|error| wrong(&format!("there is none ({error})")))?;
    // SAFETY: it is open, as was just seen, and by the protocol ours alone.
    #[allow(unsafe_code)]
    let socket = unsafe { OwnedFd::from_raw_fd(FIRST) };
    match sockopt::socket_type(&socket) {
        Ok(SocketType::STREAM) => {}
        Ok(_) => return Err(wrong("it is of another type")),
        Err(_) => return Err(wrong("it is no socket")),
    }
    // Only sockets of TCP know this option.
    if sockopt::tcp_nodelay(&socket).is_err() {
        return Err(wrong("it is not of TCP"));
    }
    if sockopt::socket_acceptconn(&socket) != Ok(true) {
        return Err(wrong(
            "nobody listens on it (a socket unit needs Accept=no)",
        ));
    }
    Ok(socket.into())
}

fn wrong(cause: &str) -> String {
    format!("the descriptor that was handed over is not a listening TCP socket: {cause}")
}

/// That what was said about the address is what the socket has. A program that listens elsewhere than it was told, on
/// more addresses perhaps, does not say so loudly enough by a warning.
///
/// # Errors
///
/// One line that says what contradicts.
pub(crate) fn check(
    address: SocketAddr,
    port: Option<u16>,
    bind: Option<IpAddr>,
) -> Result<(), String> {
    let contradiction = match (port, bind) {
        // 0 is any.
        (Some(port), _) if port != 0 && port != address.port() => format!("--port {port}"),
        (_, Some(bind)) if bind.to_canonical() != address.ip().to_canonical() => {
            format!("--bind {bind}")
        }
        _ => return Ok(()),
    };
    Err(format!(
        "{contradiction} contradicts the socket that was handed over, which listens on {address}: change the socket unit, and leave --port and --bind (VIDEOSERVE_PORT, VIDEOSERVE_BIND) out"
    ))
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn what_agrees_with_a_socket() {
        let check = |socket: &str, port, bind: Option<&str>| {
            let bind = bind.map(|text| text.parse().unwrap());
            check(socket.parse().unwrap(), port, bind)
        };
        for (socket, port, bind) in [
            ("[::]:8001", None, None),
            ("[::]:8001", Some(8001), Some("::")),
            ("[::]:8001", Some(0), None),
            ("127.0.0.1:80", Some(80), Some("127.0.0.1")),
            ("[::ffff:127.0.0.1]:80", None, Some("127.0.0.1")),
        ] {
            assert_eq!(check(socket, port, bind), Ok(()), "{socket}");
        }
        for (socket, port, bind, word) in [
            ("[::]:8001", Some(80), None, "--port 80 "),
            ("[::]:8001", Some(8001), Some("::1"), "--bind ::1 "),
            ("[::]:8001", None, Some("0.0.0.0"), "--bind 0.0.0.0 "),
        ] {
            let message = check(socket, port, bind).unwrap_err();
            assert!(
                message.contains(word) && message.contains(socket),
                "{message}"
            );
        }
    }
}
