//! Parser for the markup in SubRip files: HTML tags, and codes of ASS and MicroDVD. There is no specification, so
//! the parser does the same as common players.

use super::overrides::{self, DefaultStyles};
use super::pages::row;
use super::writer::{BOLD, CueWriter, ITALIC, STYLES, Style, UNDERLINED};

/// Character references, such as `&amp;`. Each entry is a name and its character.
const REFERENCES: &str = "amp &|lt <|gt >|quot \"|apos '|nbsp \u{A0}|lrm \u{200E}|rlm \u{200F}|hellip …|ndash –|mdash —|\
                          lsquo ‘|rsquo ’|ldquo “|rdquo ”";
/// The maximum length of a character reference, by name or by number.
const MAX_REFERENCE: usize = 10;

pub(super) fn line(writer: &mut CueWriter, line: &str) {
    writer.end_line();
    // MicroDVD's `{y:i}` applies to the rest of the line.
    let mut of_line = Vec::new();
    each(writer, line, |writer, rest| match rest.as_bytes()[0] {
        b'<' => tag(writer, rest),
        b'{' => block(writer, rest, &mut of_line),
        b'&' => reference(writer, rest),
        b'\\' => overrides::escape(writer, rest),
        _ => None,
    });
    for style in of_line {
        writer.close(style);
    }
}

/// Writes a text. At each position, `apply` gets the rest of the text. It returns the length of the code that it has
/// applied, or `None` for a plain character.
pub(super) fn each(
    writer: &mut CueWriter,
    text: &str,
    mut apply: impl FnMut(&mut CueWriter, &str) -> Option<usize>,
) {
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = apply(writer, rest).unwrap_or_else(|| {
            writer.put(c);
            c.len_utf8()
        });
        rest = &rest[length..];
    }
}

/// Applies the tag at the start of `rest`; returns its length. Drops tags without a style. An unknown name is a tag
/// only in lower case, because `<Applause>` may be text for the viewer.
fn tag(writer: &mut CueWriter, rest: &str) -> Option<usize> {
    let inside = enclosed(rest, ['<', '>'])?;
    let (is_end, tag) = match inside.strip_prefix('/') {
        Some(tag) => (true, tag.trim_start()),
        None => (false, inside),
    };
    let end = tag.find(|c: char| !c.is_ascii_alphanumeric());
    let (name, attributes) = tag.split_at(end.unwrap_or(tag.len()));
    let style = match name.to_ascii_lowercase().as_str() {
        "i" | "em" => Some(ITALIC),
        "b" | "strong" | "bold" => Some(BOLD),
        "u" => Some(UNDERLINED),
        "br" => {
            writer.end_line();
            None
        }
        "font" | "s" | "strike" | "del" | "span" | "p" | "div" | "c" | "v" | "lang" | "ruby"
        | "rt" => None,
        _ if is_unknown_tag(name, attributes) => None,
        _ => return None,
    };
    match style {
        Some(style) if is_end => writer.close(style),
        Some(style) => writer.open(style),
        None => {}
    }
    Some(inside.len() + 2)
}

/// Returns whether a text in `<>` with an unknown name is a tag and not text for the viewer. For example,
/// `<x-y a="b">` is a tag. `<00:00:01.000>`, the time at which the next word appears, is also a tag.
fn is_unknown_tag(name: &str, rest: &str) -> bool {
    let is_time = |text: &str| text.bytes().all(|byte| b"0123456789:.".contains(&byte));
    let has_plain_end = rest.is_empty() || rest == "/" || rest.contains('=');
    match name.bytes().next() {
        Some(b'a'..=b'z') => name.bytes().all(|byte| !byte.is_ascii_uppercase()) && has_plain_end,
        Some(b'0'..=b'9') => rest.starts_with(':') && is_time(rest),
        _ => false,
    }
}

/// Applies the codes in braces at the start of `rest`; returns their length. Braces around other content are text.
fn block(writer: &mut CueWriter, rest: &str, of_line: &mut Vec<Style>) -> Option<usize> {
    let inside = enclosed(rest, ['{', '}'])?;
    if inside.starts_with('\\') {
        overrides::apply(writer, inside, DefaultStyles::default());
    } else {
        let (code, value) = inside.split_once(':')?;
        match code {
            "y" | "Y" => {
                for name in value.split(',').map(str::trim) {
                    let mut known = STYLES.iter();
                    if let Some(style) = known.position(|it| it.eq_ignore_ascii_case(name)) {
                        writer.open(style);
                        of_line.extend((code == "y").then_some(style));
                    }
                }
            }
            // Drop colours, fonts, sizes and positions.
            _ if code.len() == 1 && "cCfFsSpPoOhH".contains(code) => {}
            _ => return None,
        }
    }
    Some(inside.len() + 2)
}

/// Writes the character of the reference at the start of `rest`; returns the length of the reference.
fn reference(writer: &mut CueWriter, rest: &str) -> Option<usize> {
    let mut bytes = rest.bytes().take(MAX_REFERENCE);
    let end = bytes.position(|byte| byte == b';')?;
    let name = &rest[1..end];
    let character = match row(REFERENCES, name) {
        Some(character) => character.chars().next()?,
        None => {
            let digits = name.strip_prefix('#')?;
            let number = match digits.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => digits.parse(),
            };
            char::from_u32(number.ok()?).filter(|c| !c.is_control())?
        }
    };
    writer.put(character);
    Some(end + 1)
}

/// Returns the text between a bracket at the start and its closing bracket. Returns `None` if another opening bracket
/// comes first: the first bracket is then text. So a search never goes beyond the next opening bracket, where the next
/// search begins. Together, all searches take linear time.
pub(super) fn enclosed(text: &str, [open, close]: [char; 2]) -> Option<&str> {
    let inside = text.strip_prefix(open)?;
    let end = inside.find([open, close])?;
    inside[end..].starts_with(close).then_some(&inside[..end])
}

#[cfg(test)]
mod tests {
    use super::super::writer::settings;
    use super::*;

    /// Converts lines to a cue. Returns the cue as `[SETTINGS]TEXT`.
    fn shown(lines: &str) -> String {
        let mut writer = CueWriter::default();
        lines.split('\n').for_each(|text| line(&mut writer, text));
        writer.end_cue(Some((0, 0)), 0);
        let text = writer.text;
        match writer.cues.first().map(|cue| settings(cue.place).concat()) {
            None => "nothing".to_owned(),
            Some(settings) if settings.is_empty() => text,
            Some(settings) => format!("[{}]{text}", settings.trim()),
        }
    }

    /// Checks rows of the form `LINES ⇒ CUE`.
    #[track_caller]
    fn check(rows: &[&str]) {
        for row in rows {
            let (lines, expected) = row.split_once(" ⇒ ").unwrap();
            assert_eq!(shown(lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn tags_of_style_are_nested() {
        check(&[
            "a <I>b</I> ⇒ a <i>b</i>",
            "<B>a</b><u>b</U> ⇒ <b>a</b><u>b</u>",
            "<i>a\nb</i> ⇒ <i>a\nb</i>",
            "a\n<i>b</i> ⇒ a\n<i>b</i>",
            "<i>a\n</i> ⇒ <i>a</i>",
            "<i>a ⇒ <i>a</i>",
            "a</i> ⇒ a",
            "<i><b>a</i>b</b> ⇒ <i><b>a</b></i><b>b</b>",
            "<i>a<i>b</i>c</i>d ⇒ <i>abc</i>d",
            "<i> </i>\n<b>\n ⇒ nothing",
            "</i >a</ i> ⇒ a",
            "<i class=x>a</i> ⇒ <i>a</i>",
            "<i.x>a ⇒ <i>a</i>",
            "<em>a</em> <strong>b</strong> <bold>c</bold> ⇒ <i>a</i> <b>b c</b>",
        ]);
    }

    #[test]
    fn other_tags_are_dropped_and_text_in_brackets_stays() {
        check(&[
            "<FONT face='x' size=9><i>a</FONT></i> ⇒ <i>a</i>",
            "<font color=red> ⇒ nothing",
            "<s>a</s><S>b</S> ⇒ ab",
            "<span style=\"x:y\">a</span> ⇒ a",
            "<v Bob>a</v><script>b ⇒ ab",
            "<c.yellow>a</c><00:00:01.000>b ⇒ ab",
            "Hello<br>World<br />b<BR/> ⇒ Hello\nWorld\nb",
            "<Applause> ⇒ &lt;Applause&gt;",
            "<NOISE OF RAIN> ⇒ &lt;NOISE OF RAIN&gt;",
            "<they whisper> ⇒ &lt;they whisper&gt;",
            "<3 you ⇒ &lt;3 you",
            "a < b > c ⇒ a &lt; b &gt; c",
            "<<i>>a ⇒ &lt;<i>&gt;a</i>",
            "<i\n> ⇒ &lt;i\n&gt;",
            "<>a</> ⇒ &lt;&gt;a&lt;/&gt;",
        ]);
    }

    #[test]
    fn characters_are_escaped_and_references_read() {
        check(&[
            "--{\\b1}> ⇒ --<b>&gt;</b>",
            "R&D &amp; &copy; &lt; ⇒ R&amp;D &amp; &amp;copy; &lt;",
            "I&#39;m &quot;here&quot; ⇒ I'm \"here\"",
            "&#x2019;&#8230;&hellip;&#0;&#1234567890; ⇒ ’……&amp;#0;&amp;#1234567890;",
            "&gt;&nbsp;&lrm;&AMP; ⇒ &gt;\u{A0}\u{200E}&amp;AMP;",
            "&&amp;& ⇒ &amp;&amp;&amp;",
            "Hello\\NWorld\\h! ⇒ Hello\nWorld\u{A0}!",
            "C:\\dir ⇒ C:\\dir",
            "a\0\u{FEFF}b ⇒ a\u{FFFD}b",
            "  a \t b  \n\n  \n c  ⇒ a b\nc",
            "字幕\u{3000}🎬 ⇒ 字幕\u{3000}🎬",
            "<i>&nbsp;</i>\n\u{3000}&lrm; ⇒ nothing",
        ]);
    }

    #[test]
    fn codes_in_braces_are_applied_or_dropped() {
        check(&[
            "{\\an7}a ⇒ [line:0 position:0% align:left]a",
            "a\n{\\an9} ⇒ [line:0 position:100% align:right]a",
            "{\\pos(1,2)\\an8}a ⇒ [line:0]a",
            "{\\an2}{\\an8}a ⇒ a",
            "{\\an8}{\\an2}a ⇒ [line:0]a",
            "{\\a6}a{\\an0} ⇒ [line:0]a",
            "{\\an1}a{\\i1}b{\\c&H0000FF&}{\\i0}c ⇒ [position:0% align:left]a<i>b</i>c",
            "{\\b700}a{\\b400}b{\\r}c ⇒ <b>a</b>bc",
            "{\\an8} ⇒ nothing",
            "{a}{\\b ⇒ {a}{\\b",
            "{\\{\\an8}a ⇒ [line:0]{\\a",
            "{y:i}Hello\nyou ⇒ <i>Hello</i>\nyou",
            "{Y:b,i}Hello\nyou ⇒ <i><b>Hello\nyou</b></i>",
            "{C:$0000FF}{f:Arial}Hello {x:y} ⇒ Hello {x:y}",
        ]);
    }
}
