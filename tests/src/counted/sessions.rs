//! The Sessions of a test, all of which must have got everything in the end.

use std::time::Duration;

use super::{Receiver, Tally};
use crate::test_cluster::TestCluster;
use crate::unique;

/// Sessions by the names of their clients, and those clients that are connected.
#[derive(Default)]
pub struct Sessions {
    names: Vec<String>,
    connected: Vec<Receiver>,
}

impl Sessions {
    /// One with its client on each of the nodes.
    pub async fn connect(cluster: &TestCluster, tally: &Tally, nodes: &[usize]) -> Self {
        let mut sessions = Self::default();
        for node in nodes {
            let receiver = sessions.add(cluster, tally, *node).await;
            sessions.keep(receiver);
        }
        sessions
    }

    /// One more, whose client is left to the caller.
    pub async fn add(&mut self, cluster: &TestCluster, tally: &Tally, node: usize) -> Receiver {
        let name = unique(&format!("n{}", node + 1));
        let receiver = Receiver::connect(tally, &name, &cluster.mqtt(node)).await;
        self.names.push(name);
        receiver
    }

    /// A client that is to stay connected to the end.
    pub fn keep(&mut self, receiver: Receiver) {
        self.connected.push(receiver);
    }

    /// One more, whose client has gone; its name.
    pub async fn add_away(&mut self, cluster: &TestCluster, tally: &Tally, node: usize) -> String {
        let receiver = self.add(cluster, tally, node).await;
        let name = receiver.client_id().to_owned();
        receiver.disconnect().await;
        name
    }

    /// A client comes to a node, and finds its Session.
    pub async fn comes(&mut self, cluster: &TestCluster, tally: &Tally, name: &str, node: usize) {
        let receiver = Receiver::connect(tally, name, &cluster.mqtt(node)).await;
        assert!(receiver.session_present, "{name} on n{}", node + 1);
        self.keep(receiver);
    }

    /// Returns once each has got all that was acknowledged: what was published with QoS 2 once, and all in the order of its
    /// publisher. Nobody was cut off, and no Session is missing.
    pub async fn have_all(self, cluster: &TestCluster, tally: &Tally, limit: Duration) {
        let names = self.names.clone();
        self.have_all_at_least_once(cluster, tally, limit).await;
        for name in names {
            assert_eq!(tally.repeated(&name), [], "{name}");
        }
    }

    /// The same, where a message of QoS 2 may come twice.
    pub async fn have_all_at_least_once(
        self,
        cluster: &TestCluster,
        tally: &Tally,
        limit: Duration,
    ) {
        let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        tally.complete(&names, limit).await;
        for name in &names {
            assert_eq!(tally.late(name), [], "{name}");
        }
        assert_eq!(tally.refused(), 0);
        for receiver in self.connected {
            receiver.disconnect().await;
        }
        let admin = cluster.admin(0).await;
        for name in names {
            assert!(admin.client(name).await.is_some(), "{name} is lost");
        }
    }
}
