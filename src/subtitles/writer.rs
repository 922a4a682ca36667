//! Writer for the texts of WebVTT cues.
//!
//! Invariant: the text of a cue is valid. Every special character of WebVTT is escaped, every tag is closed in order,
//! and no line is empty. The writer does not know the times of a cue.

use std::ops::Range;

/// The styles that all formats support.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Italic,
    Bold,
    Underlined,
}

impl Style {
    pub(super) const ALL: [Style; 3] = [Style::Italic, Style::Bold, Style::Underlined];

    /// Returns the letter that all formats use for the style.
    pub(super) fn name(self) -> &'static str {
        match self {
            Style::Italic => "i",
            Style::Bold => "b",
            Style::Underlined => "u",
        }
    }
}

/// The place in the picture as cue settings (W3C WebVTT §4.4), with a space before them. The default is the usual place
/// of subtitles: bottom centre.
pub(super) type Place = &'static str;

/// Returns the place for a key of the numeric keypad: 2 is bottom centre.
pub(super) fn place(key: u8) -> Option<Place> {
    Some(match key {
        1 => " position:0% align:left",
        2 => "",
        3 => " position:100% align:right",
        4 => " line:50% position:0% align:left",
        5 => " line:50%",
        6 => " line:50% position:100% align:right",
        7 => " line:0 position:0% align:left",
        8 => " line:0",
        9 => " line:0 position:100% align:right",
        _ => return None,
    })
}

/// The approximate maximum number of bytes of one cue. A viewer can read a few hundred.
const MAX_CUE: usize = 64 * 1024;

/// Writer for the texts of cues. It appends them to one string.
///
/// It writes a tag only when a character with this style follows. So incorrect nesting is repaired automatically, and a
/// cue without visible text stays empty.
#[derive(Debug, Default)]
pub(super) struct Writer {
    text: String,
    /// The start of the current cue.
    start: usize,
    /// Whether the current cue contains more than spaces.
    is_seen: bool,
    /// The number of open tags for each style, in the order of their first tag.
    wanted: Vec<(Style, usize)>,
    /// The written tags that are not closed yet.
    open: Vec<Style>,
    /// The space or line end to write before the next character.
    due: Option<char>,
    place: Option<Place>,
}

impl Writer {
    /// Adds one character of text.
    pub(super) fn put(&mut self, c: char) {
        match c {
            '<' => self.put_shown("&lt;", true),
            '>' => self.put_shown("&gt;", true),
            '&' => self.put_shown("&amp;", true),
            // WebVTT §6.1 requires this replacement.
            '\0' => self.put_shown("\u{FFFD}", true),
            // Players draw a visible symbol for a byte order mark. The other characters end a line in some readers.
            '\u{FEFF}' | '\u{B}' | '\u{C}' | '\u{1B}' => {}
            c if c.is_ascii_whitespace() => {
                if self.has_text() {
                    self.due.get_or_insert(' ');
                }
            }
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

    /// Opens a style once more. It ends after the same number of calls of `close`.
    pub(super) fn open(&mut self, style: Style) {
        match self.wanted.iter_mut().find(|wanted| wanted.0 == style) {
            Some(wanted) => wanted.1 += 1,
            None => self.wanted.push((style, 1)),
        }
    }

    /// Closes a style once.
    pub(super) fn close(&mut self, style: Style) {
        if let Some(at) = self.wanted.iter().position(|wanted| wanted.0 == style) {
            self.wanted[at].1 -= 1;
            if self.wanted[at].1 == 0 {
                self.wanted.remove(at);
            }
        }
    }

    /// Turns a style on or off, independent of the number of open tags.
    pub(super) fn set(&mut self, style: Style, is_on: bool) {
        let is_wanted = self.wanted.iter().any(|wanted| wanted.0 == style);
        if is_on && !is_wanted {
            self.open(style);
        } else if !is_on {
            self.wanted.retain(|wanted| wanted.0 != style);
        }
    }

    /// Sets the place of the cue. The first call counts.
    pub(super) fn place(&mut self, place: Option<Place>) {
        self.place = self.place.or(place);
    }

    /// Ends the current cue and begins the next cue. Returns the range of its text and its place; `None` if the cue is
    /// dropped or has no visible text.
    pub(super) fn end_cue(&mut self, is_dropped: bool) -> Option<(Range<usize>, Place)> {
        self.close_down_to(0);
        if !std::mem::take(&mut self.is_seen) || is_dropped {
            self.text.truncate(self.start);
        }
        let text = self.start..self.text.len();
        let place = self.place.take().unwrap_or_default();
        self.start = self.text.len();
        self.wanted.clear();
        self.due = None;
        (!text.is_empty()).then_some((text, place))
    }

    /// Returns the texts of all cues.
    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// Whether the current cue already has visible text.
    pub(super) fn has_text(&self) -> bool {
        self.text.len() > self.start
    }

    /// Adds escaped text.
    fn put_shown(&mut self, shown: &str, is_seen: bool) {
        if self.text.len() - self.start > MAX_CUE {
            return;
        }
        let same = |(open, wanted): &(&Style, &(Style, usize))| **open == wanted.0;
        let kept = self.open.iter().zip(&self.wanted).take_while(same).count();
        self.close_down_to(kept);
        self.text.extend(self.due.take());
        for &(style, _) in &self.wanted[kept..] {
            self.text.extend(["<", style.name(), ">"]);
            self.open.push(style);
        }
        self.text.push_str(shown);
        self.is_seen |= is_seen;
    }

    fn close_down_to(&mut self, kept: usize) {
        for style in self.open.drain(kept..).rev() {
            self.text.extend(["</", style.name(), ">"]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_cue_starts_without_styles_and_place() {
        let mut writer = Writer::default();
        writer.place(place(8));
        writer.open(Style::Italic);
        "a ".chars().for_each(|c| writer.put(c));
        assert_eq!(writer.end_cue(false), Some((0..8, " line:0")));
        writer.open(Style::Bold);
        assert_eq!(writer.end_cue(false), None);
        " b".chars().for_each(|c| writer.put(c));
        assert_eq!(writer.end_cue(false), Some((8..9, "")));
        assert_eq!(writer.into_text(), "<i>a</i>b");
    }
}
