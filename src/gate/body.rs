//! Drains the content of a request: reads it and drops it. The head of the next request follows the content. No
//! response depends on the content. This module uses no socket and no clock.

use crate::http::Status;
use crate::limits::CONTENT_LIMIT;

pub(crate) struct Drain {
    state: ContentState,
    /// The maximum number of further bytes, including chunk framing.
    budget: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ContentState {
    /// In content of a known length: the number of bytes that are left.
    Length(u64),
    /// In a chunk-size line (RFC 9112 §7.1): the size so far, and the number of its digits.
    Size(u64, u8),
    /// In the whitespace between a chunk size and its extension (RFC 9110 §5.6.3).
    Blank(u64),
    /// In a chunk extension.
    Extension(u64),
    /// Before the line feed that ends a chunk-size line.
    SizeEnd(u64),
    /// In the data of a chunk: the number of bytes that are left.
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
    /// Creates a drain for content of a known length.
    ///
    /// # Errors
    ///
    /// 413 if the length exceeds the limit.
    pub(crate) fn length(length: u64) -> Result<Drain, Status> {
        if length > CONTENT_LIMIT {
            return Err(Status::ContentTooLarge);
        }
        Ok(Drain::new(match length {
            0 => ContentState::Done,
            _ => ContentState::Length(length),
        }))
    }

    /// Creates a drain for content in chunked coding.
    pub(crate) fn chunked() -> Drain {
        Drain::new(ContentState::Size(0, 0))
    }

    fn new(state: ContentState) -> Drain {
        let budget = CONTENT_LIMIT;
        Drain { state, budget }
    }

    /// Drains the content at the start of `bytes`. Returns the number of drained bytes. The remaining bytes belong to
    /// the next request.
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

    pub(crate) fn is_done(&self) -> bool {
        self.state == ContentState::Done
    }
}

impl ContentState {
    fn after(self, byte: u8) -> Result<Self, Status> {
        const MALFORMED: Status = Status::BadRequest;
        Ok(match (self, byte) {
            (Self::Length(1), _) => Self::Done,
            (Self::Length(left), _) => Self::Length(left - 1),
            (Self::Data(1), _) => Self::DataCr,
            (Self::Data(left), _) => Self::Data(left - 1),
            (Self::Size(size, digits), digit) if digit.is_ascii_hexdigit() => {
                // A `u64` has sixteen hexadecimal digits. Servers read longer sizes in different ways, so the drain
                // refuses them.
                if digits == 16 {
                    return Err(MALFORMED);
                }
                let value = u64::from(char::from(digit).to_digit(16).ok_or(MALFORMED)?);
                Self::Size((size << 4) | value, digits + 1)
            }
            (Self::Size(_, 0), _) => return Err(MALFORMED),
            (Self::Size(size, _) | Self::Extension(size), b'\r') => Self::SizeEnd(size),
            (Self::Size(size, _) | Self::Blank(size), b' ' | b'\t') => Self::Blank(size),
            (Self::Size(size, _) | Self::Blank(size), b';') => Self::Extension(size),
            (Self::Extension(_), byte) if is_text(byte) => self,
            (Self::SizeEnd(0), b'\n') => Self::Trailer(0),
            (Self::SizeEnd(size), b'\n') if size > CONTENT_LIMIT => {
                return Err(Status::ContentTooLarge);
            }
            (Self::SizeEnd(size), b'\n') => Self::Data(size),
            (Self::DataCr, b'\r') => Self::DataLf,
            (Self::DataLf, b'\n') => Self::Size(0, 0),
            (Self::Trailer(length), b'\r') => Self::TrailerLf(length),
            (Self::Trailer(length), byte) if is_text(byte) => Self::Trailer(length + 1),
            (Self::TrailerLf(0), b'\n') => Self::Done,
            (Self::TrailerLf(_), b'\n') => Self::Trailer(0),
            _ => return Err(MALFORMED),
        })
    }
}

/// Returns whether a chunk extension or a trailer may contain a byte. Of the control characters, only the tab is
/// allowed.
fn is_text(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}
