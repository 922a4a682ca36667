//! Drains the content of a request. No response of this server depends on the content, but the next head follows after
//! it. The length is limited. Pure: no socket, no clock.

use crate::http::Status;
use crate::limits::CONTENT_LIMIT;

/// Progress of draining the content.
pub(crate) struct Drain {
    state: State,
    /// The number of bytes that are still allowed, including chunk framing.
    budget: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The number of content bytes that are left.
    Length(u64),
    /// In a chunk-size line (RFC 9112 §7.1): the size so far, and the number of its digits.
    Size(u64, u8),
    /// In the blanks between a chunk size and its extension (RFC 9110 §5.6.3, bad whitespace).
    Blank(u64),
    /// In a chunk extension, which follows the chunk size.
    Extension(u64),
    /// Before the line feed that ends a chunk-size line.
    SizeEnd(u64),
    /// In the data of a chunk.
    Data(u64),
    /// Before the CR LF that follows the data of a chunk.
    DataCr,
    DataLf,
    /// In the trailer section: the number of bytes in the current line.
    Trailer(u64),
    TrailerLf(u64),
    Done,
}

impl Drain {
    /// Creates a drain for content with a known length. Without content, the length is 0.
    ///
    /// # Errors
    ///
    /// 413 if the length exceeds the limit.
    pub(crate) fn length(length: u64) -> Result<Drain, Status> {
        if length > CONTENT_LIMIT {
            return Err(Status::ContentTooLarge);
        }
        Ok(Drain::new(match length {
            0 => State::Done,
            _ => State::Length(length),
        }))
    }

    /// Creates a drain for content in chunked coding.
    pub(crate) fn chunked() -> Drain {
        Drain::new(State::Size(0, 0))
    }

    fn new(state: State) -> Drain {
        let budget = CONTENT_LIMIT;
        Drain { state, budget }
    }

    /// Drains the content at the start of `bytes`; returns its length. The bytes after it belong to the next request.
    ///
    /// # Errors
    ///
    /// 413 if the content exceeds the limit, 400 if the chunked coding is invalid.
    pub(crate) fn advance(&mut self, bytes: &[u8]) -> Result<usize, Status> {
        for (taken, &byte) in bytes.iter().enumerate() {
            if self.is_done() {
                return Ok(taken);
            }
            self.state = self.state.after(byte)?;
            self.budget = self.budget.checked_sub(1).ok_or(Status::ContentTooLarge)?;
        }
        Ok(bytes.len())
    }

    /// Whether the content has ended.
    pub(crate) fn is_done(&self) -> bool {
        self.state == State::Done
    }
}

impl State {
    /// Returns the state after one byte.
    fn after(self, byte: u8) -> Result<State, Status> {
        const MALFORMED: Status = Status::BadRequest;
        Ok(match (self, byte) {
            (State::Length(1), _) => State::Done,
            (State::Length(left), _) => State::Length(left - 1),
            (State::Data(1), _) => State::DataCr,
            (State::Data(left), _) => State::Data(left - 1),
            (State::Size(size, digits), digit) if digit.is_ascii_hexdigit() => {
                // A u64 holds sixteen digits. Servers do not agree about longer sizes.
                if digits == 16 {
                    return Err(MALFORMED);
                }
                let value = u64::from(char::from(digit).to_digit(16).ok_or(MALFORMED)?);
                State::Size((size << 4) | value, digits + 1)
            }
            (State::Size(_, 0), _) => return Err(MALFORMED),
            (State::Size(size, _) | State::Extension(size), b'\r') => State::SizeEnd(size),
            (State::Size(size, _) | State::Blank(size), b' ' | b'\t') => State::Blank(size),
            (State::Size(size, _) | State::Blank(size), b';') => State::Extension(size),
            (State::Extension(_), byte) if is_text(byte) => self,
            (State::SizeEnd(0), b'\n') => State::Trailer(0),
            (State::SizeEnd(size), b'\n') if size > CONTENT_LIMIT => {
                return Err(Status::ContentTooLarge);
            }
            (State::SizeEnd(size), b'\n') => State::Data(size),
            (State::DataCr, b'\r') => State::DataLf,
            (State::DataLf, b'\n') => State::Size(0, 0),
            (State::Trailer(length), b'\r') => State::TrailerLf(length),
            (State::Trailer(length), byte) if is_text(byte) => State::Trailer(length + 1),
            (State::TrailerLf(0), b'\n') => State::Done,
            (State::TrailerLf(_), b'\n') => State::Trailer(0),
            _ => return Err(MALFORMED),
        })
    }
}

/// Whether a byte may occur in a chunk extension or a trailer field. Tab may occur; other control characters may not. All
/// other bytes may.
fn is_text(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}
