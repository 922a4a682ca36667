//! multipart/byteranges (RFC 9110 §14.6): several ranges in one response.

use super::evaluate::Representation;
use super::range::ByteRange;

/// The content of a multipart response, without the bytes of the representation.
///
/// The sender writes the head of each part and the bytes of its range, and then `closing`.
#[derive(Clone, Debug)]
pub struct Multipart {
    /// Value of Content-Type.
    pub media_type: String,
    /// The parts in the order of sending.
    pub parts: Vec<Part>,
    /// The closing delimiter.
    pub closing: String,
}

/// One part of a multipart response.
#[derive(Clone, Debug)]
pub struct Part {
    /// The delimiter, Content-Type, Content-Range and an empty line.
    pub head: String,
    /// The bytes of the representation that follow the head.
    pub range: ByteRange,
}

impl Multipart {
    /// Returns the content for these ranges of a representation.
    ///
    /// The boundary (RFC 2046 §5.1.1) must not occur in the content. Use an unpredictable number for each response,
    /// because an attacker can put a predictable boundary into a video.
    pub fn new(ranges: &[ByteRange], representation: &Representation, boundary: u128) -> Multipart {
        let (length, media_type) = (representation.complete_length, representation.media_type);
        let part = |(i, &range): (usize, &ByteRange)| {
            // The line break before `--` belongs to the delimiter. Before the first delimiter, it is not necessary.
            let line_break = if i == 0 { "" } else { "\r\n" };
            let head = format!(
                "{line_break}--{boundary:032x}\r\n\
                 Content-Type: {media_type}\r\n\
                 Content-Range: bytes {range}/{length}\r\n\r\n"
            );
            Part { head, range }
        };
        Multipart {
            media_type: format!("multipart/byteranges; boundary={boundary:032x}"),
            parts: ranges.iter().enumerate().map(part).collect(),
            closing: format!("\r\n--{boundary:032x}--\r\n"),
        }
    }

    /// Returns the value of Content-Length: the bytes of all heads, all ranges and the closing delimiter.
    ///
    /// A sum above `u64::MAX` becomes `u64::MAX`. No file is so large.
    pub fn content_length(&self) -> u64 {
        let parts = self.parts.iter();
        let lengths = parts.flat_map(|part| [part.head.len() as u64, part.range.length()]);
        lengths.fold(self.closing.len() as u64, u64::saturating_add)
    }
}

// `tests/it/properties.rs` tests `content_length`, and that a client can find the parts. `tests/fuzz` tests
// `content_length` for files of any size.
