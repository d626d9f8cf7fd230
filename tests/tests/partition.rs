//! A cluster that is cut in halves, goes on on both sides, and becomes one again.
#![cfg(target_os = "linux")]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::time::Duration;

use emqx_tests::client::Client;
use emqx_tests::counted::{Receiver, Sessions, Source, Tally};
use emqx_tests::test_cluster::TestCluster;
use emqx_tests::{eventually, is_full, unique, within};
use emqxctl::demo::cluster::Node;
use emqxctl::demo::link::Protocol;
use tokio::time::Instant;

const LIMIT: Duration = Duration::from_secs(240);
const WAIT: Duration = Duration::from_secs(90);

const NODES: usize = 5;
const SIDES: [&[usize]; 2] = [&[0, 1], &[2, 3, 4]];

/// How long the cut lasts at least. It ends when both sides have taken each other for dead and gone on, which is a few
/// seconds; with `EMQX_TESTS_FULL=1` as long as is promised.
fn cut_for() -> Duration {
    if is_full() {
        Duration::from_secs(20)
    } else {
        Duration::ZERO
    }
}

/// Returns once each node of one side has taken all of the other side for dead.
async fn both_sides_are_alone(cluster: &TestCluster) {
    for (side, other) in [(SIDES[0], SIDES[1]), (SIDES[1], SIDES[0])] {
        for gone in other {
            let name = format!("n{}", gone + 1);
            cluster.see_gone(side, &name, WAIT).await;
        }
    }
}

async fn client(cluster: &TestCluster, node: usize) -> Client {
    Client::clean(&unique("c"), Protocol::V5, &cluster.mqtt(node)).await
}

/// Returns once all nodes have exactly these Retained Messages below `root`.
async fn retained_everywhere(cluster: &TestCluster, root: &str, expected: &[(&str, &str)]) {
    let expected: BTreeMap<String, String> = expected
        .iter()
        .map(|(level, payload)| (format!("{root}/{level}"), (*payload).to_owned()))
        .collect();
    for node in 0..NODES {
        let admin = cluster.admin(node).await;
        let what = format!("n{} has {expected:?}", node + 1);
        eventually(&what, WAIT, || async {
            (admin.retained(&format!("{root}/#")).await == expected).then_some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn halves_serve_their_clients_and_become_one_again() {
    within(LIMIT, async {
        let (cluster, network) = TestCluster::with_network(NODES, "").await;
        let admin = cluster.admin(0).await;
        let tally = Tally::new();

        // A client on each node, two Sessions whose clients are away, and a client that will be on both sides.
        let mut sessions = Sessions::connect(&cluster, &tally, &[0, 1, 2, 3, 4]).await;
        let mut away = Vec::new();
        for node in [0, 4] {
            away.push(sessions.add_away(&cluster, &tally, node).await);
        }
        let double = unique("double");
        let before = Receiver::connect(&tally, &double, &cluster.mqtt(0)).await;
        // Interest that comes and goes during the cut, and Retained Messages.
        let mut changing = Vec::new();
        for side in SIDES {
            let mut client = client(&cluster, side[1]).await;
            client.subscribe("goes/+", 1).await;
            changing.push(client);
        }
        let root = unique("retained");
        let [mut a, mut b] = [client(&cluster, 0).await, client(&cluster, 3).await];
        for level in ["stays", "goes", "both"] {
            let topic = format!("{root}/{level}");
            a.publish_retained(&topic, 1, "before").await;
        }
        let at_first = [("stays", "before"), ("goes", "before"), ("both", "before")];
        retained_everywhere(&cluster, &root, &at_first).await;
        eventually("interest is equal", WAIT, || async {
            admin.interest_is_equal(NODES).await.then_some(())
        })
        .await;
        let sources = Source::on_each(&cluster, &tally, &[0, 1, 2, 3, 4]).await;
        tally.flows(&sources, 10, WAIT).await;

        network.cut(SIDES);
        let cut_at = Instant::now();
        both_sides_are_alone(&cluster).await;
        tally.flows(&sources, 20, WAIT).await;
        let after = Receiver::connect(&tally, &double, &cluster.mqtt(3)).await;
        assert!(!after.session_present);
        for (client, topic) in changing.iter_mut().zip(["only-a", "only-b"]) {
            client.unsubscribe("goes/+").await;
            client.subscribe(topic, 1).await;
        }
        a.publish_retained(&format!("{root}/goes"), 1, "").await;
        for (client, side) in [(&mut a, "a"), (&mut b, "b")] {
            for level in [side, "both"] {
                let topic = format!("{root}/{level}");
                client.publish_retained(&topic, 1, side).await;
            }
        }
        tally.flows(&sources, 20, WAIT).await;
        tokio::time::sleep_until(cut_at + cut_for()).await;
        let lasted = cut_at.elapsed();
        let acknowledged = tally.acknowledged();

        network.heal();
        let healed_at = Instant::now();
        eventually("interest is equal", WAIT, || async {
            admin.interest_is_equal(NODES).await.then_some(())
        })
        .await;
        println!(
            "a cut of {lasted:.1?} with {acknowledged} messages acknowledged by then: interest was equal {:.1?} after its end",
            healed_at.elapsed()
        );
        // The later one stays.
        assert_eq!(before.closed().await, Some(0x8E));
        eventually("the Session is on one node", WAIT, || async {
            admin.sessions("n1", 100).await.iter().all(|session| session.client_id != double).then_some(())
        })
        .await;
        assert_eq!(admin.client(&double).await.unwrap().node, "n4");
        tally.flows(&sources, 20, WAIT).await;
        Source::stop_all(sources).await;
        // Where they have not been before.
        for (name, node) in away.iter().zip([4, 0]) {
            sessions.comes(&cluster, &tally, name, node).await;
        }
        tally.complete(&[&double], WAIT).await;
        sessions.have_all(&cluster, &tally, WAIT).await;
        let at_last = [("stays", "before"), ("both", "b"), ("a", "a"), ("b", "b")];
        retained_everywhere(&cluster, &root, &at_last).await;
        eventually("interest is equal", WAIT, || async {
            admin.interest_is_equal(NODES).await.then_some(())
        })
        .await;
        drop((after, changing));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_that_is_short_or_that_a_third_node_sees_past_loses_nothing() {
    const PAIR: [&[usize]; 2] = [&[0], &[1]];
    /// Messages of two publishers that may wait for acknowledgement, and some.
    const MANY: f64 = 40.0;
    within(LIMIT, async {
        let (cluster, network) = TestCluster::with_network(3, "").await;
        let tally = Tally::new();
        let sessions = Sessions::connect(&cluster, &tally, &[0, 1, 2]).await;
        let of_pair = Source::on_each(&cluster, &tally, &[0, 1]).await;
        let of_third = [Source::start(&tally, 1, &cluster.mqtt(2)).await];
        tally.flows(&of_pair, 10, WAIT).await;

        // Too short for anybody to be taken for dead, unless the machine is very slow.
        for _ in 0..3 {
            network.cut([&[0], &[1, 2]]);
            let waiting = "emqxd_peer_waiting_items{peer=\"n1\"}";
            cluster
                .metric_becomes(1, waiting, |items| items >= MANY)
                .await;
            network.heal();
            tally.flows(&of_pair, 10, WAIT).await;
        }
        // Each hears from the third one that the other is alive, so what is for it waits.
        network.cut(PAIR);
        let cut_at = Instant::now();
        for (node, other) in [(0, "n2"), (1, "n1")] {
            let waiting = format!("emqxd_peer_waiting_items{{peer=\"{other}\"}}");
            cluster
                .metric_becomes(node, &waiting, |items| items >= MANY)
                .await;
        }
        tally.flows(&of_third, 20, WAIT).await;
        if !cut_for().is_zero() {
            tokio::time::sleep_until(cut_at + cut_for()).await;
            for (node, other) in [(0, "n2"), (1, "n1")] {
                let connected = format!("emqxd_peer_connected{{peer=\"{other}\"}}");
                cluster
                    .metric_becomes(node, &connected, |is| is == 0.0)
                    .await;
            }
        }
        for node in 0..2 {
            let nodes = "emqxd_cluster_nodes";
            cluster
                .metric_becomes(node, nodes, |nodes| nodes == 3.0)
                .await;
        }
        network.heal();
        tally.flows(&of_pair, 20, WAIT).await;
        Source::stop_all(of_pair.into_iter().chain(of_third)).await;
        sessions.have_all(&cluster, &tally, WAIT).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_on_both_sides_for_a_client_comes_together() {
    within(LIMIT, async {
        let (cluster, network) = TestCluster::with_network(3, "").await;
        let tally = Tally::new();
        // On n1 one client is connected and two are away; on n2 all come, and two of them leave again.
        let mut clients = Sessions::default();
        let connected = clients.add(&cluster, &tally, 0).await;
        let names = [
            connected.client_id().to_owned(),
            clients.add_away(&cluster, &tally, 0).await,
            clients.add_away(&cluster, &tally, 0).await,
        ];
        let sources = Source::on_each(&cluster, &tally, &[0, 1, 2]).await;
        tally.flows(&sources, 10, WAIT).await;

        network.cut([&[0], &[1, 2]]);
        cluster.see_gone(&[1, 2], "n1", WAIT).await;
        tally.flows(&sources, 10, WAIT).await;
        let mut stays = None;
        for name in &names {
            let receiver = Receiver::connect(&tally, name, &cluster.mqtt(1)).await;
            assert!(!receiver.session_present);
            tally.flows(&sources, 5, WAIT).await;
            if let Some(former) = stays.replace(receiver) {
                former.disconnect().await;
            }
        }
        tally.flows(&sources, 10, WAIT).await;

        // One after the other, each with messages for n1 that only it has.
        network.heal_between([&[0], &[1]]);
        let nodes = "emqxd_cluster_nodes";
        cluster.metric_becomes(0, nodes, |nodes| nodes >= 2.0).await;
        network.heal();
        assert_eq!(connected.closed().await, Some(0x8E));
        tally.flows(&sources, 20, WAIT).await;
        Source::stop_all(sources).await;
        let admin = cluster.admin(0).await;
        eventually("no Session is on n1", WAIT, || async {
            admin.sessions("n1", 10).await.is_empty().then_some(())
        })
        .await;
        let mut present = Vec::from_iter(stays);
        for (name, node) in names.iter().zip([0, 2]) {
            let receiver = Receiver::connect(&tally, name, &cluster.mqtt(node)).await;
            assert!(receiver.session_present, "{name}");
            present.push(receiver);
        }
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        tally.complete(&names, WAIT).await;
        for receiver in present {
            receiver.disconnect().await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_node_keeps_for_the_other_side_survives_its_kill() {
    within(LIMIT, async {
        let (mut cluster, network) = TestCluster::with_network(3, "").await;
        let tally = Tally::new();
        let mut sessions = Sessions::connect(&cluster, &tally, &[0, 1]).await;
        let away = [
            sessions.add_away(&cluster, &tally, 0).await,
            sessions.add_away(&cluster, &tally, 2).await,
        ];
        let sources = Source::on_each(&cluster, &tally, &[0, 1]).await;
        let of_killed = Source::on_each(&cluster, &tally, &[2]).await;
        tally.flows(&of_killed, 10, WAIT).await;

        network.cut([&[0], &[1, 2]]);
        cluster.see_gone(&[1, 2], "n1", WAIT).await;
        tally.flows(&of_killed, 20, WAIT).await;
        Source::stop_all(of_killed).await;
        let mut again = cluster.again(2);
        again.join = vec![network.gate(0), network.gate(1)];
        cluster.nodes.remove(2).kill().await.unwrap();
        tally.flows(&sources, 10, WAIT).await;
        cluster.nodes.push(Node::start(again).await.unwrap());
        tally.flows(&sources, 10, WAIT).await;

        network.heal();
        cluster.formed().await;
        tally.flows(&sources, 10, WAIT).await;
        Source::stop_all(sources).await;
        for (name, node) in away.iter().zip([2, 0]) {
            sessions.comes(&cluster, &tally, name, node).await;
        }
        // What was under way when the cut began may have arrived, and is kept as well.
        let all = sessions.have_all_at_least_once(&cluster, &tally, WAIT);
        all.await;
    })
    .await;
}
