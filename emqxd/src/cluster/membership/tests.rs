//! Membership by gossip between nodes of one process.

use std::time::Instant;

use super::*;

const BOUND: Duration = Duration::from_secs(20);

async fn socket() -> GossipSocket {
    GossipSocket::bind(([127, 0, 0, 1], 0).into())
        .await
        .unwrap()
}

fn config(
    name: &str,
    incarnation: u64,
    socket: &GossipSocket,
    seeds: &[SocketAddr],
) -> MembershipConfig {
    MembershipConfig {
        cluster_name: "test".into(),
        node_name: NodeName::new(name).unwrap(),
        incarnation,
        socket: socket.clone(),
        advertise: socket.local_addr(),
        seeds: seeds.iter().map(ToString::to_string).collect(),
        facts: vec![
            (Fact::Mqtt, format!("{name}:1883")),
            (Fact::Duty, "serving".into()),
        ],
    }
}

async fn start(name: &str, seeds: &[SocketAddr]) -> (Membership, GossipSocket) {
    let socket = socket().await;
    let membership = Membership::start(config(name, 1, &socket, seeds))
        .await
        .unwrap();
    (membership, socket)
}

async fn until(membership: &Membership, what: &str, condition: impl Fn(&View) -> bool) -> Duration {
    let begun = Instant::now();
    let mut views = membership.watch();
    let reached = tokio::time::timeout(BOUND, views.wait_for(|view| condition(view))).await;
    match reached {
        Ok(Ok(_)) => begun.elapsed(),
        _ => panic!(
            "{what} did not happen; seen: {:?}",
            membership.view().nodes.keys()
        ),
    }
}

fn names(view: &View) -> Vec<&str> {
    view.nodes.keys().map(NodeName::as_str).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn three_nodes_see_each_other_and_what_they_tell() {
    let (a, a_socket) = start("a", &[]).await;
    let seeds = [a_socket.local_addr()];
    let ((b, _), (c, _)) = tokio::join!(start("b", &seeds), start("c", &seeds));
    for node in [&a, &b, &c] {
        until(node, "seeing all", |view| names(view) == ["a", "b", "c"]).await;
    }
    assert_eq!(a.view().hash, b.view().hash);
    assert_eq!(a.view().registrar_of("x"), c.view().registrar_of("x"));
    assert_eq!(a.view().nodes["b"].mqtt, "b:1883");
    assert!(a.view().nodes["b"].started_unix_ms > 0);
    c.set_fact(Fact::Connections, 42);
    c.set_fact(Fact::Duty, "evacuating");
    for node in [&a, &b, &c] {
        until(node, "the new facts", |view| {
            let c = &view.nodes["c"];
            c.connections == 42 && c.duty == "evacuating"
        })
        .await;
    }
    assert_eq!(a.known().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crashed_node_is_noticed_in_seconds_and_a_leaving_one_at_once() {
    let (a, a_socket) = start("a", &[]).await;
    let seeds = [a_socket.local_addr()];
    let ((b, _), (c, _)) = tokio::join!(start("b", &seeds), start("c", &seeds));
    until(&a, "seeing all", |view| view.nodes.len() == 3).await;
    until(&c, "seeing all", |view| view.nodes.len() == 3).await;
    c.leave().await;
    let took = until(&a, "c leaving", |view| names(view) == ["a", "b"]).await;
    assert!(took < Duration::from_secs(1), "{took:?}");
    drop(b);
    let took = until(&a, "b being dead", |view| names(view) == ["a"]).await;
    assert!(
        took > Duration::from_secs(2) && took < Duration::from_secs(8),
        "{took:?}"
    );
    let known: Vec<_> = a
        .known()
        .iter()
        .map(|k| (k.info.name.to_string(), k.is_live))
        .collect();
    assert_eq!(
        known,
        [("a".into(), true), ("b".into(), false), ("c".into(), false)]
    );
    assert!(a.known()[1].last_seen_unix_ms > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_in_use_is_refused() {
    let (a, a_socket) = start("a", &[]).await;
    let (_b, b_socket) = start("b", &[a_socket.local_addr()]).await;
    until(&a, "seeing both", |view| view.nodes.len() == 2).await;
    let other = socket().await;
    let refused = Membership::start(config("b", 2, &other, &[a_socket.local_addr()])).await;
    assert_eq!(
        refused.err().unwrap().to_string(),
        format!(
            "node name 'b' is already in the cluster at {}",
            b_socket.local_addr()
        )
    );
    // The one that was there is not disturbed.
    assert_eq!(a.view().nodes["b"].incarnation, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restarted_node_replaces_its_former_incarnation_at_once() {
    let (a, a_socket) = start("a", &[]).await;
    let (b, b_socket) = start("b", &[a_socket.local_addr()]).await;
    until(&a, "seeing both", |view| view.nodes.len() == 2).await;
    let b_addr = b_socket.local_addr();
    drop((b, b_socket));
    // The port is free as soon as the former gossip task has ended.
    let binding = async {
        loop {
            match GossipSocket::bind(b_addr).await {
                Ok(socket) => break socket,
                Err(_) => tokio::task::yield_now().await,
            }
        }
    };
    let again = tokio::time::timeout(BOUND, binding).await.unwrap();
    let begun = Instant::now();
    let _b = Membership::start(config("b", 2, &again, &[a_socket.local_addr()]))
        .await
        .unwrap();
    until(&a, "the new incarnation", |view| {
        view.nodes.get("b").is_some_and(|b| b.incarnation == 2)
    })
    .await;
    assert!(
        begun.elapsed() < Duration::from_millis(2_500),
        "{:?}",
        begun.elapsed()
    );
    // Killed, and started elsewhere before its death was noticed: the name is free.
    drop((_b, again));
    let elsewhere = socket().await;
    let _b = Membership::start(config("b", 3, &elsewhere, &[a_socket.local_addr()]))
        .await
        .unwrap();
    until(&a, "the third incarnation", |view| {
        view.nodes
            .get("b")
            .is_some_and(|b| b.cluster == elsewhere.local_addr())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seed_may_start_later() {
    let late = socket().await;
    let (a, _) = start("a", &[late.local_addr()]).await;
    assert_eq!(names(&a.view()), ["a"]);
    let _b = Membership::start(config("b", 1, &late, &[])).await.unwrap();
    until(&a, "the late seed", |view| names(view) == ["a", "b"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_cluster_is_refused() {
    let (_a, a_socket) = start("a", &[]).await;
    let other = socket().await;
    let mut config = config("b", 1, &other, &[a_socket.local_addr()]);
    config.cluster_name = "other".into();
    let refused = Membership::start(config).await.err().unwrap().to_string();
    assert_eq!(
        refused,
        format!(
            "the node at {} belongs to another cluster than 'other'",
            a_socket.local_addr()
        )
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_was_cut_off_comes_back_with_the_same_incarnation() {
    let (a, a_socket) = start("a", &[]).await;
    let (_b, b_socket) = start("b", &[a_socket.local_addr()]).await;
    until(&a, "seeing both", |view| view.nodes.len() == 2).await;
    b_socket.cut(true);
    until(&a, "the cut", |view| view.nodes.len() == 1).await;
    b_socket.cut(false);
    until(&a, "the healing", |view| {
        view.has(&NodeName::new("b").unwrap(), 1)
    })
    .await;
}
