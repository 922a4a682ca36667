//! Parsers for formats with one cue per line: MicroDVD counts frames, MPL2 tenths of a second. TMPlayer has start times
//! only.

use super::cue::Cues;
use super::markup;
use super::timing::{is_blank, lines, number, thousandths};
use super::writer::Style;

/// The brackets around the numbers of MicroDVD.
pub(super) const BRACES: [char; 2] = ['{', '}'];
/// The brackets around the numbers of MPL2.
pub(super) const BRACKETS: [char; 2] = ['[', ']'];

/// The default number of frames in 1,000 seconds for MicroDVD: 23.976 frames per second, as in films on disks.
const FRAMES: u64 = 23_976;
/// The number of MPL2 units in 1,000 seconds.
const TENTHS: u64 = 10_000;
/// The maximum display time of a TMPlayer line in milliseconds, because the format has no end times.
const LONGEST: u64 = 8_000;

/// Parses MicroDVD: `{25}{50}One|Two`. The text of a cue in frame 0 or 1 may be the frame rate.
pub(super) fn parse_microdvd(text: &str) -> Cues {
    parse_counted(text, BRACES, FRAMES)
}

/// Parses MPL2: `[10][25]One|Two`.
pub(super) fn parse_mpl2(text: &str) -> Cues {
    parse_counted(text, BRACKETS, TENTHS)
}

fn parse_counted(text: &str, around: [char; 2], mut rate: u64) -> Cues {
    let mut cues = Cues::default();
    for (from, to, text) in lines(text).filter_map(|line| counted(line, around)) {
        if let (BRACES, 0..=1, Some(said)) = (around, from, frames_per_second(text)) {
            rate = said;
            continue;
        }
        let time = |count: u64| count * 1_000_000 / rate;
        write(&mut cues, text);
        cues.end_cue(Some((time(from), time(to.unwrap_or(from).max(from)))), 0);
    }
    cues
}

/// Parses TMPlayer: `00:00:01:One|Two`. A line is visible until the next line starts, at most [`LONGEST`]. A line
/// without text ends the line before it.
pub(super) fn parse_tmplayer(text: &str) -> Cues {
    let mut cues = Cues::default();
    let mut before: Option<u64> = None;
    for (from, text) in lines(text).filter_map(tmplayer) {
        let end = |before: u64| (before, from.clamp(before, before + LONGEST));
        cues.end_cue(before.map(end), 0);
        write(&mut cues, text);
        before = Some(from);
    }
    cues.end_cue(before.map(|before| (before, before + LONGEST)), 0);
    cues
}

/// Parses a line of MicroDVD or MPL2. Returns the first frame or tenth, the last (if the line contains it), and the
/// text.
pub(super) fn counted(line: &str, [open, close]: [char; 2]) -> Option<(u64, Option<u64>, &str)> {
    let line = line.trim_start_matches(is_blank);
    let (from, rest) = line.strip_prefix(open)?.split_once(close)?;
    let (to, text) = rest.strip_prefix(open)?.split_once(close)?;
    let to = match to {
        "" => None,
        to => Some(number(to)?),
    };
    Some((number(from)?, to, text))
}

/// Parses a line of TMPlayer. Returns the start in milliseconds and the text.
pub(super) fn tmplayer(line: &str) -> Option<(u64, &str)> {
    let line = line.trim_start_matches(is_blank);
    let (hours, rest) = line.split_once(':')?;
    let (minutes, rest) = rest.split_once(':')?;
    let end = rest.find(|c: char| !c.is_ascii_digit())?;
    let (seconds, rest) = rest.split_at(end);
    // Some files number the lines of a cue: `00:00:01,1=`.
    let rest = match rest.strip_prefix(',') {
        Some(rest) => rest.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => rest,
    };
    let text = rest.strip_prefix([':', '='])?;
    let is_clock = hours.len() <= 2 && minutes.len() == 2 && seconds.len() == 2;
    let time = number(hours)? * 3600 + number(minutes)? * 60 + number(seconds)?;
    (is_clock && !text.contains("-->")).then_some((time * 1000, text))
}

/// Parses a frame rate such as `23.976` or `25,000`. Returns the number of frames in 1,000 seconds.
fn frames_per_second(text: &str) -> Option<u64> {
    let text = text.trim_matches(is_blank);
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    let rate = number(whole)? * 1000 + thousandths(fraction)?;
    (1_000..=1_000_000).contains(&rate).then_some(rate)
}

/// Writes the lines of a cue. A slash before a line makes the line italic.
fn write(cues: &mut Cues, text: &str) {
    for line in text.split('|') {
        match line.trim_start_matches(is_blank).strip_prefix('/') {
            Some(line) => {
                cues.writer.open(Style::Italic);
                markup::line(&mut cues.writer, line);
                cues.writer.close(Style::Italic);
            }
            None => markup::line(&mut cues.writer, line),
        }
    }
}
