//! Boxes in memory and their fields.

use super::error::{CutError, Result};
use crate::container::{in_memory, number_at};

/// The body of the first box of this name.
pub(super) fn child<'a>(body: &'a [u8], name: &[u8; 4]) -> Option<&'a [u8]> {
    in_memory(body).find(|it| &it.0 == name).map(|it| it.1)
}

/// The same where the box must be there.
pub(super) fn need<'a>(body: &'a [u8], name: &[u8; 4]) -> Result<&'a [u8]> {
    child(body, name).ok_or(CutError::DAMAGED)
}

/// A version 1 box has times of eight bytes.
pub(super) fn wide(body: &[u8]) -> usize {
    if body.first() == Some(&1) { 8 } else { 4 }
}

/// A number of four or eight bytes.
pub(super) fn number(body: &[u8], at: usize, width: usize) -> Result<u64> {
    number_at(body, at, width).ok_or(CutError::DAMAGED)
}
