//! Reads text samples: 3GPP timed text, QuickTime text, WebVTT.

use super::boxes::{child, named};
use crate::container::bits::u16_at;

/// Returns the plain text of a sample of `tx3g` or `text`. The sample begins with the number of bytes of the text. The
/// text is UTF-8, or UTF-16 with a byte order mark.
pub(super) fn plain(sample: &[u8]) -> String {
    let length = u16_at(sample, 0).map_or(0, usize::from);
    let text = sample.get(2..).unwrap_or_default();
    let text = &text[..length.min(text.len())];
    let utf16 = |number: fn([u8; 2]) -> u16| {
        let units = text[2..].as_chunks().0.iter().map(|unit| number(*unit));
        String::from_utf16_lossy(&units.collect::<Vec<_>>())
    };
    match text {
        [0xfe, 0xff, ..] => utf16(u16::from_be_bytes),
        [0xff, 0xfe, ..] => utf16(u16::from_le_bytes),
        _ => String::from_utf8_lossy(text).into_owned(),
    }
}

/// The style bits of a character (3GPP TS 26.245 §5.17), and their WebVTT tags.
const STYLES: [(u8, &str); 3] = [(1, "b"), (2, "i"), (4, "u")];

/// Converts a sample of `tx3g` to the text of a WebVTT cue. The `styl` box marks bold, italic and underlined text.
/// `entry` is the sample entry, which contains the default style.
pub(super) fn tx3g(entry: &[u8], sample: &[u8]) -> String {
    let text = plain(sample);
    // Skip the fields in front of the style bits: header, flags, justification, colour, box, and the 6 bytes of two
    // character offsets and a font ID.
    let usual = entry.get(16 + 4 + 2 + 4 + 8 + 6).copied().unwrap_or(0);
    let mut faces = vec![usual; text.chars().count()];
    let length = u16_at(sample, 0).map_or(0, usize::from);
    let boxes = sample.get(2 + length..).unwrap_or_default();
    for styles in named(boxes, b"styl") {
        for style in styles.get(2..).unwrap_or_default().chunks_exact(12) {
            let number = |at| u16_at(style, at).map_or(0, usize::from);
            let (start, end) = (number(0), number(2).min(faces.len()));
            if let Some(faces) = faces.get_mut(start..end) {
                faces.fill(style[6]);
            }
        }
    }
    marked_up(&text, &faces)
}

/// Escapes a text, and adds tags for the styles of its characters.
fn marked_up(text: &str, faces: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open = 0;
    let mut chars = text.chars().zip(faces).peekable();
    while let Some((c, &face)) = chars.next() {
        if c == '\r' && chars.peek().is_some_and(|next| next.0 == '\n') {
            continue;
        }
        let face = face & 7;
        if face != open {
            close(&mut out, open);
            for (_, tag) in STYLES.iter().filter(|style| face & style.0 != 0) {
                out.extend(["<", tag, ">"]);
            }
            open = face;
        }
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\0' => {}
            // An empty line would end the cue.
            '\n' | '\r' if out.ends_with('\n') => {}
            '\r' => out.push('\n'),
            c => out.push(c),
        }
    }
    close(&mut out, open);
    out
}

fn close(out: &mut String, open: u8) {
    for (_, tag) in STYLES.iter().rev().filter(|style| open & style.0 != 0) {
        out.extend(["</", tag, ">"]);
    }
}

/// Returns the settings and the text of each cue in a sample of `wvtt` (ISO/IEC 14496-30 §6).
pub(super) fn wvtt(sample: &[u8]) -> impl Iterator<Item = (String, String)> {
    let cues = named(sample, b"vttc");
    cues.map(|body| (text(body, b"sttg"), text(body, b"payl")))
}

/// Returns the start of a WebVTT file, before its cues, from a sample entry of `wvtt`.
pub(super) fn wvtt_header(entry: &[u8]) -> String {
    // The boxes follow the header of the entry.
    text(entry.get(16..).unwrap_or_default(), b"vttC")
}

fn text(boxes: &[u8], name: &[u8; 4]) -> String {
    String::from_utf8_lossy(child(boxes, name).unwrap_or_default()).into_owned()
}
