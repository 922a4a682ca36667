//! The listening socket and what its connections inherit.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use socket2::{Domain, Protocol, SockAddr, Socket, Type};

/// Connections that wait to be accepted; the system may allow fewer.
const BACKLOG: i32 = 1024;

/// What the kernel holds unsent of a response before a worker has to wait. Without it, it would take megabytes for
/// each reader that does not read, and a trickling reader would look like one that takes nothing, since a socket
/// only becomes writable when a third of its buffer is free.
#[cfg(any(target_os = "linux", target_os = "android"))]
const UNSENT_LIMIT: u32 = 256 * 1024;

/// Listens on `address`, or on all addresses, IPv6 and IPv4 through one socket.
pub(crate) fn listen(
    address: Option<IpAddr>,
    port: u16,
    stall_timeout: Duration,
) -> io::Result<TcpListener> {
    let any = || {
        open(
            SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)),
            stall_timeout,
        )
        .or_else(|error| match error.kind() {
            // A port that is taken is taken; a machine without IPv6 still has IPv4.
            io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied => Err(error),
            _ => open(
                SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)),
                stall_timeout,
            ),
        })
    };
    address.map_or_else(any, |address| {
        open(SocketAddr::from((address, port)), stall_timeout)
    })
}

fn open(address: SocketAddr, stall_timeout: Duration) -> io::Result<TcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    if address.is_ipv6() {
        socket.set_only_v6(!address.ip().is_unspecified())?;
    }
    // Else the port stays taken for a minute after a restart.
    socket.set_reuse_address(true)?;
    // Connections inherit these from their listener. They are a matter of quality: a system without them serves too.
    // Heads are small: Nagle's algorithm would hold them back for the 40 ms of a delayed acknowledgement.
    let _ = socket.set_tcp_nodelay(true);
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        let _ = socket.set_tcp_notsent_lowat(UNSENT_LIMIT);
        // Frees the socket of a reader that vanished, or that keeps its window shut, also after its worker is done.
        let _ = socket.set_tcp_user_timeout(Some(stall_timeout));
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let _ = stall_timeout;
    socket.bind(&SockAddr::from(address))?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// The next client that waits, its socket non-blocking: `sendfile` knows no other way not to wait for a client.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn accept(listener: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
    use rustix::net::{SocketFlags, acceptfrom_with};
    // One system call; what else a connection needs it inherits.
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let (socket, peer) = acceptfrom_with(listener, flags)?;
    let peer = peer.ok_or(io::ErrorKind::ConnectionAborted)?;
    let peer = SocketAddr::try_from(peer)?;
    Ok((socket.into(), peer))
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn accept(listener: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
    let (stream, peer) = listener.accept()?;
    stream.set_nonblocking(true)?;
    let _ = stream.set_nodelay(true);
    Ok((stream, peer))
}
