//! `session.replicas = 2`: Sessions outlive the disk of their node, and are served elsewhere while it is away.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;
use std::time::Duration;

use emqx_tests::client::Client;
use emqx_tests::test_cluster::TestCluster;
use emqx_tests::{eventually, unique, within};
use emqxctl::demo::board::{Board, DeviceState};
use emqxctl::demo::cluster::Node;
use emqxctl::demo::device::Wanted;
use emqxctl::demo::fleet::{Fleet, mixed_devices};
use emqxctl::demo::link::Protocol;
use emqxctl::demo::publisher::{Publisher, PublisherOptions};
use emqxctl::demo::schedule::Schedule;

const LIMIT: Duration = Duration::from_secs(180);
const WAIT: Duration = Duration::from_secs(60);
const SETTLE: Duration = Duration::from_millis(300);

const CONFIG: &str = "[session]\nreplicas = 2\n";

async fn received(client: &mut Client, count: usize) -> Vec<String> {
    let mut texts = Vec::new();
    while texts.len() < count {
        texts.push(client.receive_text().await);
    }
    texts
}

async fn publisher(mqtt: &str) -> Client {
    Client::clean(&unique("p"), Protocol::V5, mqtt).await
}

async fn publish(mqtt: &str, topic: &str, qos: u8, texts: &[&str]) {
    let mut publisher = publisher(mqtt).await;
    for text in texts {
        publisher.publish(topic, qos, text).await;
    }
}

/// The two nodes that are left see that the third is gone.
async fn node_is_missed(cluster: &TestCluster) {
    for index in 0..2 {
        let is_missed = |count| count == 2.0;
        cluster
            .metric_becomes(index, "emqxd_cluster_nodes", is_missed)
            .await;
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
        node_is_missed(&cluster).await;
        let mut client = Client::persistent(&name, Protocol::V5, &cluster.mqtt(0)).await;
        assert!(client.session_present);
        let mut got = received(&mut client, 6).await;
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
        node_is_missed(&cluster).await;
        publish(&cluster.mqtt(0), &topic, 1, &["3"]).await;
        // One of them is served meanwhile.
        let mut served = Client::persistent(&names[0], Protocol::V5, &cluster.mqtt(1)).await;
        assert!(served.session_present);
        assert_eq!(received(&mut served, 3).await, ["1", "2", "3"]);

        options.join = vec![cluster.nodes[0].ready.cluster];
        cluster.nodes.insert(0, Node::start(options).await.unwrap());
        cluster.formed().await;
        eventually("each Session is on one node", WAIT, || async {
            let mut sessions = 0.0;
            for index in 0..3 {
                sessions += cluster.metric(index, "emqxd_sessions").await;
            }
            (sessions == names.len() as f64).then_some(())
        })
        .await;
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
            let mut got = received(&mut client, 4).await;
            if got[..] == ["1", "2", "3", "3"] {
                got.pop();
                got.extend(received(&mut client, 1).await);
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
        let board = Arc::new(Board::new(CLIENTS));
        let fleet = Fleet::spawn(
            mixed_devices(&unique("d"), CLIENTS, &cluster.addresses()),
            &board,
        );
        fleet.tell(0..CLIENTS, Wanted::Online);
        let ready = |range| board.wait_for(range, DeviceState::Ready, WAIT);
        ready(0..CLIENTS).await.unwrap();
        // Some are away all the time.
        fleet.tell(0..CLIENTS / 3, Wanted::Offline);
        board
            .wait_for(0..CLIENTS / 3, DeviceState::Idle, WAIT)
            .await
            .unwrap();
        let options = PublisherOptions {
            client_id: unique("publisher"),
            addresses: cluster.addresses(),
            topics: fleet.topics(),
        };
        let publisher = Publisher::spawn(options, Arc::clone(&board));
        publisher
            .steady(Schedule::new(500, vec![u64::MAX; CLIENTS]))
            .await
            .unwrap();
        for killed in 0..3 {
            let before = board.messages().acknowledged;
            eventually("messages flow", WAIT, || async {
                (board.messages().acknowledged > before + 200).then_some(())
            })
            .await;
            cluster.copied(CLIENTS).await;
            cluster.kill_and_return_empty(killed).await;
            cluster.formed().await;
            ready(CLIENTS / 3..CLIENTS).await.unwrap();
        }
        publisher.finish().await.unwrap();
        fleet.tell(0..CLIENTS, Wanted::Online);
        ready(0..CLIENTS).await.unwrap();
        let got = board.wait_until_drained(SETTLE, WAIT).await;
        assert_eq!(
            (got.lost, got.unknown),
            (0, 0),
            "{got:?}, missing {:?}",
            board.missing(20)
        );
        fleet.stop().await;
    })
    .await;
}
