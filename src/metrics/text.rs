//! The text format of Prometheus, version 0.0.4, with whole numbers only.

use std::fmt::{Display, Write};

/// Value of Content-Type. Prometheus 3 refuses a text without a version.
pub(crate) const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The kind of a metric.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// A number that only grows, until the server restarts.
    Counter,
    /// A number that grows and shrinks.
    Gauge,
}

/// A text of metrics. `name_and_help` is the name of a metric, a space and its help text. Both are constants without
/// line ends, quotation marks and backslashes.
#[derive(Debug, Default)]
pub(crate) struct Text(String);

impl Text {
    /// Adds a metric with one number.
    pub(crate) fn one(&mut self, kind: Kind, name_and_help: &str, value: u64) {
        let name = self.begin(kind, name_and_help);
        self.line(format_args!("{name} {value}"));
    }

    /// Adds a metric with a number for each value of a label.
    pub(crate) fn by_label<L: Display>(
        &mut self,
        kind: Kind,
        name_and_help: &str,
        label: &str,
        values: impl IntoIterator<Item = (L, u64)>,
    ) {
        let name = self.begin(kind, name_and_help);
        for (labelled, value) in values {
            self.line(format_args!("{name}{{{label}=\"{labelled}\"}} {value}"));
        }
    }

    /// Returns the text.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0.into_bytes()
    }

    /// Adds the lines above the numbers of a metric, and returns its name.
    fn begin<'a>(&mut self, kind: Kind, name_and_help: &'a str) -> &'a str {
        let (name, _) = name_and_help.split_once(' ').unwrap_or((name_and_help, ""));
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
        };
        self.line(format_args!("# HELP {name_and_help}\n# TYPE {name} {kind}"));
        name
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "{line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metric_has_help_type_and_numbers() {
        let mut text = Text::default();
        text.one(Kind::Gauge, "a How many.", 7);
        text.one(Kind::Gauge, "c_seconds How long.", u64::MAX);
        text.by_label(Kind::Counter, "d_total All.", "of", [("x", 1), ("y", 2)]);
        let wanted = "# HELP a How many.\n# TYPE a gauge\na 7\n\
            # HELP c_seconds How long.\n# TYPE c_seconds gauge\nc_seconds 18446744073709551615\n\
            # HELP d_total All.\n# TYPE d_total counter\nd_total{of=\"x\"} 1\nd_total{of=\"y\"} 2\n";
        assert_eq!(String::from_utf8(text.into_bytes()).unwrap(), wanted);
    }
}
