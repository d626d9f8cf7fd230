//! Real nodes that know each other.

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use emqxctl::demo::cluster::{Cluster, Node};
use emqxctl::demo::{evacuation, open_files};

use crate::admin::Admin;
use crate::{http, programs};

/// Nodes get that long to see each other.
const FORM_WAIT: Duration = Duration::from_secs(30);

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

    /// MQTT addresses of all nodes, in order.
    pub fn addresses(&self) -> Vec<String> {
        self.cluster.nodes.iter().map(Node::mqtt).collect()
    }

    /// MQTT address of one node, from 0.
    pub fn mqtt(&self, index: usize) -> String {
        self.cluster.nodes[index].mqtt()
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
