//! `session.replicas = 2`: Sessions outlive the disk of their node, and are served elsewhere while it is away.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use emqx_tests::busy_fleet::BusyFleet;
use emqx_tests::client::Client;
use emqx_tests::test_cluster::TestCluster;
use emqx_tests::{unique, within};
use emqxctl::demo::cluster::Node;
use emqxctl::demo::link::Protocol;

const LIMIT: Duration = Duration::from_secs(180);
const WAIT: Duration = Duration::from_secs(60);

const CONFIG: &str = "[session]\nreplicas = 2\n";

async fn publisher(mqtt: &str) -> Client {
    Client::clean(&unique("p"), Protocol::V5, mqtt).await
}

async fn publish(mqtt: &str, topic: &str, qos: u8, texts: &[&str]) {
    let mut publisher = publisher(mqtt).await;
    for text in texts {
        publisher.publish(topic, qos, text).await;
    }
}

#[tokio::test]
async fn a_session_outlives_its_node_and_its_disk() {
    within(LIMIT, async {
        let mut cluster = TestCluster::with_config(3, CONFIG).await;
        let (name, topic) = (unique("c"), unique("t"));
        let mut client = Client::persistent(&name, Protocol::V5, &cluster.mqtt(0)).await;
        client.subscribe(&topic, 1).await;
        client.disconnect().await;
        publish(&cluster.mqtt(0), &topic, 1, &["1"]).await;
        publish(&cluster.mqtt(1), &topic, 2, &["2"]).await;
        publish(&cluster.mqtt(2), &topic, 1, &["3"]).await;

        let mut one = publisher(&cluster.mqtt(1)).await;
        let mut other = publisher(&cluster.mqtt(2)).await;
        let mut options = cluster.again(0);
        let node = cluster.nodes.remove(0);
        node.kill().await.unwrap();
        std::fs::remove_dir_all(&options.data_dir).unwrap();
        // Acknowledged before or after it is known that the node is dead, in any case not lost.
        one.publish(&topic, 1, "4").await;
        one.publish(&topic, 1, "5").await;
        other.publish(&topic, 2, "6").await;
        cluster.see_gone(&[0, 1], "n1", WAIT).await;
        let mut client = Client::persistent(&name, Protocol::V5, &cluster.mqtt(0)).await;
        assert!(client.session_present);
        let mut got = client.receive_texts(6).await;
        // What two nodes had for it comes in any order of the two.
        let place = |text: &str| got.iter().position(|each| each == text).unwrap();
        assert!(place("4") < place("5"), "{got:?}");
        got.sort_unstable();
        assert_eq!(got, ["1", "2", "3", "4", "5", "6"]);
        client.disconnect().await;

        // The node comes back with nothing, and what was kept for it reaches nobody twice.
        options.join = vec![cluster.nodes[0].ready.cluster];
        cluster.nodes.insert(0, Node::start(options).await.unwrap());
        cluster.formed().await;
        publish(&cluster.mqtt(0), &topic, 1, &["7"]).await;
        let mut client = Client::persistent(&name, Protocol::V5, &cluster.mqtt(0)).await;
        assert!(client.session_present);
        assert_eq!(client.receive_text().await, "7");
    })
    .await;
}

#[tokio::test]
async fn a_node_that_comes_back_with_its_disk_does_not_bring_again_what_the_copies_had() {
    within(LIMIT, async {
        let mut cluster = TestCluster::with_config(3, CONFIG).await;
        let topic = unique("t");
        let names: Vec<String> = (0..6).map(|_| unique("c")).collect();
        for name in &names {
            let mut client = Client::persistent(name, Protocol::V5, &cluster.mqtt(0)).await;
            client.subscribe(&topic, 1).await;
            client.disconnect().await;
        }
        publish(&cluster.mqtt(1), &topic, 1, &["1", "2"]).await;
        let mut options = cluster.again(0);
        let node = cluster.nodes.remove(0);
        node.kill().await.unwrap();
        cluster.see_gone(&[0, 1], "n1", WAIT).await;
        publish(&cluster.mqtt(0), &topic, 1, &["3"]).await;
        // One of them is served meanwhile.
        let mut served = Client::persistent(&names[0], Protocol::V5, &cluster.mqtt(1)).await;
        assert!(served.session_present);
        assert_eq!(served.receive_texts(3).await, ["1", "2", "3"]);

        options.join = vec![cluster.nodes[0].ready.cluster];
        cluster.nodes.insert(0, Node::start(options).await.unwrap());
        cluster.formed().await;
        cluster.has_sessions(names.len()).await;
        cluster.copied(names.len()).await;
        publish(&cluster.mqtt(2), &topic, 1, &["4"]).await;
        // What was published while the node was away it may bring again.
        let mut next = served.receive_text().await;
        if next == "3" {
            next = served.receive_text().await;
        }
        assert_eq!(next, "4");
        for name in &names[1..] {
            let mut client = Client::persistent(name, Protocol::V5, &cluster.mqtt(2)).await;
            assert!(client.session_present);
            let mut got = client.receive_texts(4).await;
            if got[..] == ["1", "2", "3", "3"] {
                got.pop();
                got.extend(client.receive_texts(1).await);
            }
            assert_eq!(got, ["1", "2", "3", "4"]);
        }
    })
    .await;
}

/// Devices on all nodes, messages all the time, one node after the other is killed and comes back without its disk.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_while_nodes_are_killed_and_lose_their_disks() {
    const CLIENTS: usize = 150;
    within(LIMIT, async {
        let mut cluster = TestCluster::with_config(3, CONFIG).await;
        let fleet = BusyFleet::start(&cluster, CLIENTS, u64::MAX).await;
        for killed in 0..3 {
            fleet.gets_messages().await;
            cluster.copied(CLIENTS).await;
            cluster.kill_and_return_empty(killed).await;
            cluster.formed().await;
            fleet.is_served().await;
        }
        let fleet = fleet.loses_nothing().await;
        fleet.stop().await;
    })
    .await;
}
