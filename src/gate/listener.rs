//! The listening socket, and the options of the sockets that it accepts.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use rustix::net::{AddressFamily, SocketFlags, SocketType, sockopt};

use crate::limits::BACKLOG;

/// The TCP user timeout is this much longer than the send timeout. So the send times out before the kernel ends the
/// connection, and the log contains the reason.
const USER_TIMEOUT_DELAY: Duration = Duration::from_secs(1);

/// Listens on `address`. Without an address, listens on all IPv6 and IPv4 addresses with one socket.
pub(crate) fn listen(address: Option<IpAddr>, port: u16) -> io::Result<TcpListener> {
    let on = |address: IpAddr| open(SocketAddr::from((address, port)));
    let any = || {
        on(Ipv6Addr::UNSPECIFIED.into()).or_else(|error| match error.kind() {
            // The port is in use or forbidden. IPv4 has the same error.
            io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied => Err(error),
            // This machine has no IPv6.
            _ => on(Ipv4Addr::UNSPECIFIED.into()),
        })
    };
    address.map_or_else(any, on)
}

fn open(address: SocketAddr) -> io::Result<TcpListener> {
    let family = match address {
        SocketAddr::V4(_) => AddressFamily::INET,
        SocketAddr::V6(_) => AddressFamily::INET6,
    };
    let (kind, flags) = (SocketType::STREAM, SocketFlags::CLOEXEC);
    let socket = rustix::net::socket_with(family, kind, flags, None)?;
    if address.is_ipv6() {
        sockopt::set_ipv6_v6only(&socket, !address.ip().is_unspecified())?;
    }
    // Without this option, the port stays blocked for a minute after a restart.
    sockopt::set_socket_reuseaddr(&socket, true)?;
    rustix::net::bind(&socket, &address)?;
    rustix::net::listen(&socket, BACKLOG)?;
    Ok(socket.into())
}

pub(crate) fn ensure_listening(socket: &TcpListener) -> io::Result<()> {
    let is_listening = sockopt::socket_acceptconn(socket)?;
    let error = || io::Error::new(io::ErrorKind::InvalidInput, "the socket does not listen");
    is_listening.then_some(()).ok_or_else(error)
}

/// Sets the options of an accepted socket. The server also works without them, so errors are ignored.
pub(super) fn set_options(stream: &TcpStream, stall_timeout: Duration) {
    // Without this option, Nagle's algorithm delays the head of a response by up to 40 ms.
    let _ = stream.set_nodelay(true);
    let _ = stream.set_write_timeout(Some(stall_timeout));
    // This timeout also applies after the worker is done. It frees the socket if the client has disappeared or reads
    // nothing.
    let time = (stall_timeout + USER_TIMEOUT_DELAY).as_millis();
    let _ = sockopt::set_tcp_user_timeout(stream, u32::try_from(time).unwrap_or(u32::MAX));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepted_socket_has_its_options() {
        let listener = listen(Some(Ipv4Addr::LOCALHOST.into()), 0).unwrap();
        ensure_listening(&listener).unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        set_options(&client, Duration::from_secs(7));
        assert!(client.nodelay().unwrap());
        let timeout = client.write_timeout().unwrap();
        assert_eq!(timeout, Some(Duration::from_secs(7)));
        assert_eq!(sockopt::tcp_user_timeout(&client), Ok(8000));
    }
}
