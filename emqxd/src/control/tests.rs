//! Groups of several nodes in one process, over a network that can be cut.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, join_all};
use parking_lot::Mutex;
use tempfile::TempDir;

use super::command::Change;
use super::error::ControlError;
use super::formation::Consent;
use super::group::ControlGroup;
use super::identity::Announcement;
use super::operation_record::{Body, OperationRecord};
use super::peers::{Peer, PeerFailure, Peers};
use super::settings;
use super::status::GroupStatus;
use super::store::Store;
use crate::watch;

const LIMIT: Duration = Duration::from_secs(60);

/// All nodes, and which of them are cut off.
struct Net {
    nodes: Mutex<BTreeMap<String, Weak<ControlGroup>>>,
    told: Mutex<BTreeMap<String, Announcement>>,
    cut: Mutex<BTreeSet<String>>,
    changes: watch::Sender<u64>,
}

impl Net {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            nodes: Mutex::default(),
            told: Mutex::default(),
            cut: Mutex::default(),
            changes: watch::channel(0).0,
        })
    }

    fn is_there(&self, name: &str) -> bool {
        let is_up = self
            .nodes
            .lock()
            .get(name)
            .is_some_and(|node| node.strong_count() > 0);
        is_up && !self.cut.lock().contains(name)
    }

    fn changed(&self) {
        self.changes.send_modify(|count| *count += 1);
    }
}

struct NetPeers {
    net: Arc<Net>,
    name: String,
}

impl Peers for NetPeers {
    fn live(&self) -> Vec<Peer> {
        if !self.net.is_there(&self.name) {
            return Vec::new();
        }
        let names: Vec<String> = self.net.nodes.lock().keys().cloned().collect();
        names
            .into_iter()
            .filter(|name| *name != self.name && self.net.is_there(name))
            .map(|name| Peer {
                announcement: self.net.told.lock().get(&name).cloned(),
                name,
            })
            .collect()
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.net.changes.subscribe()
    }

    fn announce(&self, announcement: &Announcement) {
        self.net
            .told
            .lock()
            .insert(self.name.clone(), announcement.clone());
        self.net.changed();
    }

    fn ask(
        &self,
        name: &str,
        request: Bytes,
        _within: Duration,
    ) -> BoxFuture<'static, Result<Bytes, PeerFailure>> {
        let node = self.net.nodes.lock().get(name).and_then(Weak::upgrade);
        let is_there = self.net.is_there(name) && self.net.is_there(&self.name);
        let from = self.name.clone();
        async move {
            let Some(node) = node.filter(|_| is_there) else {
                return Err(PeerFailure::Unreachable("cut".to_owned()));
            };
            let served = node.serve(&from, &request).await;
            served.map_err(|(code, message)| PeerFailure::Refused { code, message })
        }
        .boxed()
    }
}

/// A node and its disk.
struct Node {
    net: Arc<Net>,
    name: String,
    seeds: usize,
    dir: TempDir,
    group: Option<Arc<ControlGroup>>,
    stop: watch::Sender<bool>,
    task: Option<tokio::task::JoinHandle<()>>,
}

impl Node {
    async fn start(net: &Arc<Net>, name: &str, seeds: usize) -> Self {
        let mut node = Self {
            net: Arc::clone(net),
            name: name.to_owned(),
            seeds,
            dir: tempfile::tempdir().unwrap(),
            group: None,
            stop: watch::channel(false).0,
            task: None,
        };
        node.up().await;
        node
    }

    async fn up(&mut self) {
        let peers = Arc::new(NetPeers {
            net: Arc::clone(&self.net),
            name: self.name.clone(),
        });
        let store = Store::open(self.dir.path()).unwrap();
        let group = ControlGroup::start(store, &self.name, self.seeds, peers)
            .await
            .unwrap();
        self.net
            .nodes
            .lock()
            .insert(self.name.clone(), Arc::downgrade(&group));
        self.stop.send_replace(false);
        self.task = Some(tokio::spawn(Arc::clone(&group).run(self.stop.subscribe())));
        self.group = Some(group);
        self.net.changed();
    }

    async fn down(&mut self) {
        self.stop.send_replace(true);
        if let Some(task) = self.task.take() {
            task.await.unwrap();
        }
        let group = self.group.take();
        drop(group);
        self.net.nodes.lock().remove(&self.name);
        self.net.changed();
    }

    fn cut(&self, is_cut: bool) {
        if is_cut {
            self.net.cut.lock().insert(self.name.clone());
        } else {
            self.net.cut.lock().remove(&self.name);
        }
        self.net.changed();
    }

    fn group(&self) -> &Arc<ControlGroup> {
        self.group.as_ref().unwrap()
    }

    fn status(&self) -> GroupStatus {
        self.group().status()
    }

    async fn becomes(&self, what: &str, wanted: impl Fn(&GroupStatus) -> bool) {
        let deadline = Instant::now() + LIMIT;
        while !wanted(&self.status()) {
            assert!(
                Instant::now() < deadline,
                "{}: {what}: {:#?}",
                self.name,
                self.status()
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn has(&self, voters: usize, learners: usize) {
        self.becomes(&format!("{voters} voters, {learners} learners"), |status| {
            let count = status
                .members
                .iter()
                .filter(|member| member.is_voter)
                .count();
            status.has_majority && count == voters && status.members.len() == voters + learners
        })
        .await;
    }

    /// Proposed until it is agreed on, as an agent would.
    async fn agrees(&self, change: Change) {
        let deadline = Instant::now() + LIMIT;
        while let Err(error) = self.group().propose(change.clone()).await {
            assert!(Instant::now() < deadline, "{}: {error}", self.name);
        }
    }

    async fn sees(&self, operation: &str) {
        let mut states = self.group().follow();
        let seen = states.wait_for(|state| state.operation(operation).is_some());
        tokio::time::timeout(LIMIT, seen).await.unwrap().unwrap();
    }
}

async fn cluster(count: usize) -> Vec<Node> {
    let net = Net::new();
    let names: Vec<String> = (1..=count).map(|number| format!("n{number}")).collect();
    let nodes = join_all(names.iter().map(|name| Node::start(&net, name, count - 1))).await;
    for node in &nodes {
        node.has(count.min(5), count - count.min(5)).await;
    }
    nodes
}

fn start(id: &str, node: &str) -> Change {
    Change::StartOperation {
        operation: OperationRecord {
            id: id.to_owned(),
            node: node.to_owned(),
            started_unix_ms: 1,
            ended_unix_ms: None,
            stop_requested: false,
            ended_because: String::new(),
            body: Body::default(),
        },
        targets: vec!["elsewhere".to_owned()],
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_join_each_other_begin_one_group_of_which_five_vote() {
    let nodes = cluster(7).await;
    let groups: BTreeSet<_> = nodes
        .iter()
        .map(|node| node.status().group.unwrap().id)
        .collect();
    assert_eq!(groups.len(), 1);
    for (number, node) in nodes.iter().enumerate() {
        node.agrees(start(&format!("op-{number}"), &node.name))
            .await;
    }
    for node in &nodes {
        node.sees("op-6").await;
        assert_eq!(node.group().state().operations().len(), 7);
    }
    let set = |value: &str| Change::SetSetting {
        key: settings::VOTERS_MAX.to_owned(),
        value: Some(value.to_owned()),
    };
    let refused = nodes[6].group().propose(set("4")).await.unwrap_err();
    assert_eq!(
        (refused.code(), refused.valid().as_str()),
        ("invalid_value", "1, 3 or 5")
    );
    nodes[6].agrees(set("3")).await;
    nodes[0].has(3, 4).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_alone_is_a_group_of_one_and_is_it_again_after_a_start() {
    let net = Net::new();
    let mut node = Node::start(&net, "n1", 0).await;
    node.agrees(start("op-1", "n1")).await;
    let before = node.status().group;
    node.down().await;
    node.up().await;
    node.sees("op-1").await;
    node.has(1, 0).await;
    assert_eq!(node.status().group, before);
    node.agrees(start("op-2", "n2")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_leader_dies_and_the_others_go_on() {
    let mut nodes = cluster(3).await;
    nodes[0].agrees(start("op-1", "n1")).await;
    let leader = nodes[0].status().leader;
    let index = nodes.iter().position(|node| node.name == leader).unwrap();
    let mut dead = nodes.remove(index);
    dead.down().await;
    nodes[0].agrees(start("op-2", "n2")).await;
    nodes[1].agrees(start("op-3", "n3")).await;
    dead.up().await;
    dead.sees("op-3").await;
    for node in &mut nodes {
        node.down().await;
    }
    dead.down().await;
    for node in nodes.iter_mut().chain([&mut dead]) {
        node.up().await;
        assert_eq!(
            node.group().state().operations().len(),
            3,
            "known before anybody is asked"
        );
    }
    dead.agrees(start("op-4", "n4")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_majority_is_told_and_recovered_and_the_lost_nodes_cannot_come_back_as_a_second_group()
 {
    let mut nodes = cluster(3).await;
    nodes[0].agrees(start("op-1", "n1")).await;
    nodes[2].sees("op-1").await;
    let there = nodes[0].group().recover().await.unwrap_err();
    assert_eq!(there.code(), "majority_is_there");
    nodes[0].cut(true);
    nodes[1].cut(true);
    let refused = nodes[2]
        .group()
        .propose(start("op-2", "n2"))
        .await
        .unwrap_err();
    let ControlError::NoMajority { voters: 3, missing } = refused else {
        panic!("{refused}");
    };
    assert_eq!(missing, ["n1", "n2"]);
    assert_eq!(nodes[2].status().missing, ["n1", "n2"]);
    assert!(!nodes[2].status().has_majority);

    let recovered = nodes[2].group().recover().await.unwrap();
    assert_eq!(recovered.generation, 2);
    nodes[2].has(1, 0).await;
    nodes[2].agrees(start("op-2", "n2")).await;
    assert!(nodes[2].group().state().operation("op-1").is_some());

    nodes[0].cut(false);
    nodes[1].cut(false);
    for node in &nodes[..2] {
        node.becomes("superseded", |status| status.standing == "left")
            .await;
        assert!(
            node.status().problem.contains("cluster recover"),
            "{}",
            node.status().problem
        );
        let refused = node.group().propose(start("op-3", "n3")).await.unwrap_err();
        assert_eq!(refused.code(), "left_control_group");
    }
    // Either way of coming back: told to, or started again.
    nodes[0].group().join().await.unwrap();
    nodes[1].down().await;
    nodes[1].up().await;
    for node in &nodes {
        node.has(3, 0).await;
        node.sees("op-2").await;
        assert_eq!(node.status().group.as_ref(), Some(&recovered));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_left_of_five_goes_on_together() {
    let mut nodes = cluster(5).await;
    nodes[4].agrees(start("op-1", "n1")).await;
    let mut lost = Vec::new();
    for _ in 0..3 {
        let mut node = nodes.remove(0);
        node.down().await;
        lost.push(node);
    }
    nodes[1].group().recover().await.unwrap();
    for node in &nodes {
        node.has(2, 0).await;
        node.sees("op-1").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_leave_are_removed_and_come_again() {
    let mut nodes = cluster(3).await;
    let refused = nodes[0].group().remove("n9", 5).await.unwrap_err();
    assert_eq!(refused.code(), "not_a_member");
    nodes[1].agrees(start("op-1", "n3")).await;

    // One that is dead.
    nodes[2].down().await;
    nodes[0].group().remove("n3", 5).await.unwrap();
    nodes[1].has(2, 0).await;
    assert_eq!(
        nodes[0]
            .group()
            .state()
            .operation("op-1")
            .unwrap()
            .ended_unix_ms,
        Some(5)
    );
    nodes[2].up().await;
    nodes[2]
        .becomes("removed", |status| status.standing == "left")
        .await;
    nodes[0].has(2, 0).await;
    nodes[2].down().await;
    nodes[2].up().await;
    nodes[2].has(3, 0).await;

    // The leader, by itself.
    let leader = nodes[0].status().leader;
    let index = nodes.iter().position(|node| node.name == leader).unwrap();
    nodes[index].group().remove(&leader, 5).await.unwrap();
    assert_eq!(nodes[index].status().standing, "left");
    let other = &nodes[(index + 1) % 3];
    other.has(2, 0).await;
    nodes[index].group().join().await.unwrap();
    other.has(3, 0).await;
    let refused = nodes[index].group().join().await.unwrap_err();
    assert_eq!(refused.code(), "already_a_member");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_has_lost_its_disk_is_somebody_new() {
    let mut nodes = cluster(3).await;
    nodes[0].agrees(start("op-1", "n1")).await;
    let before = nodes[2].status().node_id;
    nodes[2].down().await;
    nodes[2].dir = tempfile::tempdir().unwrap();
    nodes[2].up().await;
    nodes[2].has(3, 0).await;
    nodes[2].sees("op-1").await;
    assert_ne!(nodes[2].status().node_id, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_groups_by_accident_are_told_and_one_joins_the_other() {
    let net = Net::new();
    let nodes = [
        Node::start(&net, "n1", 0).await,
        Node::start(&net, "n2", 0).await,
    ];
    for (node, other) in [(&nodes[0], "n2"), (&nodes[1], "n1")] {
        node.becomes("two groups", |status| {
            status.problem
                == format!("there are two control groups: {other} is in another one than this node")
        })
        .await;
    }
    nodes[1].group().join().await.unwrap();
    nodes[1].has(2, 0).await;
    assert_eq!(nodes[0].status().problem, "");
    assert_eq!(nodes[0].status().group, nodes[1].status().group);
}

#[test]
fn one_node_at_a_time_has_consent_and_not_for_ever() {
    let mut consent = Consent::default();
    let start = Instant::now();
    let after = |millis| start + Duration::from_millis(millis);
    assert!(consent.give("n1", start));
    assert!(!consent.give("n2", after(1)));
    consent.withdraw("n2");
    assert!(!consent.give("n2", after(2)));
    assert!(consent.give("n1", after(6_000)));
    assert!(!consent.give("n2", after(16_000)));
    assert!(consent.give("n2", after(16_001)));
    consent.withdraw("n2");
    assert!(consent.give("n1", after(16_002)));
}
