//! Times in subtitle files, in milliseconds, and times in WebVTT.

/// A line with two times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Timing<'a> {
    /// Start and end in milliseconds. They are equal if the file has the end before the start. `None` if the times are
    /// invalid.
    pub(super) times: Option<(u64, u64)>,
    /// The text after the times, usually coordinates.
    pub(super) rest: &'a str,
}

/// The maximum number of digits. It prevents overflows in multiplications.
const MAX_DIGITS: usize = 9;
/// The maximum length of a time, without spaces.
const MAX_TIME: usize = 40;

impl Timing<'_> {
    /// Parses `00:00:01,000 --> 00:00:02,500` and variants: hours or milliseconds may be missing, and a full stop may
    /// replace the comma. Machine translation adds spaces to times and arrows. Returns `None` for a line of text.
    pub(super) fn parse(line: &str) -> Option<Timing<'_>> {
        let times = || {
            let (from, rest) = take_time(line)?;
            let (to, rest) = take_time(after_arrow(rest)?)?;
            Some(Timing {
                times: Some((from, to.max(from))),
                rest: rest.trim_matches(is_blank),
            })
        };
        times().or_else(|| {
            let (from, to) = line.split_once("-->")?;
            (is_meant(from) && is_meant(to)).then_some(Timing {
                times: None,
                rest: "",
            })
        })
    }

    /// Parses SubViewer's `00:00:01.00,00:00:02.50`.
    pub(super) fn parse_pair(line: &str) -> Option<Timing<'_>> {
        let (from, to) = line.split_once(',')?;
        let (from, to) = (clock(from)?, clock(to.trim())?);
        Some(Timing {
            times: Some((from, to.max(from))),
            rest: "",
        })
    }
}

/// Returns the lines of a text. LF, CR LF and CR end a line, and one file may mix them.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n')
        .flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'))
}

/// Whether a character is white space or a byte order mark, which remains in the middle when files are joined.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{FEFF}'
}

/// Parses the time at the start of `text`; returns the time and the rest. Spaces around the separators are allowed.
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

/// Returns the rest after an arrow, with any number of dashes and spaces.
fn after_arrow(text: &str) -> Option<&str> {
    let text = text.trim_start_matches(is_blank);
    let head = text.trim_start_matches(['-', '–', '—', ' ']);
    let rest = head.strip_prefix('>')?;
    (head.len() < text.len()).then_some(rest)
}

/// Whether a text consists only of characters of times. `5 --> 6` has no colon, so it may be text for the viewer.
fn is_meant(text: &str) -> bool {
    text.contains(':')
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, ':' | ',' | '.' | '-' | ' '))
}

/// Parses a time of SubRip.
///
/// `,5` means 5 ms and not 500 ms, because players read the digits as an integer (ffmpeg, mpv, VLC). Only more than
/// three digits are a fraction.
pub(super) fn milliseconds(text: &str) -> Option<u64> {
    let (seconds, fraction) = seconds(text)?;
    let milliseconds = match fraction {
        None => 0,
        Some(fraction) if fraction.len() > 3 => thousandths(fraction)?,
        Some(digits) => number(digits)?,
    };
    Some(seconds * 1000 + milliseconds)
}

/// Parses a time with a decimal fraction: `0:00:01.5` is 1.5 s in ASS, SubViewer and SBV.
pub(super) fn clock(text: &str) -> Option<u64> {
    let (seconds, fraction) = seconds(text.trim_matches(is_blank))?;
    Some(seconds * 1000 + thousandths(fraction.unwrap_or("0"))?)
}

/// Converts a decimal fraction to thousandths: 500 for `5`.
pub(super) fn thousandths(fraction: &str) -> Option<u64> {
    number(fraction)?;
    number(&format!("{fraction:0<3}")[..3])
}

/// Splits a time into whole seconds and the digits of its fraction. A colon before three digits is a typing error for a
/// full stop.
fn seconds(text: &str) -> Option<(u64, Option<&str>)> {
    let (clock, fraction) = match text.split_once([',', '.']) {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => match text.rsplit_once(':') {
            Some((clock, fraction)) if fraction.len() == 3 && clock.matches(':').count() == 2 => {
                (clock, Some(fraction))
            }
            _ => (text, None),
        },
    };
    let mut parts = clock.split(':');
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next());
    if parts.next().is_some() {
        return None;
    }
    let (hours, minutes, seconds) = match third {
        Some(third) => (number(first)?, number(second)?, number(third)?),
        None => (0, number(first)?, number(second)?),
    };
    Some((hours * 3600 + minutes * 60 + seconds, fraction))
}

/// Parses a number of at most nine digits.
pub(super) fn number(digits: &str) -> Option<u64> {
    let is_number = (1..=MAX_DIGITS).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok()).flatten()
}

/// Returns `HH:MM:SS.mmm`, with more digits for hours if necessary.
pub(super) fn timestamp(milliseconds: u64) -> String {
    let (seconds, milliseconds) = (milliseconds / 1000, milliseconds % 1000);
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    let (hours, minutes) = (minutes / 60, minutes % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}.{milliseconds:03}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(timing: Option<Timing<'_>>) -> String {
        match timing.map(|timing| timing.times) {
            Some(Some((from, to))) => format!("{from}-{to}"),
            Some(None) => "broken".to_owned(),
            None => "text".to_owned(),
        }
    }

    #[test]
    fn times_are_read_as_players_do() {
        for (text, expected) in [
            ("00:00:00,000", Some("00:00:00.000")),
            ("00:01:02,345", Some("00:01:02.345")),
            ("1:2:3.4", Some("01:02:03.004")),
            ("1:2:3,45", Some("01:02:03.045")),
            ("02:03,456", Some("00:02:03.456")),
            ("02:03", Some("00:02:03.000")),
            ("01:02:03", Some("01:02:03.000")),
            ("00:00:01.234567", Some("00:00:01.234")),
            ("00:75:61,999", Some("01:16:01.999")),
            ("123:00:00,000", Some("123:00:00.000")),
            (
                "999999999:999999999:999999999,999",
                Some("1016944443:25:39.999"),
            ),
            ("", None),
            ("5", None),
            ("00:00:01:500", Some("00:00:01.500")),
            ("00:00:01:50", None),
            ("00:00:01,", None),
            ("00:00:,000", None),
            ("-00:00:01,000", None),
            ("+1:00", None),
            ("00:0x:01,000", None),
            ("00:00:01,0x0", None),
            ("00:00:01,00ä", None),
            ("00:00:01,000,000", None),
            ("٠٠:٠١", None),
            ("1234567890:00", None),
        ] {
            let time = milliseconds(text).map(timestamp);
            assert_eq!(time.as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn lines_with_two_times_are_timings() {
        let second = "1000-2000";
        for (line, expected) in [
            ("00:00:01,000 --> 00:00:02,000", second),
            ("00:00:01,000-->00:00:02,000", second),
            ("  00:00:01.000\t-->\u{A0}00:00:02.000  ", second),
            ("\u{FEFF}00:00:01,000 --> 00:00:02,000", second),
            (
                "00:00:01,000 --> 00:00:02,000 X1:201 X2:516 Y1:397 Y2:423",
                second,
            ),
            ("00:00:01,000 --> 00:00:02,000\tline:0 -->", second),
            ("0:1 --> 0:2", second),
            ("00: 00: 01,000 --> 00: 00: 02,000", second),
            ("00 : 00 : 01, 000 -- > 00:00:02,000", second),
            ("00:00:01,000 -> 00:00:02,000", second),
            ("00:00:01,000 - -> 00:00:02,000", second),
            ("00:00:01,000 –> 00:00:02,000", second),
            ("00:00:01:000 --> 00:00:02:000", second),
            ("00:00:02,000 --> 00:00:02,000", "2000-2000"),
            ("00:00:02,000 --> 00:00:01,999", "2000-2000"),
            ("-00:00:02,000 --> 00:00:01,999", "broken"),
            ("00:00:02,000 --> 00:00:", "broken"),
            ("00:00:01,000 > 00:00:02,000", "text"),
            ("00:00:01,000 --> ", "text"),
            ("00:00:01,000", "text"),
            ("from here --> to there", "text"),
            ("5 --> 6", "text"),
            ("-->", "text"),
            ("a: 1 --> 00:00:02,000", "text"),
        ] {
            assert_eq!(shown(Timing::parse(line)), expected, "{line:?}");
        }
    }

    #[test]
    fn fractions_of_other_formats_are_decimal() {
        for (line, expected) in [
            ("00:00:01.50,00:00:02.25", "1500-2250"),
            ("0:00:01.5,0:00:02.1234", "1500-2123"),
            ("00:00:01, 00:00:02", "1000-2000"),
            ("00:00:03.00,00:00:02.00", "3000-3000"),
            ("1,2", "text"),
            ("00:00:01.50", "text"),
            ("00:00:01.x,00:00:02.00", "text"),
        ] {
            assert_eq!(shown(Timing::parse_pair(line)), expected, "{line:?}");
        }
    }
}
