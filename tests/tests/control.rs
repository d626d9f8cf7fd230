//! What the nodes agree on: with real processes that die, come back, leave and are lost.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::time::Duration;

use emqx_proto::admin::v1::{
    ControlGroup, NodeState, Operation, Outcome, StartEvacuationRequest, StopOperationRequest,
};
use emqx_tests::admin::{Admin, evacuation_of};
use emqx_tests::cli::emqxctl;
use emqx_tests::client::Client;
use emqx_tests::test_cluster::TestCluster;
use emqx_tests::{eventually, unique, within};
use emqxctl::demo::cluster::{Node, NodeOptions};
use emqxctl::demo::link::Protocol;
use futures_util::future::join_all;

const LIMIT: Duration = Duration::from_secs(120);
const WAIT: Duration = Duration::from_secs(40);

async fn group(admin: &Admin) -> ControlGroup {
    admin.status().await.control.expect("a control group")
}

/// Returns once that many vote, and all of them have all that was agreed.
async fn votes(admin: &Admin, voters: usize) -> ControlGroup {
    eventually(&format!("{voters} voters"), WAIT, || async {
        let group = group(admin).await;
        let count = group.members.iter().filter(|member| member.voter).count();
        let level = group.members.iter().all(|member| member.lag == Some(0));
        (count == voters && level && group.has_majority).then_some(group)
    })
    .await
}

/// An evacuation that stays in its first phase.
fn slow(node: &str) -> StartEvacuationRequest {
    StartEvacuationRequest {
        wait_health_check_ms: Some(3_600_000),
        ..evacuation_of(node, 100)
    }
}

/// Starts it again where it was.
async fn again(dead: NodeOptions, address: SocketAddr) -> Node {
    let mut options = dead;
    options
        .flags
        .insert("cluster".to_owned(), address.to_string());
    Node::start(options).await.expect("a node that starts")
}

async fn kill(cluster: &mut TestCluster, index: usize) -> (NodeOptions, SocketAddr) {
    let node = cluster.nodes.remove(index);
    let dead = (node.options.clone(), node.ready.cluster);
    node.kill().await.expect("it ends");
    dead
}

async fn listed(admin: &Admin, id: &str) -> Option<Operation> {
    let operations = admin.status().await.operations;
    operations.into_iter().find(|operation| operation.id == id)
}

fn server(node: &Node) -> String {
    node.ready.admin.to_string()
}

#[tokio::test]
async fn an_evacuation_outlives_its_node() {
    within(LIMIT, async {
        let mut cluster = TestCluster::start(3).await;
        let admin = cluster.admin(0).await;
        votes(&admin, 3).await;
        let operation = admin.evacuate(slow("n3")).await;
        let (options, address) = kill(&mut cluster, 2).await;
        admin.node_becomes("n3", NodeState::Unreachable, WAIT).await;
        for index in 0..2 {
            let known = listed(&cluster.admin(index).await, &operation.id).await;
            let known = known.expect("all know of it");
            assert_eq!(known.phase, "waiting_health_check");
            assert_eq!(known.limited_by, "n3, which does not answer");
            assert_eq!(known.ended_unix_ms, None);
        }

        cluster.nodes.push(again(options, address).await);
        // It never serves in between.
        assert_eq!(cluster.availability(2).await, 503);
        let goes_on = eventually("it goes on", WAIT, || async {
            let known = listed(&admin, &operation.id).await?;
            known.limited_by.is_empty().then_some(known)
        })
        .await;
        assert_eq!(goes_on.started_unix_ms, operation.started_unix_ms);
        assert!(goes_on.revision > operation.revision);
        let stopped = admin.stop(&operation.id).await;
        assert_eq!(stopped.outcome(), Outcome::Stopped);
        admin.node_becomes("n3", NodeState::Serving, WAIT).await;
    })
    .await;
}

#[tokio::test]
async fn the_leader_is_killed_and_commands_go_on() {
    within(LIMIT, async {
        let mut cluster = TestCluster::start(3).await;
        let leader = votes(&cluster.admin(0).await, 3).await.leader;
        let index = cluster
            .nodes
            .iter()
            .position(|node| node.name() == leader)
            .unwrap();
        kill(&mut cluster, index).await;
        let target = cluster.nodes[1].name().to_owned();
        let admin = cluster.admin(0).await;
        let started = eventually("another leader", WAIT, || async {
            admin.try_evacuate(slow(&target)).await.ok()
        })
        .await;
        let now = group(&admin).await;
        assert_ne!(now.leader, leader);
        let stopped = admin.stop(&started.id).await;
        assert_eq!(stopped.outcome(), Outcome::Stopped);
    })
    .await;
}

#[tokio::test]
async fn operations_outlive_a_restart_of_all_nodes() {
    within(LIMIT, async {
        let mut cluster = TestCluster::start(3).await;
        let admin = cluster.admin(0).await;
        votes(&admin, 3).await;
        let ended = admin.evacuate(evacuation_of("n2", 100)).await;
        admin.stop(&ended.id).await;
        let running = admin.evacuate(slow("n3")).await;
        eventually("all know", WAIT, || async {
            let group = group(&admin).await;
            group
                .members
                .iter()
                .all(|member| member.lag == Some(0))
                .then_some(())
        })
        .await;
        let mut nodes = Vec::new();
        for node in cluster.nodes.drain(..) {
            nodes.push((node.options.clone(), node.ready.cluster));
            node.terminate().await.unwrap();
        }
        let started = nodes
            .into_iter()
            .map(|(options, address)| again(options, address));
        cluster.nodes = join_all(started).await;
        let admin = cluster.admin(0).await;
        votes(&admin, 3).await;
        let ended = listed(&admin, &ended.id).await.expect("it is known");
        assert_eq!(ended.outcome(), Outcome::Stopped);
        let goes_on = listed(&admin, &running.id).await.expect("it is known");
        assert_eq!(goes_on.ended_unix_ms, None);
        assert_eq!(cluster.availability(2).await, 503);
    })
    .await;
}

#[tokio::test]
async fn without_a_majority_mqtt_goes_on_commands_are_refused_and_a_recovery_helps() {
    within(LIMIT, async {
        let mut cluster = TestCluster::start(3).await;
        let admin = cluster.admin(0).await;
        votes(&admin, 3).await;
        let lost = kill(&mut cluster, 2).await;
        kill(&mut cluster, 1).await;
        admin.node_becomes("n2", NodeState::Unreachable, WAIT).await;
        admin.node_becomes("n3", NodeState::Unreachable, WAIT).await;

        let topic = unique("alone");
        let mut client = Client::clean(&unique("c"), Protocol::V5, &cluster.mqtt(0)).await;
        client.subscribe(&topic, 1).await;
        client.publish(&topic, 1, "goes on").await;
        assert_eq!(client.receive_text().await, "goes on");

        // One that does not serve any more is put in, so that nothing but the majority is in the way.
        let at = server(&cluster.nodes[0]);
        let refused = emqxctl(&["--server", &at, "cluster", "remove", "n3", "--yes"]).await;
        refused.expect(
            6,
            &[
                "lost its majority",
                "of its 3 voters n2, n3 are not there",
                "cluster recover",
            ],
        );
        let status = emqxctl(&["--server", &at, "cluster", "status"]).await;
        assert!(status.stdout.contains("NO MAJORITY"), "{status:#?}");

        let recovered = emqxctl(&["--server", &at, "cluster", "recover", "--yes"]).await;
        recovered.expect(0, &[]);
        assert!(
            recovered.stdout.contains("generation 2), without n2, n3"),
            "{recovered:#?}"
        );
        votes(&admin, 1).await;

        // One of the lost nodes comes back: it takes no part until it is told to.
        cluster.nodes.push(again(lost.0, lost.1).await);
        let back = cluster.admin(1).await;
        eventually("it is left out", WAIT, || async {
            (group(&back).await.standing == "left").then_some(())
        })
        .await;
        let at = server(&cluster.nodes[1]);
        let refused = emqxctl(&["--server", &at, "rebalance", "start", "--evacuation", "n3"]).await;
        refused.expect(6, &["takes no part in the control group", "cluster join"]);
        emqxctl(&["--server", &at, "cluster", "join", "--yes"])
            .await
            .expect(0, &[]);
        votes(&admin, 2).await;
        let operation = back.evacuate(slow("n3")).await;
        admin.stop(&operation.id).await;
    })
    .await;
}

#[tokio::test]
async fn a_start_without_a_majority_is_refused_by_name_and_an_evacuation_goes_on() {
    within(LIMIT, async {
        let mut cluster = TestCluster::start(4).await;
        let admin = cluster.admin(0).await;
        votes(&admin, 4).await;
        let mut parked =
            Client::persistent(&unique("parked"), Protocol::V5, &cluster.mqtt(0)).await;
        parked.subscribe(&unique("t"), 1).await;
        let operation = admin.evacuate(evacuation_of("n1", 100)).await;
        for _ in 0..2 {
            kill(&mut cluster, 2).await;
        }
        for name in ["n3", "n4"] {
            admin.node_becomes(name, NodeState::Unreachable, WAIT).await;
        }
        let refused = admin.try_evacuate(slow("n2")).await.unwrap_err();
        assert_eq!(refused.code(), tonic::Code::FailedPrecondition);
        admin.reaches(&operation.id, "prohibiting", WAIT).await;
        let mut operations = admin.operations();
        let refused = operations.stop(StopOperationRequest {
            id: operation.id.clone(),
            node: String::new(),
        });
        let refused = refused.await.unwrap_err();
        assert!(
            refused.message().contains("n3, n4 are not there"),
            "{refused}"
        );
        assert_eq!(cluster.availability(0).await, 503);
    })
    .await;
}

#[tokio::test]
async fn members_leave_and_are_removed() {
    within(LIMIT, async {
        let mut cluster = TestCluster::start(3).await;
        let admin = cluster.admin(0).await;
        votes(&admin, 3).await;
        let _client = Client::clean(&unique("c"), Protocol::V5, &cluster.mqtt(2)).await;
        let at = server(&cluster.nodes[0]);
        let refused = emqxctl(&["--server", &at, "cluster", "remove", "n3", "--yes"]).await;
        refused.expect(6, &["n3 still serves 1 sessions", "--force"]);
        let forced = emqxctl(&[
            "--server", &at, "cluster", "remove", "n3", "--force", "--yes",
        ])
        .await;
        forced.expect(0, &[]);
        votes(&admin, 2).await;

        // Its name may join again, as it does when it starts anew.
        let (options, address) = kill(&mut cluster, 2).await;
        cluster.nodes.push(again(options, address).await);
        votes(&admin, 3).await;

        let leaver = server(&cluster.nodes[2]);
        emqxctl(&["--server", &leaver, "cluster", "leave", "--yes"])
            .await
            .expect(0, &[]);
        votes(&admin, 2).await;
        assert_eq!(group(&cluster.admin(2).await).await.standing, "left");

        kill(&mut cluster, 1).await;
        admin.node_becomes("n2", NodeState::Unreachable, WAIT).await;
        let refused = emqxctl(&["--server", &at, "cluster", "leave", "--yes"]).await;
        refused.expect(6, &["lost its majority"]);
    })
    .await;
}

/// Ports that were free a moment ago, for both protocols.
fn free_addresses(count: usize) -> Vec<SocketAddr> {
    let mut held = Vec::new();
    while held.len() < count {
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        if let Ok(udp) = UdpSocket::bind(tcp.local_addr().unwrap()) {
            held.push((tcp, udp));
        }
    }
    held.iter()
        .map(|(tcp, _)| tcp.local_addr().unwrap())
        .collect()
}

#[tokio::test]
async fn nodes_that_are_all_told_of_each_other_are_one_group() {
    within(LIMIT, async {
        let mut cluster = TestCluster::start(0).await;
        let addresses = free_addresses(3);
        let program = cluster.next_options().program;
        let starts = addresses.iter().enumerate().map(|(index, address)| {
            let mut options = NodeOptions::new(&program, cluster.dir(), &format!("n{}", index + 1));
            options.join = addresses.clone();
            again(options, *address)
        });
        let nodes = join_all(starts).await;
        cluster.nodes = nodes;
        let mut groups = Vec::new();
        for index in 0..3 {
            groups.push(votes(&cluster.admin(index).await, 3).await.group);
        }
        groups.dedup();
        assert_eq!(groups.len(), 1, "{groups:?}");
    })
    .await;
}

#[tokio::test]
async fn control_state_of_a_newer_version_is_refused() {
    within(LIMIT, async {
        let cluster = TestCluster::start(0).await;
        let options = cluster.next_options();
        let control = options.data_dir.join("control");
        std::fs::create_dir_all(&control).unwrap();
        std::fs::write(control.join("format.json"), "{\"format\": 99}").unwrap();
        let (status, log) = Node::start_to_fail(&options, Duration::from_secs(20))
            .await
            .unwrap();
        assert!(!status.success());
        assert!(
            log.contains("has format 99") && log.contains("use the version that wrote it"),
            "{log}"
        );
    })
    .await;
}
