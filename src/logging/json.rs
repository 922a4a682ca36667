//! Log lines as JSON, one object each. Text in, text out; knows neither the queue nor standard error.
//!
//! | name | value |
//! |---|---|
//! | `time` | when it was written, in UTC (RFC 3339) |
//! | `level` | `error`, `warn`, `info`, `debug`, `trace` |
//! | `message` | what a line of text would say; not where the line has fields of its own, as those of the access log |

use std::io::{self, Write};
use std::time::{SystemTime, UNIX_EPOCH};

use log::kv::{Error, Key, Value, VisitSource, VisitValue};
use log::{Level, Record};

/// Writes a record as one line.
pub(super) fn write_record(out: &mut dyn Write, record: &Record<'_>) -> io::Result<()> {
    begin(out, record.level())?;
    let fields = record.key_values();
    if fields.count() == 0 {
        message(out, &record.args().to_string())?;
    }
    fields
        .visit(&mut Fields(out))
        .map_err(|_| io::Error::other("a log field cannot be written"))?;
    out.write_all(b"}\n")
}

/// A line that says only this.
pub(super) fn line(level: Level, text: &str) -> Vec<u8> {
    let mut line = Vec::new();
    // A vector takes all.
    let _ = begin(&mut line, level)
        .and_then(|()| message(&mut line, text))
        .and_then(|()| line.write_all(b"}\n"));
    line
}

fn begin(out: &mut dyn Write, level: Level) -> io::Result<()> {
    let time = rfc3339(videoserve::clock::now());
    let level = level.as_str().to_ascii_lowercase();
    write!(out, "{{\"time\":\"{time}\",\"level\":\"{level}\"")
}

fn message(out: &mut dyn Write, text: &str) -> io::Result<()> {
    out.write_all(b",\"message\":")?;
    string(out, text)
}

/// Escaped as it must be.
fn string(out: &mut dyn Write, text: &str) -> io::Result<()> {
    Ok(serde_json::to_writer(out, text)?)
}

/// `2026-11-20T13:42:18.007Z`.
fn rfc3339(time: SystemTime) -> String {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    // `Fri, 20 Nov 2026 13:42:18 GMT` has all of it, in another order.
    let date = httpdate::fmt_http_date(time);
    let (day, month, year, clock) = (&date[5..7], &date[8..11], &date[12..16], &date[17..25]);
    let month = MONTHS.iter().position(|&name| name == month);
    let month = month.map_or(0, |position| position + 1);
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let milliseconds = since.subsec_millis();
    format!("{year}-{month:02}-{day}T{clock}.{milliseconds:03}Z")
}

/// Adds each field; one that is not there this time is left out.
struct Fields<'a>(&'a mut dyn Write);

impl<'kvs> VisitSource<'kvs> for Fields<'_> {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), Error> {
        value.visit(Field {
            out: self.0,
            name: key.as_str(),
        })
    }
}

struct Field<'a> {
    out: &'a mut dyn Write,
    name: &'a str,
}

impl Field<'_> {
    fn name(&mut self) -> io::Result<()> {
        self.out.write_all(b",")?;
        string(self.out, self.name)?;
        self.out.write_all(b":")
    }

    fn put(&mut self, put: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Error> {
        self.name()
            .and_then(|()| put(self.out))
            .map_err(|_| Error::msg("nobody takes it"))
    }
}

/// Numbers and text are all that the lines of this program have. To show whatever else there can be would bring the
/// printing of floating-point numbers into the program.
impl VisitValue<'_> for Field<'_> {
    fn visit_any(&mut self, _: Value<'_>) -> Result<(), Error> {
        Ok(())
    }

    fn visit_str(&mut self, value: &str) -> Result<(), Error> {
        self.put(|out| string(out, value))
    }

    fn visit_null(&mut self) -> Result<(), Error> {
        Ok(())
    }

    fn visit_u64(&mut self, value: u64) -> Result<(), Error> {
        self.put(|out| write!(out, "{value}"))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn times() {
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

    #[test]
    fn messages_are_escaped() {
        let line = line(Level::Warn, "a \"b\"\n\u{1b}\u{e9}");
        assert_eq!(line.iter().filter(|&&byte| byte == b'\n').count(), 1);
        let value: serde_json::Value = serde_json::from_slice(&line).unwrap();
        assert_eq!(value["message"], "a \"b\"\n\u{1b}\u{e9}");
        assert_eq!(value["level"], "warn");
    }

    #[test]
    fn fields_stand_for_the_message() {
        let (number, absent) = (u64::MAX, None::<&str>);
        let fields = [
            ("number", Value::from(number)),
            ("text", Value::from("a\"b")),
            ("absent", log::kv::ToValue::to_value(&absent)),
        ];
        let mut line = Vec::new();
        let record = Record::builder()
            .args(format_args!("unseen"))
            .level(Level::Info)
            .key_values(&fields)
            .build();
        write_record(&mut line, &record).unwrap();
        let text = String::from_utf8(line).unwrap();
        let end = r#","level":"info","number":18446744073709551615,"text":"a\"b"}"#;
        assert!(text.ends_with(&format!("{end}\n")), "{text}");
    }
}
