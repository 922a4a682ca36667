//! What was measured: figures, goals, and how they are shown. Knows no server and no client.

/// The table as a picture.
pub(crate) mod chart;
/// The table as Markdown.
pub(crate) mod markdown;
/// Lines with goals that are met or missed.
mod report;
/// Figures of one kind.
mod samples;
/// What each server reached, by workload.
mod table;
/// The table as text.
pub(crate) mod text;

pub(crate) use report::Report;
pub(crate) use samples::{Samples, milliseconds, percentile, short};
pub(crate) use table::{Better, CLIENT_SHARE, Goal, Metric, Row, Table};
