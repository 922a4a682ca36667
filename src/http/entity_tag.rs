//! Entity tags (RFC 9110 §8.8.3), which identify a version of a file.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::whitespace::OWS;

/// An entity tag (RFC 9110 §8.8.3).
///
/// There is no `==`, because the RFC defines a strong and a weak comparison.
#[derive(Clone, Debug)]
pub struct EntityTag {
    // Invariant: the text is a valid field value, such as `"abc"` or `W/"abc"`.
    text: String,
}

impl EntityTag {
    /// Returns a strong tag from the number of bytes and the modification time in nanoseconds. The time may be before
    /// 1970.
    ///
    /// The tag does not contain the inode. So copies of a file with the same date have the same tag. A client can then
    /// resume a download from another server with a copy.
    pub fn from_metadata(length: u64, modified: SystemTime) -> EntityTag {
        let (sign, distance) = match modified.duration_since(UNIX_EPOCH) {
            Ok(after) => ("", after),
            Err(before) => ("m", before.duration()),
        };
        let text = format!("\"{length:x}-{sign}{:x}\"", distance.as_nanos());
        EntityTag { text }
    }

    /// Returns a strong tag from a text that changes with the content, such as a hash.
    ///
    /// Characters that a tag must not contain are percent-encoded. Different texts have different tags.
    pub fn from_text(text: &str) -> EntityTag {
        const NOT_ETAGC: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'%');
        let text = format!("\"{}\"", utf8_percent_encode(text, NOT_ETAGC));
        EntityTag { text }
    }

    /// Parses one tag: `"abc"` or `W/"abc"`. Returns `None` for any other text, including a list.
    pub fn parse(text: &str) -> Option<EntityTag> {
        let (tag, rest) = EntityTag::parse_prefix(text.trim_matches(OWS))?;
        rest.is_empty().then_some(tag)
    }

    /// Parses a list of tags. Skips empty elements (RFC 9110 §5.6.1.2). Returns `None` if an element is neither empty
    /// nor a tag.
    pub fn parse_list(text: &str) -> Option<Vec<EntityTag>> {
        let empty_elements = [OWS[0], OWS[1], ','];
        let mut tags = Vec::new();
        let mut rest = text.trim_start_matches(empty_elements);
        while !rest.is_empty() {
            let (tag, after) = EntityTag::parse_prefix(rest)?;
            tags.push(tag);
            let after = after.trim_start_matches(OWS);
            if !after.is_empty() && !after.starts_with(',') {
                return None;
            }
            rest = after.trim_start_matches(empty_elements);
        }
        Some(tags)
    }

    /// Parses the tag at the start of `text`. Returns the tag and the rest.
    fn parse_prefix(text: &str) -> Option<(EntityTag, &str)> {
        // RFC 9110 §8.8.3: `W/` is case-sensitive. A tag may contain commas and non-ASCII characters.
        let (opaque, rest) = opaque_part(text).strip_prefix('"')?.split_once('"')?;
        let is_etagc = |c: char| matches!(c, '!' | '#'..='~' | '\u{80}'..);
        let text = text.strip_suffix(rest)?.to_owned();
        opaque
            .chars()
            .all(is_etagc)
            .then_some((EntityTag { text }, rest))
    }

    /// Returns whether both tags are strong and equal: strong comparison (RFC 9110 §8.8.3.2).
    pub fn strong_eq(&self, other: &EntityTag) -> bool {
        self.text == other.text && self.text.starts_with('"')
    }

    /// Returns whether both tags are equal, weak or strong: weak comparison (RFC 9110 §8.8.3.2).
    pub fn weak_eq(&self, other: &EntityTag) -> bool {
        opaque_part(&self.text) == opaque_part(&other.text)
    }
}

/// Removes the mark of a weak tag.
fn opaque_part(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

/// Writes the tag with its quotation marks.
impl fmt::Display for EntityTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

// `tests/it/parsers.rs` tests that different values have different tags, and that tags can be parsed.
// `tests/it/condition.rs` tests lists of tags in requests.
