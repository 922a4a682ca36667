//! Times of SubRip to times of WebVTT.
//!
//! Knows one line at a time: whether it says when a cue is shown, and when that is.

/// What a line with an arrow is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Timing {
    /// From and to, in milliseconds.
    Valid(u64, u64),
    /// Meant as one, but one that no player could follow.
    Broken,
}

/// The longest number that is read. Nothing that is multiplied with it overflows.
const MAX_DIGITS: usize = 9;

impl Timing {
    /// Reads `00:00:01,000 --> 00:00:02,500`, and what is as good: hours may be missing, milliseconds too, and stand
    /// behind a full stop. What follows the times, coordinates mostly, is dropped. `None` for a line of text.
    pub(super) fn parse(line: &str) -> Option<Timing> {
        let (from, rest) = line.split_once("-->")?;
        let from = from.trim_matches(is_blank);
        let to = rest
            .trim_start_matches(is_blank)
            .split(is_blank)
            .next()
            .unwrap_or_default();
        match (milliseconds(from), milliseconds(to)) {
            (Some(from), Some(to)) if from < to => Some(Timing::Valid(from, to)),
            (Some(_), Some(_)) => Some(Timing::Broken),
            _ if is_meant(from) && is_meant(to) => Some(Timing::Broken),
            _ => None,
        }
    }
}

/// A byte order mark too: files are sometimes joined.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{FEFF}'
}

/// Made of what times are made of. `5 --> 6` is not, and may be shown.
fn is_meant(text: &str) -> bool {
    text.contains(':')
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, ':' | ',' | '.' | '-' | ' '))
}

/// A time in milliseconds.
///
/// `,5` is 5 ms: one number among others, as the players read it (ffmpeg, mpv, VLC), not a fraction without its zeros.
/// More than three digits can only be a fraction.
fn milliseconds(text: &str) -> Option<u64> {
    let (clock, fraction) = match text.split_once([',', '.']) {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (text, None),
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
    let milliseconds = match fraction {
        None => 0,
        Some(fraction) if fraction.len() > 3 => {
            number(fraction)?;
            number(fraction.get(..3)?)?
        }
        Some(fraction) => number(fraction)?,
    };
    Some((hours * 3600 + minutes * 60 + seconds) * 1000 + milliseconds)
}

fn number(digits: &str) -> Option<u64> {
    let is_number = (1..=MAX_DIGITS).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok()).flatten()
}

/// `HH:MM:SS.mmm`, with more digits for hours where it takes more.
pub(super) fn timestamp(milliseconds: u64) -> String {
    let (seconds, milliseconds) = (milliseconds / 1000, milliseconds % 1000);
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    let (hours, minutes) = (minutes / 60, minutes % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}.{milliseconds:03}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
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
            ("00:00:00:000", None),
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
    fn lines() {
        let second = Some(Timing::Valid(1000, 2000));
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
            ("00:00:02,000 --> 00:00:02,000", Some(Timing::Broken)),
            ("00:00:02,000 --> 00:00:01,999", Some(Timing::Broken)),
            ("-00:00:02,000 --> 00:00:01,999", Some(Timing::Broken)),
            ("00:00:02,000 --> 00:00:", Some(Timing::Broken)),
            ("00:00:01,000 -- > 00:00:02,000", None),
            ("00:00:01,000 --> ", None),
            ("00:00:01,000", None),
            ("from here --> to there", None),
            ("5 --> 6", None),
            ("-->", None),
            ("a: 1 --> 00:00:02,000", None),
        ] {
            assert_eq!(Timing::parse(line), expected, "{line:?}");
        }
    }
}
