//! Parses and formats an HTTP-date (RFC 9110 §5.6.7). Returns `None` where the crate `httpdate` panics.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use httpdate::HttpDate;

use super::whitespace::OWS;

/// The first second of the year 10000, which has five digits.
const YEAR_10000: Duration = Duration::from_secs(253_402_300_800);

/// Parses an HTTP-date in the preferred or in one of the two obsolete forms (RFC 9110 §5.6.7).
///
/// Returns `None` for any other text, an impossible date, a wrong weekday, a leap second (`:60`) or a year before 1970.
/// The server never sends such dates, so a client does not send them back.
pub fn parse_http_date(text: &str) -> Option<SystemTime> {
    let text = text.trim_matches(OWS);
    // `httpdate` also trims other whitespace, such as form feeds. The grammar allows only OWS: spaces and tabs.
    if text.trim().len() != text.len() {
        return None;
    }
    text.parse::<HttpDate>().ok().map(SystemTime::from)
}

/// Returns an IMF-fixdate, rounded down to seconds: `Sun, 06 Nov 1994 08:49:37 GMT`. Returns `None` before 1970 and
/// after 9999, because `httpdate` panics for these times.
pub fn format_http_date(time: SystemTime) -> Option<String> {
    whole_seconds(time).map(httpdate::fmt_http_date)
}

/// Returns the day in UTC: `1994-11-06`. Returns `None` before 1970 and after 9999.
pub fn format_day(time: SystemTime) -> Option<String> {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let date = format_http_date(time)?;
    let (day, month, year) = (date.get(5..7)?, date.get(8..11)?, date.get(12..16)?);
    let month = MONTHS.find(month)? / 3 + 1;
    Some(format!("{year}-{month:02}-{day}"))
}

/// Returns the value of Last-Modified for a file, rounded down to seconds. Returns `None` for a time before 1970, after
/// 9999 or after `now`.
///
/// RFC 9110 §8.8.2.1 forbids a Last-Modified later than Date. A file from a machine with a fast clock can have a later
/// time.
pub fn last_modified(modified: SystemTime, now: SystemTime) -> Option<SystemTime> {
    whole_seconds(modified).filter(|modified| *modified <= now)
}

fn whole_seconds(time: SystemTime) -> Option<SystemTime> {
    let since_epoch = time.duration_since(UNIX_EPOCH).ok()?;
    (since_epoch < YEAR_10000).then(|| UNIX_EPOCH + Duration::from_secs(since_epoch.as_secs()))
}

// `tests/it/condition.rs` tests dates in requests. `tests/it/parsers.rs` tests that a formatted date can be parsed.
#[cfg(test)]
mod tests {
    use super::*;

    /// `httpdate` accepts the first two dates.
    #[test]
    fn malformed_date_is_refused() {
        for text in [
            "\u{c}Sun, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 GMT\n",
            "Sun, 06 Nov 1994 08:49:60 GMT",
            "Wed, 31 Dec 1969 23:59:59 GMT",
            "Sun, 06 Nov 99999 08:49:37 GMT",
        ] {
            assert_eq!(parse_http_date(text), None, "{text:?}");
        }
    }
}
