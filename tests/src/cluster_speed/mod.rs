//! What a cluster costs: messages from node to node, against the same work on one node, and Sessions that leave a node.
//!
//! [`forwarding`] is the first, [`evacuation`] the second, for which [`generator`] is a process with clients. The program
//! is `cargo run --release -p emqx-tests --bin cluster_speed`.

pub mod evacuation;
pub mod forwarding;
pub mod generator;

use std::time::Duration;

use crate::resident;
use crate::test_cluster::TestCluster;

/// Limits out of the way of the load, as for the comparison of brokers.
pub const CONFIG: &str = "log_level = \"error\"
[session]
inflight_max = 65535
receive_maximum = 65535
";

/// CPU time of all nodes together.
pub fn cpu_time(cluster: &TestCluster) -> Duration {
    let nodes = cluster.nodes.iter();
    nodes
        .filter_map(|node| resident::cpu_time(node.ready.pid))
        .sum()
}

/// The middle one; `None` of none.
pub fn median(mut figures: Vec<f64>) -> Option<f64> {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied()
}
