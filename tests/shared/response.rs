//! A received response.

use std::io::{self, Error};

/// A response, or only its head.
#[derive(Debug, Clone)]
pub(crate) struct Response {
    pub(crate) status: u16,
    /// The status line and the fields, without the empty line after them.
    pub(crate) head: String,
    pub(crate) content: Vec<u8>,
}

impl Response {
    /// Parses the head at the beginning of `bytes`. Returns the head and its length in bytes, or `None` if the head is
    /// incomplete.
    pub(crate) fn parse(bytes: &[u8]) -> io::Result<Option<(Response, usize)>> {
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            return Ok(None);
        };
        let text = std::str::from_utf8(&bytes[..end]).map_err(Error::other)?;
        let wrong = |line: &str| Error::other(format!("this is not HTTP: {line:?} in {text:?}"));
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

    /// Returns the names and values of the fields, in the received order.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        let lines = self.head.split("\r\n").skip(1);
        // The space after the colon is optional. For example, chromedriver does not write it.
        lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name, value.trim_start_matches(' ')))
    }

    /// Returns the value of a field. Panics if the response has the field twice.
    #[track_caller]
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let has_name = |(field, _): &(&str, &str)| field.eq_ignore_ascii_case(name);
        let mut values = self.fields().filter(has_name);
        let value = values.next().map(|(_, value)| value);
        let head = &self.head;
        assert!(values.next().is_none(), "{name} is twice in {head:?}");
        value
    }

    pub(crate) fn length(&self) -> io::Result<Option<u64>> {
        let length = self.field("content-length").map(str::parse).transpose();
        length.map_err(|error| Error::other(format!("Content-Length: {error}")))
    }

    /// Returns true if the client may use the connection again.
    pub(crate) fn keeps_connection(&self) -> bool {
        let close = |value: &str| value.eq_ignore_ascii_case("close");
        self.head.starts_with("HTTP/1.1") && !self.field("connection").is_some_and(close)
    }

    #[track_caller]
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.content).expect("the content is UTF-8")
    }
}
