//! Boxes (ISO/IEC 14496-12 §4.2): where each begins and ends, one after the other.

use std::time::Duration;

use crate::container::bits::{fourcc_at, number_at, u32_at};
use crate::container::reader::{Reader, Span};

/// Boxes inside one another that are entered. Real files need six.
const MAX_DEPTH: usize = 10;

/// A box: its type, and where it lies.
#[derive(Debug, Clone, Copy)]
pub(super) struct BoxHead {
    pub(super) name: [u8; 4],
    pub(super) start: u64,
    /// Up to the end of the box, or of its parent if that comes first.
    pub(super) body: Span,
    /// Whether the box claims to reach beyond its parent: the file is cut short, or the box lies.
    pub(super) is_cut: bool,
}

/// Walks over boxes in the order of the file, and enters those that the caller chooses.
///
/// Invariant: a box ends no later than its parent.
#[derive(Debug)]
pub(super) struct Walk {
    at: u64,
    /// Where each entered box ends, the innermost last.
    ends: Vec<u64>,
}

impl Walk {
    pub(super) fn new(span: Span) -> Self {
        Self {
            at: span.start,
            ends: vec![span.end],
        }
    }

    /// Returns the next box and moves behind it; after a box in `entered`, to its first child.
    pub(super) fn next(&mut self, reader: &mut Reader, entered: &[&[u8; 4]]) -> Option<BoxHead> {
        while let Some(&end) = self.ends.last() {
            let start = self.at;
            let Some(head) = read_head(reader, Span { start, end }) else {
                self.leave();
                continue;
            };
            self.at = head.body.end;
            if entered.contains(&&head.name) && self.ends.len() < MAX_DEPTH {
                self.ends.push(head.body.end);
                self.at = head.body.start;
            }
            return Some(head);
        }
        None
    }

    /// Passes what is left of the innermost box.
    pub(super) fn leave(&mut self) {
        self.at = self.ends.pop().unwrap_or(self.at);
    }
}

/// Reads the head of the box at the start of a part, which ends no later than the part.
pub(super) fn read_head(reader: &mut Reader, within: Span) -> Option<BoxHead> {
    reader.step()?;
    let bytes = reader.peek(within, 16)?;
    let start = within.start;
    let (header, size) = match u32_at(bytes, 0)? {
        // To the end of the parent.
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

/// The width of times in a box: eight bytes in version 1.
pub(crate) fn width(fields: &[u8]) -> usize {
    if fields.first() == Some(&1) { 8 } else { 4 }
}

/// Ticks as a time; `None` for a timescale of zero.
pub(super) fn length_of_time(ticks: u64, timescale: u32) -> Option<Duration> {
    let timescale = u64::from(timescale);
    let seconds = ticks.checked_div(timescale)?;
    let rest = (ticks % timescale).checked_mul(1_000_000_000)?;
    Duration::from_secs(seconds).checked_add(Duration::from_nanos(rest / timescale))
}

/// A length in ticks; none where all ones, or zero, say "unknown".
pub(super) fn length(fields: &[u8], at: usize, timescale: u32) -> Option<Duration> {
    let width = width(fields);
    let unknown = u64::MAX >> (64 - 8 * width);
    let ticks = number_at(fields, at, width).filter(|&ticks| ticks != 0 && ticks != unknown)?;
    length_of_time(ticks, timescale)
}

/// Whether the matrix at `at` turns the picture by a quarter: x comes from y alone, and y from x.
pub(super) fn is_rotated(fields: &[u8], at: usize) -> bool {
    let is_zero = |index: usize| u32_at(fields, at + 4 * index) == Some(0);
    is_zero(0) && is_zero(4) && !is_zero(1) && !is_zero(3)
}

/// The boxes in a body in memory: names and bodies.
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

/// The body of the first box of this name in a body in memory.
pub(super) fn child<'a>(boxes: &'a [u8], name: &[u8; 4]) -> Option<&'a [u8]> {
    in_memory(boxes).find(|it| &it.0 == name).map(|it| it.1)
}
