//! The clients: sockets and the little of HTTP that it takes to ask and to check. They know no server in particular.
//!
//! Content is not copied out of the kernel where nobody looks at it: `MSG_TRUNC` on a TCP socket drops what it would
//! have read. So a client costs little, and what it costs is measured like everything else.

/// The head of an answer, and whether it is the right one.
mod head;
/// Many connections that ask again and again, in one thread.
mod load;
/// Many connections that read at a steady rate, in one thread.
mod pace;

pub(crate) use head::{Head, Wanted};
pub(crate) use load::Load;
pub(crate) use pace::Readers;

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::RecvFlags;

use crate::shared::content;
use crate::shared::socket::uninterrupted;

/// One connection to a server, whose calls wait. It reads no more than it is asked to: a reader that pauses just stops
/// calling.
pub(crate) struct Connection {
    stream: TcpStream,
    address: SocketAddr,
    /// Bytes of the content that arrived together with the head.
    ahead: Vec<u8>,
}

/// Whoever waits longer than this waits for ever, as far as these measurements go.
const PATIENCE: Duration = Duration::from_secs(10);
/// Content is taken in large pieces, so that the client is not what is measured.
const READ_BLOCK: usize = 256 * 1024;

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self {
            stream,
            address,
            ahead: Vec::new(),
        })
    }

    /// Sends a request and reads the head of its answer. `fields` are whole lines, each with its CRLF.
    pub(crate) fn ask(&mut self, target: &str, fields: &str) -> io::Result<Head> {
        self.stream
            .write_all(request(self.address, target, fields).as_bytes())?;
        self.read_head()
    }

    /// Asks for a piece of the film and compares every byte of it. Says whether the connection is good for more.
    pub(crate) fn compare(&mut self, target: &str, wanted: Wanted) -> io::Result<bool> {
        let head = self.ask(target, &wanted.field())?;
        head.must_answer(wanted)?;
        let (mut position, mut left) = wanted.extent();
        let mut block = vec![0; READ_BLOCK];
        while left > 0 {
            let count = READ_BLOCK.min(usize::try_from(left).unwrap_or(READ_BLOCK));
            let early = self.ahead.len().min(count);
            block[..early].copy_from_slice(&self.ahead[..early]);
            self.ahead.drain(..early);
            self.stream.read_exact(&mut block[early..count])?;
            if block[..count] != content::film(position, count) {
                return Err(io::Error::other(format!(
                    "the content from byte {position} on is not what was asked for"
                )));
            }
            position += count as u64;
            left -= count as u64;
        }
        Ok(head.keeps)
    }

    /// Waits for the first byte of the content.
    pub(crate) fn first_byte(&mut self) -> io::Result<()> {
        if self.ahead.is_empty() {
            let mut byte = [0];
            self.stream.read_exact(&mut byte)?;
        }
        Ok(())
    }

    /// The socket, which no longer waits, and how much of the content has been taken from it.
    pub(crate) fn into_nonblocking(self) -> io::Result<(TcpStream, u64)> {
        self.stream.set_nonblocking(true)?;
        Ok((self.stream, self.ahead.len() as u64))
    }

    fn read_head(&mut self) -> io::Result<Head> {
        let mut bytes = Vec::new();
        let mut block = [0; 1024];
        loop {
            let count = uninterrupted(|| self.stream.read(&mut block))?;
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            bytes.extend_from_slice(&block[..count]);
            if let Some((head, end)) = Head::parse(&bytes)? {
                self.ahead = bytes.split_off(end);
                return Ok(head);
            }
        }
    }
}

/// The text of a request.
fn request(address: SocketAddr, target: &str, fields: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: {address}\r\n{fields}\r\n")
}

/// Takes up to `most` bytes off a socket without copying them; `block` only says how many there is room for. 0 is the
/// end of the connection.
pub(crate) fn drop_content(stream: &TcpStream, block: &mut [u8], most: u64) -> io::Result<u64> {
    let room = block.len().min(usize::try_from(most).unwrap_or(usize::MAX));
    loop {
        match rustix::net::recv(stream, &mut block[..room], RecvFlags::TRUNC) {
            Ok((_, count)) => return Ok(count as u64),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
