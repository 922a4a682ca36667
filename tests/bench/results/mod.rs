//! Measurements, goals, and their output. This module does not depend on servers or clients.

/// Draws the results as an SVG chart.
pub(crate) mod chart;
/// Writes the results as a Markdown table.
pub(crate) mod markdown;
/// Prints for each goal whether it is met.
mod report;
/// A list of measured values, with its median and percentiles.
mod samples;
/// The values of each server, by workload.
mod table;
/// Writes the results as text.
pub(crate) mod text;

pub(crate) use report::Report;
pub(crate) use samples::{Samples, milliseconds, percentile, short};
pub(crate) use table::{Better, CLIENT_SHARE, Goal, Metric, Row, Table};
