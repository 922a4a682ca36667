//! EBML (RFC 8794): elements one behind the other, and the values in them.
//!
//! Knows how IDs, sizes and values are written. Must not know what an ID means.

use std::io::{Read, Seek};

use super::bits::number;
use super::source::{Source, Stop};

/// More of a name is not read.
const MAX_TEXT: usize = 64;

/// An element: where its body begins and ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Element {
    /// With the marker of its length, as RFC 9559 prints it.
    pub(super) id: u64,
    pub(super) body: u64,
    /// Where the element ends, or what contains it if that comes first or the size is unknown.
    pub(super) end: u64,
}

/// An unsigned integer; `None` where it is longer than eight bytes or cut short.
pub(super) fn unsigned<R: Read + Seek>(
    source: &mut Source<R>,
    element: Element,
) -> Result<Option<u64>, Stop> {
    Ok(number(&source.body(element.body, element.end, 9)?))
}

/// An unsigned integer that fits, and says something.
pub(super) fn small<R: Read + Seek, T: TryFrom<u64>>(
    source: &mut Source<R>,
    element: Element,
) -> Result<Option<T>, Stop> {
    Ok(unsigned(source, element)?
        .filter(|&value| value > 0)
        .and_then(|value| T::try_from(value).ok()))
}

pub(super) fn float<R: Read + Seek>(
    source: &mut Source<R>,
    element: Element,
) -> Result<Option<f64>, Stop> {
    let bytes = source.body(element.body, element.end, 9)?;
    let single = || bytes.as_slice().try_into().ok().map(f32::from_be_bytes);
    let double = || bytes.as_slice().try_into().ok().map(f64::from_be_bytes);
    Ok(single().map(f64::from).or_else(double))
}

/// Text up to the first zero, if it is printable ASCII as all names here are.
pub(super) fn text<R: Read + Seek>(
    source: &mut Source<R>,
    element: Element,
) -> Result<Option<String>, Stop> {
    let mut bytes = source.body(element.body, element.end, MAX_TEXT)?;
    bytes.truncate(
        bytes
            .iter()
            .position(|&byte| byte == 0)
            .unwrap_or(bytes.len()),
    );
    let printable = !bytes.is_empty() && bytes.iter().all(|byte| (b' '..=b'~').contains(byte));
    Ok(String::from_utf8(bytes).ok().filter(|_| printable))
}

/// The element at `at`, which moves behind it. One that is said to reach beyond `end` ends there: the file is cut
/// short.
pub(super) fn next_element<R: Read + Seek>(
    source: &mut Source<R>,
    at: &mut u64,
    end: u64,
) -> Result<Option<Element>, Stop> {
    source.step()?;
    let start = *at;
    let head = source.body(start, end, 12)?;
    Ok(element(&head, start, end).inspect(|element| *at = element.end))
}

fn element(head: &[u8], start: u64, end: u64) -> Option<Element> {
    let id_length = head.first()?.leading_zeros().checked_add(1)?;
    if id_length > 4 {
        return None;
    }
    let id_length = usize::try_from(id_length).ok()?;
    let id = number(head.get(..id_length)?)?;
    let size_length = usize::try_from(head.get(id_length)?.leading_zeros()).ok()? + 1;
    if size_length > 8 {
        return None;
    }
    let behind = id_length.checked_add(size_length)?;
    // The highest bit that is set only marks the length; all ones say "unknown".
    let mask = (1_u64 << (7 * size_length)) - 1;
    let size = number(head.get(id_length..behind)?)? & mask;
    let body = start.checked_add(u64::try_from(behind).ok()?)?;
    let end = match size {
        size if size == mask => end,
        size => body.saturating_add(size).min(end),
    };
    Some(Element { id, body, end })
}
