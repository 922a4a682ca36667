//! SubRip: lines to cues.
//!
//! Nobody has ever written down what a .srt file is, so this reads what people have: numbers or none, blank lines or
//! none, any line end. Knows where a cue begins and ends; its times are read by `timing`, its text by `markup`.

use super::markup::{Writer, Written};
use super::timing::{Timing, is_blank};

/// A cue that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cue {
    pub(super) from: u64,
    pub(super) to: u64,
    pub(super) written: Written,
}

/// The cues of a file in its order.
#[derive(Debug)]
pub(super) struct Cues {
    pub(super) list: Vec<Cue>,
    /// What they say, each in its range.
    pub(super) text: String,
}

/// A line that is nothing but a number: the next cue's, or something that somebody says.
#[derive(Debug, Clone, Copy)]
struct Held<'a> {
    line: &'a str,
    /// Whether a blank line stands before it.
    begins: bool,
    /// Whether one stands behind it.
    ends: bool,
}

impl Held<'_> {
    /// If a line with times is next. A number that belongs to the text before is followed by a blank line and not preceded
    /// by one. Where every second line is blank, as after a conversion that went wrong, it is preceded by one too.
    fn is_number_of_next(self) -> bool {
        self.begins || !self.ends
    }
}

#[derive(Debug, Default)]
struct Reader<'a> {
    list: Vec<Cue>,
    writer: Writer,
    /// Of the current cue. `None` before the first, and where a cue is skipped.
    times: Option<(u64, u64)>,
    held: Option<Held<'a>>,
}

/// What all cues may take in the result, nearly. A file of the greatest length that is not made to grow stays below.
const MAX_RESULT: usize = 8 * 1024 * 1024;
/// What a cue takes there beside its text, and about as much in memory.
const FRAME: usize = 48;

/// Reads a whole file, or as much of it as makes a result of a bounded length. Lines before the first cue are dropped; text behind a blank line still belongs to the cue before, for
/// there is nothing else that it could be.
pub(super) fn parse(text: &str) -> Cues {
    let mut reader = Reader::default();
    let mut after_blank = true;
    for line in lines(text) {
        if reader.is_full() {
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
fn lines(text: &str) -> impl Iterator<Item = &str> {
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
            self.end_cue();
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
            self.writer.line(line);
        }
    }

    /// Files that are made for it become five times as long when they are escaped, and memory is for all.
    fn is_full(&self) -> bool {
        self.writer.length() + self.list.len() * FRAME > MAX_RESULT
    }

    /// An arrow right behind a number that begins a block is meant as a cue's times, however broken.
    fn timing(&self, line: &str) -> Option<Timing> {
        Timing::parse(line).or_else(|| {
            let is_meant = self.held.is_some_and(|held| held.begins && !held.ends);
            (is_meant && line.contains("-->")).then_some(Timing::Broken)
        })
    }

    /// What is held turned out to be text.
    fn release(&mut self) {
        if let Some(held) = self.held.take()
            && self.times.is_some()
        {
            self.writer.line(held.line);
        }
    }

    fn end_cue(&mut self) {
        let written = self.writer.end_cue();
        if let (Some((from, to)), Some(written)) = (self.times.take(), written) {
            self.list.push(Cue { from, to, written });
        }
    }

    fn finish(mut self) -> Cues {
        // A file that was cut off behind a number.
        if self.writer.has_text() && self.held.is_some_and(|held| held.begins) {
            self.held = None;
        }
        self.release();
        self.end_cue();
        Cues {
            list: self.list,
            text: self.writer.into_text(),
        }
    }
}
