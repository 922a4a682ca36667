use std::io;

use crate::film;

/// What the client must know of the head of an answer.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) status: u16,
    pub(crate) content_length: u64,
    /// First and last byte, as `Content-Range` has them.
    pub(crate) range: Option<(u64, u64)>,
    pub(crate) retry_after: bool,
    /// Whether the connection is good for another request.
    pub(crate) keeps: bool,
}

/// What a request is for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wanted {
    /// The film from its first byte to its last.
    Whole,
    /// A range of it.
    Range { first: u64, length: u64 },
}

/// More fields than any of the servers sends.
const MOST_FIELDS: usize = 64;

impl Head {
    /// The head at the beginning of `bytes` and its length, as soon as it is complete.
    pub(crate) fn parse(bytes: &[u8]) -> io::Result<Option<(Self, usize)>> {
        let mut fields = [httparse::EMPTY_HEADER; MOST_FIELDS];
        let mut answer = httparse::Response::new(&mut fields);
        let wrong = |error| io::Error::other(format!("not an HTTP head: {error}"));
        let httparse::Status::Complete(end) = answer.parse(bytes).map_err(wrong)? else {
            return Ok(None);
        };
        let mut length = None;
        let mut head = Self {
            status: answer.code.unwrap_or_default(),
            content_length: 0,
            range: None,
            retry_after: false,
            keeps: answer.version == Some(1),
        };
        for field in answer.headers.iter() {
            let value = str::from_utf8(field.value).unwrap_or_default().trim();
            if field.name.eq_ignore_ascii_case("Content-Length") {
                length = value.parse().ok();
            } else if field.name.eq_ignore_ascii_case("Content-Range") {
                head.range = parse_range(value);
            } else if field.name.eq_ignore_ascii_case("Connection") {
                head.keeps = !value.eq_ignore_ascii_case("close");
            } else if field.name.eq_ignore_ascii_case("Retry-After") {
                head.retry_after = true;
            }
        }
        let none = || io::Error::other("an answer without a Content-Length");
        head.content_length = length.ok_or_else(none)?;
        Ok(Some((head, end)))
    }

    /// Whether this is the right answer: status, length, place.
    pub(crate) fn must_answer(&self, wanted: Wanted) -> io::Result<()> {
        let right = match wanted {
            Wanted::Whole => self.status == 200 && self.content_length == film::LENGTH,
            Wanted::Range { first, length } => {
                self.status == 206
                    && self.content_length == length
                    && self.range == Some((first, first + length - 1))
            }
        };
        if right {
            Ok(())
        } else {
            let (status, length) = (self.status, self.content_length);
            Err(io::Error::other(format!(
                "{status} with {length} bytes is no answer to {wanted}"
            )))
        }
    }
}

impl Wanted {
    /// The field line that asks for it.
    pub(crate) fn field(self) -> String {
        match self {
            Wanted::Whole => String::new(),
            Wanted::Range { first, length } => {
                format!("Range: bytes={first}-{}\r\n", first + length - 1)
            }
        }
    }

    /// Its first byte in the film, and its length.
    pub(crate) fn extent(self) -> (u64, u64) {
        match self {
            Wanted::Whole => (0, film::LENGTH),
            Wanted::Range { first, length } => (first, length),
        }
    }
}

impl std::fmt::Display for Wanted {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Wanted::Whole => out.write_str("a plain GET"),
            Wanted::Range { .. } => out.write_str("a GET with Range"),
        }
    }
}

/// `bytes FIRST-LAST/LENGTH` of this film.
fn parse_range(value: &str) -> Option<(u64, u64)> {
    let (range, length) = value.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    (length.parse() == Ok(film::LENGTH)).then_some((first.parse().ok()?, last.parse().ok()?))
}
