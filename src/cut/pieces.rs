//! The bytes of a cut: a head in memory, then parts of the source.

use super::numbers::{index, length};
use crate::http::ByteRange;

/// A virtual file.
#[derive(Debug)]
pub(crate) struct Cut {
    /// What it begins with.
    pub(crate) head: Vec<u8>,
    /// Parts of the source that follow, in order.
    pub(crate) pieces: Vec<ByteRange>,
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
        self.head.capacity() + self.pieces.capacity() * size_of::<ByteRange>()
    }

    /// The parts that a range of the cut is made of.
    pub(crate) fn parts(&self, range: ByteRange) -> impl Iterator<Item = Part<'_>> {
        let wanted = range.first_pos()..range.last_pos() + 1;
        // What the range takes of bytes from `at` on.
        let taken = move |at: u64, length: u64| {
            let first = wanted.start.max(at);
            let end = wanted.end.min(at + length);
            (first < end).then(|| (first - at, end - at))
        };
        let head = taken(0, length(&self.head))
            .map(|(first, end)| Part::Head(&self.head[index(first)..index(end)]));
        let mut at = length(&self.head);
        let pieces = self.pieces.iter().filter_map(move |piece| {
            let start = at;
            at += piece.length();
            let (first, end) = taken(start, piece.length())?;
            let first_pos = piece.first_pos();
            ByteRange::new(first_pos + first, first_pos + end - 1).map(Part::Source)
        });
        head.into_iter().chain(pieces)
    }
}
