//! The bytes of a cut: a head in memory, then parts of the source.

use std::ops::Range;

use super::numbers::{index, length};
use crate::http::ByteRange;

/// A virtual file.
#[derive(Debug)]
pub(crate) struct Cut {
    /// What it begins with.
    pub(crate) head: Vec<u8>,
    /// Parts of the source that follow, in order.
    pub(crate) pieces: Vec<Range<u64>>,
    /// The bytes of all.
    pub(crate) length: u64,
    /// Whether there is a picture, or sound alone.
    pub(crate) has_pictures: bool,
}

/// Bytes of a cut that lie together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    /// Of the head.
    Head(&'a [u8]),
    /// Of the source.
    Source(ByteRange),
}

impl Cut {
    /// Bytes of memory that it takes.
    pub(crate) fn memory(&self) -> usize {
        self.head.capacity() + self.pieces.capacity() * size_of::<Range<u64>>()
    }

    /// The parts that a range of the cut is made of.
    pub(crate) fn parts(&self, range: ByteRange) -> impl Iterator<Item = Part<'_>> {
        let (mut skip, mut left) = (range.first_pos(), range.length());
        // What the range takes of the next bytes.
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
