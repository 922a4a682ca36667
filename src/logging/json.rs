//! Log lines as JSON objects.
//!
//! | name | value |
//! |---|---|
//! | `time` | the time of the record, in UTC (RFC 3339) |
//! | `level` | `error`, `warn`, `info`, `debug`, `trace` |
//! | `message` | the text; a line of the access log has other fields instead |

use std::io::{self, Write};
use std::time::{SystemTime, UNIX_EPOCH};

use log::kv::{Error, Key, Value, VisitSource};
use log::{Level, Record};
use videoserve::http::format_day;

/// Writes a record as one line.
pub(super) fn write_record(out: &mut dyn Write, record: &Record<'_>) -> io::Result<()> {
    let fields = record.key_values();
    if fields.count() == 0 {
        return out.write_all(line(record.level(), &record.args().to_string()).as_bytes());
    }
    let mut line = start(record.level());
    let visited = fields.visit(&mut JsonFields(&mut line));
    visited.map_err(|_| io::Error::other("a log field cannot be written"))?;
    line.push_str("}\n");
    out.write_all(line.as_bytes())
}

pub(super) fn line(level: Level, message: &str) -> String {
    format!("{},\"message\":{}}}\n", start(level), string(message))
}

/// Returns the beginning of a line, with time and level.
fn start(level: Level) -> String {
    let time = rfc3339(videoserve::clock::now());
    let level = level.as_str().to_ascii_lowercase();
    format!("{{\"time\":\"{time}\",\"level\":\"{level}\"")
}

fn string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

struct JsonFields<'a>(&'a mut String);

impl<'kvs> VisitSource<'kvs> for JsonFields<'_> {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), Error> {
        // All fields of this program are texts or integers. Other types are left out: code for them would make the
        // program larger.
        let value = match (value.to_borrowed_str(), value.to_u64()) {
            (Some(text), _) => string(text),
            (None, Some(number)) => number.to_string(),
            (None, None) => return Ok(()),
        };
        for part in [",", &string(key.as_str()), ":", &value] {
            self.0.push_str(part);
        }
        Ok(())
    }
}

/// Returns a time in the form `2026-11-20T13:42:18.007Z`.
fn rfc3339(time: SystemTime) -> String {
    let day = format_day(time).unwrap_or_default();
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let (milliseconds, seconds) = (since.subsec_millis(), since.as_secs());
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{day}T{hour:02}:{minute:02}:{second:02}.{milliseconds:03}Z")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn time_is_written_as_rfc_3339() {
        for (milliseconds, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_827_696_789, "2000-02-29T12:34:56.789Z"),
            (1_795_182_138_007, "2026-11-20T13:42:18.007Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        ] {
            let time = UNIX_EPOCH + Duration::from_millis(milliseconds);
            assert_eq!(rfc3339(time), text);
        }
        let months = (0..12).map(|month| {
            let time = UNIX_EPOCH + Duration::from_secs(86_400 * (31 * month + 15 - month / 2));
            rfc3339(time)[5..7].parse::<u64>().unwrap()
        });
        assert!(months.eq(1..=12));
    }
}
