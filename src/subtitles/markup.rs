//! What a cue says: SubRip's loose markup to the cue text of WebVTT.
//!
//! Knows one cue at a time, line by line; must not know when it is shown. Whatever comes in, what goes out is valid:
//! every character that means something to WebVTT is escaped, every tag is closed, no line is blank.

use std::ops::Range;

/// The tags that both formats have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Italic,
    Bold,
    Underlined,
}

impl Style {
    fn name(self) -> char {
        match self {
            Style::Italic => 'i',
            Style::Bold => 'b',
            Style::Underlined => 'u',
        }
    }
}

/// Something between angle brackets that is not shown as such.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tag {
    Open(Style),
    Close(Style),
    /// A font, which browsers choose themselves.
    Ignored,
}

/// What is shown of one cue, nearly, in bytes. Nobody reads more than a few hundred.
const MAX_CUE: usize = 64 * 1024;

/// The character references that WebVTT has always had, and people put into SubRip too; the last three
/// show nothing. Any other ampersand is one.
const REFERENCES: [&str; 6] = ["&amp;", "&lt;", "&gt;", "&nbsp;", "&lrm;", "&rlm;"];

/// Writes the texts of cues, one behind the other.
///
/// Tags are written late: only when a character follows that they apply to. So nesting is mended by itself, and a cue
/// that shows nothing stays empty.
#[derive(Debug, Default)]
pub(super) struct Writer {
    text: String,
    /// Where the current cue begins.
    start: usize,
    /// Whether it has anything but blanks.
    is_seen: bool,
    /// How often each style has been opened, in the order in which they were first.
    wanted: Vec<(Style, usize)>,
    /// What has been written and not closed.
    open: Vec<Style>,
    /// Before the next character.
    due: Due,
    at_top: Option<bool>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Due {
    #[default]
    Nothing,
    Blank,
    Line,
}

/// A cue's text as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    /// Where it stands in the text of all.
    pub(super) text: Range<usize>,
    /// Whether it belongs to the top of the picture, where it covers no other writing.
    pub(super) at_top: bool,
}

impl Writer {
    /// One line of the current cue.
    pub(super) fn line(&mut self, line: &str) {
        if self.has_text() {
            self.due = Due::Line;
        }
        let mut rest = line;
        while let Some(c) = rest.chars().next() {
            let taken = match c {
                '<' => self.tag(rest),
                '{' => self.override_block(rest),
                '&' => self.reference(rest),
                _ => None,
            };
            if let Some(length) = taken {
                rest = &rest[length..];
                continue;
            }
            rest = &rest[c.len_utf8()..];
            match c {
                '<' => self.put("&lt;"),
                '>' => self.put("&gt;"),
                '&' => self.put("&amp;"),
                // WebVTT §6.1 reads it so itself.
                '\0' => self.put("\u{FFFD}"),
                // Players draw them, where they draw them at all, as something that was not meant.
                '\u{FEFF}' => {}
                c if c.is_ascii_whitespace() => {
                    if self.due == Due::Nothing && self.has_text() {
                        self.due = Due::Blank;
                    }
                }
                c => self.put(c.encode_utf8(&mut [0; 4])),
            }
        }
    }

    /// Ends the cue and begins the next; `None` if there is nothing to be seen.
    pub(super) fn end_cue(&mut self) -> Option<Written> {
        self.close_down_to(0);
        if !std::mem::take(&mut self.is_seen) {
            self.text.truncate(self.start);
        }
        let written = Written {
            text: self.start..self.text.len(),
            at_top: self.at_top.unwrap_or(false),
        };
        self.start = self.text.len();
        self.wanted.clear();
        self.due = Due::Nothing;
        self.at_top = None;
        (!written.text.is_empty()).then_some(written)
    }

    /// How long the texts of all cues are.
    pub(super) fn length(&self) -> usize {
        self.text.len()
    }

    /// The texts of all cues.
    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// Whether the current cue shows something already.
    pub(super) fn has_text(&self) -> bool {
        self.text.len() > self.start
    }

    /// What is shown, escaped.
    fn put(&mut self, shown: &str) {
        if self.text.len() - self.start > MAX_CUE {
            return;
        }
        let same = |(open, wanted): &(&Style, &(Style, usize))| **open == wanted.0;
        let kept = self.open.iter().zip(&self.wanted).take_while(same).count();
        self.close_down_to(kept);
        match std::mem::take(&mut self.due) {
            Due::Nothing => {}
            Due::Blank => self.text.push(' '),
            Due::Line => self.text.push('\n'),
        }
        for &(style, _) in &self.wanted[kept..] {
            self.text.extend(['<', style.name(), '>']);
            self.open.push(style);
        }
        self.text.push_str(shown);
        self.is_seen |= !REFERENCES[3..].contains(&shown) && !shown.trim().is_empty();
    }

    fn close_down_to(&mut self, kept: usize) {
        for style in self.open.drain(kept..).rev() {
            self.text.extend(['<', '/', style.name(), '>']);
        }
    }

    /// A tag that `rest` begins with; its length.
    fn tag(&mut self, rest: &str) -> Option<usize> {
        let inside = enclosed(rest, ['<', '>'])?;
        let place = |style| move |wanted: &(Style, usize)| wanted.0 == style;
        match tag(inside)? {
            Tag::Ignored => {}
            Tag::Open(style) => match self.wanted.iter().position(place(style)) {
                Some(at) => self.wanted[at].1 += 1,
                None => self.wanted.push((style, 1)),
            },
            Tag::Close(style) => {
                if let Some(at) = self.wanted.iter().position(place(style)) {
                    self.wanted[at].1 -= 1;
                    if self.wanted[at].1 == 0 {
                        self.wanted.remove(at);
                    }
                }
            }
        }
        Some(inside.len() + 2)
    }

    /// `{\an8}` and the like, which come from another format; its length. Of all that they can say only the top of the
    /// picture is heard: there, subtitles make room for writing in the picture.
    fn override_block(&mut self, rest: &str) -> Option<usize> {
        let inside = enclosed(rest, ['{', '}'])?;
        let codes = inside.strip_prefix('\\')?;
        let alignment = codes
            .split('\\')
            .find_map(|code| code.trim().strip_prefix("an"));
        if let Some(alignment) = alignment {
            self.at_top
                .get_or_insert(matches!(alignment, "7" | "8" | "9"));
        }
        Some(inside.len() + 2)
    }

    fn reference(&mut self, rest: &str) -> Option<usize> {
        let found = REFERENCES
            .into_iter()
            .find(|reference| rest.starts_with(reference))?;
        self.put(found);
        Some(found.len())
    }
}

/// What stands between a bracket at the start and the one that closes it. Another one that opens comes first: then this one
/// is a character like others. That also bounds the search: no byte is looked at again from the next bracket.
fn enclosed(text: &str, [open, close]: [char; 2]) -> Option<&str> {
    let inside = text.strip_prefix(open)?;
    let end = inside.find([open, close])?;
    inside[end..].starts_with(close).then_some(&inside[..end])
}

fn tag(inside: &str) -> Option<Tag> {
    let (closes, rest) = match inside.strip_prefix('/') {
        Some(rest) => (true, rest.trim_start()),
        None => (false, inside),
    };
    let name = rest
        .split(|c: char| c.is_ascii_whitespace())
        .next()
        .unwrap_or_default();
    let style = match name {
        "i" | "I" => Style::Italic,
        "b" | "B" => Style::Bold,
        "u" | "U" => Style::Underlined,
        name if name.eq_ignore_ascii_case("font") => return Some(Tag::Ignored),
        _ => return None,
    };
    Some(if closes {
        Tag::Close(style)
    } else {
        Tag::Open(style)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines in, cue text out, with a `^` before what belongs to the top.
    fn shown(lines: &str) -> String {
        let mut writer = Writer::default();
        lines.split('\n').for_each(|line| writer.line(line));
        let Some(written) = writer.end_cue() else {
            return "nothing".to_owned();
        };
        let mark = if written.at_top { "^" } else { "" };
        format!("{mark}{}", &writer.into_text()[written.text])
    }

    #[test]
    fn tags() {
        for (lines, expected) in [
            ("<i>a</i> b", "<i>a</i> b"),
            ("a <I>b</I>", "a <i>b</i>"),
            ("<B>a</b><u>b</U>", "<b>a</b><u>b</u>"),
            ("<i>a\nb</i>", "<i>a\nb</i>"),
            ("a\n<i>b</i>", "a\n<i>b</i>"),
            ("<i>a\n</i>", "<i>a</i>"),
            ("<i>a", "<i>a</i>"),
            ("a</i>", "a"),
            ("<i><b>a</i>b</b>", "<i><b>a</b></i><b>b</b>"),
            ("<i>a<i>b</i>c</i>d", "<i>abc</i>d"),
            ("<i></i>", "nothing"),
            ("<i> </i>\n<b>\n", "nothing"),
            ("</i >a</ i>", "a"),
            ("<i class=x>a</i>", "<i>a</i>"),
            ("<font color=\"#ff0000\">a</font>", "a"),
            ("<FONT face='x' size=9><i>a</FONT></i>", "<i>a</i>"),
            ("<font color=red>", "nothing"),
            ("<v Bob>a</v>", "&lt;v Bob&gt;a&lt;/v&gt;"),
            ("<script>a", "&lt;script&gt;a"),
            ("<i.x>a", "&lt;i.x&gt;a"),
            ("<00:00:01.000>a", "&lt;00:00:01.000&gt;a"),
            ("a < b > c", "a &lt; b &gt; c"),
            ("<<i>>a", "&lt;<i>&gt;a</i>"),
            ("<i", "&lt;i"),
            ("<i\n>", "&lt;i\n&gt;"),
            ("<>a</>", "&lt;&gt;a&lt;/&gt;"),
        ] {
            assert_eq!(shown(lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn characters() {
        for (lines, expected) in [
            ("a --> b", "a --&gt; b"),
            ("--{\\b1}>", "--&gt;"),
            ("R&D &amp; &copy; &lt;", "R&amp;D &amp; &amp;copy; &lt;"),
            ("&gt;&nbsp;&lrm;&rlm;&AMP;", "&gt;&nbsp;&lrm;&rlm;&amp;AMP;"),
            ("&&amp;&", "&amp;&amp;&amp;"),
            ("a\0b", "a\u{FFFD}b"),
            ("\u{FEFF}a", "a"),
            ("  a \t b  \n\n  \n c ", "a b\nc"),
            ("字幕\u{3000}🎬", "字幕\u{3000}🎬"),
            ("<i>&nbsp;</i>\n\u{3000}&lrm;", "nothing"),
        ] {
            assert_eq!(shown(lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn override_blocks() {
        for (lines, expected) in [
            ("{\\an8}a", "^a"),
            ("{\\an7}a", "^a"),
            ("a\n{\\an9}", "^a"),
            ("{\\pos(1,2)\\an8}a", "^a"),
            ("{\\an2}{\\an8}a", "a"),
            ("{\\an8}{\\an2}a", "^a"),
            ("{\\an1}a{\\i1}b{\\c&H0000FF&}", "ab"),
            ("{\\an8}", "nothing"),
            ("{a}{\\b", "{a}{\\b"),
            ("{\\{\\an8}a", "^{\\a"),
        ] {
            assert_eq!(shown(lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn nothing_goes_on_into_the_next_cue() {
        let mut writer = Writer::default();
        writer.line("{\\an8}<i>a ");
        let first = writer.end_cue().unwrap();
        assert_eq!((first.at_top, first.text), (true, 0..8));
        writer.line("<b>");
        assert_eq!(writer.end_cue(), None);
        writer.line(" b");
        let second = writer.end_cue().unwrap();
        assert_eq!((second.at_top, second.text.clone()), (false, 8..9));
        assert_eq!(&writer.into_text()[second.text], "b");
    }
}
