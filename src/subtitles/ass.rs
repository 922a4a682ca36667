//! Parser for ASS and SSA: texts, approximate positions, and the styles that WebVTT supports.
//!
//! The parser drops drawings, comments, colours, fonts and movements.

use std::collections::HashMap;

use super::markup::{each, enclosed};
use super::overrides::{self, DefaultStyles, old_place, set_styles};
use super::timing::{clock, is_blank, lines};
use super::writer::{CueWriter, Placement, place};

/// The maximum number of styles. Most files have a dozen, and some have hundreds.
const MAX_STYLES: usize = 2_000;

/// The columns of events, if the file does not name them.
const COLUMNS: &str = "Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text";

/// The maximum number of columns. Files have a dozen. The parser searches the columns for each event, so thousands of
/// columns would be slow.
const MAX_COLUMNS: usize = 64;

#[derive(Debug)]
struct AssReader<'a> {
    writer: CueWriter,
    /// The names of the columns in the current section.
    columns: Vec<&'a str>,
    /// Whether the current section uses the position numbers of SSA.
    is_old: bool,
    styles: HashMap<&'a str, (DefaultStyles, Placement)>,
    /// The width and height of the picture in the units of `\pos`.
    resolution: (u64, u64),
}

/// Returns whether a line identifies the format as ASS or SSA.
pub(super) fn is_sign(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    let signs = ["[script info]", "[v4", "[events]", "dialogue:"];
    signs.iter().any(|sign| line.starts_with(sign))
}

pub(super) fn parse(text: &str) -> CueWriter {
    let mut reader = AssReader {
        writer: CueWriter::default(),
        columns: columns(COLUMNS),
        is_old: false,
        styles: HashMap::new(),
        // Players use this size if the file contains no size.
        resolution: (384, 288),
    };
    for line in lines(text) {
        reader.line(line.trim_matches(is_blank));
    }
    reader.writer
}

impl<'a> AssReader<'a> {
    fn line(&mut self, line: &'a str) {
        if line.starts_with('[') {
            self.is_old = line.eq_ignore_ascii_case("[V4 Styles]");
            self.columns = columns(COLUMNS);
            return;
        }
        let Some((key, value)) = line.split_once(':') else {
            return;
        };
        let value = value.trim_start();
        match key.to_ascii_lowercase().as_str() {
            "format" => self.columns = columns(value),
            "playresx" => self.resolution.0 = value.trim().parse().unwrap_or(self.resolution.0),
            "playresy" => self.resolution.1 = value.trim().parse().unwrap_or(self.resolution.1),
            "style" => self.style(value),
            "dialogue" => self.event(value),
            _ => {}
        }
    }

    /// Returns the value of a column in a row.
    fn value<'r>(&self, row: &'r str, name: &str) -> Option<&'r str> {
        let mut columns = self.columns.iter();
        let at = columns.position(|it| it.eq_ignore_ascii_case(name));
        row.splitn(self.columns.len(), ',').nth(at?).map(str::trim)
    }

    fn style(&mut self, row: &'a str) {
        let is_on = |name| !matches!(self.value(row, name), None | Some("0" | ""));
        let defaults = ["Italic", "Bold", "Underline"].map(is_on);
        let place_of = if self.is_old { old_place } else { place };
        let alignment = self.value(row, "Alignment").and_then(|it| it.parse().ok());
        let place = alignment.and_then(place_of).unwrap_or_default();
        if let Some(name) = self.value(row, "Name")
            && self.styles.len() < MAX_STYLES
        {
            self.styles.insert(name, (defaults, place));
        }
    }

    fn event(&mut self, row: &str) {
        let time = |name| self.value(row, name).and_then(clock);
        let (Some(from), Some(to)) = (time("Start"), time("End")) else {
            return;
        };
        let layer = self.value(row, "Layer").and_then(|it| it.parse().ok());
        let name = self.value(row, "Style").unwrap_or_default();
        // Some editors mark their default style with an asterisk.
        let styled = self.styles.get(name);
        let styled = styled.or_else(|| self.styles.get(name.trim_start_matches('*')));
        let (defaults, place) = styled.copied().unwrap_or_default();
        let writer = &mut self.writer;
        set_styles(writer, defaults);
        // The text is the final column, and may contain commas.
        let text = row.splitn(self.columns.len(), ',').last();
        write(writer, text.unwrap_or_default(), defaults, self.resolution);
        writer.place(Some(place));
        writer.end_cue((from < to).then_some((from, to)), layer.unwrap_or_default());
    }
}

fn columns(names: &str) -> Vec<&str> {
    names.split(',').take(MAX_COLUMNS).map(str::trim).collect()
}

fn write(writer: &mut CueWriter, text: &str, defaults: DefaultStyles, resolution: (u64, u64)) {
    let mut is_drawing = false;
    each(writer, text, |writer, rest| {
        if let Some(inside) = enclosed(rest, ['{', '}']) {
            // The writer keeps the first place. `\pos` has priority over `\an`, so its place is set first.
            writer.place(position(inside, resolution));
            is_drawing = overrides::apply(writer, inside, defaults).unwrap_or(is_drawing);
            Some(inside.len() + 2)
        } else if is_drawing {
            rest.chars().next().map(char::len_utf8)
        } else if rest.starts_with("\\n") {
            writer.put(' ');
            Some(2)
        } else {
            overrides::escape(writer, rest)
        }
    });
}

/// Returns the place for `\pos(x,y)`: one of nine fields of the picture.
fn position(codes: &str, (width, height): (u64, u64)) -> Option<Placement> {
    let (_, point) = codes.split_once("\\pos(")?;
    let (x, y) = point.split_once(')')?.0.split_once(',')?;
    // Returns which of three equal parts of the width or height contains the number: 0, 1 or 2. A number outside the
    // picture belongs to the nearest part.
    let third = |number: &str, whole: u64| {
        let whole_part = number.trim().split('.').next().unwrap_or_default();
        let at = u64::try_from(whole_part.parse::<i64>().ok()?).unwrap_or(0);
        u8::try_from((at.min(whole) * 3 / whole.max(1)).min(2)).ok()
    };
    let (column, row) = (third(x, width)?, third(y, height)?);
    place((2 - row) * 3 + column + 1)
}
