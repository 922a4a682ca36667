use std::fmt::Write;

use super::{Better, Row, Table, short};

// Sizes of the picture and its parts, in SVG units.
const WIDTH: usize = 880;
const COLUMNS: usize = 2;
const GAP: usize = 28;
const PANEL: usize = (WIDTH - GAP * (COLUMNS + 1)) / COLUMNS;
const HEAD: usize = 44;
const LINE: usize = 19;
const BAR: usize = 12;
/// The space for the names of the servers.
const NAMES: usize = 122;
/// The space for the value after a bar.
const VALUES: usize = 74;

/// The CSS of the chart, with colours for light mode and for dark mode.
const STYLE: &str = "text{font:12px system-ui,sans-serif;fill:#57606a}
.title{font-weight:600;fill:#1f2328}
.ours{font-weight:600;fill:#1f2328}
.bar{fill:#afb8c1}.bar.ours{fill:#0969da}.scale{stroke:#d0d7de}
@media(prefers-color-scheme:dark){text{fill:#9198a1}.title,text.ours{fill:#f0f6fc}
.bar{fill:#59636e}.bar.ours{fill:#4493f8}.scale{stroke:#3d444d}}";

/// Returns the chart as SVG: one panel for each charted metric, with one bar for each server.
pub(crate) fn draw(table: &Table, machine: &str) -> String {
    let charted = |row: &&Row| row.metric.is_charted;
    let rows: Vec<&Row> = table.rows.iter().filter(charted).collect();
    let bars = |row: &Row| {
        (0..table.servers.len())
            .filter(|one| is_shown(table, row, *one))
            .count()
    };
    let most = rows.iter().map(|row| bars(row)).max().unwrap_or(0);
    let panel = HEAD + most * LINE + GAP;
    let height = rows.len().div_ceil(COLUMNS) * panel + GAP;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" role=\"img\">
<title>videoserve and its peers: {}</title>
<style>{STYLE}</style>
",
        escape(machine)
    );
    for (number, row) in rows.into_iter().enumerate() {
        let x = GAP + number % COLUMNS * (PANEL + GAP);
        let y = GAP + number / COLUMNS * panel;
        // Writing to a String cannot fail.
        let _ = writeln!(svg, "<g transform=\"translate({x} {y})\">");
        draw_panel(&mut svg, table, row);
        svg.push_str("</g>\n");
    }
    svg.push_str("</svg>\n");
    svg
}

fn draw_panel(svg: &mut String, table: &Table, row: &Row) {
    let better = match row.metric.better {
        Better::More => "more is better",
        Better::Less => "less is better",
        Better::Neither => "",
    };
    let medians: Vec<(usize, f64)> = (0..table.servers.len())
        .filter(|server| is_shown(table, row, *server))
        .filter_map(|server| Some((server, row.samples(server)?.median())))
        .collect();
    let longest = medians.iter().map(|(_, value)| *value).fold(0.0, f64::max);
    let _ = writeln!(
        svg,
        "<text class=\"title\" y=\"12\">{}</text>\n<text y=\"28\">{}, {better}</text>",
        escape(&caption(row)),
        row.metric.workload
    );
    let mut y = HEAD;
    for (server, value) in &medians {
        let class = if table.is_ours(*server) { " ours" } else { "" };
        let width = (PANEL - NAMES - VALUES) as f64;
        // A bar has at least one pixel, so that a value of zero is visible.
        let bar = (width * value / longest.max(f64::MIN_POSITIVE)).max(1.0);
        let (base, end) = (y + BAR - 2, NAMES as f64 + bar + 6.0);
        let _ = writeln!(
            svg,
            "<text class=\"{0}\" x=\"{1}\" y=\"{base}\" text-anchor=\"end\">{2}</text>\
<rect class=\"bar{class}\" x=\"{NAMES}\" y=\"{y}\" width=\"{bar:.1}\" height=\"{BAR}\" rx=\"2\"/>\
<text class=\"{0}\" x=\"{end:.1}\" y=\"{base}\">{3}</text>",
            class.trim(),
            NAMES - 8,
            escape(table.servers[*server]),
            short(*value)
        );
        y += LINE;
    }
    let _ = writeln!(
        svg,
        "<path class=\"scale\" d=\"M{NAMES} {} V{}\"/>",
        HEAD - 4,
        y - 2
    );
}

fn caption(row: &Row) -> String {
    let mut what = row.metric.what.clone();
    if let Some(first) = what.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    what
}

/// Returns true if the row has a value of this server. The bare loop is not shown, because it is not a real server.
fn is_shown(table: &Table, row: &Row, server: usize) -> bool {
    !table.is_bare_loop(server) && row.samples(server).is_some()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
