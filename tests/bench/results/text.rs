use std::fmt::Write;

use super::{Better, Row, Samples, Table, short};

/// Writes a headline for each metric, and below it one line for each server.
pub(crate) fn rows(table: &Table, workload: &str) -> String {
    let mut text = String::new();
    for row in table
        .rows
        .iter()
        .filter(|row| row.metric.workload == workload)
    {
        let better = match row.metric.better {
            Better::More => " (more is better)",
            Better::Less => " (less is better)",
            Better::Neither => "",
        };
        let what = format!("{}{better}", row.metric.what);
        line(&mut text, &what, "median", "spread", "ratio to nginx");
        for server in 0..table.servers.len() {
            server_line(&mut text, table, row, server);
        }
    }
    text
}

fn server_line(text: &mut String, table: &Table, row: &Row, server: usize) {
    let Some(samples) = row.samples(server) else {
        return;
    };
    let name = format!("  {}", table.servers[server]);
    let all = spread(&samples, short);
    let ratio = table.ratios(row, server).map_or(String::new(), |ratios| {
        let spread = spread(&ratios, |ratio| format!("{ratio:.2}"));
        format!("{:.2} {spread:>15}", ratios.median())
    });
    line(text, &name, &short(samples.median()), &all, &ratio);
}

/// Returns the minimum and the maximum, or an empty text for a single value.
fn spread(samples: &Samples, show: impl Fn(f64) -> String) -> String {
    match samples.count() {
        1 => String::new(),
        _ => format!("{} to {}", show(samples.least()), show(samples.most())),
    }
}

fn line(text: &mut String, what: &str, median: &str, spread: &str, ratio: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "  {what:<70}{median:>8}  {spread:>18}  {ratio:>20}");
}
