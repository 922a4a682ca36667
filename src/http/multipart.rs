//! multipart/byteranges (RFC 9110 §14.6): several ranges in one response.
//!
//! Knows what stands between the ranges and how long all of it is. Must not know where the bytes come from, nor how to
//! make a random number: the boundary is passed in.

use std::fmt;

use super::evaluate::Representation;
use super::range::ByteRange;

/// What separates the parts (RFC 2046 §5.1.1): 32 hexadecimal digits.
///
/// It must not occur in the content. Use an unpredictable number for each response, because a boundary that is known
/// in advance could be put into a video.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Boundary(u128);

impl Boundary {
    /// The boundary made of that number.
    pub fn from_nonce(nonce: u128) -> Boundary {
        Boundary(nonce)
    }
}

impl fmt::Display for Boundary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// The content of a multipart response, apart from the bytes of the representation.
///
/// Send for each part its head, then the bytes of its range; and [`closing`](Multipart::closing) after the last.
#[derive(Clone, Debug)]
pub struct Multipart {
    boundary: Boundary,
    parts: Vec<Part>,
    closing: String,
}

/// One part: what comes before the bytes, and which bytes.
#[derive(Clone, Debug)]
pub struct Part {
    head: String,
    range: ByteRange,
}

impl Part {
    /// Delimiter, Content-Type, Content-Range and the empty line.
    pub fn head(&self) -> &[u8] {
        self.head.as_bytes()
    }

    /// The bytes of the representation that follow the head.
    pub fn range(&self) -> ByteRange {
        self.range
    }
}

impl Multipart {
    /// The content for these ranges of that representation.
    pub fn new(
        ranges: &[ByteRange],
        representation: &Representation,
        boundary: Boundary,
    ) -> Multipart {
        let Representation {
            complete_length,
            media_type,
            ..
        } = representation;
        let part = |(i, &range): (usize, &ByteRange)| {
            // The line break before a delimiter belongs to it; before the first there is nothing to break.
            let line_break = if i == 0 { "" } else { "\r\n" };
            let head = format!(
                "{line_break}--{boundary}\r\n\
                 Content-Type: {media_type}\r\n\
                 Content-Range: bytes {range}/{complete_length}\r\n\r\n"
            );
            Part { head, range }
        };
        Multipart {
            boundary,
            parts: ranges.iter().enumerate().map(part).collect(),
            closing: format!("\r\n--{boundary}--\r\n"),
        }
    }

    /// Value of Content-Type.
    pub fn media_type(&self) -> String {
        format!("multipart/byteranges; boundary={}", self.boundary)
    }

    /// The parts in the order in which they are sent.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The closing delimiter.
    pub fn closing(&self) -> &[u8] {
        self.closing.as_bytes()
    }

    /// Value of Content-Length: heads, ranges and the closing delimiter.
    ///
    /// Saturates. Ranges that do not overlap reach the largest `u64` only in a representation which comes near it, and
    /// no file does: its length is a signed number.
    pub fn content_length(&self) -> u64 {
        let text_length = |text: &str| u64::try_from(text.len()).unwrap_or(u64::MAX);
        self.parts
            .iter()
            .fold(text_length(&self.closing), |length, part| {
                length
                    .saturating_add(text_length(&part.head))
                    .saturating_add(part.range.length())
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Validators;

    fn multipart(ranges: &[(u64, u64)], complete_length: u64) -> Multipart {
        let ranges: Vec<ByteRange> = ranges
            .iter()
            .filter_map(|&(first, last)| ByteRange::new(first, last))
            .collect();
        let representation = Representation {
            complete_length,
            media_type: "video/mp4",
            validators: Validators::from_text("v"),
        };
        Multipart::new(&ranges, &representation, Boundary::from_nonce(0xb))
    }

    #[test]
    fn content_is_that_of_the_rfc() {
        let multipart = multipart(&[(8, 9), (0, 2)], 10);
        let mut content = Vec::new();
        for (part, bytes) in multipart.parts().iter().zip(["89", "012"]) {
            content.extend_from_slice(part.head());
            content.extend_from_slice(bytes.as_bytes());
        }
        content.extend_from_slice(multipart.closing());
        let expected = "--0000000000000000000000000000000b\r\n\
             Content-Type: video/mp4\r\nContent-Range: bytes 8-9/10\r\n\r\n89\
             \r\n--0000000000000000000000000000000b\r\n\
             Content-Type: video/mp4\r\nContent-Range: bytes 0-2/10\r\n\r\n012\
             \r\n--0000000000000000000000000000000b--\r\n";
        assert_eq!(String::from_utf8_lossy(&content), expected);
        assert_eq!(
            usize::try_from(multipart.content_length()),
            Ok(expected.len())
        );
        assert_eq!(
            multipart.media_type(),
            "multipart/byteranges; boundary=0000000000000000000000000000000b"
        );
    }

    #[test]
    fn content_length_of_files_that_cannot_be() {
        let huge = multipart(&[(0, 1 << 62), ((1 << 62) + 2, u64::MAX - 1)], u64::MAX);
        assert_eq!(huge.content_length(), u64::MAX);
    }
}
