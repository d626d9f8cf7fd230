//! Nodes that stand still, links that are slow or break, a full disk, clocks that jump: every message is counted.
#![cfg(target_os = "linux")]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use emqx_tests::client::Client;
use emqx_tests::counted::{Sessions, Source, Tally};
use emqx_tests::raw::{Connect, RawClient, publish};
use emqx_tests::small_disk::SmallDisk;
use emqx_tests::test_cluster::TestCluster;
use emqx_tests::wall_clock::WallClock;
use emqx_tests::{eventually, http, is_full, unique, within};
use emqxctl::demo::cluster::Node;
use emqxctl::demo::link::Protocol;
use rustix::process::Signal;
use tokio::time::Instant;

const LIMIT: Duration = Duration::from_secs(240);
const WAIT: Duration = Duration::from_secs(90);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_stands_still_and_goes_on_loses_nothing() {
    within(LIMIT, async {
        let cluster = TestCluster::start(3).await;
        let tally = Tally::new();
        let mut sessions = Sessions::connect(&cluster, &tally, &[0, 1, 2]).await;
        let away = sessions.add_away(&cluster, &tally, 0).await;
        let of_frozen = Source::on_each(&cluster, &tally, &[0]).await;
        let of_others = Source::on_each(&cluster, &tally, &[1, 2]).await;
        tally.flows(&of_frozen, 10, WAIT).await;

        cluster.nodes[0].signal(Signal::STOP);
        let stopped_at = Instant::now();
        cluster.see_gone(&[1, 2], "n1", WAIT).await;
        tally.flows(&of_others, 20, WAIT).await;
        if is_full() {
            tokio::time::sleep_until(stopped_at + Duration::from_secs(30)).await;
        }
        let stood_still = stopped_at.elapsed();
        cluster.nodes[0].signal(Signal::CONT);
        let went_on = Instant::now();
        cluster.formed().await;
        println!(
            "n1 stood still for {stood_still:.1?}, and was one of three again after {:.1?}",
            went_on.elapsed()
        );
        tally.flows(&of_frozen, 20, WAIT).await;
        tally.flows(&of_others, 20, WAIT).await;
        Source::stop_all(of_frozen.into_iter().chain(of_others)).await;
        sessions.comes(&cluster, &tally, &away, 1).await;
        sessions.have_all(&cluster, &tally, WAIT).await;
        let admin = cluster.admin(1).await;
        eventually("interest is equal", WAIT, || async {
            admin.interest_is_equal(3).await.then_some(())
        })
        .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_that_are_slow_or_break_lose_nothing() {
    const DELAY: Duration = Duration::from_millis(150);
    /// Less than what two nodes have to say to each other.
    const TOO_FEW_BYTES_PER_SEC: u32 = 40_000;
    /// More than the messages of one client.
    const BYTES_PER_SEC: u32 = 400_000;
    within(LIMIT, async {
        let (cluster, network) = TestCluster::with_network(3, "").await;
        let tally = Tally::new();
        let mut sessions = Sessions::connect(&cluster, &tally, &[0, 1, 2]).await;
        let mut hops = sessions.add(&cluster, &tally, 0).await;
        let sources = Source::on_each(&cluster, &tally, &[0, 1, 2]).await;
        tally.flows(&sources, 10, WAIT).await;

        network.slow([0, 1], DELAY, TOO_FEW_BYTES_PER_SEC);
        tally.flows(&sources, 40, WAIT).await;
        network.slow([0, 1], DELAY, BYTES_PER_SEC);
        tally.flows(&sources, 10, WAIT).await;
        // A client crosses the slow link, there and back, with its Session.
        for node in [1, 0, 1] {
            hops = hops.moves(&tally, &cluster.mqtt(node)).await;
            tally.flows(&sources, 2, WAIT).await;
        }
        network.heal();
        tally.flows(&sources, 10, WAIT).await;
        for _ in 0..3 {
            for pair in [[0, 1], [1, 2], [0, 2]] {
                network.reset(pair);
            }
            tally.flows(&sources, 5, WAIT).await;
        }
        Source::stop_all(sources).await;
        // Slow is not gone.
        for node in &cluster.nodes {
            assert!(!node.log().contains("node is gone"), "{}", node.log());
            let breaks = node.log().matches("link to peer has ended").count();
            assert!(breaks >= 6, "{breaks} breaks were seen:\n{}", node.log());
        }
        sessions.keep(hops);
        sessions.have_all(&cluster, &tally, WAIT).await;
    })
    .await;
}

async fn store_of(node: &Node) -> String {
    let (_, text) = http::get(node.ready.http, "/status").await.unwrap();
    let status: serde_json::Value = serde_json::from_str(&text).unwrap();
    status["store"].as_str().unwrap().to_owned()
}

async fn store_becomes(cluster: &TestCluster, node: usize, wanted: &str) {
    let node = &cluster.nodes[node];
    eventually(&format!("the store is {wanted}"), WAIT, || async {
        (store_of(node).await == wanted).then_some(())
    })
    .await;
}

/// The Reason Code of the PUBACK for a Retained Message.
async fn retain(address: &str) -> u8 {
    let connect = Connect::persistent("retains", Protocol::V5);
    let (mut client, _) = RawClient::accepted(address, &connect).await.unwrap();
    let mut packet = publish(Protocol::V5, 1, "retained", b"text");
    packet[0] |= 1;
    client.send(&packet).await.unwrap();
    let (kind, body) = client.frame().await.unwrap().unwrap();
    assert_eq!((kind, &body[..2]), (0x40, &[0, 1][..]));
    body.get(2).copied().unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_told_and_nothing_acknowledged_is_lost() {
    const QUOTA_EXCEEDED: u8 = 0x97;
    const NO_MATCHING_SUBSCRIBERS: u8 = 0x10;
    within(LIMIT, async {
        let mut disk = None;
        let mut cluster = TestCluster::adjusted(3, |index, options| {
            if index == 0 {
                disk = Some(SmallDisk::mount(&options.data_dir, 160));
            }
        })
        .await;
        let disk = match disk.unwrap() {
            Ok(disk) => disk,
            Err(reason) => {
                println!("skipped, because no disk can be mounted: {reason}");
                return;
            }
        };
        let admin = cluster.admin(1).await;
        eventually("all nodes vote", WAIT, || async {
            let members = admin.status().await.control?.members;
            let voters = members.iter().filter(|member| member.voter);
            (voters.count() == 3).then_some(())
        })
        .await;
        let tally = Tally::new();
        let mut sessions = Sessions::connect(&cluster, &tally, &[1, 2]).await;
        let away = sessions.add_away(&cluster, &tally, 0).await;
        let sources = Source::on_each(&cluster, &tally, &[1, 2]).await;
        tally.flows(&sources, 10, WAIT).await;

        disk.fill();
        store_becomes(&cluster, 0, "failing").await;
        let events = admin.status().await.events;
        let is_told = |kind: &str| {
            events
                .iter()
                .any(|event| event.node == "n1" && event.r#type == kind)
        };
        assert!(is_told("STORE_FAILING"), "{events:?}");
        assert_eq!(cluster.metric(0, "emqxd_store_failing").await, 1.0);
        assert_eq!(retain(&cluster.mqtt(0)).await, QUOTA_EXCEEDED);
        // Who needs no disk is served.
        let topic = unique("not-stored");
        let mut subscriber = Client::clean(&unique("s"), Protocol::V5, &cluster.mqtt(0)).await;
        subscriber.subscribe(&topic, 1).await;
        let mut publisher = Client::clean(&unique("p"), Protocol::V5, &cluster.mqtt(0)).await;
        publisher.publish(&topic, 1, "served").await;
        assert_eq!(subscriber.receive_text().await, "served");

        // It recovers by itself.
        disk.free();
        store_becomes(&cluster, 0, "ok").await;
        tally.flows(&sources, 10, WAIT).await;
        assert_eq!(retain(&cluster.mqtt(0)).await, NO_MATCHING_SUBSCRIBERS);

        // What was acknowledged is there although the node is killed while its disk is full.
        disk.fill();
        store_becomes(&cluster, 0, "failing").await;
        // Who has led so far cannot write what is to be agreed on; the others choose another one.
        eventually("the others agree", WAIT, || async {
            admin.try_set("control.voters_max", "3").await.ok()
        })
        .await;
        eventually("it is seen that n1 does not take part", WAIT, || async {
            (admin.standing("n1").await? == "broken").then_some(())
        })
        .await;
        let again = cluster.again(0);
        let node = cluster.nodes.remove(0);
        node.kill().await.unwrap();
        tally.flows(&sources, 10, WAIT).await;
        disk.free();
        cluster.nodes.insert(0, Node::start(again).await.unwrap());
        cluster.formed().await;
        tally.flows(&sources, 10, WAIT).await;
        Source::stop_all(sources).await;
        sessions.comes(&cluster, &tally, &away, 0).await;
        sessions.have_all(&cluster, &tally, WAIT).await;
        eventually("n1 takes part again", WAIT, || async {
            (admin.standing("n1").await? == "member").then_some(())
        })
        .await;
        drop(disk);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clocks_that_jump_and_differ_lose_nothing() {
    const HOUR: i64 = 3_600;
    within(LIMIT, async {
        let mut clocks = Vec::new();
        let mut cluster = TestCluster::adjusted(3, |index, options| {
            let clock = WallClock::hang_up(options);
            if let Ok(clock) = &clock {
                clock.set([2 * HOUR, -2 * HOUR, 0][index]);
            }
            clocks.push(clock);
        })
        .await;
        let clocks: Vec<WallClock> = match clocks.into_iter().collect() {
            Ok(clocks) => clocks,
            Err(reason) => {
                println!("skipped, because clocks cannot be set: {reason}");
                return;
            }
        };
        let mut times = Vec::new();
        for node in 0..3 {
            times.push(cluster.admin(node).await.status().await.time_unix_ms);
        }
        let apart = |later: usize, earlier: usize| times[later].saturating_sub(times[earlier]);
        assert!(
            apart(0, 2) > 7_000_000 && apart(2, 1) > 7_000_000,
            "{times:?}"
        );

        let tally = Tally::new();
        let mut sessions = Sessions::connect(&cluster, &tally, &[1, 2]).await;
        let away = sessions.add_away(&cluster, &tally, 0).await;
        let mut hops = sessions.add(&cluster, &tally, 0).await;
        let sources = Source::on_each(&cluster, &tally, &[1, 2]).await;
        tally.flows(&sources, 10, WAIT).await;
        // While it runs.
        for seconds in [24 * HOUR, -24 * HOUR] {
            clocks[2].set(seconds);
            tally.flows(&sources, 10, WAIT).await;
        }
        // The later one stays, though its clock is behind.
        let topic = unique("retained");
        for (node, payload) in [(0, "ahead"), (1, "behind"), (2, "right"), (1, "last")] {
            let mut client = Client::clean(&unique("c"), Protocol::V5, &cluster.mqtt(node)).await;
            client.publish_retained(&topic, 1, payload).await;
            for node in 0..3 {
                let admin = cluster.admin(node).await;
                let what = format!("{payload} is on n{}", node + 1);
                eventually(&what, WAIT, || async {
                    let found = admin.retained(&topic).await;
                    (found.get(&topic).map(String::as_str) == Some(payload)).then_some(())
                })
                .await;
            }
        }
        // A client that is connected moves from clock to clock.
        for node in [1, 2, 1, 0, 1] {
            hops = hops.moves(&tally, &cluster.mqtt(node)).await;
            tally.flows(&sources, 2, WAIT).await;
        }
        // Back by a day and on again while it is down: less than the Session's expiry in all.
        for seconds in [-24 * HOUR, 2 * HOUR + HOUR / 2] {
            clocks[0].set(seconds);
            cluster.kill_and_return(0).await;
            cluster.formed().await;
            tally.flows(&sources, 10, WAIT).await;
        }
        Source::stop_all(sources).await;
        sessions.comes(&cluster, &tally, &away, 0).await;
        sessions.keep(hops);
        sessions.have_all(&cluster, &tally, WAIT).await;
    })
    .await;
}
