//! Collects the cues of a subtitle track for a window.

use std::time::Duration;

use super::reader::Reader;
use super::text::{Cue, Cues, TextFormat, Window};

/// The maximum number of bytes in memory of the cues of one track.
const MAX_BYTES: usize = 4 << 20;

/// The maximum number of bytes of one cue.
pub(super) const MAX_CUE: usize = 64 << 10;

/// The maximum duration of a cue without an end. The next cue may end such a cue earlier.
pub(super) const MAX_WITHOUT_END: Duration = Duration::from_secs(10);

/// The end of a cue with an unknown end.
pub(super) const UNKNOWN_END: Duration = Duration::MAX;

/// A collector of the cues of a track.
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

    /// Adds a cue. An empty cue only ends the cue before it. Stops the reader if the cues exceed [`MAX_BYTES`].
    pub(super) fn add(&mut self, reader: &mut Reader, mut cue: Cue) {
        // The bytes of a cue in memory without its text.
        const OVERHEAD: usize = 64;
        self.bytes += OVERHEAD + cue.settings.len() + cue.text.len();
        if self.bytes > MAX_BYTES {
            reader.is_stopped = true;
            return;
        }
        // mkvmerge compresses settings with zlib, although the specification allows zlib only for frames. No player
        // reads compressed settings.
        let is_printable = |byte: u8| (b' '..=b'~').contains(&byte);
        let settings = cue.settings.trim();
        cue.settings = match cue.settings.bytes().all(is_printable) {
            true => settings.to_owned(),
            false => String::new(),
        };
        cue.text = cue.text.trim_matches(['\0', '\n', '\r']).to_owned();
        self.found.push(cue);
    }

    /// Returns whether the end of the last cue is unknown.
    pub(super) fn has_open_end(&self) -> bool {
        self.found.last().is_some_and(|cue| cue.end == UNKNOWN_END)
    }

    /// Adds a cue, or extends an equal cue that ends when this cue starts. Some writers split a cue at the start or end
    /// of another cue.
    pub(super) fn add_or_extend(&mut self, reader: &mut Reader, cue: Cue) {
        // The number of the latest cues to compare. More cues are hardly ever visible at the same time.
        const LATEST: usize = 8;
        let mut latest = self.found.iter_mut().rev().take(LATEST);
        let same = |it: &&mut Cue| {
            it.end == cue.start && it.text == cue.text && it.settings == cue.settings
        };
        match latest.find(same) {
            Some(found) => found.end = cue.end,
            None => self.add(reader, cue),
        }
    }

    /// Returns the cues of the window. The cues are incomplete if `reader` stopped early.
    pub(super) fn finish(mut self, reader: &Reader, format: TextFormat, header: String) -> Cues {
        self.found.sort_by_key(|cue| cue.start);
        let mut next = Duration::MAX;
        for cue in self.found.iter_mut().rev() {
            if cue.end == UNKNOWN_END {
                cue.end = next.min(cue.start.saturating_add(MAX_WITHOUT_END));
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
            is_complete: !reader.is_stopped,
        }
    }
}
