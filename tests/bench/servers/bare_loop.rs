use std::fs::File;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::thread;

use crate::film;

/// The flag that starts this server: `--bare-loop ADDRESS DIRECTORY`.
pub(crate) const FLAG: &str = "--bare-loop";

/// The maximum length of a request head. The clients send shorter heads.
const MOST_HEAD: usize = 1024;
/// The maximum number of bytes of one `sendfile` call.
const PIECE: u64 = 2 << 20;

/// Runs a server that only sends the film or a range of the film. No other server has less work, so the results of this
/// server show the maximum speed of the clients. Each connection has a thread.
pub(crate) fn run(address: &str, directory: &str) -> io::Result<()> {
    let file = Arc::new(File::open(Path::new(directory).join(film::NAME))?);
    for stream in TcpListener::bind(address)?.incoming() {
        let (stream, file) = (stream?, Arc::clone(&file));
        // An error of `serve` means that the client has disconnected, so it has no effect.
        thread::spawn(move || serve(stream, &file));
    }
    Ok(())
}

fn serve(mut stream: TcpStream, file: &File) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut request = [0; MOST_HEAD];
    loop {
        let count = stream.read(&mut request)?;
        if count == 0 {
            return Ok(());
        }
        // The clients send a head in one call, so one read gets the whole head.
        let text = str::from_utf8(&request[..count]).unwrap_or_default();
        let (first, length, head) = match range(text) {
            Some((first, last)) => {
                let length = last - first + 1;
                let total = film::LENGTH;
                let head = format!(
                    "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {first}-{last}/{total}\r\nContent-Length: {length}\r\n\r\n"
                );
                (first, length, head)
            }
            None => {
                let length = film::LENGTH;
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
                (0, length, head)
            }
        };
        // With MORE, the head and the start of the content share a packet.
        rustix::net::send(&stream, head.as_bytes(), rustix::net::SendFlags::MORE)?;
        send(&stream, file, first, length)?;
        stream.flush()?;
    }
}

fn send(stream: &TcpStream, file: &File, first: u64, length: u64) -> io::Result<()> {
    let (mut position, mut left) = (first, length);
    while left > 0 {
        let most = usize::try_from(left.min(PIECE)).unwrap_or(usize::MAX);
        match rustix::fs::sendfile(stream, file, Some(&mut position), most)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => left -= count as u64,
        }
    }
    Ok(())
}

/// Returns the first and the last position of a range: `Range: bytes=3-5` → `(3, 5)`.
fn range(request: &str) -> Option<(u64, u64)> {
    let (_, value) = request.split_once("Range: bytes=")?;
    let (first, rest) = value.split_once('-')?;
    let last = rest.split("\r\n").next()?;
    Some((first.parse().ok()?, last.parse().ok()?))
}
