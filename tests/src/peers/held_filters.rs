//! Sessions that hold many Topic Filters, most with wildcards, and get nothing.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use emqxctl::demo::link::Protocol;
use serde::Serialize;

use super::cost::Cost;
use crate::blocking_client::BlockingClient;
use crate::raw::Connect;

/// Of each Session.
const FILTERS_EACH: u64 = 400;

/// Of each SUBSCRIBE.
const FILTERS_AT_ONCE: u64 = 100;

/// A broker that needs longer is given up.
const AT_MOST: Duration = Duration::from_secs(120);

/// What it cost the broker.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Subscribed {
    /// Topic Filters that were subscribed to and are held.
    pub filters: u64,
    /// From the first CONNECT to the last SUBACK, one Session after the other.
    pub seconds: f64,
    /// CPU seconds meanwhile.
    pub cpu_s: f64,
    /// Resident memory for each Topic Filter with its share of a Session, bytes.
    pub bytes_each: f64,
}

/// Subscribes to so many Topic Filters. The Sessions last as long as the clients that are returned.
///
/// # Errors
/// When the broker ends a connection, refuses a filter, or takes too long.
pub fn subscribe(
    address: SocketAddr,
    pid: u32,
    count: u64,
) -> anyhow::Result<(Vec<BlockingClient>, Subscribed)> {
    let before = Cost::of(pid).context("the broker has ended")?;
    let began = Instant::now();
    let mut clients = Vec::new();
    let mut held = 0;
    while held < count {
        let client_id = format!("holder-{held}");
        let connect = Connect {
            client_id: &client_id,
            protocol: Protocol::V3_1_1,
            clean_start: true,
            session_expiry_interval_s: 0,
            keep_alive_s: 600,
        };
        let mut client = BlockingClient::connect(address, &connect)?;
        let end = count.min(held + FILTERS_EACH);
        while held < end {
            let next = end.min(held + FILTERS_AT_ONCE);
            let filters: Vec<String> = (held..next).map(filter).collect();
            client
                .subscribe(&filters, 0)
                .with_context(|| format!("after {held} Topic Filters"))?;
            held = next;
        }
        clients.push(client);
        ensure!(
            began.elapsed() < AT_MOST,
            "only {held} of {count} Topic Filters after {AT_MOST:?}"
        );
    }
    let seconds = began.elapsed().as_secs_f64();
    let used = Cost::of(pid).context("the broker has ended")? - before;
    let subscribed = Subscribed {
        filters: held,
        seconds,
        cpu_s: used.cpu.as_secs_f64(),
        bytes_each: used.resident as f64 / held as f64,
    };
    Ok((clients, subscribed))
}

/// Each is another; of four, three have wildcards. None matches [`TOPIC`], but the way to each kind leads along it.
fn filter(number: u64) -> String {
    let site = number / 1_000;
    match number % 4 {
        0 => format!("fleet/{site}/device-{number}/state"),
        1 => format!("fleet/+/device-{number}/state"),
        2 => format!("fleet/{site}/device-{number}/#"),
        _ => format!("+/{site}/device-{number}/+"),
    }
}

/// What is published to meanwhile; `%i` is the number of the publisher.
pub const TOPIC: &str = "fleet/%i/bench/state";

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use emqxd::topic::{TopicFilter, TopicName};

    use super::*;

    #[test]
    fn all_filters_are_different_and_none_gets_anything() {
        let topics: Vec<TopicName> = (0..3)
            .map(|number| TopicName::new(TOPIC.replace("%i", &number.to_string())).unwrap())
            .collect();
        let all: BTreeSet<String> = (0..5_000).map(filter).collect();
        assert_eq!(all.len(), 5_000);
        for text in &all {
            let filter = TopicFilter::new(text).unwrap();
            assert!(topics.iter().all(|topic| !filter.matches(topic)), "{text}");
        }
        let wild = all.iter().filter(|text| text.contains(['+', '#'])).count();
        assert_eq!(wild, 3_750);
    }
}
