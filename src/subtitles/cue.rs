//! Cues: what every format is read into.

use super::writer::{Place, Writer};

/// The bytes that all cues may take in the result, nearly. A file of the greatest length that is not made to grow stays
/// below. Files that are made for it become five times as long when they are escaped.
const MAX_RESULT: usize = 8 * 1024 * 1024;
/// What a cue takes there beside its text, and about as much in memory.
pub(super) const FRAME: usize = 48;

/// A cue that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cue {
    /// When it begins, in milliseconds.
    pub(super) from: u64,
    /// When it ends. Not after `from` where the file does not say: then it stays until the next one begins.
    pub(super) to: u64,
    /// Where it stands among those that begin together.
    pub(super) layer: u8,
    /// Where it stands in the picture.
    pub(super) place: Place,
    /// Where its text stands in the text of all.
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
