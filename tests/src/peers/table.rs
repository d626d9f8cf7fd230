//! What all trials say: medians, and how many times as much as emqxd a peer needs.

use emqxctl::output::style::Style;
use emqxctl::output::table::{Cell, Table};

use super::held_filters::Subscribed;
use super::peer::Peer;
use super::scenario::{Kind, Scenario};
use super::trial::{Retained, Trial};

/// Shown for what is unknown.
const UNKNOWN: &str = "–";

/// All trials of one broker on one piece of work.
#[derive(Debug, Default)]
pub struct Series {
    /// Those that count.
    pub trials: Vec<Trial>,
    /// The one in which system calls were counted.
    pub syscalls: Option<f64>,
    /// Why others are missing.
    pub failures: Vec<String>,
}

impl Series {
    /// The median of a figure over all trials that have it.
    pub fn median(&self, figure: impl Fn(&Trial) -> Option<f64>) -> Option<f64> {
        median(self.trials.iter().filter_map(figure).collect())
    }
}

fn median(mut figures: Vec<f64>) -> Option<f64> {
    figures.sort_by(f64::total_cmp);
    let middle = figures.len() / 2;
    if figures.len() % 2 == 1 {
        figures.get(middle).copied()
    } else {
        Some((figures.get(middle)? + figures.get(middle.checked_sub(1)?)?) / 2.0)
    }
}

/// The tables of one piece of work.
pub fn render(scenario: Scenario, all: &[(Peer, Series)]) -> String {
    match scenario.kind {
        Kind::Idle => idle(all),
        Kind::HeldFilters => held_filters(all) + &messages(all),
        Kind::Retained => retained(all) + &meanwhile(all),
        _ => messages(all),
    }
}

fn messages(all: &[(Peer, Series)]) -> String {
    let mut table = Table::new(&[
        "PEER",
        ">CPU s/M",
        ">× EMQXD",
        ">SWITCHES/MSG",
        ">SYSCALLS/MSG",
        ">P50 ms",
        ">P99 ms",
        ">MSG/S",
        ">LOST",
        ">DUP",
        ">REORDERED",
    ]);
    let ours = ours(all, |trial| trial.cpu_s_per_million);
    for (peer, series) in all {
        let cpu = series.median(|trial| trial.cpu_s_per_million);
        let sum = |count: fn(&Trial) -> u64| series.trials.iter().map(count).sum::<u64>();
        table.row(vec![
            Cell::from(peer.name()),
            number(cpu, 2),
            number(ratio(cpu, ours), 2),
            number(series.median(|trial| trial.context_switches), 3),
            number(series.syscalls, 3),
            number(series.median(|trial| trial.p50_ms), 3),
            number(series.median(|trial| trial.p99_ms), 3),
            number(series.median(|trial| trial.per_sec), 0),
            Cell::from(sum(|trial| trial.outcome.lost).to_string()),
            Cell::from(sum(|trial| trial.outcome.duplicated).to_string()),
            Cell::from(sum(|trial| trial.outcome.reordered).to_string()),
        ]);
    }
    table.render(true, Style::default())
}

fn idle(all: &[(Peer, Series)]) -> String {
    let mut table = Table::new(&[
        "PEER",
        ">KiB/CONN",
        ">× EMQXD",
        ">CONNECTS/CPU s",
        ">× EMQXD",
        ">P99 ms TO CONNECT",
        ">CONNECTED",
    ]);
    let ours_kib = ours(all, |trial| trial.kib_per_connection);
    let ours_rate = ours(all, |trial| trial.connects_per_cpu_s);
    for (peer, series) in all {
        let kib = series.median(|trial| trial.kib_per_connection);
        let rate = series.median(|trial| trial.connects_per_cpu_s);
        let p99 = series.median(|trial| trial.outcome.connect.map(|time| time.p99_us / 1e3));
        let connected = series.median(|trial| Some(trial.outcome.connected as f64));
        table.row(vec![
            Cell::from(peer.name()),
            number(kib, 2),
            number(ratio(kib, ours_kib), 2),
            number(rate, 0),
            number(ratio(rate, ours_rate), 2),
            number(p99, 2),
            number(connected, 0),
        ]);
    }
    table.render(true, Style::default())
}

fn held_filters(all: &[(Peer, Series)]) -> String {
    let mut table = Table::new(&[
        "PEER",
        ">FILTERS",
        ">SUBSCRIBE s",
        ">CPU s",
        ">× EMQXD",
        ">BYTES/FILTER",
        ">× EMQXD",
    ]);
    let cpu = |trial: &Trial| trial.subscribed.map(|subscribed| subscribed.cpu_s);
    let bytes = |trial: &Trial| trial.subscribed.map(|subscribed| subscribed.bytes_each);
    for (peer, series) in all {
        let of =
            |figure: fn(Subscribed) -> f64| series.median(|trial| trial.subscribed.map(figure));
        table.row(vec![
            Cell::from(peer.name()),
            number(of(|subscribed| subscribed.filters as f64), 0),
            number(of(|subscribed| subscribed.seconds), 2),
            number(series.median(cpu), 2),
            number(ratio(series.median(cpu), ours(all, cpu)), 2),
            number(series.median(bytes), 0),
            number(ratio(series.median(bytes), ours(all, bytes)), 2),
        ]);
    }
    table.render(true, Style::default())
}

fn retained(all: &[(Peer, Series)]) -> String {
    let mut table = Table::new(&[
        "PEER",
        ">WRITE s",
        ">× EMQXD",
        ">CPU s",
        ">BYTES EACH",
        ">× EMQXD",
        ">DELIVER s",
        ">× EMQXD",
        ">CPU s",
        ">LOST",
        ">DUP",
    ]);
    let write = |trial: &Trial| trial.retained.map(|one| one.written.seconds);
    let bytes = |trial: &Trial| trial.retained.map(|one| one.written.bytes_each);
    // One that is not done does not count.
    let deliver = |trial: &Trial| {
        let one = trial.retained?;
        (one.delivered.messages == one.written.messages).then_some(one.delivered.seconds)
    };
    for (peer, series) in all {
        let of = |figure: fn(Retained) -> f64| series.median(|trial| trial.retained.map(figure));
        let lost = |one: Retained| -> u64 { one.written.messages - one.delivered.messages };
        let sum = |count: fn(Retained) -> u64| -> u64 {
            let retained = series.trials.iter().filter_map(|trial| trial.retained);
            retained.map(count).sum()
        };
        table.row(vec![
            Cell::from(peer.name()),
            number(series.median(write), 2),
            number(ratio(series.median(write), ours(all, write)), 2),
            number(of(|one| one.written.cpu_s), 2),
            number(series.median(bytes), 0),
            number(ratio(series.median(bytes), ours(all, bytes)), 2),
            number(series.median(deliver), 2),
            number(ratio(series.median(deliver), ours(all, deliver)), 2),
            number(of(|one| one.delivered.cpu_s), 2),
            Cell::from(sum(lost).to_string()),
            Cell::from(sum(|one| one.delivered.duplicated).to_string()),
        ]);
    }
    table.render(true, Style::default())
}

/// What others notice of Retained Messages that are delivered.
fn meanwhile(all: &[(Peer, Series)]) -> String {
    let mut table = Table::new(&[
        "PEER",
        ">P99 ms BEFORE",
        ">P99 ms MEANWHILE",
        ">RATIO",
        ">DELIVER s",
        ">RETAINED LOST",
        ">OTHERS LOST",
    ]);
    for (peer, series) in all {
        let of = |figure: fn(Retained) -> Option<f64>| {
            series.median(|trial| trial.retained.and_then(figure))
        };
        let retained = series.trials.iter().filter_map(|trial| trial.retained);
        let lost: u64 = retained
            .map(|one| one.written.messages - one.meanwhile.messages)
            .sum();
        let others: u64 = series.trials.iter().map(|trial| trial.outcome.lost).sum();
        table.row(vec![
            Cell::from(peer.name()),
            number(of(|one| one.p99_before_ms), 3),
            number(of(|one| one.p99_meanwhile_ms), 3),
            number(of(|one| ratio(one.p99_meanwhile_ms, one.p99_before_ms)), 2),
            number(of(|one| Some(one.meanwhile.seconds)), 2),
            Cell::from(lost.to_string()),
            Cell::from(others.to_string()),
        ]);
    }
    table.render(true, Style::default())
}

fn ours(all: &[(Peer, Series)], figure: impl Fn(&Trial) -> Option<f64>) -> Option<f64> {
    let (_, series) = all.iter().find(|(peer, _)| *peer == Peer::Emqxd)?;
    series.median(figure)
}

fn ratio(figure: Option<f64>, ours: Option<f64>) -> Option<f64> {
    Some(figure? / ours.filter(|&ours| ours > 0.0)?)
}

fn number(figure: Option<f64>, digits: usize) -> Cell {
    Cell::from(figure.map_or_else(|| UNKNOWN.to_owned(), |figure| format!("{figure:.digits$}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_the_middle() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![3.0]), Some(3.0));
        assert_eq!(median(vec![9.0, 1.0, 5.0]), Some(5.0));
        assert_eq!(median(vec![9.0, 1.0, 5.0, 6.0]), Some(5.5));
    }
}
