use std::fmt::Write;

use super::{Better, Row, Table, short};

/// Writes a table with one row for each metric, and one column for each server.
pub(crate) fn write(table: &Table, machine: &str) -> String {
    let shown: Vec<usize> = (0..table.servers.len())
        .filter(|server| {
            !table.is_bare_loop(*server)
                && table
                    .rows
                    .iter()
                    .any(|row| is_shown(row) && row.samples(*server).is_some())
        })
        .collect();
    let mut text = format!("{machine}\n\n| workload | what |");
    for server in &shown {
        let name = table.servers[*server];
        // Writing to a String cannot fail.
        let _ = write!(text, " {name} |");
    }
    text += "\n|---|---|";
    text += &"---|".repeat(shown.len());
    text.push('\n');
    let mut before = "";
    for row in table.rows.iter().filter(|row| is_shown(row)) {
        let workload = row.metric.workload;
        let name = if workload == before { "" } else { workload };
        before = workload;
        let _ = write!(text, "| {name} | {} |", row.metric.what);
        for server in &shown {
            let _ = write!(text, " {} |", cell(table, row, *server));
        }
        text.push('\n');
    }
    text += "\nEach cell has the median of the rounds, ± half of the interquartile range. In each round, the value is also \
             divided by the value of nginx. The number in brackets is the median of these ratios. Memory is the \
             proportional share (Pss), except in the row VmRSS. Processor time is the time of all processes of a \
             server. On loopback, this time includes work of the kernel for the server's connections.";
    if let Some(share) = table.client_share() {
        let _ = write!(
            text,
            " The clients have a single thread, which was never busy for more than {share:.0} % of the time."
        );
    }
    text.push('\n');
    text
}

/// Returns false for metrics that only show how reliable the other values are.
fn is_shown(row: &Row) -> bool {
    row.metric.better != Better::Neither
}

fn cell(table: &Table, row: &Row, server: usize) -> String {
    let Some(samples) = row.samples(server) else {
        return "–".to_owned();
    };
    let mut cell = short(samples.median());
    let deviation = 100.0 * samples.deviation() / samples.median();
    if samples.count() > 1 && deviation.is_finite() {
        let _ = write!(cell, " ±{deviation:.0} %");
    }
    if let Some(ratios) = table.ratios(row, server) {
        let _ = write!(cell, " ({:.2})", ratios.median());
    }
    cell
}
