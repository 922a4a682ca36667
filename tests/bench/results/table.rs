use super::{Report, Samples, short};

#[derive(Debug, Clone)]
pub(crate) struct Metric {
    pub(crate) workload: &'static str,
    /// The name of the metric, with its unit.
    pub(crate) what: String,
    pub(crate) better: Better,
    goals: Vec<Goal>,
    /// True if the chart contains the metric.
    pub(crate) is_charted: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Better {
    More,
    Less,
    /// The value only shows how reliable the other values are.
    Neither,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Goal {
    /// The minimum ratio to the value of nginx in the same round.
    RatioAtLeast(f64),
    /// The maximum ratio to the value of nginx in the same round.
    RatioAtMost(f64),
    AtLeast(f64),
    Below(f64),
    Zero,
}

/// If the name of a metric ends with this text, the metric is the processor load of the clients.
pub(crate) const CLIENT_SHARE: &str = "the client's own share of a processor, %";

/// The values of all servers. Each row has one metric.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) servers: Vec<&'static str>,
    ours: usize,
    reference: Option<usize>,
    bare_loop: Option<usize>,
    pub(crate) rows: Vec<Row>,
    /// The server, the workload and the reason of each failure.
    failures: Vec<(usize, &'static str, String)>,
}

#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) metric: Metric,
    /// For each server, one value for each round.
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
        reference: Option<usize>,
        bare_loop: Option<usize>,
    ) -> Self {
        Self {
            servers,
            ours,
            reference,
            bare_loop,
            rows: Vec::new(),
            failures: Vec::new(),
        }
    }

    /// Adds the value of a server in the current round.
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
        // Only the first failure of a server in a workload is stored.
        if !self.has_failed(server, workload) {
            self.failures.push((server, workload, why.to_owned()));
        }
    }

    pub(crate) fn has_failed(&self, server: usize, workload: &str) -> bool {
        let mut failures = self.failures.iter();
        failures.any(|(one, of, _)| *one == server && *of == workload)
    }

    pub(crate) fn failures(&self) -> impl Iterator<Item = String> {
        self.failures.iter().map(|(server, workload, why)| {
            format!("{} failed in `{workload}`: {why}", self.servers[*server])
        })
    }

    /// Returns true if videoserve or nginx failed in at least one workload.
    pub(crate) fn lacks_a_value(&self) -> bool {
        let mut failures = self.failures.iter();
        failures.any(|(server, ..)| *server == self.ours || Some(*server) == self.reference)
    }

    pub(crate) fn is_ours(&self, server: usize) -> bool {
        server == self.ours
    }

    pub(crate) fn is_bare_loop(&self, server: usize) -> bool {
        Some(server) == self.bare_loop
    }

    /// For each round, returns the value of the server divided by the value of nginx.
    pub(crate) fn ratios(&self, row: &Row, server: usize) -> Option<Samples> {
        let of = row.rounds.get(self.reference?)?;
        let mut ratios = Samples::default();
        for (ours, theirs) in row.rounds[server].iter().zip(of) {
            let ratio = ours / theirs;
            if ratio.is_finite() {
                ratios.add(ratio);
            }
        }
        (ratios.count() > 0).then_some(ratios)
    }

    /// Returns the maximum load of the clients, in per cent of one processor. Returns `None` if it was not measured.
    pub(crate) fn client_share(&self) -> Option<f64> {
        let rows = self
            .rows
            .iter()
            .filter(|row| row.metric.what.ends_with(CLIENT_SHARE));
        let all = rows.flat_map(|row| row.rounds.iter().flatten().copied());
        all.max_by(f64::total_cmp)
    }

    /// Prints one line for each goal. Returns the number of goals without a measurement.
    pub(crate) fn judge(&self, report: &mut Report) -> usize {
        let mut unknown = 0;
        for row in &self.rows {
            for goal in &row.metric.goals {
                let what = format!("{}, {}", row.metric.workload, row.metric.what);
                let Some((met, figure)) = self.figure(row, *goal) else {
                    unknown += 1;
                    report.figure(&what, "there is no measurement for the goal");
                    continue;
                };
                report.goal(met, &what, figure, goal);
            }
        }
        unknown
    }

    /// Returns whether a goal is met, and the value as text. Returns `None` if there is no measurement.
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
    /// Returns all values of a server, or `None` if it has no values.
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
