//! Writer for the texts of WebVTT cues.
//!
//! Invariant: the text of a cue is valid. Every special character of WebVTT is escaped, every tag is closed in order,
//! and no line is empty.

use std::ops::Range;

/// The tags of the supported styles: italic, bold, underlined.
pub(super) const STYLES: [&str; 3] = ["i", "b", "u"];

/// A style: an index into [`STYLES`].
pub(super) type Style = usize;
pub(super) const ITALIC: Style = 0;
pub(super) const BOLD: Style = 1;
pub(super) const UNDERLINED: Style = 2;

/// The place in the picture, as a key of the numeric keypad: 7 is top left. 0 is the default place, bottom centre.
pub(super) type Placement = u8;

pub(super) fn place(key: u8) -> Option<Placement> {
    (1..=9).contains(&key).then_some(key)
}

/// Returns the cue settings of a place (W3C WebVTT §4.4): line and column. Each setting is empty or begins with a
/// space.
pub(super) fn settings(place: Placement) -> [&'static str; 2] {
    let key = usize::from(place.checked_sub(1).unwrap_or(1));
    let lines = ["", " line:50%", " line:0"];
    let columns = [" position:0% align:left", "", " position:100% align:right"];
    [lines[key / 3], columns[key % 3]]
}

/// The approximate maximum number of bytes of one cue. A viewer can read a few hundred.
const MAX_CUE: usize = 64 * 1024;
/// The approximate maximum number of bytes of all cues in the result. A normal file of the maximum length stays below
/// this limit. But escaping can make the text of an attacker five times as long.
const MAX_RESULT: usize = 8 * 1024 * 1024;
/// The approximate number of bytes that a cue needs besides its text, both in the result and in memory.
pub(super) const FRAME: usize = 48;

/// A cue with visible text.
#[derive(Debug)]
pub(super) struct StyledCue {
    pub(super) from: u64,
    /// The end in milliseconds. If it is not after `from`, the cue ends when the next cue begins.
    pub(super) to: u64,
    /// The rank among cues with the same start.
    pub(super) layer: u8,
    pub(super) place: Placement,
    pub(super) text: Range<usize>,
}

/// Writer for cues in file order. It appends the texts of the cues to one string. After [`MAX_RESULT`] bytes, it drops
/// cues.
///
/// It writes the tag of a style only directly before a character that has this style. So a cue without text has no
/// tags.
#[derive(Debug, Default)]
pub(super) struct CueWriter {
    pub(super) cues: Vec<StyledCue>,
    pub(super) text: String,
    /// The position in `text` at which the current cue starts.
    start: usize,
    /// True if the current cue contains a visible character.
    is_seen: bool,
    /// The number of open tags of each style in the source file. A style is on if its number is not 0.
    wanted: [u32; 3],
    /// The styles whose tags are written to `text` and not closed there yet.
    open: Vec<Style>,
    /// A space or line end that is written only before the next character. So a cue does not end with it.
    due: Option<char>,
    place: Option<Placement>,
}

impl CueWriter {
    pub(super) fn put(&mut self, c: char) {
        match c {
            '<' => self.put_shown("&lt;", true),
            '>' => self.put_shown("&gt;", true),
            '&' => self.put_shown("&amp;", true),
            // WebVTT §6.1 requires this replacement.
            '\0' => self.put_shown("\u{FFFD}", true),
            // Drop these characters. Players show a symbol for a byte order mark (FEFF). Some programs end a line at
            // the control characters.
            '\u{FEFF}' | '\u{B}' | '\u{C}' | '\u{1B}' => {}
            c if c.is_ascii_whitespace() && !self.has_text() => {}
            c if c.is_ascii_whitespace() => self.due = self.due.or(Some(' ')),
            c => {
                let is_mark = matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}');
                self.put_shown(c.encode_utf8(&mut [0; 4]), !c.is_whitespace() && !is_mark);
            }
        }
    }

    /// Ends a line. Drops empty lines, because they would end the cue.
    pub(super) fn end_line(&mut self) {
        if self.has_text() {
            self.due = Some('\n');
        }
    }

    /// Opens a style. Each call needs a call of [`close`](CueWriter::close), because tags of one style can be nested.
    pub(super) fn open(&mut self, style: Style) {
        self.wanted[style] += 1;
    }

    pub(super) fn close(&mut self, style: Style) {
        self.wanted[style] = self.wanted[style].saturating_sub(1);
    }

    /// Turns a style on or off, independent of the number of open tags.
    pub(super) fn set(&mut self, style: Style, is_on: bool) {
        self.wanted[style] = if is_on { self.wanted[style].max(1) } else { 0 };
    }

    /// Sets the place of the cue. If the source has several places for a cue, the first is used.
    pub(super) fn place(&mut self, place: Option<Placement>) {
        self.place = self.place.or(place);
    }

    /// Ends the current cue and begins the next cue. Drops the cue if it has no times or no visible text.
    pub(super) fn end_cue(&mut self, times: Option<(u64, u64)>, layer: u8) {
        self.close_down_to(0);
        let place = self.place.take().unwrap_or_default();
        let is_full = self.start + self.cues.len() * FRAME > MAX_RESULT;
        match times {
            Some((from, to)) if self.is_seen && !is_full => self.cues.push(StyledCue {
                from,
                to,
                layer,
                place,
                text: self.start..self.text.len(),
            }),
            _ => self.text.truncate(self.start),
        }
        self.is_seen = false;
        self.start = self.text.len();
        self.wanted = [0; 3];
        self.due = None;
    }

    /// Returns whether the current cue already has text.
    pub(super) fn has_text(&self) -> bool {
        self.text.len() > self.start
    }

    fn put_shown(&mut self, shown: &str, is_seen: bool) {
        if self.text.len() - self.start > MAX_CUE {
            return;
        }
        let is_kept = |style: &&Style| self.wanted[**style] > 0;
        let kept = self.open.iter().take_while(is_kept).count();
        self.close_down_to(kept);
        self.text.extend(self.due.take());
        for (style, name) in STYLES.iter().enumerate() {
            if self.wanted[style] > 0 && !self.open.contains(&style) {
                self.text.extend(["<", name, ">"]);
                self.open.push(style);
            }
        }
        self.text.push_str(shown);
        self.is_seen |= is_seen;
    }

    fn close_down_to(&mut self, kept: usize) {
        for style in self.open.drain(kept..).rev() {
            self.text.extend(["</", STYLES[style], ">"]);
        }
    }
}
