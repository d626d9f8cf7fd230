//! Measures what 1,000 subscribers that never read do to one that does. Build in release:
//!
//!     cargo run --release -p emqx-tests --bin firehose [RATE [STALLED [ROUNDS [SECONDS [PAYLOAD]]]]]
#![allow(clippy::print_stdout, reason = "a command that shows figures")]

use std::time::Duration;

use anyhow::Context as _;
use emqx_tests::firehose::{self, Firehose, Outcome};
use emqx_tests::resident::{self, mebibytes};
use emqx_tests::test_cluster::TestCluster;

/// The default of `session.queue_messages_max`.
const QUEUE_MESSAGES_MAX: usize = 10_000;

fn argument(place: usize, default: u32) -> anyhow::Result<u32> {
    match std::env::args().nth(place) {
        None => Ok(default),
        Some(text) => text
            .parse()
            .with_context(|| format!("{text:?} is no number")),
    }
}

fn main() -> anyhow::Result<()> {
    let rate = argument(1, 1_000)?;
    let stalled = argument(2, 1_000)? as usize;
    let rounds = argument(3, 5)?;
    let firehose = Firehose {
        rate,
        time: Duration::from_secs(argument(4, 5)?.into()),
        payload: argument(5, 256)?.max(16) as usize,
    };
    let runtime = tokio::runtime::Runtime::new()?;
    let cluster = runtime.block_on(TestCluster::start(1));
    let ready = &cluster.nodes[0].ready;
    println!(
        "{rate} messages a second of {} bytes for {:?}; {stalled} subscribers that never read; {rounds} rounds",
        firehose.payload, firehose.time
    );
    let mut ratios = Vec::new();
    for round in 0..rounds {
        let topic = format!("firehose/{round}");
        let without = firehose::run(ready.mqtt, ready.pid, &topic, firehose)?;
        show("without them", &without);
        let peers = firehose::stalled(ready.mqtt, &topic, stalled, QUEUE_MESSAGES_MAX)?;
        let with = firehose::run(ready.mqtt, ready.pid, &topic, firehose)?;
        show("with them   ", &with);
        drop(peers);
        let ratio = with.p99.as_secs_f64() / without.p99.as_secs_f64();
        let resident = resident::bytes(ready.pid).unwrap_or(0);
        println!(
            "  p99 {ratio:.2} times; {:.0} MiB once they are gone",
            mebibytes(resident)
        );
        ratios.push(ratio);
    }
    ratios.sort_by(f64::total_cmp);
    println!("median: p99 {:.2} times", ratios[ratios.len() / 2]);
    Ok(())
}

fn show(what: &str, outcome: &Outcome) {
    println!(
        "  {what}  p50 {:>7.3} ms  p99 {:>7.3} ms  {} of {} received  up to {:.0} MiB  cpu {:.3} ms a message",
        outcome.p50.as_secs_f64() * 1e3,
        outcome.p99.as_secs_f64() * 1e3,
        outcome.received,
        outcome.sent,
        mebibytes(outcome.resident_max),
        outcome.cpu.as_secs_f64() * 1e3
    );
}
