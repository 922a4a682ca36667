//! WebVTT: how a file is recognised, repaired and written.
//!
//! Knows the file's frame (W3C WebVTT §4.1). The text inside the cues is `writer`'s.

use std::borrow::Cow;

use super::cue::{Cue, Cues, FRAME};
use super::timing::{Timing, is_blank, timestamp};

const SIGNATURE: &str = "WEBVTT";
/// How long the last cue is shown where the file does not say, in milliseconds.
const LAST: u64 = 5_000;

/// Whether a browser would read the text as WebVTT (W3C WebVTT §6.1).
pub(super) fn has_signature(text: &str) -> bool {
    text.strip_prefix(SIGNATURE)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\n', '\r']))
}

/// Returns a file with the signature as browsers can read it: times that are written as SubRip does are rewritten, for
/// else no cue would be shown. Everything else stays as it is.
pub(super) fn repair(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.split(['\n', '\r']).any(needs_repair) {
        return text;
    }
    let mut repaired = String::with_capacity(text.len() + text.len() / 8);
    for piece in text.split_inclusive(['\n', '\r']) {
        let line = piece.trim_end_matches(['\n', '\r']);
        match Timing::parse_with_rest(line) {
            Some((Timing::Valid(from, to), settings)) if needs_repair(line) => {
                repaired.push_str(&format!("{} --> {}", timestamp(from), timestamp(to)));
                if !settings.is_empty() {
                    repaired.push(' ');
                    repaired.push_str(settings);
                }
                repaired.push_str(&piece[line.len()..]);
            }
            _ => repaired.push_str(piece),
        }
    }
    Cow::Owned(repaired)
}

/// Whether a line has times that a browser would not read (W3C WebVTT §6.3).
fn needs_repair(line: &str) -> bool {
    let Some((from, to)) = line.split_once("-->") else {
        return false;
    };
    let to = to.trim_start_matches(is_blank).split(is_blank).next();
    let are_read = is_timestamp(from.trim_matches(is_blank)) && to.is_some_and(is_timestamp);
    !are_read && matches!(Timing::parse(line), Some(Timing::Valid(..)))
}

fn is_timestamp(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let Some((clock, fraction)) = text.split_once('.') else {
        return false;
    };
    let mut parts = clock.rsplit(':');
    let sixty = |part: Option<&str>| {
        part.is_some_and(|part| part.len() == 2 && digits(part) && part < "60")
    };
    let is_clock = sixty(parts.next()) && sixty(parts.next());
    is_clock
        && parts.next().is_none_or(digits)
        && parts.next().is_none()
        && fraction.len() == 3
        && digits(fraction)
}

/// Writes a whole file; without cues, one that is empty and valid.
///
/// Cues are sorted by when they begin, which the standard asks for and other formats do not.
pub(super) fn write(cues: Cues) -> String {
    let Cues { mut list, writer } = cues;
    let text = writer.into_text();
    list.sort_by_key(|cue| (cue.from, cue.layer));
    end_open_cues(&mut list);
    // What is typeset often has the same text twice, for its border and for its inside.
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
        file.push_str(cue.place.settings());
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
