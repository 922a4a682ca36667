//! Reads sequences of boxes (ISO/IEC 14496-12 §4.2): the start and end of each box.

use std::time::Duration;

use crate::container::bits::{fourcc_at, number_at, u32_at};
use crate::container::reader::{Reader, Span};

/// The maximum depth of nested boxes. Real files need six levels.
const MAX_DEPTH: usize = 10;

#[derive(Debug, Clone, Copy)]
pub(super) struct BoxHead {
    pub(super) name: [u8; 4],
    pub(super) start: u64,
    /// The content: the range behind the header. If the box is larger than its parent, the range ends at the end of the
    /// parent.
    pub(super) body: Span,
    /// Whether the box is larger than its parent: the file is truncated, or the size is wrong.
    pub(super) is_cut: bool,
}

/// Visits boxes in the order of the file, and enters the boxes that the caller chooses: it also visits their children.
/// The list contains the unread range of each entered box. Its final range belongs to the innermost box.
///
/// Invariant: a box ends no later than its parent.
#[derive(Debug)]
pub(super) struct BoxWalk(Vec<Span>);

impl BoxWalk {
    pub(super) fn new(span: Span) -> Self {
        Self(vec![span])
    }

    /// Returns the next box. If the name of the box is in `entered`, the next call returns the first child of the box.
    pub(super) fn next(&mut self, reader: &mut Reader, entered: &[&[u8; 4]]) -> Option<BoxHead> {
        while let Some(rest) = self.0.last_mut() {
            let Some(head) = read_head(reader, *rest) else {
                self.leave();
                continue;
            };
            rest.start = head.body.end;
            if entered.contains(&&head.name) && self.0.len() < MAX_DEPTH {
                self.0.push(head.body);
            }
            return Some(head);
        }
        None
    }

    /// Skips the rest of the innermost box.
    pub(super) fn leave(&mut self) {
        self.0.pop();
    }
}

/// Reads the header of the box at the start of a range. The box ends no later than the range.
pub(super) fn read_head(reader: &mut Reader, within: Span) -> Option<BoxHead> {
    reader.step()?;
    let bytes = reader.peek(within, 16)?;
    let start = within.start;
    let (header, size) = match u32_at(bytes, 0)? {
        // A size of zero means that the box ends with its parent.
        0 => (8, within.end.checked_sub(start)?),
        1 => (16, number_at(bytes, 8, 8)?),
        size => (8, u64::from(size)),
    };
    let end = start.saturating_add(size);
    let body = Span {
        start: start.checked_add(header)?,
        end: end.min(within.end),
    };
    (size >= header).then_some(BoxHead {
        name: fourcc_at(bytes, 4)?,
        start,
        body,
        is_cut: end > within.end,
    })
}

/// Returns how many bytes each time in a box has: eight in version 1, otherwise four.
pub(crate) fn width(fields: &[u8]) -> usize {
    if fields.first() == Some(&1) { 8 } else { 4 }
}

/// Converts ticks to a duration. `timescale` is the number of ticks per second. Returns `None` if it is zero.
pub(super) fn duration_of_ticks(ticks: u64, timescale: u32) -> Option<Duration> {
    let timescale = u64::from(timescale);
    let seconds = ticks.checked_div(timescale)?;
    let rest = (ticks % timescale).checked_mul(1_000_000_000)?;
    Duration::from_secs(seconds).checked_add(Duration::from_nanos(rest / timescale))
}

/// Reads a duration in ticks. Returns `None` for an unknown duration: all bits are 1, or all are 0.
pub(super) fn duration(fields: &[u8], at: usize, timescale: u32) -> Option<Duration> {
    let width = width(fields);
    let unknown = u64::MAX >> (64 - 8 * width);
    let ticks = number_at(fields, at, width).filter(|&ticks| ticks != 0 && ticks != unknown)?;
    duration_of_ticks(ticks, timescale)
}

/// Returns whether the matrix at `at` rotates the picture by a quarter turn: x depends only on y, and y only on x.
pub(super) fn is_rotated(fields: &[u8], at: usize) -> bool {
    let is_zero = |index: usize| u32_at(fields, at + 4 * index) == Some(0);
    is_zero(0) && is_zero(4) && !is_zero(1) && !is_zero(3)
}

/// Returns the name and the body of each child. `bytes` is the body of the parent.
pub(crate) fn in_memory(mut bytes: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    std::iter::from_fn(move || {
        let length = usize::try_from(number_at(bytes, 0, 4)?).ok()?;
        let name = fourcc_at(bytes, 4)?;
        let (this, rest) = match length {
            0 => (bytes, &bytes[bytes.len()..]),
            1..8 => return None,
            _ => bytes.split_at(length.min(bytes.len())),
        };
        bytes = rest;
        Some((name, this.get(8..)?))
    })
}

/// Returns the bodies of the children with this name.
pub(crate) fn named<'a>(boxes: &'a [u8], name: &[u8; 4]) -> impl Iterator<Item = &'a [u8]> {
    in_memory(boxes).filter_map(move |it| (&it.0 == name).then_some(it.1))
}

/// Returns the body of the first child with this name.
pub(crate) fn child<'a>(boxes: &'a [u8], name: &[u8; 4]) -> Option<&'a [u8]> {
    named(boxes, name).next()
}
