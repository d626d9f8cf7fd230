//! Real nodes that know each other.

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use emqx_proto::admin::v1::NodeState;
use emqxctl::demo::cluster::{Cluster, Node, NodeOptions};
use emqxctl::demo::{evacuation, open_files};

use crate::admin::Admin;
use crate::network::Network;
use crate::{eventually, http, programs, until};

/// Nodes get that long to see each other.
const FORM_WAIT: Duration = Duration::from_secs(30);
/// What follows from something shows in the figures within this.
const FIGURE_WAIT: Duration = Duration::from_secs(30);

/// A cluster of which every node sees every node serving.
pub struct TestCluster {
    cluster: Cluster,
}

impl Deref for TestCluster {
    type Target = Cluster;

    fn deref(&self) -> &Cluster {
        &self.cluster
    }
}

impl DerefMut for TestCluster {
    fn deref_mut(&mut self) -> &mut Cluster {
        &mut self.cluster
    }
}

/// What a few messages take that are just on their way.
const LITTLE_BYTES: f64 = 1e6;

/// Sessions are where they belong, and have their copies, within this.
const SETTLED_WITHIN: Duration = Duration::from_secs(60);

/// What a node says of Sessions and copies.
#[derive(Debug)]
#[allow(dead_code, reason = "is printed")]
struct Copies {
    sessions: f64,
    of_others: f64,
    waiting_bytes: f64,
}

impl TestCluster {
    /// Starts `n1`, `n2`, …
    pub async fn start(count: usize) -> Self {
        // Thousands of connections; what is not allowed shows where it is missed.
        let _ = open_files::allow(0);
        let mut cluster = Cluster::new(&programs::emqxd()).expect("a temporary folder");
        cluster.start(count).await.expect("nodes that start");
        let cluster = Self { cluster };
        cluster.formed().await;
        cluster
    }

    /// The same, each node with this configuration file.
    pub async fn with_config(count: usize, toml: &str) -> Self {
        Self::adjusted(count, |_, options| {
            // Beside its data, and the same for all.
            let file = options.data_dir.with_file_name("emqxd.toml");
            std::fs::write(&file, toml).expect("a configuration file");
            let file = file.display().to_string();
            options.flags.insert("config".to_owned(), file);
        })
        .await
    }

    /// The same, each node with options that are changed for it: `adjust` gets its index, from 0.
    pub async fn adjusted(count: usize, mut adjust: impl FnMut(usize, &mut NodeOptions)) -> Self {
        let mut cluster = Cluster::new(&programs::emqxd()).expect("a temporary folder");
        for index in 0..count {
            let mut options = cluster.next_options();
            adjust(index, &mut options);
            let node = Node::start(options).await.expect("a node that starts");
            cluster.nodes.push(node);
        }
        let cluster = Self { cluster };
        cluster.formed().await;
        cluster
    }

    /// The same, with a [`Network`] between the nodes.
    pub async fn with_network(count: usize, toml: &str) -> (Self, Network) {
        let mut cluster = Cluster::new(&programs::emqxd()).expect("a temporary folder");
        let network = Network::open(count, cluster.dir())
            .await
            .expect("free ports");
        let file = cluster.dir().join("emqxd.toml");
        std::fs::write(&file, toml).expect("a configuration file");
        for index in 0..count {
            let mut options = cluster.next_options();
            options.join = (0..index).map(|other| network.gate(other)).collect();
            for (flag, value) in [
                ("config", file.display().to_string()),
                ("advertise-cluster", network.gate(index).to_string()),
            ] {
                options.flags.insert(flag.to_owned(), value);
            }
            let node = Node::start(options).await.expect("a node that starts");
            network.place(index, node.ready.cluster);
            cluster.nodes.push(node);
        }
        let cluster = Self { cluster };
        cluster.formed().await;
        (cluster, network)
    }

    /// A figure of a node's metrics, as it is now. `name` with its labels.
    pub async fn metric(&self, index: usize, name: &str) -> f64 {
        let (_, text) = http::get(self.cluster.nodes[index].ready.http, "/metrics")
            .await
            .expect("metrics");
        let value = |line: &str| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok();
        text.lines()
            .find_map(value)
            .unwrap_or_else(|| panic!("{name} is not in\n{text}"))
    }

    /// Returns once a figure is as wanted.
    pub async fn metric_becomes(&self, index: usize, name: &str, wanted: impl Fn(f64) -> bool) {
        eventually(name, FIGURE_WAIT, || async {
            wanted(self.metric(index, name).await).then_some(())
        })
        .await;
    }

    /// Returns once all nodes see each other.
    pub async fn formed(&self) {
        let mut channels = Vec::new();
        for node in &self.cluster.nodes {
            let channel = evacuation::connect(&node.admin_url()).await;
            channels.push(channel.expect("an admin listener"));
        }
        evacuation::wait_until_formed(&channels, channels.len(), FORM_WAIT)
            .await
            .expect("a cluster");
    }

    /// How to start a node again where it was, with the others to join.
    pub fn again(&self, index: usize) -> NodeOptions {
        let node = &self.cluster.nodes[index];
        let mut options = node.options.clone();
        let ready = &node.ready;
        for (flag, address) in [
            ("mqtt", ready.mqtt),
            ("admin", ready.admin),
            ("http", ready.http),
            ("cluster", ready.cluster),
        ] {
            options.flags.insert(flag.to_owned(), address.to_string());
        }
        let all = self.cluster.nodes.iter();
        options.join = all
            .map(|each| each.ready.cluster)
            .filter(|each| *each != ready.cluster)
            .collect();
        options
    }

    /// Kills a node and starts it again where it was. The others see it when they [see each other](Self::formed).
    pub async fn kill_and_return(&mut self, index: usize) {
        self.kill_and_start(index, false).await;
    }

    /// As [`kill_and_return`](Self::kill_and_return), without anything that it had on its disk.
    pub async fn kill_and_return_empty(&mut self, index: usize) {
        self.kill_and_start(index, true).await;
    }

    async fn kill_and_start(&mut self, index: usize, is_empty: bool) {
        let options = self.again(index);
        let node = self.cluster.nodes.remove(index);
        node.kill().await.expect("a node that runs");
        if is_empty {
            std::fs::remove_dir_all(&options.data_dir).expect("a data directory");
        }
        let node = Node::start(options).await.expect("a node that starts");
        self.cluster.nodes.insert(index, node);
    }

    /// Waits until there are so many Sessions, each on one node.
    pub async fn has_sessions(&self, count: usize) {
        until("each Session is on one node", SETTLED_WITHIN, || async {
            let mut sessions = 0.0;
            for index in 0..self.cluster.nodes.len() {
                sessions += self.metric(index, "emqxd_sessions").await;
            }
            if sessions == count as f64 {
                Ok(())
            } else {
                Err(sessions)
            }
        })
        .await;
    }

    /// Waits until so many Sessions have a copy on another node (`session.replicas = 2`), and little is on its way to one.
    pub async fn copied(&self, sessions: usize) {
        until("each Session has a copy", SETTLED_WITHIN, || async {
            let mut nodes = Vec::new();
            for index in 0..self.cluster.nodes.len() {
                nodes.push(Copies {
                    sessions: self.metric(index, "emqxd_sessions").await,
                    of_others: self.metric(index, "emqxd_replicas").await,
                    waiting_bytes: self.metric(index, "emqxd_replica_waiting_bytes").await,
                });
            }
            let copies: f64 = nodes.iter().map(|each| each.of_others).sum();
            let waiting: f64 = nodes.iter().map(|each| each.waiting_bytes).sum();
            if copies == sessions as f64 && waiting < LITTLE_BYTES {
                Ok(())
            } else {
                Err(nodes)
            }
        })
        .await;
    }

    /// MQTT addresses of all nodes, in order.
    pub fn addresses(&self) -> Vec<String> {
        self.cluster.nodes.iter().map(Node::mqtt).collect()
    }

    /// MQTT address of one node, from 0.
    pub fn mqtt(&self, index: usize) -> String {
        self.cluster.nodes[index].mqtt()
    }

    /// Returns once each of these nodes, from 0, takes the node of that name for gone.
    pub async fn see_gone(&self, nodes: &[usize], gone: &str, within: Duration) {
        for node in nodes {
            let admin = self.admin(*node).await;
            admin
                .node_becomes(gone, NodeState::Unreachable, within)
                .await;
        }
    }

    /// Operator's connection to one node, from 0.
    pub async fn admin(&self, index: usize) -> Admin {
        Admin::connect(&self.cluster.nodes[index]).await
    }

    /// Status code of a node's availability check.
    pub async fn availability(&self, index: usize) -> u16 {
        http::availability(self.cluster.nodes[index].ready.http).await
    }
}
