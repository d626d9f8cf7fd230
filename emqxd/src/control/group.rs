//! This node's part in the control group: takes it up, gives it up, and brings proposals to the leader.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::Context as _;
use openraft::ServerState;
use openraft::error::{ClientWriteError, RaftError};
use parking_lot::{Mutex, RwLock};
use tokio::time::Instant;

use super::command::{Change, Command, Reply};
use super::error::ControlError;
use super::formation::{self, Consent, Verdict};
use super::identity::{Announcement, Group, GroupId, Identity};
use super::log_store::LogStore;
use super::network::Network;
use super::peers::{PeerFailure, Peers};
use super::settings;
use super::state::ControlState;
use super::state_machine::StateMachine;
use super::store::Store;
use super::types::{Member, Raft};
use super::wire::{self, Answer, Ask, Request};
use crate::watch;

/// A proposal is agreed on within this, or given up.
const AGREE_WITHIN: Duration = Duration::from_secs(4);
/// For so long too few voters may be there before a proposal is refused for it: a busy node is soon seen again.
const MAJORITY_GRACE: Duration = Duration::from_secs(1);
/// Before a proposal is tried again when there is no leader, or it has just changed.
const AGAIN_AFTER: Duration = Duration::from_millis(50);
/// An answer of a peer to anything that is not agreed on is waited for that long.
pub(super) const ASK_WITHIN: Duration = Duration::from_secs(3);

/// How raft is run. Elections take a few seconds: nothing waits for control state but operators, and a machine that is
/// short of processors for a second must not lose its leader for it.
fn raft_config() -> openraft::Config {
    openraft::Config {
        cluster_name: "emqxd".to_owned(),
        heartbeat_interval: 300,
        election_timeout_min: 1_500,
        election_timeout_max: 3_000,
        install_snapshot_timeout: 20_000,
        max_payload_entries: 100,
        snapshot_policy: openraft::SnapshotPolicy::LogsSinceLast(500),
        max_in_snapshot_log_to_keep: 100,
        ..openraft::Config::default()
    }
}

/// This node's part in the control group.
pub struct ControlGroup {
    pub(super) name: String,
    /// How many other nodes this one was told to join.
    pub(super) seeds: usize,
    pub(super) store: Store,
    pub(super) peers: Arc<dyn Peers>,
    part: RwLock<Part>,
    /// Held by whoever changes the part.
    pub(super) changing: tokio::sync::Mutex<()>,
    /// Who may begin a group, as far as this node has a say.
    pub(super) consent: Mutex<Consent>,
    pub(super) verdict: Mutex<Verdict>,
    /// Whether it was said that raft has ended by itself.
    pub(super) said_broken: AtomicBool,
    states: watch::Sender<Arc<ControlState>>,
}

#[derive(Clone)]
pub(super) struct Part {
    pub(super) identity: Identity,
    /// The same for the network.
    group: Arc<Mutex<Option<Group>>>,
    /// None when this node takes no part.
    pub(super) raft: Option<Raft>,
}

impl ControlGroup {
    /// Takes up the part that the store tells of, or begins as somebody new. A node that joins nobody begins a group of
    /// its own.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub async fn start(
        store: Store,
        name: &str,
        seeds: usize,
        peers: Arc<dyn Peers>,
    ) -> anyhow::Result<Arc<Self>> {
        let (states, _) = watch::channel(Arc::default());
        let stored = store.identity()?;
        let identity = match stored {
            Some(identity) if identity.left.is_none() => identity,
            former => {
                let mut identity = Identity::new(rand::random());
                identity.must_join = former.is_some();
                store.start_afresh(&identity)?;
                identity
            }
        };
        let group = Arc::new(Self {
            name: name.to_owned(),
            seeds,
            store,
            peers,
            part: RwLock::new(Part {
                group: Arc::new(Mutex::new(identity.group.clone())),
                identity,
                raft: None,
            }),
            changing: tokio::sync::Mutex::default(),
            consent: Mutex::default(),
            verdict: Mutex::new(Verdict::Fine),
            said_broken: AtomicBool::new(false),
            states,
        });
        {
            let _changing = group.changing.lock().await;
            let identity = group.part().identity;
            group.take_up(identity.clone()).await?;
            if seeds == 0 && !identity.must_join && identity.group.is_none() {
                group.found().await?;
            }
        }
        Ok(group)
    }

    pub(super) fn part(&self) -> Part {
        self.part.read().clone()
    }

    /// What has been agreed, as far as this node knows.
    pub fn state(&self) -> Arc<ControlState> {
        self.states.borrow().clone()
    }

    /// Follows what has been agreed.
    pub fn follow(&self) -> watch::Receiver<Arc<ControlState>> {
        self.states.subscribe()
    }

    /// Starts raft as that somebody, whose store it is. The caller holds `changing`.
    pub(super) async fn take_up(&self, identity: Identity) -> anyhow::Result<()> {
        let group = Arc::new(Mutex::new(identity.group.clone()));
        let network = Network {
            node_id: identity.node_id,
            group: Arc::clone(&group),
            peers: Arc::clone(&self.peers),
        };
        let config = Arc::new(raft_config().validate().context("raft's settings")?);
        let machine = StateMachine::load(self.store.clone(), self.states.clone())?;
        let log = LogStore::new(self.store.clone());
        let raft = Raft::new(identity.node_id, config, network, log, machine)
            .await
            .context("the control state cannot be used")?;
        if identity.is_founder && !raft.is_initialized().await? {
            self.initialize(&raft, identity.node_id).await?;
        }
        self.peers.announce(&Announcement::from(&identity));
        *self.part.write() = Part {
            identity,
            group,
            raft: Some(raft),
        };
        Ok(())
    }

    async fn initialize(&self, raft: &Raft, node_id: u64) -> anyhow::Result<()> {
        let member = Member {
            name: self.name.clone(),
        };
        raft.initialize(BTreeMap::from([(node_id, member)]))
            .await
            .context("the control group could not be begun")
    }

    /// Begins a group of one. The caller holds `changing`.
    pub(super) async fn found(&self) -> anyhow::Result<()> {
        let mut identity = self.part().identity;
        identity.is_founder = true;
        let id = GroupId(rand::random::<u64>().max(1));
        identity.group = Some(Group::new(id));
        let node_id = identity.node_id;
        let Some(raft) = self.enter(identity).await? else {
            return Ok(());
        };
        self.initialize(&raft, node_id).await?;
        tracing::info!(group = %id, "a control group begins");
        Ok(())
    }

    /// Notes the group that this node belongs to from now on. The caller holds `changing`.
    async fn enter(&self, identity: Identity) -> anyhow::Result<Option<Raft>> {
        let store = self.store.clone();
        let written = identity.clone();
        tokio::task::spawn_blocking(move || store.set_identity(&written)).await??;
        self.peers.announce(&Announcement::from(&identity));
        let mut part = self.part.write();
        (*part.group.lock()).clone_from(&identity.group);
        part.identity = identity;
        Ok(part.raft.clone())
    }

    /// Belongs to that group from now on, when it belongs to none.
    pub(super) async fn adopt(&self, group: &Group) -> anyhow::Result<()> {
        let _changing = self.changing.lock().await;
        let mut identity = self.part().identity;
        if identity.group.is_some() || identity.left.is_some() {
            return Ok(());
        }
        identity.group = Some(group.clone());
        self.enter(identity).await?;
        tracing::info!(group = %group.id, "this node is taken into the control group");
        Ok(())
    }

    /// Takes no part from now on. The log stays where it is, in case somebody wants to look at it.
    /// `node_id` is who it was decided for: meanwhile this node may have begun as somebody new.
    pub(super) async fn leave_because(&self, node_id: u64, reason: &str) -> anyhow::Result<()> {
        let _changing = self.changing.lock().await;
        let mut identity = self.part().identity;
        if identity.left.is_some() || identity.node_id != node_id {
            return Ok(());
        }
        identity.left = Some(reason.to_owned());
        self.enter(identity).await?;
        self.rest().await;
        tracing::warn!(
            reason,
            "this node takes no part in the control group any more"
        );
        Ok(())
    }

    /// Forgets all that was agreed and waits to be taken into a group, as somebody new.
    pub(super) async fn join_anew(&self) -> anyhow::Result<()> {
        let _changing = self.changing.lock().await;
        self.rest().await;
        let mut identity = Identity::new(rand::random());
        identity.must_join = true;
        let store = self.store.clone();
        let written = identity.clone();
        tokio::task::spawn_blocking(move || store.start_afresh(&written)).await??;
        self.take_up(identity).await
    }

    /// Ends raft. The caller holds `changing`.
    pub(super) async fn rest(&self) {
        let raft = self.part.write().raft.take();
        if let Some(raft) = raft
            && let Err(error) = raft.shutdown().await
        {
            tracing::warn!(%error, "raft ended with an error");
        }
    }

    /// Ends this node's part until it starts again.
    pub async fn stop(&self) {
        let _changing = self.changing.lock().await;
        self.rest().await;
    }

    /// Raft, or why this node has none.
    pub(super) fn raft(&self) -> Result<Raft, ControlError> {
        let part = self.part();
        if let Some(reason) = part.identity.left {
            return Err(ControlError::Left {
                node: self.name.clone(),
                reason,
            });
        }
        part.raft.ok_or_else(|| ControlError::Broken {
            node: self.name.clone(),
            reason: "it has stopped".to_owned(),
        })
    }

    /// The voters that are not there when there are too few, of how many.
    pub(super) fn lost_majority(&self) -> Option<ControlError> {
        let part = self.part();
        let raft = part.raft?;
        let metrics = raft.metrics().borrow().clone();
        let membership = metrics.membership_config.membership();
        // Without any, this node waits to be taken in.
        membership.voter_ids().next()?;
        let live: BTreeSet<u64> = self
            .peers
            .live()
            .into_iter()
            .filter_map(|peer| peer.announcement)
            .filter(|told| {
                told.group().map(|group| group.id) == part.identity.group.as_ref().map(|own| own.id)
            })
            .map(|told| told.node_id)
            .chain([part.identity.node_id])
            .collect();
        let name = |id| {
            membership
                .get_node(&id)
                .map_or_else(|| format!("{id:x}"), |node| node.name.clone())
        };
        let missing = formation::missing_voters(membership.get_joint_config(), name, |id| {
            live.contains(&id)
        })?;
        Some(ControlError::NoMajority {
            voters: membership.voter_ids().collect::<BTreeSet<_>>().len(),
            missing,
        })
    }

    /// Has the group agree to a change.
    ///
    /// # Errors
    /// When it does not within four seconds, or what was agreed before does not allow it.
    pub async fn propose(&self, change: Change) -> Result<(), ControlError> {
        if let Change::SetSetting { key, value } = &change {
            settings::check(key, value.as_deref()).map_err(ControlError::Rejected)?;
        }
        let began = Instant::now();
        let deadline = began + AGREE_WITHIN;
        loop {
            let raft = self.raft()?;
            let lost = self.lost_majority();
            if let Some(lost) = lost
                && began.elapsed() >= MAJORITY_GRACE
            {
                return Err(lost);
            }
            match self.attempt(&raft, &change, deadline).await? {
                Some(Reply::Done) => return Ok(()),
                Some(Reply::Refused(rejection)) => return Err(ControlError::Rejected(rejection)),
                None if Instant::now() >= deadline => return Err(self.gave_up()),
                None => tokio::time::sleep(AGAIN_AFTER).await,
            }
        }
    }

    fn gave_up(&self) -> ControlError {
        if let Some(lost) = self.lost_majority() {
            return lost;
        }
        if self.part().identity.group.is_none() {
            return ControlError::NoGroup(format!(
                "{} is in no control group yet: none of the nodes that it joins has taken it in",
                self.name
            ));
        }
        ControlError::TimedOut(u64::try_from(AGREE_WITHIN.as_millis()).unwrap_or(u64::MAX))
    }

    /// None when it may be tried again.
    async fn attempt(
        &self,
        raft: &Raft,
        change: &Change,
        deadline: Instant,
    ) -> Result<Option<Reply>, ControlError> {
        let leader = {
            let metrics = raft.metrics();
            let metrics = metrics.borrow();
            metrics
                .running_state
                .as_ref()
                .map_err(|fatal| ControlError::Broken {
                    node: self.name.clone(),
                    reason: fatal.to_string(),
                })?;
            let leader = metrics.current_leader;
            leader.map(|id| {
                let node = metrics.membership_config.membership().get_node(&id);
                (id, node.map(|node| node.name.clone()).unwrap_or_default())
            })
        };
        match leader {
            None => Ok(None),
            Some((id, _)) if id == self.part().identity.node_id => {
                self.write(raft, change, deadline).await
            }
            Some((id, name)) => {
                let within = deadline
                    .saturating_duration_since(Instant::now())
                    .max(AGAIN_AFTER);
                let ask = Ask::Propose(Box::new(change.clone()));
                match self.ask(&name, id, ask, within).await {
                    Ok(Answer::Reply(reply)) => Ok(Some(reply)),
                    Ok(Answer::Failed(error)) => Err(error),
                    // It is not the leader any more, or dead: soon there is another one.
                    Ok(_) | Err(_) => Ok(None),
                }
            }
        }
    }

    /// Writes to the log of this node, the leader. None when it is not.
    async fn write(
        &self,
        raft: &Raft,
        change: &Change,
        deadline: Instant,
    ) -> Result<Option<Reply>, ControlError> {
        let written = raft.client_write(Command::new(change));
        match tokio::time::timeout_at(deadline, written).await {
            Err(_) => Ok(None),
            Ok(Ok(response)) => Ok(Some(response.data)),
            Ok(Err(RaftError::APIError(ClientWriteError::ForwardToLeader(_)))) => Ok(None),
            Ok(Err(error)) => Err(ControlError::Broken {
                node: self.name.clone(),
                reason: error.to_string(),
            }),
        }
    }

    /// Serves a proposal of another member.
    pub(super) async fn propose_here(&self, change: &Change) -> Answer {
        let raft = match self.raft() {
            Ok(raft) => raft,
            Err(error) => return Answer::Failed(error),
        };
        let deadline = Instant::now() + AGREE_WITHIN;
        match self.write(&raft, change, deadline).await {
            Ok(Some(reply)) => Answer::Reply(reply),
            Ok(None) if Instant::now() >= deadline => Answer::Failed(self.gave_up()),
            Ok(None) => Answer::NotLeader,
            Err(error) => Answer::Failed(error),
        }
    }

    pub(super) async fn ask(
        &self,
        name: &str,
        to: u64,
        ask: Ask,
        within: Duration,
    ) -> Result<Answer, PeerFailure> {
        let identity = self.part().identity;
        let request = Request {
            group: identity.group,
            from: identity.node_id,
            to,
            ask,
        };
        let request = wire::encode(&request).map_err(PeerFailure::Unreachable)?;
        let answer = self.peers.ask(name, request, within).await?;
        wire::decode(&answer).map_err(PeerFailure::Unreachable)
    }

    /// Whether this node leads the group at present.
    pub(super) fn leads(raft: &Raft) -> bool {
        raft.metrics().borrow().state == ServerState::Leader
    }
}
