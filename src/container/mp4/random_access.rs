//! Reads the lists of fragments in the `mfra` box at the end of a file (ISO/IEC 14496-12 §8.8.9 to §8.8.11).
//!
//! A list may be wrong. Callers check the box at a listed position.

use super::boxes::{BoxHead, Walk, read_head, width};
use crate::container::bits::{number_at, u32_at};
use crate::container::reader::{Reader, Span};

/// An iterator over the lists.
#[derive(Debug)]
pub(super) struct Lists(Walk);

impl Lists {
    /// Finds the `mfra` box. The last four bytes of the file contain the size of the box.
    pub(super) fn find(reader: &mut Reader) -> Option<Self> {
        let length = reader.length();
        let size = reader.body(reader.from(length.saturating_sub(4)), 4)?;
        let start = length.checked_sub(u32_at(&size, 0)?.into())?;
        let mfra = read_head(reader, reader.from(start)).filter(|head| &head.name == b"mfra")?;
        Some(Self(Walk::new(mfra.body)))
    }

    pub(super) fn next(&mut self, reader: &mut Reader) -> Option<List> {
        loop {
            let head = self.0.next(reader, &[])?;
            if &head.name == b"tfra" {
                return List::read(reader, head);
            }
        }
    }
}

/// The fragments of one track in a `tfra` box, in the order of their times.
#[derive(Debug)]
pub(super) struct List {
    pub(super) track: u32,
    /// The number of bytes of a time, and of a position.
    wide: usize,
    entries: Span,
    /// The number of bytes of an entry.
    size: u64,
}

impl List {
    fn read(reader: &mut Reader, head: BoxHead) -> Option<Self> {
        let fields = reader.body(head.body, 16)?;
        let wide = width(&fields);
        // Behind time and position are three numbers of one to four bytes each.
        let bits = u64::from(u32_at(&fields, 8)?);
        let numbers = 3 + (bits & 3) + ((bits >> 2) & 3) + ((bits >> 4) & 3);
        Some(Self {
            track: u32_at(&fields, 4)?,
            wide,
            entries: head.body.from(16),
            size: numbers + if wide == 8 { 16 } else { 8 },
        })
    }

    /// Returns the position of the last fragment whose time in ticks is early enough.
    pub(super) fn last(&self, reader: &mut Reader, is_early: impl Fn(u64) -> bool) -> Option<u64> {
        let (mut last, mut from, mut to) = (None, 0, self.entries.length() / self.size);
        while from < to {
            let middle = from + (to - from) / 2;
            let entry = reader.peek(self.entries.from(middle * self.size), 16)?;
            if is_early(number_at(entry, 0, self.wide)?) {
                last = number_at(entry, self.wide, self.wide);
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        last
    }
}
