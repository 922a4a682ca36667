//! Times and parts of a video from a URL: `?t=83` and `?ranges=10-15,30-35.5`. A part may start after the end of the
//! video; the player must skip such parts.

use std::fmt;
use std::time::Duration;

use crate::http::parse_digits;

/// The maximum number of parts. No user marks more parts by hand.
const SEGMENT_LIMIT: usize = 200;
/// The maximum time: 1,000 hours. A start after this time is an error. An end after this time means the end of the
/// video.
const LONGEST: Duration = Duration::from_secs(1_000 * 3_600);

/// A part of a video. The part includes its start and excludes its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) start: Duration,
    /// The end; `None` means the end of the video.
    pub(crate) end: Option<Duration>,
}

/// One or more parts in the order of playback. This order may differ from the order in the video. Parts may overlap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Segments(pub(crate) Vec<Segment>);

/// Parses a time: `83`, `83.5`, `1:23.5` or `1:02:03`. Ignores fractions of a millisecond.
pub(crate) fn parse_time(text: &str) -> Option<Duration> {
    parse_any_time(text).filter(|time| *time <= LONGEST)
}

/// Parses a time as [`parse_time`] does, but accepts times above [`LONGEST`]. A number with too many digits becomes the
/// largest possible time.
fn parse_any_time(text: &str) -> Option<Duration> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let mut seconds: u64 = 0;
    for (at, part) in whole.split(':').enumerate() {
        let number = parse_digits(part)?;
        // Only the first number may be 60 or more: 75 is valid, and 1:75 is a typing error.
        if at > 2 || (at > 0 && (number >= 60 || part.len() > 2)) {
            return None;
        }
        seconds = seconds.saturating_mul(60).saturating_add(number);
    }
    parse_digits(fraction)?;
    let thousandths = parse_digits(&format!("{fraction:0<3}")[..3])?;
    let milliseconds = seconds.saturating_mul(1_000).saturating_add(thousandths);
    Some(Duration::from_millis(milliseconds))
}

/// Formats a time in seconds for [`parse_time`], without zeros at the end: `35.5`.
pub(crate) fn seconds(time: Duration) -> String {
    let text = format!("{}.{:03}", time.as_secs(), time.subsec_millis());
    let text = text.trim_end_matches('0');
    text.trim_end_matches('.').to_owned()
}

fn parse_part(part: &str) -> Result<Segment, String> {
    let times = |(start, end): (&str, &str)| {
        let end = match end.trim() {
            "" => None,
            end => Some(parse_any_time(end)?),
        };
        Some((parse_time(start.trim())?, end))
    };
    let times = part.split_once('-').and_then(times);
    let shown: String = part.chars().take(40).collect();
    match times {
        None if part.is_empty() => Err("a part is empty".to_owned()),
        None => Err(format!("“{shown}” is not a part of a video")),
        Some((start, Some(end))) if end <= start => Err(format!("“{shown}” ends before it begins")),
        Some((start, end)) => {
            let end = end.filter(|end| *end <= LONGEST);
            Ok(Segment { start, end })
        }
    }
}

impl Segments {
    /// Parses parts of the form `10-15`, or `10-` for a part up to the end, separated by commas.
    ///
    /// # Errors
    ///
    /// Returns a reason for the user in three cases: a part has another form, the end of a part is not after its start,
    /// or there are more than 200 parts.
    pub(crate) fn parse(text: &str) -> Result<Segments, String> {
        if text.split(',').count() > SEGMENT_LIMIT {
            return Err(format!("there are more than {SEGMENT_LIMIT} parts"));
        }
        let parts = text.split(',').map(|part| parse_part(part.trim()));
        parts.collect::<Result<_, _>>().map(Segments)
    }
}

/// Writes the form that [`Segments::parse`] reads.
impl fmt::Display for Segments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |it: &Segment| {
            let end = it.end.map(seconds).unwrap_or_default();
            format!("{}-{end}", seconds(it.start))
        };
        let parts: Vec<String> = self.0.iter().map(part).collect();
        f.write_str(&parts.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let seen = Segments::parse(text).map_or_else(|error| error, |it| it.to_string());
        assert_eq!(seen, expected, "{text:?}");
    }

    #[test]
    fn segments_are_read() {
        check("10-15,30-35.5", "10-15,30-35.5");
        check("10-", "10-");
        check(" 1 - 2 , 0-1 ", "1-2,0-1");
        check("0-0.001", "0-0.001");
        check("1.0-2.50", "1-2.5");
        check("1.23456-2", "1.234-2");
        check("1:05-1:02:03.5", "65-3723.5");
        check("90-100", "90-100");
        check("1-3600000", "1-3600000");
        check("1-3600001", "1-");
        check("3600000-99999999999999999999:00", "3600000-");
        check("5-10,1-7,5-10", "5-10,1-7,5-10");
    }

    #[test]
    fn invalid_segments_return_their_cause() {
        check("", "a part is empty");
        check("1-2,", "a part is empty");
        check("30-20", "“30-20” ends before it begins");
        check("5-5", "“5-5” ends before it begins");
        let wrong = "abc 5 -5 a-b 1-2-3 1--2 +1-2 1.-2 .5-1 1e3-2e3 1:75-2:00 1:2:3:4- 1:002-5 NaN- 1-∞ 3600001- \
            99999999999999999999-";
        for part in wrong.split(' ') {
            check(part, &format!("“{part}” is not a part of a video"));
        }
        check(
            &"x".repeat(100),
            &format!("“{}” is not a part of a video", "x".repeat(40)),
        );
        check(&vec!["1-2"; 201].join(","), "there are more than 200 parts");
        assert!(Segments::parse(&vec!["1-2"; 200].join(",")).is_ok());
    }
}
