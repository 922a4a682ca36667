//! HTTP-date (RFC 9110 §5.6.7), without the panics of `httpdate`.
//!
//! Knows the three forms of a date. Must not know the time of day.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use httpdate::HttpDate;

use super::whitespace::OWS;

/// The first second of the year 10000, which four digits cannot say.
const YEAR_10000: Duration = Duration::from_secs(253_402_300_800);

/// Reads an HTTP-date in the preferred or in one of the two obsolete forms (RFC 9110 §5.6.7).
///
/// `None` for anything else, for a date that does not exist or has the wrong weekday, and for years before 1970, where
/// no file of ours has a Last-Modified either. A second of 60 is refused as well: it never comes from us.
pub fn parse_http_date(text: &str) -> Option<SystemTime> {
    let text = text.trim_matches(OWS);
    // `httpdate` trims whatever `str::trim` does, form feeds for instance. The grammar has only OWS around a value.
    if text.trim().len() != text.len() {
        return None;
    }
    text.parse::<HttpDate>().ok().map(SystemTime::from)
}

/// Writes an IMF-fixdate (RFC 9110 §5.6.7), cut to whole seconds: `Sun, 06 Nov 1994 08:49:37 GMT`.
///
/// `None` before 1970 and from the year 10000 on: `httpdate` would panic.
pub fn format_http_date(time: SystemTime) -> Option<String> {
    whole_seconds(time).map(httpdate::fmt_http_date)
}

/// `time` as an HTTP-date can say it, or `None` if it cannot.
pub(super) fn whole_seconds(time: SystemTime) -> Option<SystemTime> {
    let since_epoch = time.duration_since(UNIX_EPOCH).ok()?;
    (since_epoch < YEAR_10000).then(|| UNIX_EPOCH + Duration::from_secs(since_epoch.as_secs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, seconds: Option<u64>) {
        let expected = seconds.map(|seconds| UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(parse_http_date(text), expected, "{text:?}");
    }

    /// RFC 9110 §5.6.7: the preferred form and two obsolete ones.
    #[test]
    fn date_is_read_in_three_forms() {
        check("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777));
        check("\t Sun, 06 Nov 1994 08:49:37 GMT ", Some(784_111_777));
        check("Sunday, 06-Nov-94 08:49:37 GMT", Some(784_111_777));
        check("Sun Nov  6 08:49:37 1994", Some(784_111_777));
        check("Thu, 01 Jan 1970 00:00:00 GMT", Some(0));
        check("Fri, 31 Dec 9999 23:59:59 GMT", Some(253_402_300_799));
    }

    #[test]
    fn malformed_date_is_refused() {
        for row in [
            "|0|yesterday|784111777|1994-11-06T08:49:37Z|\u{c}Sun, 06 Nov 1994 08:49:37 GMT",
            "Mon, 06 Nov 1994 08:49:37 GMT|Wed, 30 Feb 1994 08:49:37 GMT|Sun, 32 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:49:37 GMT|Sun, 06 Nov 1994 08:49:60 GMT|Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 UTC|Sun, 06 Nov 1994 08:49:37 +0000|Sün, 06 Nov 1994 08:49:37 GMT",
            "Wed, 31 Dec 1969 23:59:59 GMT|Sun, 06 Nov 99999 08:49:37 GMT|Sun, 06 Nov -994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
        ] {
            row.split('|').for_each(|text| check(text, None));
        }
    }

    #[test]
    fn date_out_of_reach_is_not_written() {
        let text = |time: Option<SystemTime>| time.and_then(format_http_date);
        let second = Duration::from_secs(1);
        assert_eq!(text(UNIX_EPOCH.checked_sub(Duration::from_nanos(1))), None);
        assert_eq!(text(UNIX_EPOCH.checked_add(YEAR_10000)), None);
        assert_eq!(
            text(UNIX_EPOCH.checked_add(YEAR_10000 - second)).as_deref(),
            Some("Fri, 31 Dec 9999 23:59:59 GMT")
        );
        assert_eq!(
            text(UNIX_EPOCH.checked_add(Duration::from_millis(1_999))).as_deref(),
            Some("Thu, 01 Jan 1970 00:00:01 GMT")
        );
    }
}
