//! Prometheus' text format, version 0.0.4, with whole numbers only. Knows how a line looks, not what it is about.

use std::fmt::{Display, Write};

/// Without a version, Prometheus 3 asks what it is.
pub(crate) const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What becomes of a number.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// It only grows, until the server is started anew.
    Counter,
    /// It is what it is now.
    Gauge,
}

/// Metrics, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Text(String);

impl Text {
    /// One number. Names and help are our own: without line ends, quotation marks and backslashes.
    pub(crate) fn one(&mut self, kind: Kind, name: &str, help: &str, value: u64) {
        self.begin(kind, name, help);
        self.line(format_args!("{name} {value}"));
    }

    /// One number for each value of a label.
    pub(crate) fn by<L: Display>(
        &mut self,
        kind: Kind,
        name: &str,
        help: &str,
        label: &str,
        values: impl IntoIterator<Item = (L, u64)>,
    ) {
        self.begin(kind, name, help);
        for (labelled, value) in values {
            self.line(format_args!("{name}{{{label}=\"{labelled}\"}} {value}"));
        }
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0.into_bytes()
    }

    fn begin(&mut self, kind: Kind, name: &str, help: &str) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
        };
        self.line(format_args!("# HELP {name} {help}\n# TYPE {name} {kind}"));
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        // A string takes all.
        let _ = writeln!(self.0, "{line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let mut text = Text::default();
        text.one(Kind::Gauge, "a", "How many.", 7);
        text.one(Kind::Gauge, "c_seconds", "How long.", u64::MAX);
        text.by(Kind::Counter, "d_total", "All.", "of", [("x", 1), ("y", 2)]);
        let wanted = "# HELP a How many.\n# TYPE a gauge\na 7\n\
            # HELP c_seconds How long.\n# TYPE c_seconds gauge\nc_seconds 18446744073709551615\n\
            # HELP d_total All.\n# TYPE d_total counter\nd_total{of=\"x\"} 1\nd_total{of=\"y\"} 2\n";
        assert_eq!(String::from_utf8(text.into_bytes()).unwrap(), wanted);
    }
}
