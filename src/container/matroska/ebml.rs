//! EBML (RFC 8794): elements one behind the other, and the values in them.
//!
//! Knows how IDs, sizes and values are written. Must not know what an ID means.

use crate::container::bits::number;
use crate::container::reader::{Reader, Result, Span};

/// Bytes that are read of a name.
const MAX_TEXT: usize = 64;

/// An element: its ID, and where its body lies.
#[derive(Debug, Clone, Copy)]
pub(super) struct Element {
    /// With the marker of its length, as RFC 9559 prints it.
    pub(super) id: u64,
    /// Up to the end of the element, or of its parent if that comes first or the size is unknown.
    pub(super) body: Span,
}

/// An unsigned integer; `None` where it is longer than eight bytes or cut short.
pub(super) fn unsigned(reader: &mut Reader, element: Element) -> Result<Option<u64>> {
    Ok(number(&reader.body(element.body, 9)?))
}

/// An unsigned integer that fits, and says something.
pub(super) fn small<T: TryFrom<u64>>(reader: &mut Reader, element: Element) -> Result<Option<T>> {
    let value = unsigned(reader, element)?.filter(|&value| value > 0);
    Ok(value.and_then(|value| T::try_from(value).ok()))
}

/// A number of four or eight bytes.
pub(super) fn float(reader: &mut Reader, element: Element) -> Result<Option<f64>> {
    let bytes = reader.body(element.body, 9)?;
    let single = || bytes.as_slice().try_into().ok().map(f32::from_be_bytes);
    let double = || bytes.as_slice().try_into().ok().map(f64::from_be_bytes);
    Ok(single().map(f64::from).or_else(double))
}

/// Text up to the first zero, if it is printable ASCII as all names here are.
pub(super) fn text(reader: &mut Reader, element: Element) -> Result<Option<String>> {
    let mut bytes = reader.body(element.body, MAX_TEXT)?;
    let end = bytes.iter().position(|&byte| byte == 0);
    bytes.truncate(end.unwrap_or(bytes.len()));
    let printable = !bytes.is_empty() && bytes.iter().all(|byte| (b' '..=b'~').contains(byte));
    Ok(String::from_utf8(bytes).ok().filter(|_| printable))
}

/// Returns the element at `at`, which moves behind it. One that claims to reach beyond `end` ends there: the file is
/// cut short.
pub(super) fn next_element(reader: &mut Reader, at: &mut u64, end: u64) -> Result<Option<Element>> {
    reader.step()?;
    let start = *at;
    let head = reader.body(Span { start, end }, 12)?;
    let element = || {
        let id_length = length_of_number(&head).filter(|&length| length <= 4)?;
        let id = number(head.get(..id_length)?)?;
        let (size, size_length) = variable(head.get(id_length..)?)?;
        let behind = u64::try_from(id_length).ok()?.checked_add(size_length)?;
        let start = start.checked_add(behind)?;
        let end = size.map_or(end, |size| start.saturating_add(size).min(end));
        let body = Span { start, end };
        Some(Element { id, body })
    };
    Ok(element().inspect(|element| *at = element.body.end))
}

/// A number of variable length at the start of a body, and its length. All ones say "unknown".
pub(super) fn variable(bytes: &[u8]) -> Option<(Option<u64>, u64)> {
    let length = length_of_number(bytes)?;
    // The highest bit that is set only marks the length.
    let ones = (1_u64 << (7 * length)) - 1;
    let value = number(bytes.get(..length)?)? & ones;
    Some((
        Some(value).filter(|&value| value != ones),
        u64::try_from(length).ok()?,
    ))
}

/// The leading zeros say how many bytes follow the first.
fn length_of_number(bytes: &[u8]) -> Option<usize> {
    let length = usize::try_from(bytes.first()?.leading_zeros()).ok()? + 1;
    (length <= 8).then_some(length)
}
