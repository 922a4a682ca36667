//! SubRip: lines to cues. SubViewer too, which differs by how it writes times.
//!
//! There is no specification of .srt files, so this reads what people have: numbers or none, blank lines or none, any
//! line end. Knows where a cue begins and ends; its times are read by `timing`, its text by `markup`.

use super::cue::Cues;
use super::markup;
use super::timing::{Timing, is_blank};

/// A line that is nothing but a number: the next cue's, or something that is said.
#[derive(Debug, Clone, Copy)]
struct Held<'a> {
    line: &'a str,
    /// Whether a blank line stands before it.
    begins: bool,
    /// Whether one stands behind it.
    ends: bool,
}

impl Held<'_> {
    /// If a line with times is next. A number that belongs to the text before is followed by a blank line and not
    /// preceded by one. Where every second line is blank, as after a conversion that went wrong, it is preceded by one
    /// too.
    fn is_number_of_next(self) -> bool {
        self.begins || !self.ends
    }
}

#[derive(Debug)]
struct Reader<'a> {
    cues: Cues,
    timing: fn(&str) -> Option<Timing>,
    /// Of the current cue. `None` before the first, and where a cue is skipped.
    times: Option<(u64, u64)>,
    held: Option<Held<'a>>,
}

/// Reads a whole file, or as much of it as makes a result of a bounded length.
pub(super) fn parse(text: &str) -> Cues {
    read(text, Timing::parse)
}

/// Reads SubViewer, and YouTube's SBV, which is the same without a head.
pub(super) fn parse_subviewer(text: &str) -> Cues {
    read(text, Timing::parse_pair)
}

/// Lines before the first cue are dropped. Text behind a blank line still belongs to the cue before, because there is
/// nothing else that it could be.
fn read(text: &str, timing: fn(&str) -> Option<Timing>) -> Cues {
    let mut reader = Reader {
        cues: Cues::default(),
        timing,
        times: None,
        held: None,
    };
    let mut after_blank = true;
    for line in lines(text) {
        if reader.cues.is_full() {
            break;
        }
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

/// LF, CR LF and CR end a line, also side by side in one file.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n')
        .flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'))
}

impl<'a> Reader<'a> {
    fn line(&mut self, line: &'a str, after_blank: bool) {
        if let Some(timing) = self.timing(line) {
            if self.held.is_some_and(|held| held.is_number_of_next()) {
                self.held = None;
            }
            self.release();
            self.cues.end_cue(self.times.take(), 0);
            self.times = match timing {
                Timing::Valid(from, to) => Some((from, to)),
                Timing::Broken => None,
            };
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

    /// An arrow right behind a number that begins a block is meant as a cue's times, however broken.
    fn timing(&self, line: &str) -> Option<Timing> {
        (self.timing)(line).or_else(|| {
            let is_meant = self.held.is_some_and(|held| held.begins && !held.ends);
            (is_meant && line.contains("-->")).then_some(Timing::Broken)
        })
    }

    /// What is held turned out to be text.
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
