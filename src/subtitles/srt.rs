//! Parser for SubRip. SubViewer differs only in the form of its times, so this parser reads both.
//!
//! There is no specification of .srt files, so the parser is tolerant. Numbers and empty lines may be missing, and all
//! line ends are valid.

use super::markup;
use super::timing::{Times, is_blank, lines};
use super::writer::CueWriter;

/// Parses a file. `parse_timing` is `parse_arrow` for SubRip, and `parse_pair` for SubViewer and YouTube's SBV.
///
/// Drops lines before the first cue. Text after an empty line belongs to the current cue, not to the next cue.
pub(super) fn parse(text: &str, parse_timing: fn(&str) -> Option<(Times, &str)>) -> CueWriter {
    // If the line after the number of a cue contains an arrow, this line is never text. If its times are invalid, the
    // cue is skipped.
    let timing = |line: &str, is_meant: bool| {
        let broken = (is_meant && line.contains("-->")).then_some(None);
        parse_timing(line).map(|(times, _)| times).or(broken)
    };
    let mut after_blank = true;
    let lines = lines(text).map(|line| line.trim_matches(is_blank));
    let lines = lines.map(|line| (line, std::mem::replace(&mut after_blank, line.is_empty())));
    let mut lines = lines.filter(|(line, _)| !line.is_empty()).peekable();
    let mut writer = CueWriter::default();
    // The times of the current cue; `None` before the first cue and in a skipped cue.
    let mut times = None;
    // Whether the previous line is a number with an empty line before it.
    let mut after_number = false;
    while let Some((line, begins)) = lines.next() {
        if let Some(next) = timing(line, after_number && !begins) {
            writer.end_cue(times, 0);
            (times, after_number) = (next, false);
            continue;
        }
        let is_digits = line.bytes().all(|byte| byte.is_ascii_digit());
        after_number = is_digits && begins;
        // A line of digits is the number of a cue if the next line has times. Some broken files have an empty line
        // after every line. So an empty line between the number and the times is allowed if an empty line is also
        // before the number. Other lines of digits are text.
        let is_number = is_digits
            && match lines.peek() {
                Some((next, true)) => begins && timing(next, false).is_some(),
                Some((next, false)) => timing(next, begins).is_some(),
                // The file may be truncated after the number.
                None => begins && writer.has_text(),
            };
        if times.is_some() && !is_number {
            // `[br]` is SubViewer's line break.
            for part in line.split("[br]") {
                markup::line(&mut writer, part);
            }
        }
    }
    writer.end_cue(times, 0);
    writer
}
