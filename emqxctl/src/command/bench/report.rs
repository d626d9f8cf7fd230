//! What came of a load, for people and for programs.

use serde::Serialize;

use super::load::Planned;
use crate::bench::{LatencySummary, Outcome};
use crate::output::human::{UNKNOWN, count, rate};
use crate::output::style::Style;
use crate::output::table::{Cell, Table};

/// What is shown.
#[derive(Debug, Serialize)]
pub(super) struct Report<'a> {
    pub(super) what: &'a str,
    pub(super) targets: Vec<String>,
    #[serde(flatten)]
    pub(super) outcome: &'a Outcome,
    /// The same against rumqttd in this process.
    pub(super) baseline: Option<&'a Outcome>,
}

impl Report<'_> {
    /// One column of figures, or two.
    pub(super) fn render(&self, planned: &Planned, style: Style) -> String {
        let mut table = match self.baseline {
            Some(_) => Table::new(&["FIGURE", ">MEASURED", ">BASELINE"]),
            None => Table::new(&["FIGURE", ">MEASURED"]),
        };
        let mut row = |name: &str, figure: &dyn Fn(&Outcome) -> String| {
            let mut cells = vec![Cell::from(name), Cell::from(figure(self.outcome))];
            cells.extend(self.baseline.map(|baseline| Cell::from(figure(baseline))));
            table.row(cells);
        };
        row("connected", &|o| {
            format!("{} of {}", count(o.connected), count(o.clients))
        });
        row("connections lost", &|o| count(o.closed));
        row("connects/s", &|o| {
            rate(o.connected as f64 / o.connect_seconds.max(1e-9))
        });
        row("connect p50", &|o| time(o.connect, |l| l.p50_us));
        row("connect p99", &|o| time(o.connect, |l| l.p99_us));
        let load = &planned.load;
        if load.publishers > 0 {
            row("sent", &|o| count(o.sent));
            row("sent/s", &|o| rate(o.sent_per_sec()));
            if load.qos > 0 {
                row("acknowledged", &|o| {
                    count(o.acknowledged.unwrap_or_default())
                });
                row("refused", &|o| count(o.refused));
                row("acknowledged p50", &|o| {
                    time(o.acknowledgement, |l| l.p50_us)
                });
                row("acknowledged p99", &|o| {
                    time(o.acknowledgement, |l| l.p99_us)
                });
            }
        }
        if load.subscribers > 0 {
            row("received", &|o| count(o.received));
            row("received/s", &|o| rate(o.received_per_sec()));
            row("lost", &|o| count(o.lost));
            row("duplicated", &|o| count(o.duplicated));
            row("reordered", &|o| count(o.reordered));
            row("latency p50", &|o| time(o.latency, |l| l.p50_us));
            row("latency p90", &|o| time(o.latency, |l| l.p90_us));
            row("latency p99", &|o| time(o.latency, |l| l.p99_us));
            row("latency p99.9", &|o| time(o.latency, |l| l.p999_us));
            row("latency max", &|o| time(o.latency, |l| l.max_us));
        }
        let mut text = table.render(true, style);
        for failure in &self.outcome.failures {
            text.push_str(&format!(
                "{} connections: {}\n",
                count(failure.count),
                failure.cause
            ));
        }
        if self.outcome.is_silent {
            text.push_str("ended early: nothing came back any more\n");
        }
        text
    }
}

/// Microseconds as milliseconds.
pub(super) fn time(latency: Option<LatencySummary>, figure: fn(&LatencySummary) -> f64) -> String {
    latency.map_or_else(
        || UNKNOWN.to_owned(),
        |latency| format!("{:.3} ms", figure(&latency) / 1e3),
    )
}
