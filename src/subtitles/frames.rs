//! Parsers for formats with one cue per line. MicroDVD counts frames. MPL2 counts tenths of a second. TMPlayer has only
//! start times.

use super::markup;
use super::timing::{clock, is_blank, lines, number, thousandths};
use super::writer::CueWriter;

/// The default frame rate of MicroDVD, in frames per 1,000 seconds.
const DEFAULT_RATE: u64 = 23_976;
/// The rate of MPL2, in tenths of a second per 1,000 seconds.
const MPL2_RATE: u64 = 10_000;
/// The maximum duration of a TMPlayer cue in milliseconds. The format has no end times.
const MAX_DURATION: u64 = 8_000;

/// Parses MicroDVD, `{25}{50}One|Two`, or MPL2, `[10][25]One|Two`. A MicroDVD cue in frame 0 or 1 may contain the frame
/// rate.
pub(super) fn parse(text: &str) -> CueWriter {
    let mut writer = CueWriter::default();
    let first = lines(text).find_map(counted).map(|cue| cue.0);
    let mut rate = if first == Some('{') {
        DEFAULT_RATE
    } else {
        MPL2_RATE
    };
    let cues = lines(text).filter_map(counted);
    for (open, from, to, text) in cues.filter(|cue| Some(cue.0) == first) {
        if let ('{', 0..=1, Some(given)) = (open, from, frames_per_second(text)) {
            rate = given;
            continue;
        }
        let time = |count: u64| count * 1_000_000 / rate;
        write(&mut writer, text);
        writer.end_cue(Some((time(from), time(to.max(from)))), 0);
    }
    writer
}

/// Parses TMPlayer: `00:00:01:One|Two`. A line is visible until the next line starts, at most [`MAX_DURATION`]. A line
/// without text only ends the previous line.
pub(super) fn parse_tmplayer(text: &str) -> CueWriter {
    let mut writer = CueWriter::default();
    let mut cues = lines(text).filter_map(tmplayer).peekable();
    while let Some((from, text)) = cues.next() {
        let latest = from + MAX_DURATION;
        let next = cues.peek().map_or(latest, |next| next.0);
        write(&mut writer, text);
        writer.end_cue(Some((from, next.clamp(from, latest))), 0);
    }
    writer
}

/// Parses a line of MicroDVD or MPL2. Returns the opening bracket, the start, the end and the text. Start and end are
/// in frames after `{`, and in tenths of a second after `[`. A missing end is 0.
pub(super) fn counted(line: &str) -> Option<(char, u64, u64, &str)> {
    let line = line.trim_start_matches(is_blank);
    let is_frames = line.starts_with('{');
    let (open, close) = if is_frames { ('{', '}') } else { ('[', ']') };
    let (from, rest) = line.strip_prefix(open)?.split_once(close)?;
    let (to, text) = rest.strip_prefix(open)?.split_once(close)?;
    let to = if to.is_empty() { "0" } else { to };
    Some((open, number(from)?, number(to)?, text))
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
fn write(writer: &mut CueWriter, text: &str) {
    for line in text.split('|') {
        match line.trim_start_matches(is_blank).strip_prefix('/') {
            Some(italic) => markup::line(writer, &format!("<i>{italic}</i>")),
            None => markup::line(writer, line),
        }
    }
}
