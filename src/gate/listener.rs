//! The listening socket, and the socket options that accepted connections inherit from it.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::{SocketFlags, acceptfrom_with};
use socket2::{Domain, Protocol, SockAddr, SockRef, Socket, Type};

use crate::limits::BACKLOG;

const USER_TIMEOUT_DELAY: Duration = Duration::from_secs(1);

/// The socket to which clients connect.
pub(crate) struct Listener {
    pub(crate) socket: TcpListener,
    /// The stall timeout for connections that the kernel made before the listener had its options; `None` after the
    /// last such connection.
    early: Option<Duration>,
}

impl Listener {
    /// Takes over a listening socket.
    ///
    /// # Errors
    ///
    /// If the socket does not listen.
    pub(crate) fn new(socket: TcpListener, stall_timeout: Duration) -> io::Result<Listener> {
        if !rustix::net::sockopt::socket_acceptconn(&socket)? {
            let cause = "the socket does not listen";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, cause));
        }
        tune(&SockRef::from(&socket), stall_timeout);
        Ok(Listener {
            socket,
            early: Some(stall_timeout),
        })
    }

    /// Accepts the next connection. Its socket is blocking, for the workers; the gate uses `MSG_DONTWAIT`.
    pub(super) fn accept(&mut self) -> io::Result<(TcpStream, SocketAddr)> {
        // One system call is enough, because a connection inherits all other options.
        let (socket, peer) = match acceptfrom_with(&self.socket, SocketFlags::CLOEXEC) {
            Ok(accepted) => accepted,
            Err(error) => {
                if error == Errno::AGAIN {
                    // The kernel returns connections in order, so all early connections are accepted now.
                    self.early = None;
                }
                return Err(error.into());
            }
        };
        let stream = TcpStream::from(socket);
        if let Some(stall_timeout) = self.early {
            tune(&SockRef::from(&stream), stall_timeout);
        }
        let peer = peer.ok_or(io::ErrorKind::ConnectionAborted)?;
        Ok((stream, SocketAddr::try_from(peer)?))
    }
}

/// Listens on `address`. Without an address, listens on all IPv6 and IPv4 addresses with one socket.
pub(crate) fn listen(
    address: Option<IpAddr>,
    port: u16,
    stall_timeout: Duration,
) -> io::Result<TcpListener> {
    let on = |address: IpAddr| open(SocketAddr::from((address, port)), stall_timeout);
    let any = || {
        on(Ipv6Addr::UNSPECIFIED.into()).or_else(|error| match error.kind() {
            // If the port is in use, IPv4 does not help. A machine without IPv6 still has IPv4.
            io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied => Err(error),
            _ => on(Ipv4Addr::UNSPECIFIED.into()),
        })
    };
    address.map_or_else(any, on)
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
    // Without this option, the port stays blocked for a minute after a restart.
    socket.set_reuse_address(true)?;
    tune(&socket, stall_timeout);
    socket.bind(&SockAddr::from(address))?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Sets the options that connections inherit from their listener. An error does not matter: the server also works
/// without these options.
fn tune(socket: &Socket, stall_timeout: Duration) {
    // Heads are small. Nagle's algorithm would delay them by up to 40 ms, until a delayed acknowledgement arrives.
    let _ = socket.set_tcp_nodelay(true);
    // A send to a client that reads nothing ends after this time.
    let _ = socket.set_write_timeout(Some(stall_timeout));
    // This option also frees the socket if the client disappeared or keeps its window closed after the worker is done.
    // It is a little longer than the send timeout, so that the send ends first and the log contains the reason.
    let _ = socket.set_tcp_user_timeout(Some(stall_timeout + USER_TIMEOUT_DELAY));
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};
    use std::time::Duration;

    use socket2::{Domain, SockRef, Socket, Type};

    use super::{Listener, USER_TIMEOUT_DELAY};

    /// Connections that the kernel made before the options were set cannot inherit them.
    #[test]
    fn early_connection_gets_the_options_of_later_ones() {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        let connect = || TcpStream::connect(address).unwrap();
        let _early = [connect(), connect()];
        let timeout = Duration::from_secs(7);
        let mut listener = Listener::new(socket, timeout).unwrap();
        listener.socket.set_nonblocking(true).unwrap();
        let check = |listener: &mut Listener| {
            let (stream, _) = listener.accept().unwrap();
            assert!(stream.nodelay().unwrap());
            assert_eq!(stream.write_timeout().unwrap(), Some(timeout));
            assert_eq!(
                SockRef::from(&stream).tcp_user_timeout().unwrap(),
                Some(timeout + USER_TIMEOUT_DELAY)
            );
        };
        check(&mut listener);
        check(&mut listener);
        assert!(listener.early.is_some());
        assert!(listener.accept().is_err());
        assert!(listener.early.is_none());
        let _late = connect();
        check(&mut listener);
    }

    #[test]
    fn socket_that_does_not_listen_is_refused() {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        assert!(Listener::new(socket.into(), Duration::from_secs(1)).is_err());
    }
}
