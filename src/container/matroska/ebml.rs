//! EBML (RFC 8794): elements one behind the other, and the values in them.
//!
//! Knows how IDs, sizes and values are written. Must not know what an ID means.

use crate::container::bits::{number, printable_text};
use crate::container::reader::{Reader, Span};

/// Bytes that are read of a name.
const MAX_TEXT: usize = 64;

/// The lowest ID of four bytes. In Matroska only the children of a segment, and what stands beside it, have such.
const LEVEL_1: u64 = 0x1000_0000;

/// An element: its ID, and where it lies.
#[derive(Debug, Clone, Copy)]
pub(super) struct Element {
    /// With the marker of its length, as RFC 9559 prints it.
    pub(super) id: u64,
    pub(super) start: u64,
    /// Up to the end of the element, or of its parent if that comes first or the size is unknown.
    pub(super) body: Span,
    /// Whether the element does not say where it ends.
    pub(super) is_open: bool,
    /// Whether the element claims to reach beyond its parent: the file is cut short, or the element lies.
    pub(super) is_cut: bool,
}

/// Returns the element at `at`, which moves behind it. One that claims to reach beyond `end` ends there: the file is
/// cut short.
pub(super) fn next_element(reader: &mut Reader, at: &mut u64, end: u64) -> Option<Element> {
    reader.step()?;
    let start = *at;
    let head = reader.peek(Span { start, end }, 12)?;
    let id_length = length_of_number(head).filter(|&length| length <= 4)?;
    let id = number(head.get(..id_length)?)?;
    let (size, size_length) = variable(head.get(id_length..)?)?;
    let behind = u64::try_from(id_length).ok()?.checked_add(size_length)?;
    let body = start.checked_add(behind)?;
    let claimed = size.map_or(end, |size| body.saturating_add(size));
    let end = claimed.min(end);
    *at = end;
    Some(Element {
        id,
        start,
        body: Span { start: body, end },
        is_open: size.is_none(),
        is_cut: claimed > end,
    })
}

/// The elements in the body of another one of a segment's children, one after the other.
#[derive(Debug)]
pub(super) struct Children(Span);

impl Children {
    pub(super) fn of(parent: Element) -> Self {
        Self(parent.body)
    }

    /// Returns the next element. One of the segment's own children ends a parent of unknown size.
    pub(super) fn next(&mut self, reader: &mut Reader) -> Option<Element> {
        let element = next_element(reader, &mut self.0.start, self.0.end);
        element.filter(|element| element.id < LEVEL_1)
    }

    /// Goes on with the children of the element that was returned last, as if they stood beside it.
    pub(super) fn enter(&mut self, element: Element) {
        self.0.start = element.body.start;
    }
}

/// An unsigned integer; `None` where it is longer than eight bytes or cut short.
pub(super) fn unsigned(reader: &mut Reader, element: Element) -> Option<u64> {
    number(reader.peek(element.body, 9)?)
}

/// An unsigned integer that fits, and says something.
pub(super) fn small<T: TryFrom<u64>>(reader: &mut Reader, element: Element) -> Option<T> {
    let value = unsigned(reader, element).filter(|&value| value > 0)?;
    T::try_from(value).ok()
}

/// A flag; `None` where it is cut short.
pub(super) fn flag(reader: &mut Reader, element: Element) -> Option<bool> {
    unsigned(reader, element).map(|value| value != 0)
}

/// A number of four or eight bytes.
pub(super) fn float(reader: &mut Reader, element: Element) -> Option<f64> {
    let bytes = reader.peek(element.body, 9)?;
    let single = || bytes.try_into().ok().map(f32::from_be_bytes);
    let double = || bytes.try_into().ok().map(f64::from_be_bytes);
    single().map(f64::from).or_else(double)
}

/// A name: text up to the first zero, if it is printable ASCII.
pub(super) fn name(reader: &mut Reader, element: Element) -> Option<String> {
    let bytes = reader.peek(element.body, MAX_TEXT)?;
    let bytes = bytes.split(|&byte| byte == 0).next().unwrap_or_default();
    let printable = !bytes.is_empty() && bytes.iter().all(|byte| (b' '..=b'~').contains(byte));
    printable.then(|| String::from_utf8_lossy(bytes).into_owned())
}

/// Text up to the first zero and up to so many bytes, without control characters. `None` where nothing is left.
pub(super) fn string(reader: &mut Reader, element: Element, limit: usize) -> Option<String> {
    printable_text(&reader.body(element.body, limit)?)
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
