//! Reads EBML (RFC 8794): sequences of elements, and their values.

use crate::container::bits::{number, printable_text};
use crate::container::info::MAX_TITLE;
use crate::container::reader::{Reader, Span};

/// The maximum number of elements in [`Children`].
const MAX_FIELDS: usize = 100;

/// The lowest ID of four bytes. In Matroska, only the segment, its siblings and its children have IDs of four bytes.
const LOWEST_LONG_ID: u64 = 0x1000_0000;

#[derive(Debug, Clone, Copy)]
pub(super) struct Element {
    /// The ID in the notation of RFC 9559.
    pub(super) id: u64,
    pub(super) start: u64,
    /// The content: the range behind the ID and the size. If the size is unknown or too large, the range ends at the
    /// end of the parent.
    pub(super) body: Span,
    /// Whether the size is unknown.
    pub(super) is_open: bool,
    /// Whether the element is larger than its parent: the file is truncated, or the size is wrong.
    pub(super) is_cut: bool,
}

/// Returns the element at the start of `rest`, the unread part of a parent. Moves `rest` behind the element.
pub(super) fn next_element(reader: &mut Reader, rest: &mut Span) -> Option<Element> {
    reader.step()?;
    let Span { start, end } = *rest;
    let head = reader.peek(*rest, 12)?;
    let id_length = length_of_number(head).filter(|&length| length <= 4)?;
    let id = number(head.get(..id_length)?)?;
    let (size, size_length) = vint(head.get(id_length..)?)?;
    let head_length = u64::try_from(id_length).ok()?.checked_add(size_length)?;
    let body = start.checked_add(head_length)?;
    // A size is unknown if all its bits are 1 (RFC 8794 §6.2).
    let is_open = size == (1_u64 << (7 * size_length)) - 1;
    let known = body.saturating_add(size);
    let claimed = if is_open { end } else { known };
    let end = claimed.min(end);
    rest.start = end;
    Some(Element {
        id,
        start,
        body: Span { start: body, end },
        is_open,
        is_cut: claimed > end,
    })
}

/// Like [`next_element`], for a parent inside the segment. A parent of unknown size ends where the next child of the
/// segment begins. So the function returns `None` at a child of the segment. If the ID of the element is in `entered`,
/// the next call returns the first child of the element.
pub(super) fn next_child(reader: &mut Reader, rest: &mut Span, entered: &[u64]) -> Option<Element> {
    let element = next_element(reader, rest).filter(|element| element.id < LOWEST_LONG_ID)?;
    if entered.contains(&element.id) {
        rest.start = element.body.start;
    }
    Some(element)
}

/// Returns an unsigned integer. Returns `None` if the integer has more than eight bytes.
pub(super) fn unsigned(reader: &mut Reader, element: Element) -> Option<u64> {
    number(reader.peek(element.body, 9)?)
}

/// The elements of a parent, each with its value as an unsigned integer. If several elements have the same ID, the
/// functions use the first of them.
#[derive(Debug, Default)]
pub(super) struct Children(Vec<(Element, Option<u64>)>);

impl Children {
    /// Reads the elements of a parent, and of the children in `entered`. Returns `None` if the reader stops.
    pub(super) fn read(reader: &mut Reader, parent: Element, entered: &[u64]) -> Option<Self> {
        let mut fields = Vec::new();
        let mut rest = parent.body;
        while fields.len() < MAX_FIELDS
            && let Some(element) = next_child(reader, &mut rest, entered)
        {
            fields.push((element, unsigned(reader, element)));
        }
        (!reader.is_stopped).then_some(Self(fields))
    }

    pub(super) fn element(&self, id: u64) -> Option<Element> {
        self.0.iter().find(|it| it.0.id == id).map(|it| it.0)
    }

    pub(super) fn unsigned(&self, id: u64) -> Option<u64> {
        self.0.iter().find(|it| it.0.id == id)?.1
    }

    /// Returns the unsigned integer with this ID, if it fits in `T` and is not zero.
    pub(super) fn positive<T: TryFrom<u64>>(&self, id: u64) -> Option<T> {
        T::try_from(self.unsigned(id).filter(|&value| value > 0)?).ok()
    }

    /// Returns a flag. Returns `None` if the flag is missing or empty. The flag then has its default value (RFC 8794
    /// §7.2).
    pub(super) fn flag(&self, id: u64) -> Option<bool> {
        let is_empty = self.element(id)?.body.length() == 0;
        Some(self.unsigned(id)? != 0).filter(|_| !is_empty)
    }

    /// Returns a floating point number of four or eight bytes.
    pub(super) fn float(&self, id: u64) -> Option<f64> {
        let bits = self.unsigned(id)?;
        match self.element(id)?.body.length() {
            4 => Some(f32::from_bits(bits.try_into().ok()?).into()),
            8 => Some(f64::from_bits(bits)),
            _ => None,
        }
    }

    /// Returns a text up to its first zero byte, without control characters. Returns `None` if the text is empty.
    pub(super) fn text(&self, reader: &mut Reader, id: u64) -> Option<String> {
        printable_text(&reader.body(self.element(id)?.body, MAX_TITLE)?)
    }
}

/// Reads a number of variable length. Returns the number, and how many bytes it takes.
pub(super) fn vint(bytes: &[u8]) -> Option<(u64, u64)> {
    let length = length_of_number(bytes)?;
    // The highest set bit is not part of the value: its place shows the length.
    let value = number(bytes.get(..length)?)? & ((1 << (7 * length)) - 1);
    Some((value, u64::try_from(length).ok()?))
}

/// Returns how many bytes a number takes: the number of leading zero bits of its first byte, plus one.
fn length_of_number(bytes: &[u8]) -> Option<usize> {
    let length = usize::try_from(bytes.first()?.leading_zeros()).ok()? + 1;
    (length <= 8).then_some(length)
}
