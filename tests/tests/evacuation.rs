//! The promise: a node is taken out of service under live traffic, at the rate that was asked for, and no
//! session and no acknowledged message is lost.
//!
//! With `EMQX_TESTS_FULL=1` the numbers are those of the promise (2,000 clients at 500/s, evenly cut); otherwise they
//! are scaled down, and how evenly it looks from outside is not judged, for that is a matter of a quiet machine.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use emqx_proto::admin::v1::{NodeState, StartEvacuationRequest};
use emqx_tests::admin::{Admin, evacuation_of};
use emqx_tests::client::Client;
use emqx_tests::cut_rate::cut_rate;
use emqx_tests::raw::{Connect, Packet, RawClient};
use emqx_tests::test_cluster::TestCluster;
use emqx_tests::{eventually, http, is_full, raw_device, unique, within};
use emqxctl::demo::board::{Board, DeviceState};
use emqxctl::demo::cluster::Node;
use emqxctl::demo::device::Wanted;
use emqxctl::demo::fleet::{Fleet, mixed_devices};
use emqxctl::demo::ledger::Summary;
use emqxctl::demo::link::{LinkOptions, Protocol, Will};
use emqxctl::demo::publisher::{Publisher, PublisherOptions};
use emqxctl::demo::schedule::Schedule;

const LIMIT: Duration = Duration::from_secs(180);
const WAIT: Duration = Duration::from_secs(30);
const SETTLE: Duration = Duration::from_millis(500);
const GIVE_UP: Duration = Duration::from_secs(10);

/// Clients, and how many of them are evicted each second.
fn scale() -> (usize, u32) {
    if is_full() { (2_000, 500) } else { (600, 200) }
}

fn publisher(
    cluster: &TestCluster,
    node: usize,
    topics: Vec<String>,
    board: &Arc<Board>,
) -> Publisher {
    let options = PublisherOptions {
        client_id: unique("publisher"),
        addresses: vec![cluster.mqtt(node)],
        topics,
    };
    Publisher::spawn(options, Arc::clone(board))
}

/// Nothing lost, nothing doubled without saying so, nothing out of order.
#[track_caller]
fn assert_kept(messages: Summary) {
    assert!(messages.acknowledged > 0, "{messages:?}");
    assert!(messages.received >= messages.acknowledged, "{messages:?}");
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
}

#[track_caller]
fn assert_sessions_present(board: &Board, at_least: usize) {
    let reconnects = board.reconnects();
    let absent = reconnects.iter().filter(|one| !one.session_present).count();
    assert_eq!(
        absent,
        0,
        "{absent} of {} sessions were gone",
        reconnects.len()
    );
    assert!(
        reconnects.len() >= at_least,
        "{} reconnects",
        reconnects.len()
    );
}

/// Asks all nodes again and again, as balancers do; tells which answers were wrong.
struct Balancer {
    is_over: Arc<AtomicBool>,
    task: tokio::task::JoinHandle<(usize, Vec<String>)>,
}

impl Balancer {
    /// `out_of_service` must answer 503 all the time, every other node 200.
    fn watch(cluster: &TestCluster, out_of_service: &str) -> Self {
        let nodes: Vec<_> = cluster
            .nodes
            .iter()
            .map(|node| {
                let expected = if node.name() == out_of_service {
                    503
                } else {
                    200
                };
                (node.name().to_owned(), node.ready.http, expected)
            })
            .collect();
        let is_over = Arc::new(AtomicBool::new(false));
        let over = Arc::clone(&is_over);
        let task = tokio::spawn(async move {
            let mut asked = 0;
            let mut wrong = Vec::new();
            while !over.load(Ordering::Relaxed) {
                for (name, address, expected) in &nodes {
                    let code = http::availability(*address).await;
                    asked += 1;
                    if code != *expected && wrong.len() < 10 {
                        wrong.push(format!("{name} answered {code} instead of {expected}"));
                    }
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            (asked, wrong)
        });
        Self { is_over, task }
    }

    async fn assert_right(self) {
        self.is_over.store(true, Ordering::Relaxed);
        let (asked, wrong) = self.task.await.expect("it asks to the end");
        assert!(asked > 0);
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_move_at_the_asked_rate_under_live_traffic() {
    let (clients, rate) = scale();
    within(LIMIT, async {
        let cluster = TestCluster::start(3).await;
        let admin = cluster.admin(1).await;
        assert_eq!(cluster.availability(0).await, 200);
        let board = Arc::new(Board::new(clients));
        let devices = mixed_devices(&unique("d"), clients, &cluster.addresses());
        let topics = devices.iter().map(|device| device.topic()).collect();
        let fleet = raw_device::spawn(devices, &board);
        board
            .wait_for(0..clients, DeviceState::Ready, WAIT)
            .await
            .unwrap();
        let publisher = publisher(&cluster, 1, topics, &board);
        let schedule = Schedule::new(500, vec![u64::MAX; clients]);
        publisher.steady(schedule).await.unwrap();
        eventually("every client gets messages", WAIT, || async {
            (board.messages().received > clients as u64 / 2).then_some(())
        })
        .await;

        let operation = admin.evacuate(evacuation_of("n1", rate)).await;
        let balancer = Balancer::watch(&cluster, "n1");
        let limit = Duration::from_secs(clients as u64 / u64::from(rate)) + WAIT;
        let rested = admin.reaches(&operation.id, "prohibiting", limit).await;
        board
            .wait_for(0..clients, DeviceState::Ready, WAIT)
            .await
            .unwrap();
        publisher.finish().await.unwrap();
        let messages = board.wait_until_drained(SETTLE, GIVE_UP).await;
        balancer.assert_right().await;

        assert_kept(messages);
        assert_sessions_present(&board, clients);
        let cuts = board.cuts();
        assert_eq!(cuts.len(), clients, "each client was cut once");
        for cut in &cuts {
            // Every second device speaks 5.0.
            if cut.device % 2 == 1 {
                assert_eq!(cut.reason_code, Some(0x9C), "{cut:?}");
                let reference = cut.server_reference.as_ref().expect("a Server Reference");
                assert!(cluster.addresses()[1..].contains(reference), "{cut:?}");
            } else {
                assert_eq!(cut.reason_code, None, "{cut:?}");
            }
        }
        let measured = cut_rate(cuts.iter().map(|cut| cut.at).collect()).unwrap();
        let wanted = f64::from(rate);
        assert!(
            measured.mean_per_sec <= wanted * 1.05,
            "{measured:?} instead of {rate}/s"
        );
        if is_full() {
            let is_even = measured.mean_per_sec >= wanted * 0.95
                && measured.busiest_100_ms as f64 <= wanted / 10.0 * 1.5;
            assert!(is_even, "{measured:?} at {rate}/s");
        }

        // What the operator is told agrees with what the clients saw.
        assert_eq!(rested.evicted_connections, clients as u64);
        assert_eq!(rested.trouble_total, 0);
        let node = admin.node("n1").await;
        assert_eq!(node.state(), NodeState::Prohibiting);
        assert_eq!((node.connections, node.sessions), (Some(0), Some(0)));
        let arrived: Vec<u64> = ["n2", "n3"]
            .map(|name| {
                let recipient = rested.recipients.iter().find(|one| one.node == name);
                recipient.map_or(0, |one| one.arrived)
            })
            .into();
        assert!(
            arrived.iter().all(|count| *count > clients as u64 / 4),
            "{arrived:?}"
        );
        drop(fleet);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_without_a_client_move_with_everything_they_hold() {
    const QUEUED: u32 = 20;
    let (clients, rate) = scale();
    let (sessions, rate) = (clients / 4, rate / 2);
    within(LIMIT, async {
        let cluster = TestCluster::start(3).await;
        let admin = cluster.admin(2).await;
        let board = Arc::new(Board::new(sessions));
        let devices = mixed_devices(&unique("d"), sessions, &cluster.addresses());
        let fleet = Fleet::spawn(devices, &board);
        fleet.tell(0..sessions, Wanted::Online);
        board
            .wait_for(0..sessions, DeviceState::Ready, WAIT)
            .await
            .unwrap();
        fleet.tell(0..sessions, Wanted::Offline);
        board
            .wait_for(0..sessions, DeviceState::Idle, WAIT)
            .await
            .unwrap();
        let publisher = publisher(&cluster, 1, fleet.topics(), &board);
        publisher.burst(0..sessions, QUEUED).await.unwrap();
        publisher.finish().await.unwrap();
        // In 5.0 the session expires an hour after its client has left.
        let sample = &fleet.device(1).client_id;
        let before = admin.client(sample).await.expect("its session");
        assert_eq!((before.node.as_str(), before.connected), ("n1", false));
        assert_eq!(before.queued, u64::from(QUEUED));
        let expires_before = before.session_expires_in_ms.expect("it expires");
        let asked_at = Instant::now();
        tokio::time::sleep(Duration::from_secs(2)).await;

        let request = StartEvacuationRequest {
            wait_health_check_ms: Some(0),
            wait_takeover_ms: Some(0),
            ..evacuation_of("n1", rate)
        };
        let begun = Instant::now();
        let operation = admin.evacuate(request).await;
        let limit = Duration::from_secs(sessions as u64 / u64::from(rate)) + WAIT;
        let rested = admin.reaches(&operation.id, "prohibiting", limit).await;
        let took = begun.elapsed();
        assert_eq!(rested.sessions_moved_without_client, sessions as u64);
        assert_eq!(rested.trouble_total, 0);
        let least = Duration::from_secs_f64((sessions - 1) as f64 / f64::from(rate) * 0.9);
        assert!(took >= least, "{took:?}: faster than {rate}/s");

        let after = admin.client(sample).await.expect("its session");
        assert_ne!(after.node, "n1");
        assert_eq!(after.queued, u64::from(QUEUED));
        let expected = expires_before - asked_at.elapsed().as_millis() as u64;
        let expires_after = after.session_expires_in_ms.expect("it expires");
        assert!(
            expires_after.abs_diff(expected) < 1_000,
            "expires in {expires_after} ms, not in {expected} ms"
        );

        fleet.tell(0..sessions, Wanted::Online);
        board
            .wait_for(0..sessions, DeviceState::Ready, WAIT)
            .await
            .unwrap();
        let messages = board.wait_until_drained(SETTLE, GIVE_UP).await;
        assert_kept(messages);
        assert_eq!(messages.received, sessions as u64 * u64::from(QUEUED));
        assert_sessions_present(&board, sessions);
        fleet.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_delayed_will_moves_with_its_session_and_is_published_on_time() {
    const DELAY: Duration = Duration::from_secs(6);
    within(LIMIT, async {
        let cluster = TestCluster::start(3).await;
        let admin = cluster.admin(1).await;
        let (id, topic) = (unique("c"), unique("will"));
        let mut watcher = Client::clean(&unique("w"), Protocol::V5, &cluster.mqtt(2)).await;
        watcher.subscribe(&topic, 1).await;
        let mut publisher = Client::clean(&unique("p"), Protocol::V5, &cluster.mqtt(0)).await;
        watcher.is_reached_by(&mut publisher, &topic).await;
        publisher.disconnect().await;
        let options = LinkOptions {
            will: Some(Will {
                topic: topic.clone(),
                payload: b"gone".to_vec(),
                qos: 1,
                retain: false,
                delay_interval_s: DELAY.as_secs() as u32,
            }),
            ..LinkOptions::persistent(&id, Protocol::V5, &cluster.mqtt(0))
        };
        let client = Client::connect(&options).await;
        let vanished = Instant::now();
        client.vanish();

        let request = StartEvacuationRequest {
            wait_health_check_ms: Some(0),
            wait_takeover_ms: Some(0),
            ..evacuation_of("n1", 100)
        };
        let operation = admin.evacuate(request).await;
        admin.reaches(&operation.id, "prohibiting", WAIT).await;
        assert!(
            vanished.elapsed() < DELAY,
            "the session moved too late for this test"
        );
        let seen = admin.client(&id).await.expect("its session");
        assert!(seen.node != "n1" && seen.will, "{seen:?}");

        assert_eq!(watcher.receive_text().await, "gone");
        let late = vanished.elapsed();
        let expected =
            DELAY.saturating_sub(Duration::from_millis(200))..DELAY + Duration::from_secs(2);
        assert!(expected.contains(&late), "published after {late:?}");
        let again = watcher.receive_within(Duration::from_secs(1)).await;
        assert!(again.is_none(), "published twice");
    })
    .await;
}

/// An evacuation that stays in that phase until it is stopped.
fn held_in(phase: &str) -> StartEvacuationRequest {
    let long = Some(600_000);
    let request = StartEvacuationRequest {
        wait_health_check_ms: Some(0),
        wait_takeover_ms: Some(0),
        ..evacuation_of("n1", 1_000)
    };
    match phase {
        "waiting_health_check" => StartEvacuationRequest {
            wait_health_check_ms: long,
            ..request
        },
        "evicting_conns" => StartEvacuationRequest {
            conn_evict_rate: Some(5),
            ..request
        },
        "waiting_takeover" => StartEvacuationRequest {
            wait_takeover_ms: long,
            ..request
        },
        "evicting_sessions" => StartEvacuationRequest {
            sess_evict_rate: Some(5),
            ..request
        },
        _ => request,
    }
}

/// One evacuation that is stopped in that phase, with clients online and offline and messages all the time.
async fn stop_in(phase: &str, cluster: &TestCluster, admin: &Admin) {
    const CLIENTS: usize = 60;
    const ONLINE: Range<usize> = 0..30;
    const OFFLINE: Range<usize> = 30..CLIENTS;
    let board = Arc::new(Board::new(CLIENTS));
    let devices = mixed_devices(&unique("d"), CLIENTS, &cluster.addresses());
    let fleet = Fleet::spawn(devices, &board);
    fleet.tell(0..CLIENTS, Wanted::Online);
    board
        .wait_for(0..CLIENTS, DeviceState::Ready, WAIT)
        .await
        .unwrap();
    fleet.tell(OFFLINE, Wanted::Offline);
    board
        .wait_for(OFFLINE, DeviceState::Idle, WAIT)
        .await
        .unwrap();
    let publisher = publisher(cluster, 1, fleet.topics(), &board);
    let schedule = Schedule::new(300, vec![200; CLIENTS]);
    publisher.steady(schedule).await.unwrap();

    let operation = admin.evacuate(held_in(phase)).await;
    let balancer = Balancer::watch(cluster, "n1");
    admin.reaches(&operation.id, phase, WAIT).await;
    if phase.starts_with("evicting") {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    balancer.assert_right().await;
    let stopped = admin.stop(&operation.id).await;
    assert_eq!(stopped.id, operation.id, "{phase}");

    admin.node_becomes("n1", NodeState::Serving, WAIT).await;
    eventually("n1 is available", WAIT, || async {
        (cluster.availability(0).await == 200).then_some(())
    })
    .await;
    let newcomer = Client::clean(&unique("n"), Protocol::V5, &cluster.mqtt(0)).await;
    newcomer.disconnect().await;
    // Nobody is cut any more.
    let cuts = board.cuts().len();
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(board.cuts().len() <= cuts + 1, "{phase}");

    publisher.finish().await.unwrap();
    fleet.tell(0..CLIENTS, Wanted::Online);
    board
        .wait_for(0..CLIENTS, DeviceState::Ready, WAIT)
        .await
        .unwrap();
    let messages = board.wait_until_drained(SETTLE, GIVE_UP).await;
    assert_kept(messages);
    assert_sessions_present(&board, OFFLINE.len());
    if phase == "waiting_health_check" {
        assert!(board.cuts().is_empty());
    } else {
        assert!(!board.cuts().is_empty() && board.cuts().len() <= ONLINE.len() + OFFLINE.len());
    }
    fleet.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_in_any_phase_returns_the_node_to_service_and_loses_nothing() {
    within(LIMIT, async {
        let cluster = TestCluster::start(3).await;
        let admin = cluster.admin(2).await;
        for phase in [
            "waiting_health_check",
            "evicting_conns",
            "waiting_takeover",
            "evicting_sessions",
            "prohibiting",
        ] {
            stop_in(phase, &cluster, &admin).await;
        }
    })
    .await;
}

#[tokio::test]
async fn new_clients_are_refused_only_once_the_eviction_begins() {
    within(LIMIT, async {
        let cluster = TestCluster::start(2).await;
        let admin = cluster.admin(1).await;
        let request = StartEvacuationRequest {
            wait_health_check_ms: Some(3_000),
            wait_takeover_ms: Some(0),
            ..evacuation_of("n1", 100)
        };
        let operation = admin.evacuate(request).await;
        // The balancer may not have noticed yet.
        assert_eq!(cluster.availability(0).await, 503);
        let id = unique("early");
        let connect = Connect::persistent(&id, Protocol::V5);
        let (mut early, _) = RawClient::accepted(&cluster.mqtt(0), &connect)
            .await
            .unwrap();
        admin.reaches(&operation.id, "prohibiting", WAIT).await;
        let said = early.last_words().await.unwrap();
        assert_eq!(said, Some((0x9C, Some(cluster.mqtt(1)))));

        let (code, reference) = refusal(&cluster.nodes[0], Protocol::V5).await;
        assert_eq!((code, reference), (0x9C, Some(cluster.mqtt(1))));
        assert_eq!(
            refusal(&cluster.nodes[0], Protocol::V3_1_1).await,
            (3, None)
        );

        let fixed = "elsewhere.example:1883";
        admin.stop(&operation.id).await;
        admin.node_becomes("n1", NodeState::Serving, WAIT).await;
        for (redirect_to, expected) in [(fixed, Some(fixed.to_owned())), ("none", None)] {
            let request = StartEvacuationRequest {
                wait_health_check_ms: Some(0),
                wait_takeover_ms: Some(0),
                redirect_to: Some(redirect_to.to_owned()),
                ..evacuation_of("n1", 100)
            };
            let operation = admin.evacuate(request).await;
            admin.reaches(&operation.id, "prohibiting", WAIT).await;
            let refused = refusal(&cluster.nodes[0], Protocol::V5).await;
            assert_eq!(refused, (0x9C, expected), "{redirect_to}");
            admin.stop(&operation.id).await;
            admin.node_becomes("n1", NodeState::Serving, WAIT).await;
        }
    })
    .await;
}

/// How a node answers a CONNECT; it must close the connection then.
async fn refusal(node: &Node, protocol: Protocol) -> (u8, Option<String>) {
    let mut client = RawClient::open(&node.mqtt(), protocol).await.unwrap();
    let id = unique("late");
    let answer = client.connect(&Connect::persistent(&id, protocol)).await;
    let Some(Packet::ConnAck {
        session_present: false,
        code,
        server_reference,
    }) = answer.unwrap()
    else {
        panic!("{id} got no CONNACK");
    };
    assert_eq!(client.receive().await.unwrap(), None, "it stays open");
    (code, server_reference)
}

#[tokio::test]
async fn sessions_go_only_where_they_are_sent() {
    const CLIENTS: usize = 40;
    within(LIMIT, async {
        let cluster = TestCluster::start(3).await;
        let admin = cluster.admin(0).await;
        let board = Arc::new(Board::new(CLIENTS));
        let fleet = Fleet::spawn(
            mixed_devices(&unique("d"), CLIENTS, &cluster.addresses()),
            &board,
        );
        fleet.tell(0..CLIENTS, Wanted::Online);
        board
            .wait_for(0..CLIENTS, DeviceState::Ready, WAIT)
            .await
            .unwrap();
        fleet.tell(0..CLIENTS, Wanted::Offline);
        board
            .wait_for(0..CLIENTS, DeviceState::Idle, WAIT)
            .await
            .unwrap();
        let request = StartEvacuationRequest {
            wait_health_check_ms: Some(0),
            wait_takeover_ms: Some(0),
            migrate_to: vec!["n3".to_owned()],
            ..evacuation_of("n1", 100)
        };
        let operation = admin.evacuate(request).await;
        admin.reaches(&operation.id, "prohibiting", WAIT).await;
        // In pages, to see that those fit together.
        assert_eq!(admin.sessions("n3", 7).await.len(), CLIENTS);
        assert_eq!(admin.sessions("n1", 7).await.len(), 0);
        assert_eq!(admin.sessions("n2", 7).await.len(), 0);
        fleet.stop().await;
    })
    .await;
}
