use super::{Report, Samples, short};

/// What is measured.
#[derive(Debug, Clone)]
pub(crate) struct Metric {
    pub(crate) workload: &'static str,
    /// What it is, with its unit.
    pub(crate) what: String,
    pub(crate) better: Better,
    goals: Vec<Goal>,
    /// In the chart, too.
    pub(crate) is_charted: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Better {
    More,
    Less,
    /// A figure that only says how far the others can be believed.
    Neither,
}

/// What the program has to reach.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Goal {
    /// As a share of what nginx reaches in the same round.
    RatioAtLeast(f64),
    RatioAtMost(f64),
    AtLeast(f64),
    Below(f64),
    Zero,
}

/// What a figure is called that says how busy the client was.
pub(crate) const CLIENT_SHARE: &str = "the client's own share of a processor, %";

/// What each server reached, in rows of one metric each.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) servers: Vec<&'static str>,
    ours: usize,
    yardstick: Option<usize>,
    bare_loop: Option<usize>,
    pub(crate) rows: Vec<Row>,
    /// Which server could not do which workload, and why.
    failures: Vec<(usize, &'static str, String)>,
}

/// The figures of one metric: of each server, those of all rounds in their order.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) metric: Metric,
    rounds: Vec<Vec<f64>>,
}

impl Metric {
    pub(crate) fn new(workload: &'static str, what: impl Into<String>, better: Better) -> Self {
        Self {
            workload,
            what: what.into(),
            better,
            goals: Vec::new(),
            is_charted: false,
        }
    }

    pub(crate) fn goal(mut self, goal: Goal) -> Self {
        self.goals.push(goal);
        self
    }

    pub(crate) fn charted(mut self) -> Self {
        self.is_charted = true;
        self
    }
}

impl Table {
    pub(crate) fn new(
        servers: Vec<&'static str>,
        ours: usize,
        yardstick: Option<usize>,
        bare_loop: Option<usize>,
    ) -> Self {
        Self {
            servers,
            ours,
            yardstick,
            bare_loop,
            rows: Vec::new(),
            failures: Vec::new(),
        }
    }

    /// Adds what a server reached in the round that is going on.
    pub(crate) fn add(&mut self, server: usize, metric: Metric, value: f64) {
        let known = self.rows.iter().position(|row| {
            row.metric.workload == metric.workload && row.metric.what == metric.what
        });
        let known = known.unwrap_or_else(|| {
            self.rows.push(Row {
                metric,
                rounds: vec![Vec::new(); self.servers.len()],
            });
            self.rows.len() - 1
        });
        self.rows[known].rounds[server].push(value);
    }

    pub(crate) fn fail(&mut self, server: usize, workload: &'static str, why: &str) {
        // Once is enough.
        if !self.has_failed(server, workload) {
            self.failures.push((server, workload, why.to_owned()));
        }
    }

    pub(crate) fn has_failed(&self, server: usize, workload: &str) -> bool {
        let mut failures = self.failures.iter();
        failures.any(|(one, of, _)| *one == server && *of == workload)
    }

    /// The failures, for reading.
    pub(crate) fn failures(&self) -> impl Iterator<Item = String> {
        self.failures.iter().map(|(server, workload, why)| {
            format!("{} is not in `{workload}`: {why}", self.servers[*server])
        })
    }

    /// Returns whether the program, or nginx, failed in a workload.
    pub(crate) fn lacks_a_figure(&self) -> bool {
        let mut failures = self.failures.iter();
        failures.any(|(server, ..)| *server == self.ours || Some(*server) == self.yardstick)
    }

    pub(crate) fn is_ours(&self, server: usize) -> bool {
        server == self.ours
    }

    pub(crate) fn is_bare_loop(&self, server: usize) -> bool {
        Some(server) == self.bare_loop
    }

    /// How the figures of a server compare with those of nginx in the same rounds.
    pub(crate) fn ratios(&self, row: &Row, server: usize) -> Option<Samples> {
        let of = row.rounds.get(self.yardstick?)?;
        let mut ratios = Samples::default();
        for (ours, theirs) in row.rounds[server].iter().zip(of) {
            let ratio = ours / theirs;
            if ratio.is_finite() {
                ratios.add(ratio);
            }
        }
        (ratios.count() > 0).then_some(ratios)
    }

    /// The most that the clients themselves took of one processor, in per cent, if it was looked at.
    pub(crate) fn client_share(&self) -> Option<f64> {
        let rows = self
            .rows
            .iter()
            .filter(|row| row.metric.what.ends_with(CLIENT_SHARE));
        let all = rows.flat_map(|row| row.rounds.iter().flatten().copied());
        all.max_by(f64::total_cmp)
    }

    /// One line for each goal. Returns how many could not be judged.
    pub(crate) fn judge(&self, report: &mut Report) -> usize {
        let mut unknown = 0;
        for row in &self.rows {
            for goal in &row.metric.goals {
                let what = format!("{}, {}", row.metric.workload, row.metric.what);
                let Some((met, figure)) = self.figure(row, *goal) else {
                    unknown += 1;
                    report.figure(&what, "not known, so the goal cannot be judged");
                    continue;
                };
                report.goal(met, &what, figure, goal);
            }
        }
        unknown
    }

    /// The figure that a goal is about, and whether it meets it.
    fn figure(&self, row: &Row, goal: Goal) -> Option<(bool, String)> {
        let own = row.samples(self.ours)?;
        let ratio = || self.ratios(row, self.ours);
        let spread = |all: Samples| {
            let (median, least, most) = (all.median(), all.least(), all.most());
            format!("{median:.2} of nginx's, {least:.2} to {most:.2}")
        };
        Some(match goal {
            Goal::RatioAtLeast(least) => (ratio()?.median() >= least, spread(ratio()?)),
            Goal::RatioAtMost(most) => (ratio()?.median() <= most, spread(ratio()?)),
            Goal::AtLeast(least) => (own.median() >= least, short(own.median())),
            Goal::Below(limit) => (own.median() < limit, short(own.median())),
            Goal::Zero => (own.most() <= 0.0, short(own.most())),
        })
    }
}

impl Row {
    /// All figures of a server, if it has any.
    pub(crate) fn samples(&self, server: usize) -> Option<Samples> {
        let mut samples = Samples::default();
        for value in &self.rounds[server] {
            samples.add(*value);
        }
        (samples.count() > 0).then_some(samples)
    }
}

impl std::fmt::Display for Goal {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Goal::RatioAtLeast(least) => write!(out, "at least {least} of nginx's"),
            Goal::RatioAtMost(most) => write!(out, "at most {most} of nginx's"),
            Goal::AtLeast(least) => write!(out, "at least {least}"),
            Goal::Below(limit) => write!(out, "below {limit}"),
            Goal::Zero => out.write_str("none"),
        }
    }
}
