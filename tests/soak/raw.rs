use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use socket2::{Domain, Socket, Type};

use crate::shared::socket::uninterrupted;

/// Whoever waits longer than this waits for ever, as far as these attacks go.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// One connection.
pub(crate) struct Raw {
    pub(crate) stream: TcpStream,
    /// What was received beyond the last answer.
    ahead: Vec<u8>,
}

/// One answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) length: Option<u64>,
    pub(crate) is_chunked: bool,
}

pub(crate) fn address(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

pub(crate) fn get(target: &str, fields: &str) -> Vec<u8> {
    format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n{fields}\r\n").into_bytes()
}

impl Raw {
    pub(crate) fn open(port: u16) -> io::Result<Self> {
        Self::over(TcpStream::connect_timeout(&address(port), PATIENCE)?)
    }

    /// One that takes next to nothing into its own buffer.
    pub(crate) fn open_small(port: u16) -> io::Result<Self> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.set_recv_buffer_size(2048)?;
        socket.connect_timeout(&address(port).into(), PATIENCE)?;
        Self::over(socket.into())
    }

    fn over(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self {
            stream,
            ahead: Vec::new(),
        })
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// As much as goes out without waiting.
    pub(crate) fn send_some(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.set_nonblocking(true)?;
        let sent = self.stream.write(bytes);
        self.stream.set_nonblocking(false)?;
        match sent {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            sent => sent,
        }
    }

    /// Ends it with a reset.
    pub(crate) fn reset(self) -> io::Result<()> {
        Socket::from(self.stream).set_linger(Some(Duration::ZERO))
    }

    /// The head of the next answer.
    pub(crate) fn head(&mut self) -> io::Result<Answer> {
        let mut block = [0; 16 * 1024];
        loop {
            if let Some(end) = self.ahead.windows(4).position(|four| four == b"\r\n\r\n") {
                let head: Vec<u8> = self.ahead.drain(..end + 4).collect();
                return Answer::parse(&String::from_utf8_lossy(&head));
            }
            match uninterrupted(|| self.stream.read(&mut block))? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                count => self.ahead.extend_from_slice(&block[..count]),
            }
        }
    }

    /// Up to so many bytes of what comes next.
    pub(crate) fn take(&mut self, block: &mut [u8]) -> io::Result<usize> {
        if self.ahead.is_empty() {
            return uninterrupted(|| self.stream.read(block));
        }
        let count = self.ahead.len().min(block.len());
        block[..count].copy_from_slice(&self.ahead[..count]);
        self.ahead.drain(..count);
        Ok(count)
    }

    /// So many bytes, whole.
    pub(crate) fn content(&mut self, length: u64) -> io::Result<Vec<u8>> {
        let mut content = vec![0; usize::try_from(length).map_err(io::Error::other)?];
        let mut filled = 0;
        while filled < content.len() {
            match self.take(&mut content[filled..])? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                count => filled += count,
            }
        }
        Ok(content)
    }

    /// One request and its whole answer, chunks taken apart.
    pub(crate) fn ask(&mut self, target: &str, fields: &str) -> io::Result<(u16, Vec<u8>)> {
        self.send(&get(target, fields))?;
        let answer = self.head()?;
        let content = match answer.length {
            Some(length) => self.content(length)?,
            None if answer.is_chunked => self.chunks()?,
            None => Vec::new(),
        };
        Ok((answer.status, content))
    }

    fn chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut whole = Vec::new();
        loop {
            let mut line = Vec::new();
            while !line.ends_with(b"\r\n") {
                line.extend(self.content(1)?);
            }
            let digits = String::from_utf8_lossy(&line);
            let size = u64::from_str_radix(digits.trim_end(), 16).map_err(io::Error::other)?;
            whole.extend(self.content(size)?);
            self.content(2)?;
            if size == 0 {
                return Ok(whole);
            }
        }
    }
}

impl Answer {
    fn parse(head: &str) -> io::Result<Self> {
        let field = |name: &str| {
            let mut fields = head.lines().filter_map(|line| line.split_once(':'));
            let found = fields.find(|(field, _)| field.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.trim())
        };
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
        Ok(Self {
            status: status.ok_or_else(|| io::Error::other(format!("no HTTP: {head:?}")))?,
            length: field("content-length").and_then(|length| length.parse().ok()),
            is_chunked: field("transfer-encoding") == Some("chunked"),
        })
    }
}
