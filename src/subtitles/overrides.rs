//! Parser for the override codes of ASS, for example `{\i1\an8}`. SubRip files also use them.

use super::writer::{BOLD, CueWriter, ITALIC, Placement, UNDERLINED, place};

/// The default styles of a line: italic, bold, underlined.
pub(super) type DefaultStyles = [bool; 3];

pub(super) fn set_styles(writer: &mut CueWriter, defaults: DefaultStyles) {
    for (style, is_on) in defaults.into_iter().enumerate() {
        writer.set(style, is_on);
    }
}

/// Applies `codes`, the text between two braces. Drops unsupported codes, such as colours, fonts and fades.
///
/// A drawing is text that describes a shape and is not shown. Returns `Some(true)` if a drawing begins (`\p1`),
/// `Some(false)` if it ends (`\p0`), otherwise `None`.
pub(super) fn apply(writer: &mut CueWriter, codes: &str, defaults: DefaultStyles) -> Option<bool> {
    let mut drawing = None;
    for code in codes.split('\\').skip(1) {
        let code = code.trim();
        let end = code.find(|c: char| !c.is_ascii_alphabetic());
        let (name, value) = code.split_at(end.unwrap_or(code.len()));
        match name {
            "i" => writer.set(ITALIC, is_on(value, defaults[ITALIC])),
            "b" => writer.set(BOLD, is_on(value, defaults[BOLD])),
            "u" => writer.set(UNDERLINED, is_on(value, defaults[UNDERLINED])),
            "an" => writer.place(value.parse().ok().and_then(place)),
            "a" => writer.place(value.parse().ok().and_then(old_place)),
            "p" => drawing = Some(value != "0"),
            // `\r` resets the styles. The name of a style may follow, but is ignored.
            name if name.starts_with('r') => set_styles(writer, defaults),
            _ => {}
        }
    }
    drawing
}

/// Returns whether the style with this value is on. It is on for `1`, and for a font weight of at least 600. Without a
/// number, returns `default`.
fn is_on(value: &str, default: bool) -> bool {
    match value.parse::<u32>() {
        Ok(0 | 2..=599) => false,
        Ok(_) => true,
        Err(_) => default,
    }
}

/// Converts an alignment number of SSA: 1 to 3 are at the bottom, 5 to 7 at the top, 9 to 11 in the middle.
pub(super) fn old_place(number: u8) -> Option<Placement> {
    match number {
        1..=3 => place(number),
        5..=7 => place(number + 2),
        9..=11 => place(number - 5),
        _ => None,
    }
}

/// If `rest` begins with `\N`, writes a line break. If `rest` begins with `\h`, writes a no-break space. Returns the
/// length of the code, or `None` if there is no code.
pub(super) fn escape(writer: &mut CueWriter, rest: &str) -> Option<usize> {
    match rest.as_bytes() {
        [b'\\', b'N', ..] => writer.end_line(),
        [b'\\', b'h', ..] => writer.put('\u{A0}'),
        _ => return None,
    }
    Some(2)
}
