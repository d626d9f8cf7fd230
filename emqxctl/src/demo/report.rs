//! How the demo went.

use std::fmt;
use std::time::Duration;

use emqx_proto::admin::v1::Operation;
use serde::Serialize;

use super::board::Reconnect;
use super::ledger::Summary;

/// Everything that the demo promises, as figures. Its text form is what the operator reads.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DemoReport {
    /// The node that was taken out of service.
    pub node: String,
    /// The operation.
    pub operation_id: String,
    /// From the start of the evacuation until nothing moved any more.
    pub evacuation_ms: u64,
    /// Sessions that followed their client.
    pub sessions_moved_with_client: u64,
    /// Sessions that moved without one.
    pub sessions_moved_without_client: u64,
    /// Sessions that could not be moved.
    pub sessions_left_behind: u64,
    /// Asked for.
    pub conn_evict_rate_per_sec: u32,
    /// Delivered, over the whole phase.
    pub conn_rate_mean_per_sec: Option<f64>,
    /// Asked for.
    pub sess_evict_rate_per_sec: u32,
    /// Delivered, over the whole phase.
    pub sess_rate_mean_per_sec: Option<f64>,
    /// Median of the time from the cut to the CONNACK elsewhere, as the clients saw it.
    pub reconnect_p50_ms: Option<u64>,
    /// 99th percentile of it.
    pub reconnect_p99_ms: Option<u64>,
    /// Clients that had a session on the node.
    pub clients: u64,
    /// Clients that are connected at the end.
    pub clients_back: u64,
    /// CONNECTs of clients with a session that were accepted after the start.
    pub reconnects: u64,
    /// Those with Session Present.
    pub sessions_present: u64,
    /// Message counts.
    pub messages: Summary,
    /// Missing messages as `client:number`, a few of them.
    pub missing: Vec<String>,
    /// Whether every promise was kept.
    pub is_passed: bool,
}

/// What the report is made of.
pub struct Evidence<'a> {
    /// As it rests.
    pub operation: &'a Operation,
    /// How long it took to rest.
    pub evacuation: Duration,
    /// Clients that had a session on the node.
    pub clients: usize,
    /// Clients that are connected at the end.
    pub clients_back: usize,
    /// All of them.
    pub reconnects: &'a [Reconnect],
    /// Message counts.
    pub messages: Summary,
    /// Missing messages as `client:number`.
    pub missing: Vec<String>,
}

impl DemoReport {
    /// Draws the conclusion.
    pub fn new(evidence: Evidence<'_>) -> Self {
        let Evidence {
            operation,
            messages,
            reconnects,
            ..
        } = evidence;
        let mut took: Vec<Duration> = reconnects.iter().filter_map(|one| one.took).collect();
        took.sort_unstable();
        let sessions_present = reconnects.iter().filter(|one| one.session_present).count();
        let is_passed = messages.lost == 0
            && messages.duplicated_without_dup == 0
            && messages.out_of_order == 0
            && messages.unknown == 0
            && operation.trouble_total == 0
            && evidence.clients_back == evidence.clients
            && reconnects.len() >= evidence.clients
            && sessions_present == reconnects.len();
        Self {
            node: operation.node.clone(),
            operation_id: operation.id.clone(),
            evacuation_ms: millis(evidence.evacuation),
            sessions_moved_with_client: operation.sessions_moved_with_client,
            sessions_moved_without_client: operation.sessions_moved_without_client,
            sessions_left_behind: operation.trouble_total,
            conn_evict_rate_per_sec: operation.conn_evict_rate,
            conn_rate_mean_per_sec: operation.conn_rate_mean,
            sess_evict_rate_per_sec: operation.sess_evict_rate,
            sess_rate_mean_per_sec: operation.sess_rate_mean,
            reconnect_p50_ms: percentile(&took, 50).map(millis),
            reconnect_p99_ms: percentile(&took, 99).map(millis),
            clients: evidence.clients as u64,
            clients_back: evidence.clients_back as u64,
            reconnects: reconnects.len() as u64,
            sessions_present: sessions_present as u64,
            messages,
            missing: evidence.missing,
            is_passed,
        }
    }
}

impl fmt::Display for DemoReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { messages, .. } = self;
        writeln!(
            f,
            "{} is evacuated in {:.1}s: {} sessions moved with their client, {} without one, {} left behind.",
            self.node,
            self.evacuation_ms as f64 / 1000.0,
            self.sessions_moved_with_client,
            self.sessions_moved_without_client,
            self.sessions_left_behind,
        )?;
        writeln!(f)?;
        let rate = |mean: Option<f64>, asked: u32| match mean {
            Some(mean) => format!("{mean:.1}/s of {asked}/s asked"),
            None => format!("unknown of {asked}/s asked"),
        };
        row(
            f,
            "connections cut",
            &rate(self.conn_rate_mean_per_sec, self.conn_evict_rate_per_sec),
        )?;
        row(
            f,
            "sessions moved",
            &rate(self.sess_rate_mean_per_sec, self.sess_evict_rate_per_sec),
        )?;
        let ms = |ms: Option<u64>| ms.map_or_else(|| "-".to_owned(), |ms| format!("{ms} ms"));
        row(
            f,
            "reconnect",
            &format!(
                "p50 {}, p99 {}",
                ms(self.reconnect_p50_ms),
                ms(self.reconnect_p99_ms)
            ),
        )?;
        row(
            f,
            "clients back",
            &format!("{} of {}", self.clients_back, self.clients),
        )?;
        row(
            f,
            "session present",
            &format!(
                "{} of {} reconnects",
                self.sessions_present, self.reconnects
            ),
        )?;
        row(
            f,
            "messages",
            &format!(
                "published {}, received {}",
                messages.acknowledged, messages.received
            ),
        )?;
        row(f, "lost", &messages.lost.to_string())?;
        row(
            f,
            "duplicated",
            &format!(
                "{} with DUP, {} without DUP",
                messages.duplicated_with_dup, messages.duplicated_without_dup
            ),
        )?;
        row(f, "out of order", &messages.out_of_order.to_string())?;
        if messages.unknown > 0 {
            row(f, "never published", &messages.unknown.to_string())?;
        }
        if !self.missing.is_empty() {
            row(f, "missing", &self.missing.join(" "))?;
        }
        writeln!(f)?;
        if self.is_passed {
            write!(
                f,
                "PASSED: no session and no acknowledged message was lost."
            )
        } else {
            write!(f, "FAILED: not every promise was kept.")
        }
    }
}

fn row(f: &mut fmt::Formatter<'_>, name: &str, value: &str) -> fmt::Result {
    writeln!(f, "  {name:<17} {value}")
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// The nearest-rank percentile of sorted values; `percent` from 1 to 100.
fn percentile(sorted: &[Duration], percent: usize) -> Option<Duration> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reconnect(session_present: bool, took_ms: Option<u64>) -> Reconnect {
        Reconnect {
            device: 0,
            address: "127.0.0.1:1".to_owned(),
            session_present,
            took: took_ms.map(Duration::from_millis),
        }
    }

    fn operation() -> Operation {
        Operation {
            id: "op-7f3a".to_owned(),
            node: "n1".to_owned(),
            sessions_moved_with_client: 2,
            sessions_moved_without_client: 1,
            conn_evict_rate: 50,
            conn_rate_mean: Some(49.87),
            sess_evict_rate: 50,
            ..Operation::default()
        }
    }

    fn report(reconnects: &[Reconnect], messages: Summary, clients_back: usize) -> DemoReport {
        DemoReport::new(Evidence {
            operation: &operation(),
            evacuation: Duration::from_millis(9_432),
            clients: 3,
            clients_back,
            reconnects,
            messages,
            missing: Vec::new(),
        })
    }

    fn all_back() -> Vec<Reconnect> {
        vec![
            reconnect(true, Some(41)),
            reconnect(true, Some(97)),
            reconnect(true, None),
        ]
    }

    #[test]
    fn the_text_tells_the_whole_story() {
        let messages = Summary {
            published: 2_215,
            acknowledged: 2_210,
            received: 2_210,
            duplicated_with_dup: 3,
            ..Summary::default()
        };
        insta::assert_snapshot!(report(&all_back(), messages, 3).to_string());
    }

    #[test]
    fn each_broken_promise_fails() {
        let fine = Summary::default();
        assert!(report(&all_back(), fine, 3).is_passed);
        assert!(!report(&all_back(), fine, 2).is_passed);
        assert!(!report(&all_back()[..2], fine, 3).is_passed);
        let mut absent = all_back();
        absent[1].session_present = false;
        assert!(!report(&absent, fine, 3).is_passed);
        for broken in [
            Summary { lost: 1, ..fine },
            Summary {
                duplicated_without_dup: 1,
                ..fine
            },
            Summary {
                out_of_order: 1,
                ..fine
            },
            Summary { unknown: 1, ..fine },
        ] {
            assert!(!report(&all_back(), broken, 3).is_passed, "{broken:?}");
        }
        let marked = Summary {
            duplicated_with_dup: 9,
            ..fine
        };
        assert!(report(&all_back(), marked, 3).is_passed);
    }

    #[test]
    fn percentiles_are_values_that_occurred() {
        let values: Vec<Duration> = (1..=200).map(Duration::from_millis).collect();
        assert_eq!(percentile(&values, 50), Some(Duration::from_millis(100)));
        assert_eq!(percentile(&values, 99), Some(Duration::from_millis(198)));
        assert_eq!(percentile(&values[..1], 99), Some(Duration::from_millis(1)));
        assert_eq!(percentile(&[], 50), None);
    }
}
