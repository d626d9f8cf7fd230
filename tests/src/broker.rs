//! One plain MQTT server: a single `emqxd`, or the one named by `EMQX_TEST_BROKER`.

use std::env;

use emqxctl::demo::cluster::{Cluster, Node};

use crate::programs;

/// Where tests of the protocol alone connect.
pub struct Broker {
    cluster: Option<Cluster>,
    address: String,
}

impl Broker {
    /// Starts it, unless one is given.
    pub async fn start() -> Self {
        if let Ok(address) = env::var("EMQX_TEST_BROKER") {
            return Self {
                cluster: None,
                address,
            };
        }
        let mut cluster = Cluster::new(&programs::emqxd()).expect("a temporary folder");
        cluster.start(1).await.expect("a node");
        Self {
            address: cluster.nodes[0].mqtt(),
            cluster: Some(cluster),
        }
    }

    /// `host:port` for MQTT.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Host and port for MQTT.
    pub fn host_and_port(&self) -> (&str, &str) {
        self.address.rsplit_once(':').expect("host:port")
    }

    /// Our own node; absent when the broker is a foreign one.
    pub fn node(&self) -> Option<&Node> {
        self.cluster.as_ref().map(|cluster| &cluster.nodes[0])
    }
}
