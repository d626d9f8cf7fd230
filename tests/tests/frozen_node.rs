//! A node stands still until the others take it for dead, and goes on: a Session is on two nodes then.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use emqx_proto::admin::v1::NodeState;
use emqx_tests::client::Client;
use emqx_tests::test_cluster::TestCluster;
use emqx_tests::{eventually, unique, within};
use emqxctl::demo::link::Protocol;
use rustix::process::Signal;

const LIMIT: Duration = Duration::from_secs(120);
const WAIT: Duration = Duration::from_secs(60);

#[tokio::test]
async fn the_messages_of_both_copies_reach_the_client() {
    within(LIMIT, async {
        let cluster = TestCluster::start(3).await;
        let (name, topic) = (unique("c"), unique("t"));
        let mut client = Client::persistent(&name, Protocol::V5, &cluster.mqtt(0)).await;
        client.subscribe(&topic, 1).await;
        let mut publisher = Client::clean(&unique("p"), Protocol::V5, &cluster.mqtt(2)).await;
        client.disconnect().await;
        publisher.publish(&topic, 1, "before").await;

        cluster.nodes[0].signal(Signal::STOP);
        // Acknowledged when the node that has the Session is taken for dead.
        publisher.publish(&topic, 1, "meanwhile").await;
        let admin = cluster.admin(1).await;
        admin.node_becomes("n1", NodeState::Unreachable, WAIT).await;
        let mut client = Client::persistent(&name, Protocol::V5, &cluster.mqtt(1)).await;
        assert!(!client.session_present);
        client.subscribe(&topic, 1).await;
        publisher.publish(&topic, 1, "afterwards").await;
        assert_eq!(client.receive_text().await, "afterwards");

        cluster.nodes[0].signal(Signal::CONT);
        assert_eq!(client.receive_text().await, "before");
        assert_eq!(client.receive_text().await, "meanwhile");
        eventually("the Session is on one node", WAIT, || async {
            admin.sessions("n1", 10).await.is_empty().then_some(())
        })
        .await;
        assert_eq!(admin.client(&name).await.unwrap().node, "n2");
        publisher.publish(&topic, 1, "last").await;
        let mut next = client.receive_text().await;
        if next == "afterwards" {
            // It was kept for the frozen node too, whose Session it matched: QoS 1 may come twice.
            next = client.receive_text().await;
        }
        assert_eq!(next, "last");
    })
    .await;
}
