//! Session transfer between two nodes in one process, with steps that are late or never come.

use super::*;
use crate::cluster::registry::{Claim, Lapsed};
use crate::cluster::takeover::Moved;
use crate::membership::registrar::CLAIM_LEASE;
use crate::metrics::DisconnectCause;
use crate::node::open::Opened;
use crate::node::session_cell::{Access, CellPhase, SessionHandle};
use crate::packet::{ClientId, ProtocolVersion};
use crate::session::{Detach, Session, fixture};

/// A node of its own, stopped with its runtime.
pub(super) struct TestNode {
    node: Node,
    _stop: watch::Sender<bool>,
    _data_dir: DataDir,
    _folder: tempfile::TempDir,
}

impl TestNode {
    async fn start(name: &str, join: Option<&Self>) -> Self {
        Self::start_with(name, join, |_| None).await
    }

    /// With some environment variables.
    pub(super) async fn start_with(
        name: &str,
        join: Option<&Self>,
        variables: impl Fn(&str) -> Option<std::ffi::OsString>,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data");
        let any = "127.0.0.1:0";
        let mut args = vec![
            "emqxd",
            "--node-name",
            name,
            "--data-dir",
            path.to_str().unwrap(),
        ];
        for listener in ["--mqtt", "--admin", "--http", "--cluster"] {
            args.extend([listener, any]);
        }
        let seed = join.map(|node| node.node.ready.cluster.clone().unwrap());
        if let Some(seed) = &seed {
            args.extend(["--join", seed]);
        }
        let config = Arc::new(Config::load_from(args, variables).unwrap());
        let data_dir =
            DataDir::open(&config.data_dir, &config.node_name, &config.cluster_name).unwrap();
        let sockets = Sockets::bind(&config, &data_dir).await.unwrap();
        let (stop, stopped) = watch::channel(false);
        let control = ControlStore::open(&data_dir.path().join(CONTROL_FOLDER)).unwrap();
        let node = Node::start(config, &data_dir, control, sockets, &stopped)
            .await
            .unwrap();
        Self {
            node,
            _stop: stop,
            _data_dir: data_dir,
            _folder: folder,
        }
    }

    pub(super) fn broker(&self) -> &Arc<Broker> {
        &self.node.broker
    }

    pub(super) async fn sees(&self, members: usize) {
        let mut views = self.broker().cluster().membership.watch();
        views
            .wait_for(|view| view.nodes.len() == members)
            .await
            .unwrap();
    }

    async fn connect(&self) -> Opened {
        let attach = fixture::attach(ProtocolVersion::V5);
        let access = Access {
            address: "test".into(),
            listener: "test".into(),
        };
        let opened = self
            .broker()
            .open(client_id(), attach, 0, Arc::new(access))
            .await;
        opened.unwrap()
    }

    fn queued(&self) -> usize {
        let session = self.broker().sessions.get(&client_id()).unwrap();
        let state = session.lock();
        assert_eq!(session.phase(), CellPhase::Live);
        state.session.stats().queued
    }

    /// Until the Session is not here any more.
    async fn is_left(&self) {
        let is_left = async {
            while self.broker().sessions.get(&client_id()).is_some() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let bound = Duration::from_secs(60);
        tokio::time::timeout(bound, is_left).await.unwrap();
    }

    fn publish(&self) {
        let _ = self.broker().publish(fixture::message(0, 1), None);
    }
}

fn client_id() -> ClientId {
    ClientId::new("c").unwrap()
}

/// Two nodes; on the first one a Session without its client, in which a message waits.
async fn two_nodes() -> (TestNode, TestNode) {
    let old = TestNode::start("old", None).await;
    let new = TestNode::start("new", Some(&old)).await;
    old.sees(2).await;
    new.sees(2).await;
    let opened = old.connect().await;
    let broker = old.broker();
    let mut actions = Vec::new();
    let handled = opened.session.lock().session.handle_packet(
        fixture::subscribe(1, &[("t", 1)]),
        broker.clock.now(),
        &mut actions,
    );
    handled.unwrap();
    for action in actions {
        broker.carry_out(&opened.session, action);
    }
    broker.close(
        &opened.session,
        opened.connection,
        Detach::Normal,
        DisconnectCause::Network,
    );
    old.publish();
    assert_eq!(old.queued(), 1);
    (old, new)
}

/// The new node takes the Session over as far as its clients need it, without making that final.
async fn take_over(old: &TestNode, new: &TestNode) -> (Claim, Moved) {
    let broker = new.broker();
    let claim = broker.registry().claim(&client_id()).await.unwrap();
    let owner = old.broker().node_name.clone();
    assert_eq!(claim.owner.as_ref(), Some(&owner));
    let moved = broker.take_over(&claim, &owner, false).await.unwrap();
    (claim, moved.unwrap())
}

fn let_claims_lapse(nodes: [&TestNode; 2]) {
    for node in nodes {
        let broker = node.broker();
        let later = broker.clock.now() + CLAIM_LEASE;
        broker.registry().expire_claims(later);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_takeover_that_took_too_long_leaves_the_session_where_it_was() {
    let (old, new) = two_nodes().await;
    let (claim, moved) = take_over(&old, &new).await;
    old.publish();
    let_claims_lapse([&old, &new]);
    let opened = old.connect().await;
    assert!(opened.session_present);
    assert_eq!(old.queued(), 2, "nothing of the Session is gone");
    let settled = new.broker().settle(&claim, Some(moved)).await;
    assert_eq!(settled, Err(Lapsed));
    assert!(new.broker().sessions.get(&client_id()).is_none());
    old.publish();
    assert_eq!(old.queued(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_has_gone_on_is_not_served_again_where_it_was_before() {
    let (old, new) = two_nodes().await;
    let third = TestNode::start("third", Some(&old)).await;
    for node in [&old, &new, &third] {
        node.sees(3).await;
    }
    let (claim, moved) = take_over(&old, &new).await;
    // The registrar takes the commit, but its answer does not arrive, and the client goes on to another node.
    new.broker().registry().commit(&claim, true).await.unwrap();
    let opened = third.connect().await;
    assert!(opened.session_present);
    assert!(old.broker().sessions.get(&client_id()).is_some());
    let settled = new.broker().settle(&claim, Some(moved)).await;
    assert_eq!(settled, Err(Lapsed));
    old.is_left().await;
    assert!(new.broker().sessions.get(&client_id()).is_none());
    assert_eq!(third.queued(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transfer_that_nobody_ends_is_ended_by_what_the_registrar_knows() {
    let (old, new) = two_nodes().await;
    let (_, moved) = take_over(&old, &new).await;
    let_claims_lapse([&old, &new]);
    assert_eq!(moved.imported.session.phase(), CellPhase::Live);
    let owner = old.broker().node_name.clone();
    new.broker().abandon_import(moved.imported, &owner);
    let session = old.broker().sessions.get(&client_id()).unwrap();
    assert_eq!(session.phase(), CellPhase::HandedOver);
    old.broker()
        .end_overdue_handovers(Duration::from_secs(60))
        .await;
    assert_eq!(session.phase(), CellPhase::HandedOver, "it is not overdue");
    old.broker().end_overdue_handovers(Duration::ZERO).await;
    assert_eq!(old.queued(), 1, "it is served here again");

    let (claim, moved) = take_over(&old, &new).await;
    // The new node is the owner now, and the old one does not hear of it.
    new.broker().registry().commit(&claim, true).await.unwrap();
    old.broker().end_overdue_handovers(Duration::ZERO).await;
    assert!(old.broker().sessions.get(&client_id()).is_none());
    assert_eq!(moved.imported.session.lock().session.stats().queued, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_copies_the_newer_one_stays_and_has_the_messages_of_both() {
    let (old, new) = two_nodes().await;
    old.publish();
    // As if the new node had seen the old one die, served the client afresh, and seen it come back.
    let broker = new.broker();
    let (now, epoch) = (broker.clock.now(), u64::MAX);
    let session = Session::new(client_id(), broker.session_config(), now);
    let copy = SessionHandle::new(session, epoch, CellPhase::Live);
    broker.sessions.insert(copy.clone());
    assert_eq!(new.queued(), 0);
    // Every node tells every other one what it owns when one has come.
    let third = TestNode::start("third", Some(&old)).await;
    third.sees(3).await;
    old.is_left().await;
    assert_eq!(new.queued(), 2);
    assert_eq!(copy.lock().session.undelivered().len(), 2);
}
