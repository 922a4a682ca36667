//! WebVTT: recognises, repairs and writes files (W3C WebVTT §4.1). The text of a cue is written by `writer`.

use super::cue::{Cue, Cues, FRAME};
use super::timing::{Timing, is_blank, milliseconds, timestamp};

const SIGNATURE: &str = "WEBVTT";
/// Duration of a last cue without an end, in milliseconds.
const LAST: u64 = 5_000;

/// Whether a browser would read the text as WebVTT (W3C WebVTT §6.1).
pub(super) fn has_signature(text: &str) -> bool {
    text.strip_prefix(SIGNATURE)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\n', '\r']))
}

/// Returns a file with the signature as browsers can read it. Times that no browser reads, because they are written as in
/// SubRip, are rewritten; otherwise no cue would be shown. Everything else stays as it is.
pub(super) fn repair(text: &str) -> String {
    let mut file = String::with_capacity(text.len());
    for piece in text.split_inclusive(['\n', '\r']) {
        let line = piece.trim_end_matches(['\n', '\r']);
        match repaired(line) {
            Some(times) => file.push_str(&times),
            None => file.push_str(line),
        }
        file.push_str(&piece[line.len()..]);
    }
    file
}

/// Rewrites a line with times that a browser would not read (W3C WebVTT §6.3); `None` for any other line.
fn repaired(line: &str) -> Option<String> {
    let (from, to) = line.split_once("-->")?;
    let to = to.trim_start_matches(is_blank).split(is_blank).next()?;
    if is_timestamp(from.trim_matches(is_blank)) && is_timestamp(to) {
        return None;
    }
    let Timing { times, rest } = Timing::parse(line)?;
    let (from, to) = times?;
    let times = format!("{} --> {} {rest}", timestamp(from), timestamp(to));
    Some(times.trim_end().to_owned())
}

/// Whether a browser reads a time: `MM:SS.mmm` in the range of a clock, after hours of any length.
fn is_timestamp(text: &str) -> bool {
    let time = milliseconds(text).map(timestamp);
    time.is_some_and(|time| text.ends_with(&time[time.len() - "MM:SS.mmm".len()..]))
}

/// Writes a whole file; without cues, one that is empty and valid. Cues are sorted by when they begin, which the standard
/// asks for and other formats do not.
pub(super) fn write(cues: Cues) -> String {
    let Cues {
        mut list, writer, ..
    } = cues;
    let text = writer.into_text();
    list.sort_by_key(|cue| (cue.from, cue.layer));
    end_open_cues(&mut list);
    // Typeset text is often there twice, for its border and for its inside.
    list.dedup_by(|one, other| {
        (one.from, one.to) == (other.from, other.to)
            && text[one.text.clone()] == text[other.text.clone()]
    });
    let mut file = String::with_capacity(text.len() + list.len() * FRAME + 8);
    file.push_str(SIGNATURE);
    file.push_str("\n\n");
    for cue in list {
        file.push_str(&timestamp(cue.from));
        file.push_str(" --> ");
        file.push_str(&timestamp(cue.to));
        file.push_str(cue.place);
        file.push('\n');
        file.push_str(&text[cue.text]);
        file.push_str("\n\n");
    }
    file
}

/// Gives the cues that have no end the beginning of the next one.
fn end_open_cues(sorted: &mut [Cue]) {
    let (mut next, mut current) = (None, None);
    for cue in sorted.iter_mut().rev() {
        if current != Some(cue.from) {
            next = current;
            current = Some(cue.from);
        }
        if cue.to <= cue.from {
            cue.to = next.unwrap_or(cue.from + LAST);
        }
    }
}
