//! The clients of the benchmark. They check the responses, and treat all servers the same.

/// Many connections that repeat requests, in one thread.
mod load;
/// Many connections that read at a steady rate, in one thread.
mod pace;

pub(crate) use crate::shared::client::Client;
pub(crate) use load::Load;
pub(crate) use pace::Readers;

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpStream};

use crate::film;
use crate::shared::content::difference;
use crate::shared::response::Response;

/// The requested part of the film.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wanted {
    Whole,
    Range { first: u64, length: u64 },
}

/// The maximum number of bytes that [`compare`] reads and compares in one step.
const BLOCK: usize = 256 * 1024;

impl Wanted {
    pub(crate) fn field(self) -> String {
        match self {
            Wanted::Whole => String::new(),
            Wanted::Range { first, length } => {
                format!("Range: bytes={first}-{}\r\n", first + length - 1)
            }
        }
    }

    /// Returns the position of the first byte, and the length.
    fn extent(self) -> (u64, u64) {
        match self {
            Wanted::Whole => (0, film::LENGTH),
            Wanted::Range { first, length } => (first, length),
        }
    }

    /// Checks the status, the length and the range of a response head. Returns the length of the content.
    pub(crate) fn check_head(self, head: &Response) -> io::Result<u64> {
        let (first, length) = self.extent();
        let right = match self {
            Wanted::Whole => head.status == 200,
            Wanted::Range { .. } => {
                let (last, total) = (first + length - 1, film::LENGTH);
                let place = format!("bytes {first}-{last}/{total}");
                head.status == 206 && head.field("content-range") == Some(place.as_str())
            }
        };
        if right && head.length()? == Some(length) {
            return Ok(length);
        }
        let head = &head.head;
        Err(io::Error::other(format!(
            "{head:?} is a wrong response to {self}"
        )))
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wanted::Whole => out.write_str("a plain GET"),
            Wanted::Range { .. } => out.write_str("a GET with Range"),
        }
    }
}

/// Requests a part of the film and compares every byte. Returns true if the client may use the connection again.
pub(crate) fn compare(client: &mut Client, target: &str, wanted: Wanted) -> io::Result<bool> {
    let head = client.ask(target, &wanted.field())?;
    let mut left = wanted.check_head(&head)?;
    let (mut position, _) = wanted.extent();
    while left > 0 {
        let count = BLOCK.min(usize::try_from(left).unwrap_or(BLOCK));
        if let Some(difference) = difference(position, count, &client.take(count)?) {
            return Err(io::Error::other(difference));
        }
        position += count as u64;
        left -= count as u64;
    }
    Ok(head.keeps_connection())
}

/// Returns the non-blocking socket of a new connection.
fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = Client::connect(address)?.stream;
    stream.set_nonblocking(true)?;
    Ok(stream)
}
