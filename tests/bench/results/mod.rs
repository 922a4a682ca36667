//! Measurements, goals, and their output. This module does not depend on servers or clients.

/// The table as a picture.
pub(crate) mod chart;
/// The table as Markdown.
pub(crate) mod markdown;
/// Prints goals that are met or missed.
mod report;
/// Values of one kind.
mod samples;
/// The values of each server, by workload.
mod table;
/// The table as text.
pub(crate) mod text;

pub(crate) use report::Report;
pub(crate) use samples::{Samples, milliseconds, percentile, short};
pub(crate) use table::{Better, CLIENT_SHARE, Goal, Metric, Row, Table};
