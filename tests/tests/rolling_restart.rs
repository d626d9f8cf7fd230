//! `shutdown.evacuate`: a node that is told to stop evacuates itself first, and serves again when it is back.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;
use std::time::Duration;

use emqx_proto::admin::v1::{NodeState, Operation, Outcome, StartEvacuationRequest};
use emqx_tests::admin::{Admin, evacuation_of};
use emqx_tests::raw::{Connect, RawClient};
use emqx_tests::test_cluster::TestCluster;
use emqx_tests::{eventually, is_full, programs, raw_device, unique, within};
use emqxctl::demo::board::{Board, DeviceState};
use emqxctl::demo::cluster::{Node, NodeOptions};
use emqxctl::demo::fleet::mixed_devices;
use emqxctl::demo::link::Protocol;
use emqxctl::demo::publisher::{Publisher, PublisherOptions};
use emqxctl::demo::schedule::Schedule;
use rustix::process::Signal;

const LIMIT: Duration = Duration::from_secs(120);
const WAIT: Duration = Duration::from_secs(30);
/// Longer than an evacuation takes on a busy machine.
const BUDGET: Duration = Duration::from_secs(15);

/// How often a node is restarted, one after the other. With `EMQX_TESTS_FULL=1` as often as is promised.
fn restarts() -> usize {
    if is_full() { 10 } else { 4 }
}

fn evacuates_within(budget: Duration) -> String {
    format!("[shutdown]\nevacuate = \"{}s\"\n", budget.as_secs())
}

/// Returns once all nodes of a cluster vote: only then do all know what was agreed on.
async fn all_vote(cluster: &TestCluster) {
    let admin = cluster.admin(0).await;
    eventually("all nodes vote", WAIT, || async {
        let group = admin.status().await.control?;
        let voters = group.members.iter().filter(|member| member.voter).count();
        let level = group.members.iter().all(|member| member.lag == Some(0));
        (voters == cluster.nodes.len() && level && group.has_majority).then_some(())
    })
    .await;
}

/// Tells a node to stop, waits for its end with exit code 0, and starts it again.
async fn restart(cluster: &mut TestCluster, index: usize, within: Duration) -> String {
    let options = cluster.again(index);
    let mut node = cluster.nodes.remove(index);
    node.signal(Signal::TERM);
    let status = node.wait(within).await.unwrap();
    let log = node.log();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(!log.contains("panicked"), "{log}");
    let node = Node::start(options).await.unwrap();
    cluster.nodes.insert(index, node);
    log
}

async fn listed(admin: &Admin, id: &str) -> Operation {
    let operations = admin.status().await.operations;
    let found = operations.into_iter().find(|operation| operation.id == id);
    found.unwrap_or_else(|| panic!("{id} is not known"))
}

async fn running_on(admin: &Admin, node: &str) -> Operation {
    eventually("an operation", WAIT, || async {
        let operations = admin.status().await.operations;
        operations
            .into_iter()
            .find(|operation| operation.node == node && operation.ended_unix_ms.is_none())
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rolling_restarts_cut_each_client_once_and_lose_nothing() {
    const CLIENTS: usize = 60;
    const AWAY: usize = 6;
    within(LIMIT, async {
        let mut cluster = TestCluster::with_config(3, &evacuates_within(BUDGET)).await;
        all_vote(&cluster).await;
        let board = Arc::new(Board::new(CLIENTS));
        let devices = mixed_devices(&unique("d"), CLIENTS, &cluster.addresses());
        let topics = devices.iter().map(|device| device.topic()).collect();
        let fleet = raw_device::spawn(devices, &board);
        let away: Vec<String> = (0..AWAY).map(|_| unique("away")).collect();
        for id in &away {
            let connect = Connect::persistent(id, Protocol::V5);
            RawClient::accepted(&cluster.mqtt(0), &connect)
                .await
                .unwrap();
        }
        board
            .wait_for(0..CLIENTS, DeviceState::Ready, WAIT)
            .await
            .unwrap();
        let options = PublisherOptions {
            client_id: unique("publisher"),
            addresses: cluster.addresses(),
            topics,
        };
        let publisher = Publisher::spawn(options, Arc::clone(&board));
        publisher
            .steady(Schedule::new(200, vec![u64::MAX; CLIENTS]))
            .await
            .unwrap();

        let mut places = vec![cluster.mqtt(0); CLIENTS];
        for round in 0..restarts() {
            let index = round % 3;
            let address = cluster.mqtt(index);
            let before = (board.cuts().len(), board.reconnects().len());
            let received = board.messages().received;
            let log = restart(&mut cluster, index, BUDGET + WAIT).await;
            assert!(log.contains("evacuated in"), "{log}");
            cluster.formed().await;
            board
                .wait_for(0..CLIENTS, DeviceState::Ready, WAIT)
                .await
                .unwrap();
            // Those that sat on it, each once, and nobody else.
            let mut cut: Vec<usize> = board.cuts()[before.0..]
                .iter()
                .map(|cut| cut.device)
                .collect();
            cut.sort_unstable();
            let sat: Vec<usize> = (0..CLIENTS)
                .filter(|device| places[*device] == address)
                .collect();
            assert_eq!(cut, sat, "n{} was restarted", index + 1);
            let back = board.reconnects().split_off(before.1);
            assert_eq!(back.len(), sat.len());
            for reconnect in back {
                assert!(reconnect.session_present, "{reconnect:?}");
                assert_ne!(reconnect.address, address);
                places[reconnect.device] = reconnect.address;
            }
            eventually("messages go on", WAIT, || async {
                (board.messages().received > received).then_some(())
            })
            .await;
        }
        publisher.finish().await.unwrap();
        let messages = board
            .wait_until_drained(Duration::from_millis(500), Duration::from_secs(10))
            .await;
        assert!(messages.acknowledged > 0, "{messages:?}");
        assert_eq!(
            (
                messages.lost,
                messages.duplicated_without_dup,
                messages.out_of_order,
                messages.unknown
            ),
            (0, 0, 0, 0),
            "{messages:?}"
        );
        let told = board.cuts().into_iter().filter(|cut| cut.device % 2 == 1);
        assert!(
            told.map(|cut| cut.reason_code)
                .all(|code| code == Some(0x9C))
        );
        for id in &away {
            let connect = Connect::persistent(id, Protocol::V5);
            let (_, is_present) = RawClient::accepted(&cluster.mqtt(1), &connect)
                .await
                .unwrap();
            assert!(is_present, "{id}");
        }
        // Each is known, and none keeps a node out of service.
        let operations = cluster.admin(0).await.status().await.operations;
        assert_eq!(operations.len(), restarts(), "{operations:#?}");
        for operation in operations {
            assert_eq!(operation.outcome(), Outcome::Succeeded, "{operation:#?}");
            assert!(operation.ended_unix_ms.is_some() && operation.ends_with_process);
        }
        drop(fleet);
    })
    .await;
}

#[tokio::test]
async fn a_node_that_nobody_can_relieve_stops_at_once() {
    within(LIMIT, async {
        let dir = tempfile::tempdir().unwrap();
        let mut options = NodeOptions::new(&programs::emqxd(), dir.path(), "n1");
        let file = dir.path().join("emqxd.toml");
        std::fs::write(&file, evacuates_within(Duration::from_secs(3_600))).unwrap();
        options
            .flags
            .insert("config".to_owned(), file.display().to_string());
        let mut node = Node::start(options).await.unwrap();
        let connect = Connect::persistent("c", Protocol::V5);
        let (mut client, _) = RawClient::accepted(&node.mqtt(), &connect).await.unwrap();
        node.signal(Signal::TERM);
        assert_eq!(client.last_words().await.unwrap(), Some((0x8B, None)));
        assert_eq!(node.wait(WAIT).await.unwrap().code(), Some(0));
        let log = node.log();
        assert!(
            log.contains("stops with 1 connections and 1 sessions that were not evacuated")
                && log.contains("n1 is the only node of the cluster"),
            "{log}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_second_signal_or_the_end_of_the_budget_ends_it_and_the_node_serves_again() {
    within(LIMIT, async {
        // So long that its first wait is long enough to be seen.
        let mut cluster = TestCluster::with_config(2, &evacuates_within(BUDGET * 20)).await;
        all_vote(&cluster).await;
        let connect = Connect::persistent("c", Protocol::V5);
        let (mut client, _) = RawClient::accepted(&cluster.mqtt(0), &connect)
            .await
            .unwrap();
        let admin = cluster.admin(1).await;
        let options = cluster.again(0);
        let mut node = cluster.nodes.remove(0);
        node.signal(Signal::TERM);
        let operation = running_on(&admin, "n1").await;
        assert_eq!(emqx_tests::http::availability(node.ready.http).await, 503);
        node.signal(Signal::TERM);
        assert_eq!(node.wait(WAIT).await.unwrap().code(), Some(0));
        assert!(node.log().contains("a second time"), "{}", node.log());
        // It had no time to tell anybody.
        assert_eq!(listed(&admin, &operation.id).await.ended_unix_ms, None);
        assert_eq!(client.last_words().await.unwrap_or_default(), None);

        let mut options = options;
        options
            .flags
            .insert("config".to_owned(), short_budget(&cluster));
        cluster.nodes.insert(0, Node::start(options).await.unwrap());
        cluster.formed().await;
        admin.node_becomes("n1", NodeState::Serving, WAIT).await;
        assert_eq!(cluster.availability(0).await, 200);
        let ended = eventually("its end is known", WAIT, || async {
            let known = listed(&admin, &operation.id).await;
            known.ended_unix_ms.is_some().then_some(known)
        })
        .await;
        assert_eq!(ended.outcome(), Outcome::Failed);
        assert_eq!(
            ended.outcome_reason,
            "the process that it was to empty has ended"
        );
        // An operator's evacuation that takes longer than the budget goes on for so long, and after the restart.
        let slow = StartEvacuationRequest {
            wait_health_check_ms: Some(3_600_000),
            ..evacuation_of("n1", 1)
        };
        // The group may have to choose another leader first.
        let slow = eventually("it is agreed on", WAIT, || async {
            admin.try_evacuate(slow.clone()).await.ok()
        })
        .await;
        let log = restart(&mut cluster, 0, WAIT).await;
        assert!(log.contains("its 1s are over"), "{log}");
        assert_eq!(cluster.availability(0).await, 503);
        admin.node_becomes("n1", NodeState::Leaving, WAIT).await;
        assert_eq!(listed(&admin, &slow.id).await.ended_unix_ms, None);
        admin.stop(&slow.id).await;
        admin.node_becomes("n1", NodeState::Serving, WAIT).await;
    })
    .await;
}

fn short_budget(cluster: &TestCluster) -> String {
    let file = cluster.dir().join("short.toml");
    std::fs::write(&file, evacuates_within(Duration::from_secs(1))).unwrap();
    file.display().to_string()
}

#[tokio::test]
async fn an_operators_evacuation_goes_on_when_its_node_is_told_to_stop() {
    const CLIENTS: usize = 20;
    within(LIMIT, async {
        let mut cluster = TestCluster::with_config(2, &evacuates_within(BUDGET)).await;
        all_vote(&cluster).await;
        let board = Arc::new(Board::new(CLIENTS));
        let devices = mixed_devices(&unique("d"), CLIENTS, &cluster.addresses());
        let fleet = raw_device::spawn(devices, &board);
        board
            .wait_for(0..CLIENTS, DeviceState::Ready, WAIT)
            .await
            .unwrap();
        let admin = cluster.admin(1).await;
        let operation = admin.evacuate(evacuation_of("n1", 10)).await;
        let log = restart(&mut cluster, 0, BUDGET + WAIT).await;
        assert!(log.contains("evacuated in"), "{log}");
        board
            .wait_for(0..CLIENTS, DeviceState::Ready, WAIT)
            .await
            .unwrap();
        assert_eq!(board.cuts().len(), CLIENTS);
        assert!(board.reconnects().iter().all(|one| one.session_present));
        // It was not begun for the restart, so the restart does not end it.
        assert_eq!(cluster.availability(0).await, 503);
        admin.node_becomes("n1", NodeState::Prohibiting, WAIT).await;
        let known = listed(&admin, &operation.id).await;
        assert!(known.ended_unix_ms.is_none() && !known.ends_with_process);
        admin.stop(&operation.id).await;
        admin.node_becomes("n1", NodeState::Serving, WAIT).await;
        drop(fleet);
    })
    .await;
}
