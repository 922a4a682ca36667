//! Cues: the common form of all formats after parsing.

use super::writer::{Place, Writer};

/// The approximate maximum number of bytes of all cues in the result. A normal file of the maximum length stays below
/// this limit. Escaping can make a file from an attacker five times as long.
const MAX_RESULT: usize = 8 * 1024 * 1024;
/// The number of bytes that a cue needs in addition to its text, both in the result and (roughly) in memory.
pub(super) const FRAME: usize = 48;

/// A cue with visible text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cue {
    /// The start in milliseconds.
    pub(super) from: u64,
    /// The end in milliseconds. If the file contains no end, this is not after `from`; the cue then ends when the next
    /// cue begins.
    pub(super) to: u64,
    /// The rank among cues with the same start.
    pub(super) layer: u8,
    /// The place in the picture.
    pub(super) place: Place,
    /// The range of the cue's text in the text of all cues.
    pub(super) text: std::ops::Range<usize>,
}

/// The cues of a file in file order. Cues that would make the result too long are dropped.
#[derive(Debug, Default)]
pub(super) struct Cues {
    pub(super) list: Vec<Cue>,
    pub(super) writer: Writer,
    is_full: bool,
}

impl Cues {
    /// Ends the current cue. Drops the cue if it has no times or no visible text.
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
