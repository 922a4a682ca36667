//! Times in subtitle files and in WebVTT, in milliseconds.

/// The start and end of a cue in milliseconds. The end is not before the start. `None` if the times are invalid.
pub(super) type Times = Option<(u64, u64)>;

/// The maximum number of digits in a number. It prevents overflows in multiplications.
const MAX_DIGITS: usize = 9;
/// The maximum number of characters of a time, without spaces.
const MAX_TIME: usize = 40;

/// Parses `00:00:01,000 --> 00:00:02,500` and variants: hours or milliseconds may be missing, and a full stop may
/// replace the comma. Spaces in times and arrows are valid, because machine translation adds them. Also returns the
/// text after the times, usually coordinates. Returns `None` for a line of text.
pub(super) fn parse_arrow(line: &str) -> Option<(Times, &str)> {
    let times = || {
        let (from, rest) = take_time(line)?;
        let (to, rest) = take_time(after_arrow(rest)?)?;
        Some((Some((from, to.max(from))), rest.trim_matches(is_blank)))
    };
    times().or_else(|| {
        let (from, to) = line.split_once("-->")?;
        (is_like_time(from) && is_like_time(to)).then_some((None, ""))
    })
}

/// Parses SubViewer's `00:00:01.00,00:00:02.50`.
pub(super) fn parse_pair(line: &str) -> Option<(Times, &str)> {
    let (from, to) = line.split_once(',')?;
    let (from, to) = (clock(from)?, clock(to)?);
    Some((Some((from, to.max(from))), ""))
}

/// Returns the lines of a text. LF, CR LF and CR end a line, and one file may mix them.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n')
        .flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'))
}

/// Returns whether a character is white space or a byte order mark. A file that was joined from several files has such
/// marks in the middle.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{FEFF}'
}

/// Parses the time at the start of `text`; returns the time and the text after it. Spaces around the separators are
/// allowed.
fn take_time(text: &str) -> Option<(u64, &str)> {
    let is_mark = |c: char| matches!(c, ':' | ',' | '.');
    let text = text.trim_start_matches(is_blank);
    let mut time = String::new();
    let mut end = text.len();
    for (at, c) in text.char_indices() {
        if time.len() > MAX_TIME {
            return None;
        }
        if c.is_ascii_digit() || is_mark(c) {
            time.push(c);
        } else if !is_blank(c)
            || !time.ends_with(is_mark) && !text[at..].trim_start_matches(is_blank).starts_with(':')
        {
            end = at;
            break;
        }
    }
    Some((milliseconds(&time)?, &text[end..]))
}

/// Returns the text after an arrow, such as `-->`, `->` or `- ->`. An arrow has one or more dashes.
fn after_arrow(text: &str) -> Option<&str> {
    let text = text.trim_start_matches(is_blank);
    let head = text.trim_start_matches(['-', '–', '—', ' ']);
    let rest = head.strip_prefix('>')?;
    (head.len() < text.len()).then_some(rest)
}

/// Returns whether a text has a colon, and only characters of times. The colon is necessary, because `5 --> 6` may be
/// dialogue.
fn is_like_time(text: &str) -> bool {
    let mut bytes = text.bytes();
    text.contains(':') && bytes.all(|byte| b"0123456789:,.- ".contains(&byte))
}

/// Parses a time of SubRip.
///
/// `,5` means 5 ms, not 500 ms, because ffmpeg, mpv and VLC read the digits as an integer. More than three digits are a
/// decimal fraction.
pub(super) fn milliseconds(text: &str) -> Option<u64> {
    let (seconds, fraction) = seconds(text)?;
    let rest = match fraction.len() {
        0..=3 => number(fraction)?,
        _ => thousandths(fraction)?,
    };
    Some(seconds * 1000 + rest)
}

/// Parses a time with a decimal fraction: `0:00:01.5` is 1.5 s in ASS, SubViewer and SBV.
pub(super) fn clock(text: &str) -> Option<u64> {
    let (seconds, fraction) = seconds(text.trim_matches(is_blank))?;
    Some(seconds * 1000 + thousandths(fraction)?)
}

/// Converts a decimal fraction to thousandths: 500 for `5`.
pub(super) fn thousandths(fraction: &str) -> Option<u64> {
    number(fraction)?;
    number(&format!("{fraction:0<3}")[..3])
}

/// Splits a time into whole seconds and the digits of its fraction. In `00:00:01:500`, the final colon is a typing
/// error for a comma.
fn seconds(text: &str) -> Option<(u64, &str)> {
    let is_mistyped =
        |(clock, fraction): &(&str, &str)| fraction.len() == 3 && clock.matches(':').count() == 2;
    let mistyped = || text.rsplit_once(':').filter(is_mistyped);
    let split = text.split_once([',', '.']).or_else(mistyped);
    let (clock, fraction) = split.unwrap_or((text, "0"));
    let mut parts = clock.rsplit(':').map(number);
    let (seconds, minutes) = (parts.next()??, parts.next()??);
    let hours = parts.next().unwrap_or(Some(0))?;
    let is_clock = parts.next().is_none();
    is_clock.then_some((hours * 3600 + minutes * 60 + seconds, fraction))
}

/// Parses a number of at most nine digits.
pub(super) fn number(digits: &str) -> Option<u64> {
    let is_number = digits.len() <= MAX_DIGITS && digits.bytes().all(|it| it.is_ascii_digit());
    is_number.then(|| digits.parse().ok())?
}

/// Returns `HH:MM:SS.mmm`, with more digits for hours if necessary.
pub(crate) fn timestamp(milliseconds: u64) -> String {
    let (seconds, milliseconds) = (milliseconds / 1000, milliseconds % 1000);
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    let (hours, minutes) = (minutes / 60, minutes % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}.{milliseconds:03}")
}

#[cfg(test)]
mod tests {
    use super::*;

    type Parse = fn(&str) -> Option<(Times, &str)>;

    #[test]
    fn times_are_read_as_players_do() {
        let valid = "00:00:00,000=00:00:00.000|00:01:02,345=00:01:02.345|1:2:3.4=01:02:03.004|1:2:3,45=01:02:03.045|\
                     02:03,456=00:02:03.456|02:03=00:02:03.000|01:02:03=01:02:03.000|00:00:01.234567=00:00:01.234|\
                     00:75:61,999=01:16:01.999|123:00:00,000=123:00:00.000|00:00:01:500=00:00:01.500|\
                     999999999:999999999:999999999,999=1016944443:25:39.999";
        let invalid = "|5|00:00:01:50|00:00:01,|00:00:,000|-00:00:01,000|+1:00|00:0x:01,000|00:00:01,0x0|00:00:01,00ä|\
                       00:00:01,000,000|٠٠:٠١|1234567890:00";
        let rows = valid.split('|').map(|row| row.split_once('=').unwrap());
        for (text, expected) in rows.chain(invalid.split('|').map(|text| (text, "-"))) {
            let time = milliseconds(text).map(timestamp);
            assert_eq!(time.as_deref().unwrap_or("-"), expected, "{text:?}");
        }
    }

    #[test]
    fn lines_with_two_times_are_timings() {
        let second = "00:00:01,000 --> 00:00:02,000|00:00:01,000-->00:00:02,000|  00:00:01.000\t-->\u{A0}00:00:02.000  |\
                      \u{FEFF}00:00:01,000 --> 00:00:02,000|00:00:01,000 --> 00:00:02,000 X1:201 X2:516 Y1:397 Y2:423|\
                      00:00:01,000 --> 00:00:02,000\tline:0 -->|0:1 --> 0:2|00: 00: 01,000 --> 00: 00: 02,000|\
                      00 : 00 : 01, 000 -- > 00:00:02,000|00:00:01,000 -> 00:00:02,000|00:00:01,000 - -> 00:00:02,000|\
                      00:00:01,000 –> 00:00:02,000|00:00:01:000 --> 00:00:02:000";
        let reversed = "00:00:02,000 --> 00:00:02,000|00:00:02,000 --> 00:00:01,999";
        let broken = "-00:00:02,000 --> 00:00:01,999|00:00:02,000 --> 00:00:";
        let text = "00:00:01,000 > 00:00:02,000|00:00:01,000 --> |00:00:01,000|from here --> to there|5 --> 6|-->|\
                    a: 1 --> 00:00:02,000";
        let (arrow, pair): (Parse, Parse) = (parse_arrow, parse_pair);
        for (parse, lines, expected) in [
            (arrow, second, "1000-2000"),
            (arrow, reversed, "2000-2000"),
            (arrow, broken, "broken"),
            (arrow, text, "text"),
            (pair, "00:00:01.50,00:00:02.25", "1500-2250"),
            (pair, "0:00:01.5,0:00:02.1234", "1500-2123"),
            (pair, "00:00:01, 00:00:02", "1000-2000"),
            (pair, "00:00:03.00,00:00:02.00", "3000-3000"),
            (pair, "1,2|00:00:01.50|00:00:01.x,00:00:02.00", "text"),
        ] {
            for line in lines.split('|') {
                let shown = match parse(line) {
                    Some((Some((from, to)), _)) => format!("{from}-{to}"),
                    Some((None, _)) => "broken".to_owned(),
                    None => "text".to_owned(),
                };
                assert_eq!(shown, expected, "{line:?}");
            }
        }
    }
}
