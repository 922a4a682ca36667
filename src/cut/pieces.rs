//! The bytes of a cut: a head in memory, then ranges of the source.

use std::ops::Range;

use super::numbers::{index, length};
use crate::http::ByteRange;

/// A virtual file.
#[derive(Debug)]
pub(crate) struct Cut {
    pub(crate) head: Vec<u8>,
    /// The ranges of the source that follow the head, in order.
    pub(crate) pieces: Vec<Range<u64>>,
    pub(crate) length: u64,
    pub(crate) has_pictures: bool,
}

/// Contiguous bytes of a cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    Head(&'a [u8]),
    Source(ByteRange),
}

impl Cut {
    pub(crate) fn memory(&self) -> usize {
        self.head.capacity() + self.pieces.capacity() * size_of::<Range<u64>>()
    }

    /// Returns the parts of a range of the cut.
    pub(crate) fn parts(&self, range: ByteRange) -> impl Iterator<Item = Part<'_>> {
        let (mut skip, mut left) = (range.first_pos(), range.length());
        // Returns the bytes of the range that the next `length` bytes contain.
        let mut take = move |length: u64| {
            let first = skip.min(length);
            let count = left.min(length - first);
            (skip, left) = (skip - first, left - count);
            first..first + count
        };
        let head = take(length(&self.head));
        let head = &self.head[index(head.start)..index(head.end)];
        let head = (!head.is_empty()).then_some(Part::Head(head));
        let pieces = self.pieces.iter().filter_map(move |piece| {
            let taken = take(piece.end - piece.start);
            let last = (piece.start + taken.end).checked_sub(1)?;
            ByteRange::new(piece.start + taken.start, last).map(Part::Source)
        });
        head.into_iter().chain(pieces)
    }
}
