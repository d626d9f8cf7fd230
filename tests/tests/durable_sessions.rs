//! Sessions after their node was killed: all that was acknowledged is there.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use emqx_tests::busy_fleet::BusyFleet;
use emqx_tests::client::Client;
use emqx_tests::test_cluster::TestCluster;
use emqx_tests::{eventually, http, programs, unique, within};
use emqxctl::demo::cluster::{Node, NodeOptions};
use emqxctl::demo::link::{LinkOptions, Protocol, Will};

const LIMIT: Duration = Duration::from_secs(180);
const WAIT: Duration = Duration::from_secs(60);

async fn killed_and_restarted(node: Node) -> Node {
    let options = node.options.clone();
    node.kill().await.unwrap();
    Node::start(options).await.unwrap()
}

#[tokio::test]
async fn a_session_survives_sigkill_with_all_that_waits_for_its_client() {
    within(LIMIT, async {
        for (durability, protocol) in [("disk", Protocol::V5), ("os", Protocol::V3_1_1)] {
            let dir = tempfile::tempdir().unwrap();
            let mut options = NodeOptions::new(&programs::emqxd(), dir.path(), "n1");
            let flag = ("durability".to_owned(), durability.to_owned());
            options.flags.extend([flag]);
            let mut node = Node::start(options).await.unwrap();
            let name = unique("c");
            let mut client = Client::persistent(&name, protocol, &node.mqtt()).await;
            assert!(!client.session_present);
            client.subscribe("a/+", 1).await;
            client.subscribe("b/#", 2).await;
            client.subscribe("c", 1).await;
            client.unsubscribe("c").await;
            client.disconnect().await;

            let mut publisher = Client::clean(&unique("p"), Protocol::V5, &node.mqtt()).await;
            for number in 0..20 {
                let (topic, qos) = [("a/x", 1), ("b/y/z", 1), ("c", 1)][number % 3];
                publisher.publish(topic, qos, &number.to_string()).await;
            }
            node = killed_and_restarted(node).await;
            let mut publisher = Client::clean(&unique("p"), Protocol::V5, &node.mqtt()).await;
            publisher.publish("a/x", 1, "after").await;
            node = killed_and_restarted(node).await;

            let mut client = Client::persistent(&name, protocol, &node.mqtt()).await;
            assert!(client.session_present, "{durability}");
            let mut expected: Vec<String> = (0..20)
                .filter(|number| number % 3 != 2)
                .map(|number| number.to_string())
                .collect();
            expected.push("after".to_owned());
            assert_eq!(client.receive_texts(expected.len()).await, expected);

            // What was acknowledged does not come again, after a kill neither.
            let stored = || async {
                let (_, text) = http::get(node.ready.http, "/metrics").await.unwrap();
                text.contains("emqxd_store_waiting_bytes 0\n").then_some(())
            };
            let mut publisher = Client::clean(&unique("p"), Protocol::V5, &node.mqtt()).await;
            publisher.publish("a/x", 1, "last").await;
            assert_eq!(client.receive_text().await, "last");
            eventually("its acknowledgements are stored", WAIT, stored).await;
            client.disconnect().await;
            node = killed_and_restarted(node).await;
            let mut client = Client::persistent(&name, protocol, &node.mqtt()).await;
            assert!(client.session_present);
            let mut publisher = Client::clean(&unique("p"), Protocol::V5, &node.mqtt()).await;
            publisher.publish("b/q", 1, "new").await;
            let mut next = client.receive_text().await;
            if next == "last" {
                // Its acknowledgement may not have come before the kill.
                next = client.receive_text().await;
            }
            assert_eq!(next, "new");
            drop(node);
        }
    })
    .await;
}

#[tokio::test]
async fn a_session_that_has_ended_does_not_come_back_and_a_will_is_published_once() {
    within(LIMIT, async {
        let dir = tempfile::tempdir().unwrap();
        let options = NodeOptions::new(&programs::emqxd(), dir.path(), "n1");
        let mut node = Node::start(options).await.unwrap();
        let (ended, willing, watcher) = (unique("e"), unique("w"), unique("x"));
        let mut client = Client::persistent(&ended, Protocol::V5, &node.mqtt()).await;
        client.subscribe("t", 1).await;
        client.disconnect().await;
        // Clean Start ends it.
        let client = Client::clean(&ended, Protocol::V5, &node.mqtt()).await;
        client.disconnect().await;
        let mut watching = Client::persistent(&watcher, Protocol::V5, &node.mqtt()).await;
        watching.subscribe("will", 1).await;
        let mut with_will = LinkOptions::persistent(&willing, Protocol::V5, &node.mqtt());
        with_will.will = Some(Will {
            topic: "will".to_owned(),
            payload: b"gone".to_vec(),
            qos: 1,
            retain: false,
            delay_interval_s: 1,
        });
        let mut client = Client::connect(&with_will).await;
        client.subscribe("u", 1).await;
        node = killed_and_restarted(node).await;
        let client = Client::persistent(&ended, Protocol::V5, &node.mqtt()).await;
        assert!(!client.session_present);
        client.disconnect().await;
        // Its client could not say goodbye.
        let mut watching = Client::persistent(&watcher, Protocol::V5, &node.mqtt()).await;
        assert!(watching.session_present);
        let will = watching
            .receive_within(Duration::from_secs(30))
            .await
            .unwrap();
        assert_eq!(&will.payload[..], b"gone");
        watching.publish("will", 1, "mark").await;
        assert_eq!(watching.receive_text().await, "mark");
    })
    .await;
}

#[tokio::test]
async fn messages_for_a_node_that_is_down_are_kept_until_it_is_back() {
    within(LIMIT, async {
        let mut cluster = TestCluster::start(3).await;
        let (name, topic) = (unique("c"), unique("t"));
        let mut client = Client::persistent(&name, Protocol::V5, &cluster.mqtt(0)).await;
        client.subscribe(&topic, 1).await;
        client.disconnect().await;
        let publish = async |cluster: &TestCluster, index: usize, text: &str| {
            let mqtt = cluster.mqtt(index);
            let mut publisher = Client::clean(&unique("p"), Protocol::V5, &mqtt).await;
            publisher.publish(&topic, 1, text).await;
        };
        publish(&cluster, 1, "1").await;
        let down = cluster.nodes.remove(0);
        let mut options = down.options.clone();
        down.kill().await.unwrap();
        // Acknowledged when the node is found to be dead, and the message is stored for it.
        publish(&cluster, 0, "2").await;
        publish(&cluster, 0, "3").await;
        publish(&cluster, 1, "4").await;
        // Also when the node that keeps it is killed.
        let keeper = cluster.nodes.remove(0);
        let mut keeper_options = keeper.options.clone();
        keeper.kill().await.unwrap();
        keeper_options.join = vec![cluster.nodes[0].ready.cluster];
        cluster
            .nodes
            .insert(0, Node::start(keeper_options).await.unwrap());
        options.join = vec![cluster.nodes[0].ready.cluster];
        cluster.nodes.insert(0, Node::start(options).await.unwrap());
        cluster.formed().await;
        let mut client = Client::persistent(&name, Protocol::V5, &cluster.mqtt(0)).await;
        assert!(client.session_present);
        let mut got = client.receive_texts(4).await;
        publish(&cluster, 1, "5").await;
        got.push(client.receive_text().await);
        // What two nodes keep comes in any order of the two.
        assert_eq!((&*got[0], &*got[4]), ("1", "5"));
        let place = |text: &str| got.iter().position(|each| each == text).unwrap();
        assert!(place("2") < place("3") && place("4") > 0, "{got:?}");
    })
    .await;
}

/// Devices on all nodes, messages all the time, one node after the other is killed and comes back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_while_nodes_are_killed() {
    const CLIENTS: usize = 150;
    within(LIMIT, async {
        let mut cluster = TestCluster::start(3).await;
        let fleet = BusyFleet::start(&cluster, CLIENTS, 100).await;
        for killed in 0..3 {
            fleet.gets_messages().await;
            cluster.kill_and_return(killed).await;
            cluster.formed().await;
            fleet.is_served().await;
        }
        let fleet = fleet.loses_nothing().await;
        cluster.has_sessions(CLIENTS).await;
        fleet.stop().await;
    })
    .await;
}
