//! Collects the texts of a subtitle track for a window.

use std::time::Duration;

use super::reader::Reader;
use super::text::{Cue, Cues, TextFormat, Window};

/// Bytes of text that are kept of one track.
const MAX_TEXT: usize = 4 << 20;

/// Bytes of one cue.
pub(super) const MAX_CUE: usize = 64 << 10;

/// A text without an end is shown until the next begins, but not longer than this.
const UNTIL_NEXT: Duration = Duration::from_secs(10);

/// The end of a text that does not say when it ends.
pub(super) const UNKNOWN_END: Duration = Duration::MAX;

/// Collects the texts of a track.
#[derive(Debug)]
pub(super) struct Collector {
    pub(super) window: Window,
    found: Vec<Cue>,
    bytes: usize,
}

impl Collector {
    pub(super) fn new(window: Window) -> Self {
        Self {
            window,
            found: Vec::new(),
            bytes: 0,
        }
    }

    /// Adds a text. One that is empty only ends the one before. Stops the reader where there is more than [`MAX_TEXT`].
    pub(super) fn add(&mut self, reader: &mut Reader, mut cue: Cue) {
        // What a cue costs beside its text.
        const OVERHEAD: usize = 64;
        self.bytes += OVERHEAD + cue.settings.len() + cue.text.len();
        if self.bytes > MAX_TEXT {
            return reader.stop();
        }
        // mkvmerge stores settings with zlib, though only frames may be: no player reads those.
        let is_settings = |byte: u8| (b' '..=b'~').contains(&byte);
        let settings = cue.settings.trim();
        cue.settings = match cue.settings.bytes().all(is_settings) {
            true => settings.to_owned(),
            false => String::new(),
        };
        cue.text = cue.text.trim_matches(['\0', '\n', '\r']).to_owned();
        self.found.push(cue);
    }

    /// Adds a text, or goes on with the same one: some writers split a text where another begins or ends.
    pub(super) fn add_or_extend(&mut self, reader: &mut Reader, cue: Cue) {
        // Few texts are shown at once.
        const AT_ONCE: usize = 8;
        let mut latest = self.found.iter_mut().rev().take(AT_ONCE);
        let same = |it: &&mut Cue| {
            it.end == cue.start && it.text == cue.text && it.settings == cue.settings
        };
        match latest.find(same) {
            Some(found) => found.end = cue.end,
            None => self.add(reader, cue),
        }
    }

    /// The texts of the window, with what `reader` found of them.
    pub(super) fn finish(mut self, reader: &Reader, format: TextFormat, header: String) -> Cues {
        self.found.sort_by_key(|cue| cue.start);
        let mut next = Duration::MAX;
        for cue in self.found.iter_mut().rev() {
            if cue.end == UNKNOWN_END {
                cue.end = next.min(cue.start.saturating_add(UNTIL_NEXT));
            }
            next = cue.start;
        }
        let is_seen = |it: &Cue| it.start < it.end && self.window.shows(it.start, it.end);
        self.found
            .retain(|cue| !cue.text.is_empty() && is_seen(cue));
        Cues {
            format,
            header,
            list: self.found,
            is_complete: !reader.is_stopped(),
        }
    }
}
