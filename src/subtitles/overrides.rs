//! The override codes of ASS, `{\i1\an8}`, which other formats borrow.

use super::writer::{Place, Style, Writer, place};

/// The look of a line before any code: whether it has each of [`Style::ALL`].
pub(super) type Look = [bool; 3];

/// Gives the text that follows a look.
pub(super) fn set_look(writer: &mut Writer, look: Look) {
    for (style, is_on) in Style::ALL.into_iter().zip(look) {
        writer.set(style, is_on);
    }
}

/// Applies the codes of a block, of which `codes` is the inside. Returns whether a drawing begins or ends; `None` where
/// it does neither. Colours, fonts, fades and the like are dropped, because WebVTT has none.
pub(super) fn apply(writer: &mut Writer, codes: &str, look: Look) -> Option<bool> {
    let mut drawing = None;
    for code in codes.split('\\').skip(1) {
        let code = code.trim();
        let end = code.find(|c: char| !c.is_ascii_alphabetic());
        let (name, value) = code.split_at(end.unwrap_or(code.len()));
        match name {
            "i" => writer.set(Style::Italic, is_on(value, look[0])),
            "b" => writer.set(Style::Bold, is_on(value, look[1])),
            "u" => writer.set(Style::Underlined, is_on(value, look[2])),
            "an" => writer.place(value.parse().ok().and_then(place)),
            "a" => writer.place(value.parse().ok().and_then(old_place)),
            "p" => drawing = Some(value != "0"),
            // With the name of a style or without.
            name if name.starts_with('r') => set_look(writer, look),
            _ => {}
        }
    }
    drawing
}

/// Whether a code turns its style on: by 1, or for bold by a weight as in style sheets.
fn is_on(value: &str, default: bool) -> bool {
    match value.parse::<u32>() {
        Ok(0 | 2..=599) => false,
        Ok(_) => true,
        Err(_) => default,
    }
}

/// Returns the place by the numbers of SSA: 1 to 3 below, 5 to 7 above, 9 to 11 in the middle.
pub(super) fn old_place(number: u8) -> Option<Place> {
    match number {
        1..=3 => place(number),
        5..=7 => place(number + 2),
        9..=11 => place(number - 5),
        _ => None,
    }
}

/// Writes the line break or the hard blank that `rest` begins with; returns its length.
pub(super) fn escape(writer: &mut Writer, rest: &str) -> Option<usize> {
    match rest.as_bytes() {
        [b'\\', b'N', ..] => writer.end_line(),
        [b'\\', b'h', ..] => writer.put('\u{A0}'),
        _ => return None,
    }
    Some(2)
}
