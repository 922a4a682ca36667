//! Parser for SubRip. SubViewer differs only in the form of its times, so this parser reads both.
//!
//! There is no specification of .srt files, so the parser is tolerant. Files may have numbers or none, empty lines or
//! none, and any line end.

use super::cue::Cues;
use super::markup;
use super::timing::{Timing, is_blank, lines};

/// A line that consists of a number: the number of the next cue, or text.
#[derive(Debug, Clone, Copy)]
struct Held<'a> {
    line: &'a str,
    /// Whether an empty line is before it.
    begins: bool,
    /// Whether an empty line is after it.
    ends: bool,
}

impl Held<'_> {
    /// Whether the line is the number of the next cue, provided that a line with times follows. If the number belongs
    /// to the text before it, an empty line follows it and none is before it. If it belongs to a cue, an empty line is
    /// before it. This also holds if a bad conversion has added an empty line after every line.
    fn is_number_of_next(self) -> bool {
        self.begins || !self.ends
    }
}

#[derive(Debug)]
struct Reader<'a> {
    cues: Cues,
    parse_timing: fn(&str) -> Option<Timing<'_>>,
    /// The times of the current cue; `None` before the first cue and in a skipped cue.
    times: Option<(u64, u64)>,
    held: Option<Held<'a>>,
}

/// Parses SubRip, or SubViewer if `parse_timing` is its function. YouTube's SBV is SubViewer without a head.
///
/// Drops lines before the first cue. Text after an empty line still belongs to the previous cue, because it has no
/// other possible meaning.
pub(super) fn parse(text: &str, parse_timing: fn(&str) -> Option<Timing<'_>>) -> Cues {
    let mut reader = Reader {
        cues: Cues::default(),
        parse_timing,
        times: None,
        held: None,
    };
    let mut after_blank = true;
    for line in lines(text) {
        let line = line.trim_matches(is_blank);
        if line.is_empty() {
            after_blank = true;
            if let Some(held) = &mut reader.held {
                held.ends = true;
            }
            continue;
        }
        reader.line(line, after_blank);
        after_blank = false;
    }
    reader.finish()
}

impl<'a> Reader<'a> {
    fn line(&mut self, line: &'a str, after_blank: bool) {
        // An arrow directly after a number that begins a block marks the times of a cue, even if the times are invalid.
        let is_meant = self.held.is_some_and(|held| held.begins && !held.ends);
        let broken = Timing {
            times: None,
            rest: "",
        };
        let broken = (is_meant && line.contains("-->")).then_some(broken);
        if let Some(timing) = (self.parse_timing)(line).or(broken) {
            if self.held.is_some_and(|held| held.is_number_of_next()) {
                self.held = None;
            }
            self.release();
            self.cues.end_cue(self.times.take(), 0);
            self.times = timing.times;
            return;
        }
        self.release();
        if line.bytes().all(|byte| byte.is_ascii_digit()) {
            self.held = Some(Held {
                line,
                begins: after_blank,
                ends: false,
            });
        } else if self.times.is_some() {
            // SubViewer's line break. No text in any language contains it.
            for part in line.split("[br]") {
                markup::line(&mut self.cues.writer, part);
            }
        }
    }

    /// Writes the stored line as text.
    fn release(&mut self) {
        if let Some(held) = self.held.take()
            && self.times.is_some()
        {
            markup::line(&mut self.cues.writer, held.line);
        }
    }

    fn finish(mut self) -> Cues {
        // The file ends after a number, because it was cut.
        if self.cues.writer.has_text() && self.held.is_some_and(|held| held.begins) {
            self.held = None;
        }
        self.release();
        self.cues.end_cue(self.times.take(), 0);
        self.cues
    }
}
