//! Detection, repair and output of WebVTT files (W3C WebVTT §4.1). `writer` writes the text of a cue.

use super::timing::{is_blank, milliseconds, parse_arrow, timestamp};
use super::writer::{CueWriter, FRAME, StyledCue, settings};

/// The duration of the final cue in milliseconds, if it has no end.
const FINAL_DURATION: u64 = 5_000;

/// Returns whether a browser would accept the text as WebVTT (W3C WebVTT §6.1).
pub(super) fn has_signature(text: &str) -> bool {
    text.strip_prefix("WEBVTT")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\n', '\r']))
}

/// Repairs a WebVTT file. Converts SubRip times to WebVTT times, because browsers drop cues with SubRip times. Other
/// lines do not change.
pub(super) fn repair(text: &str) -> String {
    let mut file = String::with_capacity(text.len());
    for piece in text.split_inclusive(['\n', '\r']) {
        let line = piece.trim_end_matches(['\n', '\r']);
        file.push_str(repaired(line).as_deref().unwrap_or(line));
        file.push_str(&piece[line.len()..]);
    }
    file
}

/// Corrects the times in a line if a browser would not accept them (W3C WebVTT §6.3). Returns `None` for other lines.
fn repaired(line: &str) -> Option<String> {
    let (from, to) = line.split_once("-->")?;
    let to = to.trim_start_matches(is_blank).split(is_blank).next()?;
    if is_timestamp(from.trim_matches(is_blank)) && is_timestamp(to) {
        return None;
    }
    let (times, rest) = parse_arrow(line)?;
    let (from, to) = times?;
    let times = format!("{} --> {} {rest}", timestamp(from), timestamp(to));
    Some(times.trim_end().to_owned())
}

/// Returns whether a browser accepts a time, for example `59:59.000` or `1:00:00.000`.
fn is_timestamp(text: &str) -> bool {
    let time = milliseconds(text).map(timestamp);
    time.is_some_and(|time| text.ends_with(&time[time.len() - "MM:SS.mmm".len()..]))
}

/// Writes a file. Sorts the cues by start, because WebVTT requires this order.
pub(super) fn write(writer: CueWriter) -> String {
    let (mut list, text) = (writer.cues, writer.text);
    list.sort_by_key(|cue| (cue.from, cue.layer));
    end_open_cues(&mut list);
    // In ASS files, a text often occurs twice: once for its outline and once for its fill.
    list.dedup_by(|one, other| {
        (one.from, one.to) == (other.from, other.to)
            && text[one.text.clone()] == text[other.text.clone()]
    });
    let mut file = String::with_capacity(text.len() + list.len() * FRAME + 8);
    file.push_str("WEBVTT\n\n");
    for cue in list {
        let (from, to) = (timestamp(cue.from), timestamp(cue.to));
        let [line, column] = settings(cue.place);
        let (from, to, text) = (from.as_str(), to.as_str(), &text[cue.text]);
        file.extend([from, " --> ", to, line, column, "\n", text, "\n\n"]);
    }
    file
}

/// Sets the end of each cue that has no end: the start of the next cue.
fn end_open_cues(sorted: &mut [StyledCue]) {
    let mut next = None;
    for group in sorted.chunk_by_mut(|a, b| a.from == b.from).rev() {
        for cue in &mut *group {
            if cue.to <= cue.from {
                cue.to = next.unwrap_or(cue.from + FINAL_DURATION);
            }
        }
        next = Some(group[0].from);
    }
}
