//! One HTTP exchange over a connection of its own: enough for chromedriver, and to look at a page's bytes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(30);

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Status line and fields, as they came.
    pub(crate) head: String,
    pub(crate) content: Vec<u8>,
}

impl Answer {
    /// A field's value.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.content).into_owned()
    }
}

pub(crate) fn get(port: u16, target: &str) -> Result<Answer, String> {
    exchange(port, "GET", target, "")
}

/// Content is sent as JSON.
pub(crate) fn exchange(
    port: u16,
    method: &str,
    target: &str,
    content: &str,
) -> Result<Answer, String> {
    try_exchange(port, method, target, content)
        .map_err(|error| format!("{method} {target} on port {port}: {error}"))
}

fn try_exchange(port: u16, method: &str, target: &str, content: &str) -> std::io::Result<Answer> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    let content_fields = if content.is_empty() {
        String::new()
    } else {
        format!(
            "Content-Type: application/json\r\nContent-Length: {}\r\n",
            content.len()
        )
    };
    stream.write_all(
        format!(
            "{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n{content_fields}\r\n{content}"
        )
        .as_bytes(),
    )?;
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while reader.read_line(&mut head)? > 2 {}
    let mut answer = Answer {
        status: head
            .split(' ')
            .nth(1)
            .and_then(|code| code.parse().ok())
            .unwrap_or(0),
        head,
        content: Vec::new(),
    };
    if answer
        .field("transfer-encoding")
        .is_some_and(|value| value.eq_ignore_ascii_case("chunked"))
    {
        read_chunks(&mut reader, &mut answer.content)?;
    } else if let Some(length) = answer
        .field("content-length")
        .and_then(|value| value.parse().ok())
    {
        reader.take(length).read_to_end(&mut answer.content)?;
    } else {
        reader.read_to_end(&mut answer.content)?;
    }
    Ok(answer)
}

fn read_chunks(reader: &mut impl BufRead, content: &mut Vec<u8>) -> std::io::Result<()> {
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let size = u64::from_str_radix(line.trim(), 16).map_err(std::io::Error::other)?;
        reader.by_ref().take(size).read_to_end(content)?;
        reader.read_line(&mut String::new())?;
        if size == 0 {
            return Ok(());
        }
    }
}
