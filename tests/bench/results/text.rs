use std::fmt::Write;

use super::{Better, Row, Table, short};

/// One line for each server below a headline for each metric.
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
    let spread = format!("{} to {}", short(samples.least()), short(samples.most()));
    let ratio = table.ratios(row, server).map_or(String::new(), |ratios| {
        let (median, least, most) = (ratios.median(), ratios.least(), ratios.most());
        format!("{median:.2} ({least:.2} to {most:.2})")
    });
    line(text, &name, &short(samples.median()), &spread, &ratio);
}

fn line(text: &mut String, what: &str, median: &str, spread: &str, ratio: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "  {what:<70}{median:>8}  {spread:>18}  {ratio:>20}");
}
