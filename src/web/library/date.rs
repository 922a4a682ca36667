//! Days as people and `<time>` read them.

use std::time::{SystemTime, UNIX_EPOCH};

const SECONDS_PER_DAY: i64 = 86_400;

/// The day in UTC, as in 2026-11-20. `None` outside the years that have four digits, which is no date to show anybody.
pub(super) fn day(time: SystemTime) -> Option<String> {
    let seconds = match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_secs()).ok()?,
        // Rounded down: the last moment before 1970 is in 1969.
        Err(error) => {
            let before = error.duration();
            let begun = u64::from(before.subsec_nanos() > 0);
            0_i64.checked_sub_unsigned(before.as_secs().checked_add(begun)?)?
        }
    };
    let (year, month, day) = civil(seconds.div_euclid(SECONDS_PER_DAY));
    (1..=9999)
        .contains(&year)
        .then(|| format!("{year:04}-{month:02}-{day:02}"))
}

/// Days since 1970 to a date of the Gregorian calendar. Years begin in March here, so that the day which is there in some
/// years only is the last one, and come in groups of 400, which are all alike.
fn civil(days: i64) -> (i64, i64, i64) {
    const DAYS_PER_GROUP: i64 = 146_097;
    // Since the first of March of the year 0.
    let days = days + 719_468;
    let (group, day) = (
        days.div_euclid(DAYS_PER_GROUP),
        days.rem_euclid(DAYS_PER_GROUP),
    );
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    // March is 0.
    let (month, next) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    (group * 400 + year + next, month, day)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn days() {
        let at = |seconds: i64| {
            let whole = Duration::from_secs(seconds.unsigned_abs());
            day(if seconds < 0 {
                UNIX_EPOCH - whole
            } else {
                UNIX_EPOCH + whole
            })
        };
        for (seconds, text) in [
            (0, "1970-01-01"),
            (86_399, "1970-01-01"),
            (86_400, "1970-01-02"),
            (-1, "1969-12-31"),
            (951_782_400, "2000-02-29"),
            (951_868_800, "2000-03-01"),
            (1_795_161_600, "2026-11-20"),
            (4_107_542_399, "2100-02-28"),
            (4_107_542_400, "2100-03-01"),
            (253_402_300_799, "9999-12-31"),
            (-62_135_596_800, "0001-01-01"),
        ] {
            assert_eq!(at(seconds).as_deref(), Some(text), "{seconds}");
        }
        for seconds in [253_402_300_800, -62_135_596_801, 1 << 60, -(1 << 60)] {
            assert_eq!(at(seconds), None, "{seconds}");
        }
        let just_before = UNIX_EPOCH - Duration::from_nanos(1);
        assert_eq!(day(just_before).as_deref(), Some("1969-12-31"));
    }

    /// Every day of 800 years follows the one before.
    #[test]
    fn one_day_after_the_other() {
        let mut expected = (1600, 1, 1);
        let first = -135_140;
        assert_eq!(civil(first), expected);
        for days in first..first + 2 * 146_097 {
            assert_eq!(civil(days), expected);
            let (year, month, day) = expected;
            let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let length = match month {
                2 => 28 + i64::from(is_leap),
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            expected = match (month, day) {
                (12, 31) => (year + 1, 1, 1),
                (_, day) if day == length => (year, month + 1, 1),
                _ => (year, month, day + 1),
            };
        }
    }
}
