//! A response as it came.

use std::io::{self, Error};

/// A response, or its head alone.
#[derive(Debug, Clone)]
pub(crate) struct Response {
    pub(crate) status: u16,
    /// The status line and the fields, without the empty line behind them.
    pub(crate) head: String,
    pub(crate) content: Vec<u8>,
}

impl Response {
    /// The head at the beginning of `bytes` and its length, as soon as it is complete.
    pub(crate) fn parse(bytes: &[u8]) -> io::Result<Option<(Response, usize)>> {
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            return Ok(None);
        };
        let text = std::str::from_utf8(&bytes[..end]).map_err(Error::other)?;
        let wrong = |line: &str| Error::other(format!("no HTTP: {line:?} in {text:?}"));
        let status = text
            .strip_prefix("HTTP/1.")
            .and_then(|rest| rest.get(2..5)?.parse().ok())
            .ok_or_else(|| wrong(text))?;
        for line in text.split("\r\n").skip(1) {
            let (_, value) = line.split_once(':').ok_or_else(|| wrong(line))?;
            if value.contains(char::is_control) {
                return Err(wrong(line));
            }
        }
        let response = Response {
            status,
            head: text.to_owned(),
            content: Vec::new(),
        };
        Ok(Some((response, end + 4)))
    }

    /// The names and values of the fields, as they came.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        let lines = self.head.split("\r\n").skip(1);
        // chromedriver writes no space after the colon.
        lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name, value.trim_start_matches(' ')))
    }

    /// The only value of a field. Panics where there are two: no field of ours may stand twice.
    #[track_caller]
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let is_it = |(field, _): &(&str, &str)| field.eq_ignore_ascii_case(name);
        let mut values = self.fields().filter(is_it);
        let value = values.next().map(|(_, value)| value);
        let head = &self.head;
        assert!(values.next().is_none(), "{name} stands twice in {head:?}");
        value
    }

    /// The value of Content-Length.
    pub(crate) fn length(&self) -> io::Result<Option<u64>> {
        let length = self.field("content-length").map(str::parse).transpose();
        length.map_err(|error| Error::other(format!("Content-Length: {error}")))
    }

    /// Whether the connection may be used again.
    pub(crate) fn keeps(&self) -> bool {
        let close = |value: &str| value.eq_ignore_ascii_case("close");
        self.head.starts_with("HTTP/1.1") && !self.field("connection").is_some_and(close)
    }

    /// The content, which must be UTF-8.
    #[track_caller]
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.content).expect("the content is UTF-8")
    }
}
