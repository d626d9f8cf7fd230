//! 100 publishers, each to a subscriber of its own: all on one node, or the publishers on one and the subscribers on
//! another.

use std::net::SocketAddr;
use std::time::Duration;

use emqxctl::bench::{self, Moment, Outcome, Progress, Stop};
use serde::Serialize;

use crate::peers::scenario::{Kind, Scenario, Work};
use crate::test_cluster::TestCluster;

use super::cpu_time;

/// Who is where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Everybody on the first node.
    Local,
    /// Publishers on the first node, subscribers on the second.
    Across,
}

/// What came of one piece of work.
#[derive(Debug, Clone, Serialize)]
pub struct Trial {
    /// CPU seconds of all nodes for a million delivered messages.
    pub cpu_s_per_million: f64,
    /// What the load saw.
    pub outcome: Outcome,
}

/// The pieces of work: QoS 0, 1 and 2 with payloads of 64 bytes and 1 KiB.
pub fn all() -> Vec<Scenario> {
    Scenario::all()
        .into_iter()
        .filter(|scenario| scenario.kind == Kind::P2p)
        .collect()
}

/// Does one, on this thread, which must not be one of an async runtime. `scale` multiplies the number of messages.
///
/// # Errors
/// When the load cannot be had.
pub fn run(
    cluster: &TestCluster,
    way: Way,
    scenario: Scenario,
    scale: f64,
) -> anyhow::Result<Trial> {
    let node = |index: usize| -> SocketAddr { cluster.nodes[index].ready.mqtt };
    let work = Work {
        scale,
        rate: 1,
        idle: 0,
    };
    let mut load = scenario.load(node(0), &work);
    if way == Way::Across {
        // Clients take them in turn, subscribers first.
        load.targets = vec![node(1); load.subscribers as usize];
        load.targets
            .resize((load.subscribers + load.publishers) as usize, node(0));
    }
    let (mut begun, mut ended) = (Duration::ZERO, Duration::ZERO);
    let mut observer = |moment: Moment, _: Progress| match moment {
        Moment::Begun => begun = cpu_time(cluster),
        Moment::Ended => ended = cpu_time(cluster),
        Moment::Connecting | Moment::Connected | Moment::Second => {}
    };
    let outcome = bench::run(load, &mut observer, &Stop::default())?;
    let used = ended.saturating_sub(begun).as_secs_f64();
    Ok(Trial {
        cpu_s_per_million: used * 1e6 / outcome.received.max(1) as f64,
        outcome,
    })
}
