//! The override codes of ASS, `{\i1\an8}`, which other formats borrow.

use super::writer::{Place, Style, Writer};

/// The look of a line before any code.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) italic: bool,
    pub(super) bold: bool,
    pub(super) underlined: bool,
}

impl Look {
    /// Has what follows look like that.
    pub(super) fn apply(self, writer: &mut Writer) {
        writer.set(Style::Italic, self.italic);
        writer.set(Style::Bold, self.bold);
        writer.set(Style::Underlined, self.underlined);
    }
}

/// Applies the codes of a block, of which `codes` is the inside. Returns whether a drawing begins or ends; where it does
/// neither, `None`. Colours, fonts, fades and the like mean nothing to WebVTT.
pub(super) fn apply(writer: &mut Writer, codes: &str, look: Look) -> Option<bool> {
    let mut drawing = None;
    for code in codes.split('\\').skip(1) {
        let code = code.trim();
        let end = code.find(|c: char| !c.is_ascii_alphabetic());
        let (name, value) = code.split_at(end.unwrap_or(code.len()));
        match name {
            "i" => writer.set(Style::Italic, is_on(value, look.italic)),
            "b" => writer.set(Style::Bold, is_on(value, look.bold)),
            "u" => writer.set(Style::Underlined, is_on(value, look.underlined)),
            "an" => {
                if let Some(place) = value.parse().ok().and_then(Place::new) {
                    writer.place(place);
                }
            }
            "a" => {
                if let Some(place) = value.parse().ok().and_then(old_place) {
                    writer.place(place);
                }
            }
            "p" => drawing = Some(value != "0"),
            // With the name of a style or without.
            name if name.starts_with('r') => look.apply(writer),
            _ => {}
        }
    }
    drawing
}

/// Bold may also be a weight, as in style sheets.
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
        1..=3 => Place::new(number),
        5..=7 => Place::new(number + 2),
        9..=11 => Place::new(number - 5),
        _ => None,
    }
}
