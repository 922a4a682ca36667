//! WebVTT: what its files begin with, and how one is written.
//!
//! Knows the file's frame (W3C WebVTT §4.1). The text inside the cues is `markup`'s.

use super::srt::{Cue, Cues};
use super::timing::timestamp;

const SIGNATURE: &str = "WEBVTT";

/// Whether a browser would read the text as WebVTT (W3C WebVTT §6.1).
pub(super) fn has_signature(text: &str) -> bool {
    text.strip_prefix(SIGNATURE)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\n', '\r']))
}

/// A whole file; without cues, one that is empty and valid.
///
/// Cues are sorted by when they begin, which the standard asks for and SubRip does not.
pub(super) fn write(cues: Cues) -> String {
    let Cues { mut list, text } = cues;
    list.sort_by_key(|cue| cue.from);
    // Two times, the arrow, a setting, line ends.
    const FRAME: usize = 48;
    let mut file = String::with_capacity(text.len() + list.len() * FRAME + 8);
    file.push_str(SIGNATURE);
    file.push_str("\n\n");
    for Cue { from, to, written } in list {
        file.push_str(&timestamp(from));
        file.push_str(" --> ");
        file.push_str(&timestamp(to));
        if written.at_top {
            file.push_str(" line:0");
        }
        file.push('\n');
        file.push_str(&text[written.text]);
        file.push_str("\n\n");
    }
    file
}
