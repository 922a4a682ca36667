//! Parsers for formats with one cue per line: MicroDVD counts frames, MPL2 tenths of a second. TMPlayer has start times
//! only.

use super::markup;
use super::timing::{clock, is_blank, lines, number, thousandths};
use super::writer::Writer;

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
pub(super) fn parse_microdvd(text: &str) -> Writer {
    parse_counted(text, BRACES, FRAMES)
}

/// Parses MPL2: `[10][25]One|Two`.
pub(super) fn parse_mpl2(text: &str) -> Writer {
    parse_counted(text, BRACKETS, TENTHS)
}

fn parse_counted(text: &str, around: [char; 2], mut rate: u64) -> Writer {
    let mut writer = Writer::default();
    for (from, to, text) in lines(text).filter_map(|line| counted(line, around)) {
        if let (BRACES, 0..=1, Some(given)) = (around, from, frames_per_second(text)) {
            rate = given;
            continue;
        }
        let time = |count: u64| count * 1_000_000 / rate;
        write(&mut writer, text);
        writer.end_cue(Some((time(from), time(to.max(from)))), 0);
    }
    writer
}

/// Parses TMPlayer: `00:00:01:One|Two`. A line is visible until the next line starts, at most [`LONGEST`]. A line
/// without text ends the line before it.
pub(super) fn parse_tmplayer(text: &str) -> Writer {
    let mut writer = Writer::default();
    let mut before: Option<u64> = None;
    for (from, text) in lines(text).filter_map(tmplayer) {
        let end = |before: u64| (before, from.clamp(before, before + LONGEST));
        writer.end_cue(before.map(end), 0);
        write(&mut writer, text);
        before = Some(from);
    }
    writer.end_cue(before.map(|before| (before, before + LONGEST)), 0);
    writer
}

/// Parses a line of MicroDVD or MPL2. Returns the first frame or tenth, the last (0 if the line does not contain it),
/// and the text.
pub(super) fn counted(line: &str, [open, close]: [char; 2]) -> Option<(u64, u64, &str)> {
    let line = line.trim_start_matches(is_blank);
    let (from, rest) = line.strip_prefix(open)?.split_once(close)?;
    let (to, text) = rest.strip_prefix(open)?.split_once(close)?;
    let to = if to.is_empty() { "0" } else { to };
    Some((number(from)?, number(to)?, text))
}

/// Parses a line of TMPlayer. Returns the start in milliseconds and the text.
pub(super) fn tmplayer(line: &str) -> Option<(u64, &str)> {
    let line = line.trim_start_matches(is_blank);
    let (end, _) = line.match_indices([':', ',', '=']).nth(2)?;
    let (time, rest) = line.split_at(end);
    let is_clock = end <= 8 && matches!(time.as_bytes(), [.., b':', _, _, b':', _, _]);
    // Some files number the lines of a cue: `00:00:01,1=`.
    let rest = match rest.strip_prefix(',') {
        Some(rest) => rest.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => rest,
    };
    let text = rest.strip_prefix([':', '='])?;
    (is_clock && !text.contains("-->")).then_some((clock(time)?, text))
}

/// Parses a frame rate such as `23.976` or `25,000`. Returns the number of frames in 1,000 seconds.
fn frames_per_second(text: &str) -> Option<u64> {
    let text = text.trim_matches(is_blank);
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    let rate = number(whole)? * 1000 + thousandths(fraction)?;
    (1_000..=1_000_000).contains(&rate).then_some(rate)
}

/// Writes the lines of a cue. A slash before a line makes the line italic.
fn write(writer: &mut Writer, text: &str) {
    for line in text.split('|') {
        let italic = line.trim_start_matches(is_blank).strip_prefix('/');
        if italic.is_some() {
            writer.open("i");
        }
        markup::line(writer, italic.unwrap_or(line));
        if italic.is_some() {
            writer.close("i");
        }
    }
}
