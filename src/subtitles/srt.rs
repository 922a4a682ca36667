//! SubRip: lines to cues. SubViewer too, which differs by how it writes times.
//!
//! There is no specification of .srt files, so this reads what people have: numbers or none, blank lines or none, any
//! line end.

use super::cue::Cues;
use super::markup;
use super::timing::{Timing, is_blank, lines};

/// A line that is nothing but a number: the number of the next cue, or something that is said.
#[derive(Debug, Clone, Copy)]
struct Held<'a> {
    line: &'a str,
    /// Whether a blank line stands before it.
    begins: bool,
    /// Whether one stands behind it.
    ends: bool,
}

impl Held<'_> {
    /// Whether the line is the number of the next cue, if a line with times follows. A number that belongs to the text before
    /// it has a blank line behind it and none before it. A number of a cue has one before it, also where every second line is
    /// blank after a conversion that went wrong.
    fn is_number_of_next(self) -> bool {
        self.begins || !self.ends
    }
}

#[derive(Debug)]
struct Reader<'a> {
    cues: Cues,
    parse_timing: fn(&str) -> Option<Timing<'_>>,
    /// Times of the current cue. `None` before the first cue and in a cue that is skipped.
    times: Option<(u64, u64)>,
    held: Option<Held<'a>>,
}

/// Reads SubRip, or SubViewer by its timing; YouTube's SBV is SubViewer without a head.
///
/// Lines before the first cue are dropped. Text behind a blank line still belongs to the cue before, because there is
/// nothing else that it could be.
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
        // An arrow right behind a number that begins a block is meant as a cue's times, however broken.
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
            // SubViewer's line break. It is no text in any language.
            for part in line.split("[br]") {
                markup::line(&mut self.cues.writer, part);
            }
        }
    }

    /// Writes the line that is held, which turned out to be text.
    fn release(&mut self) {
        if let Some(held) = self.held.take()
            && self.times.is_some()
        {
            markup::line(&mut self.cues.writer, held.line);
        }
    }

    fn finish(mut self) -> Cues {
        // A file that was cut off behind a number.
        if self.cues.writer.has_text() && self.held.is_some_and(|held| held.begins) {
            self.held = None;
        }
        self.release();
        self.cues.end_cue(self.times.take(), 0);
        self.cues
    }
}
