use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

/// One connection to the server. It reads no more than it is asked to: a reader that pauses just stops calling.
pub(crate) struct Connection {
    stream: TcpStream,
    /// Bytes of the content that arrived together with the head.
    ahead: Vec<u8>,
}

/// The head of an answer.
pub(crate) struct Head {
    pub(crate) status: u16,
    text: String,
}

/// Whoever waits longer than this waits for ever, as far as these measurements go.
const PATIENCE: Duration = Duration::from_secs(10);
/// Content is taken in large pieces, so that the client is not what is measured.
const READ_BLOCK: usize = 256 * 1024;

impl Connection {
    pub(crate) fn open(port: u16) -> io::Result<Self> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self {
            stream,
            ahead: Vec::new(),
        })
    }

    /// Sends a request and reads the head of its answer. `fields` are whole lines, each with its CRLF.
    pub(crate) fn ask(&mut self, target: &str, fields: &str) -> io::Result<Head> {
        let request = format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n{fields}\r\n");
        self.stream.write_all(request.as_bytes())?;
        self.read_head()
    }

    /// Sends a request and reads its whole answer, which must be a success.
    pub(crate) fn get(&mut self, target: &str, fields: &str) -> io::Result<()> {
        let head = self.ask(target, fields)?;
        if !(200..300).contains(&head.status) {
            return Err(io::Error::other(format!(
                "{target} was answered with {}",
                head.status
            )));
        }
        self.discard(head.content_length()?)
    }

    /// Waits for the first byte of the content.
    pub(crate) fn first_byte(&mut self) -> io::Result<()> {
        if self.ahead.is_empty() {
            let mut byte = [0];
            self.stream.read_exact(&mut byte)?;
        }
        Ok(())
    }

    /// Reads so many bytes of content.
    pub(crate) fn discard(&mut self, length: u64) -> io::Result<()> {
        let mut left = length - self.ahead.len() as u64;
        self.ahead.clear();
        let mut block = vec![0; READ_BLOCK.min(usize::try_from(left).unwrap_or(READ_BLOCK))];
        while left > 0 {
            let most = block.len().min(usize::try_from(left).unwrap_or(READ_BLOCK));
            match self.stream.read(&mut block[..most])? {
                0 => {
                    return Err(io::Error::other(format!(
                        "the content ended {left} bytes early"
                    )));
                }
                count => left -= count as u64,
            }
        }
        Ok(())
    }

    /// Reads until the server has closed, in whatever way; returns how many bytes still came.
    pub(crate) fn drain(&mut self) -> u64 {
        let mut count = self.ahead.len() as u64;
        let mut block = vec![0; READ_BLOCK];
        while let Ok(more @ 1..) = self.stream.read(&mut block) {
            count += more as u64;
        }
        count
    }

    fn read_head(&mut self) -> io::Result<Head> {
        let mut bytes = Vec::new();
        let mut block = [0; 1024];
        loop {
            let count = self.stream.read(&mut block)?;
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            bytes.extend_from_slice(&block[..count]);
            if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                self.ahead = bytes.split_off(end + 4);
                return Head::parse(String::from_utf8_lossy(&bytes).into_owned());
            }
        }
    }
}

impl Head {
    fn parse(text: String) -> io::Result<Self> {
        let status = text.split(' ').nth(1).and_then(|code| code.parse().ok());
        match status {
            Some(status) => Ok(Self { status, text }),
            None => Err(io::Error::other(format!("not an HTTP head: {text:?}"))),
        }
    }

    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let fields = self.text.lines().filter_map(|line| line.split_once(':'));
        let mut named = fields.filter(|(field, _)| field.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value.trim())
    }

    pub(crate) fn content_length(&self) -> io::Result<u64> {
        let length = self
            .field("Content-Length")
            .and_then(|value| value.parse().ok());
        length.ok_or_else(|| io::Error::other("an answer without a Content-Length"))
    }
}
