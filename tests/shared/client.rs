//! An HTTP/1.1 client on a TCP socket. Each call returns an `io::Result`.

use std::io::{self, Error, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use rustix::net::{AddressFamily, RecvFlags, SocketType, sockopt};

use super::response::Response;

/// The time limit for each read and write.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(10);
/// The maximum length of a response head.
const HEAD_LIMIT: usize = 64 * 1024;
/// The maximum number of bytes of one read while a head is incomplete. It is small, so that a client that pauses after
/// the head leaves the content in the buffers of the socket.
const HEAD_BLOCK: usize = 4096;
/// The maximum number of bytes of one read of content.
const BLOCK: usize = 256 * 1024;

#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) stream: TcpStream,
    /// `ahead[used..]` are bytes that were received, but that the caller has not yet read.
    ahead: Vec<u8>,
    used: usize,
}

/// Returns a request without content. `fields` are whole lines, each with its CRLF.
pub(crate) fn request(method: &str, target: &str, fields: &str) -> String {
    format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n")
}

pub(crate) fn get(target: &str, fields: &str) -> Vec<u8> {
    request("GET", target, fields).into_bytes()
}

/// Repeats a call if a signal interrupts it. For example, the end of a child process sends SIGCHLD. After a signal, the
/// kernel does not restart a call on a socket with a timeout (signal(7)).
pub(crate) fn uninterrupted<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> io::Result<Client> {
        Client::over(TcpStream::connect_timeout(&address, TIMEOUT)?)
    }

    /// Connects with a receive buffer of 2 KiB, so that unread bytes stay in the buffers of the server.
    pub(crate) fn connect_small(address: SocketAddr) -> io::Result<Client> {
        let family = match address {
            SocketAddr::V4(_) => AddressFamily::INET,
            SocketAddr::V6(_) => AddressFamily::INET6,
        };
        let socket = rustix::net::socket(family, SocketType::STREAM, None)?;
        sockopt::set_socket_recv_buffer_size(&socket, 2048)?;
        rustix::net::connect(&socket, &address)?;
        Client::over(socket.into())
    }

    fn over(stream: TcpStream) -> io::Result<Client> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.set_write_timeout(Some(TIMEOUT))?;
        Ok(Client {
            stream,
            ahead: Vec::new(),
            used: 0,
        })
    }

    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.stream.write_all(bytes.as_ref())
    }

    /// Sends as many bytes as possible without blocking. Returns their number.
    pub(crate) fn send_some(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.set_nonblocking(true)?;
        let sent = self.stream.write(bytes);
        self.stream.set_nonblocking(false)?;
        match sent {
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(0),
            sent => sent,
        }
    }

    pub(crate) fn request(
        &mut self,
        method: &str,
        target: &str,
        fields: &str,
    ) -> io::Result<Response> {
        self.send(request(method, target, fields))?;
        self.response_to(method)
    }

    pub(crate) fn get(&mut self, target: &str, fields: &str) -> io::Result<Response> {
        self.request("GET", target, fields)
    }

    /// Sends a GET and reads the head of the response.
    pub(crate) fn ask(&mut self, target: &str, fields: &str) -> io::Result<Response> {
        self.send(get(target, fields))?;
        self.read_head()
    }

    /// Reads one response. RFC 9112 §6.3 defines the length of its content.
    pub(crate) fn response_to(&mut self, method: &str) -> io::Result<Response> {
        let mut response = self.read_head()?;
        let has_no_content = method == "HEAD" || matches!(response.status, 100 | 204 | 304);
        response.content = if has_no_content {
            Vec::new()
        } else if response.field("transfer-encoding") == Some("chunked") {
            self.chunks()?
        } else if let Some(length) = response.length()? {
            self.take(usize::try_from(length).map_err(Error::other)?)?
        } else {
            self.read_to_end()?
        };
        Ok(response)
    }

    /// Reads only the head of a response.
    pub(crate) fn read_head(&mut self) -> io::Result<Response> {
        loop {
            if let Some((response, length)) = Response::parse(&self.ahead[self.used..])? {
                self.used += length;
                return Ok(response);
            }
            if self.receive()? == 0 {
                let text = String::from_utf8_lossy(&self.ahead[self.used..]);
                return Err(closed(format!("closed in a head: {text:?}")));
            }
        }
    }

    pub(crate) fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        let bytes = self.take_at_most(length)?;
        match bytes.len() == length {
            true => Ok(bytes),
            false => Err(closed(format!(
                "closed after {} of {length} bytes",
                bytes.len()
            ))),
        }
    }

    /// Reads this many bytes, or fewer if the connection ends earlier.
    pub(crate) fn take_at_most(&mut self, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        let mut filled = 0;
        while filled < length {
            match self.read(&mut bytes[filled..])? {
                0 => break,
                count => filled += count,
            }
        }
        bytes.truncate(filled);
        Ok(bytes)
    }

    pub(crate) fn read_to_end(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut block = vec![0; BLOCK];
        loop {
            match self.read(&mut block)? {
                0 => return Ok(bytes),
                count => bytes.extend_from_slice(&block[..count]),
            }
        }
    }

    /// Reads the next bytes. Returns 0 if the server has closed or reset the connection.
    pub(crate) fn read(&mut self, block: &mut [u8]) -> io::Result<usize> {
        let ahead = &self.ahead[self.used..];
        if !ahead.is_empty() {
            let count = ahead.len().min(block.len());
            block[..count].copy_from_slice(&ahead[..count]);
            self.used += count;
            return Ok(count);
        }
        or_end(uninterrupted(|| self.stream.read(block)))
    }

    pub(crate) fn discard(&mut self, length: u64) -> io::Result<()> {
        let ahead =
            (self.ahead.len() - self.used).min(usize::try_from(length).unwrap_or(usize::MAX));
        self.used += ahead;
        let mut left = length - u64::try_from(ahead).unwrap_or(0);
        let mut block = vec![0; BLOCK];
        while left > 0 {
            match drop_content(&self.stream, &mut block, left)? {
                0 => return Err(closed(format!("the content ended {left} bytes early"))),
                count => left -= count,
            }
        }
        Ok(())
    }

    /// Returns the number of bytes that were received, but that the caller has not yet read.
    pub(crate) fn ahead(&self) -> usize {
        self.ahead.len() - self.used
    }

    pub(crate) fn reset(self) -> io::Result<()> {
        Ok(sockopt::set_socket_linger(
            &self.stream,
            Some(Duration::ZERO),
        )?)
    }

    fn chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        loop {
            let mut line = Vec::new();
            while !line.ends_with(b"\r\n") {
                line.extend(self.take(1)?);
            }
            let digits = String::from_utf8_lossy(&line);
            let size = usize::from_str_radix(digits.trim_end(), 16).map_err(Error::other)?;
            content.extend(self.take(size)?);
            if self.take(2)? != b"\r\n" {
                return Err(Error::other(format!("no line end after {size} bytes")));
            }
            if size == 0 {
                return Ok(content);
            }
        }
    }

    /// Receives more bytes into `ahead`. Returns 0 if the connection has ended.
    fn receive(&mut self) -> io::Result<usize> {
        self.ahead.drain(..self.used);
        self.used = 0;
        if self.ahead.len() > HEAD_LIMIT {
            return Err(Error::other("the head is too long"));
        }
        let mut block = [0; HEAD_BLOCK];
        let count = or_end(uninterrupted(|| self.stream.read(&mut block)))?;
        self.ahead.extend_from_slice(&block[..count]);
        Ok(count)
    }
}

/// Discards up to `most` bytes from a socket, but at most `block.len()`. Returns the number of discarded bytes. 0 means
/// that the connection has ended. With MSG_TRUNC, the kernel does not copy the bytes (tcp(7)), so the client needs
/// little processor time.
pub(crate) fn drop_content(stream: &TcpStream, block: &mut [u8], most: u64) -> io::Result<u64> {
    let wanted = block.len().min(usize::try_from(most).unwrap_or(usize::MAX));
    let count = uninterrupted(|| {
        let (_, count) = rustix::net::recv(stream, &mut block[..wanted], RecvFlags::TRUNC)?;
        Ok(count)
    })?;
    u64::try_from(count).map_err(Error::other)
}

/// Returns 0, the end of the connection, if the server has reset the connection. A caller that expects more bytes
/// detects that some are missing.
fn or_end(read: io::Result<usize>) -> io::Result<usize> {
    match read {
        Err(error) if error.kind() == ErrorKind::ConnectionReset => Ok(0),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Err(Error::new(
            ErrorKind::TimedOut,
            "no bytes within the timeout of the client",
        )),
        other => other,
    }
}

fn closed(text: String) -> Error {
    Error::new(ErrorKind::UnexpectedEof, text)
}
