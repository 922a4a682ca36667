//! Cues: what every format is read into.

use super::writer::{Place, Writer};

/// The bytes that all cues may take in the result, nearly. A file of the greatest length that is not made to grow stays
/// below. Files that are made for it become five times as long when they are escaped.
const MAX_RESULT: usize = 8 * 1024 * 1024;
/// Bytes that a cue takes there beside its text, and about as many in memory.
pub(super) const FRAME: usize = 48;

/// A cue that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cue {
    /// Start in milliseconds.
    pub(super) from: u64,
    /// End in milliseconds. Not after `from` if the file has no end: then the cue is shown until the next one begins.
    pub(super) to: u64,
    /// Rank among the cues that begin together.
    pub(super) layer: u8,
    /// Place in the picture.
    pub(super) place: Place,
    /// Range of its text in the text of all cues.
    pub(super) text: std::ops::Range<usize>,
}

/// The cues of a file in its order. Cues that would make the result too long are dropped.
#[derive(Debug, Default)]
pub(super) struct Cues {
    pub(super) list: Vec<Cue>,
    pub(super) writer: Writer,
    is_full: bool,
}

impl Cues {
    /// Ends the cue that is being written. Without times, or with nothing to be seen, it is dropped.
    pub(super) fn end_cue(&mut self, times: Option<(u64, u64)>, layer: u8) {
        let is_dropped = self.is_full || times.is_none();
        let written = self.writer.end_cue(is_dropped);
        if let (Some((from, to)), Some((text, place))) = (times, written) {
            self.is_full = text.end + self.list.len() * FRAME > MAX_RESULT;
            self.list.push(Cue {
                from,
                to,
                layer,
                place,
                text,
            });
        }
    }
}
