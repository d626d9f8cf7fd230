//! Keeps the group as it should be: begins it, takes nodes in, lets them vote, and gives way to another group.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use openraft::ChangeMembers;

use super::formation::{self, FOUND_WITHIN, FirstStep, MemberChange, MemberView, Verdict};
use super::group::{ASK_WITHIN, ControlGroup};
use super::peers::Peer;
use super::settings;
use super::types::{Member, Raft};
use super::wire::{Answer, Ask};
use crate::watch;

/// How often it is looked when nothing has happened.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// The same while a node is on its way in.
const LOOK_SOON: Duration = Duration::from_millis(30);
/// A change of the membership takes no longer than this, or is looked at again.
const CHANGE_WITHIN: Duration = Duration::from_secs(5);
/// A node that lacks no more entries than this may vote.
const CAUGHT_UP_WITHIN: u64 = 50;

impl ControlGroup {
    /// Does so until `stop` turns true.
    pub async fn run(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut changes = self.peers.changes();
        let mut next = LOOK_SOON;
        loop {
            tokio::select! {
                () = tokio::time::sleep(next) => {}
                changed = changes.changed() => if changed.is_err() { break },
                _ = stop.wait_for(|stop| *stop) => break,
            }
            next = match self.look().await {
                Ok(next) => next,
                Err(error) => {
                    tracing::error!(
                        error = format!("{error:#}"),
                        "the control group cannot be kept"
                    );
                    LOOK_EVERY
                }
            };
        }
        self.stop().await;
    }

    /// Does what is due. Returns when to look again.
    async fn look(&self) -> anyhow::Result<Duration> {
        let part = self.part();
        let Some(raft) = part.raft else {
            return Ok(LOOK_EVERY);
        };
        self.note_end(&raft);
        let live = self.peers.live();
        let verdict = formation::judge(&part.identity, &live);
        if let Verdict::Superseded(group) = &verdict {
            let reason = format!(
                "its control group was replaced by group {} with `emqxctl cluster recover` while it was away",
                group.id
            );
            self.leave_because(part.identity.node_id, &reason).await?;
            return Ok(LOOK_EVERY);
        }
        self.note(verdict);
        if part.identity.group.is_none() {
            if part.identity.must_join {
                return Ok(LOOK_EVERY);
            }
            return self.first_step(&live).await;
        }
        self.tell_removed(&live).await;
        if Self::leads(&raft) {
            return Ok(self.keep_members(&raft, &live).await);
        }
        Ok(LOOK_EVERY)
    }

    fn note_end(&self, raft: &Raft) {
        let Err(fatal) = raft.metrics().borrow().running_state.clone() else {
            return;
        };
        if !self.said_broken.swap(true, Ordering::Relaxed) {
            tracing::error!(error = %fatal, "the control state failed: this node agrees to nothing until it starts again");
        }
    }

    fn note(&self, verdict: Verdict) {
        let mut noted = self.verdict.lock();
        if *noted == verdict {
            return;
        }
        if let Verdict::TwoGroups(nodes) = &verdict {
            tracing::error!(
                ?nodes,
                "there are two control groups in this cluster, and they are not merged: decide which one is to stay, \
                 and have the nodes of the other one join it with `emqxctl cluster join`"
            );
        }
        *noted = verdict;
    }

    async fn first_step(&self, live: &[Peer]) -> anyhow::Result<Duration> {
        match formation::first_step(&self.name, self.seeds, live) {
            FirstStep::Found => {
                self.found_unless_taken_in().await?;
                Ok(LOOK_SOON)
            }
            FirstStep::AskConsent(names) => {
                let asked_at = Instant::now();
                if self.all_consent(&names).await && asked_at.elapsed() < FOUND_WITHIN {
                    self.found_unless_taken_in().await?;
                    return Ok(LOOK_SOON);
                }
                self.consent.lock().withdraw(&self.name);
                for name in &names {
                    // With whoever does not hear it the consent ends by itself.
                    let _ = self.ask(name, 0, Ask::Withdraw, ASK_WITHIN).await;
                }
                Ok(LOOK_EVERY)
            }
            FirstStep::AwaitMembers | FirstStep::AwaitNodes { .. } => Ok(LOOK_EVERY),
        }
    }

    async fn found_unless_taken_in(&self) -> anyhow::Result<()> {
        let _changing = self.changing.lock().await;
        match self.part().identity.group {
            None => self.found().await,
            Some(_) => Ok(()),
        }
    }

    async fn all_consent(&self, names: &[String]) -> bool {
        if !self.consents_to(&self.name) {
            return false;
        }
        let asked = names
            .iter()
            .map(|name| self.ask(name, 0, Ask::Consent, ASK_WITHIN));
        let answers = join_all(asked).await;
        answers
            .iter()
            .all(|answer| matches!(answer, Ok(Answer::Consent(true))))
    }

    /// Nodes that do not know yet that they were removed.
    async fn tell_removed(&self, live: &[Peer]) {
        let state = self.state();
        let own = self.part().identity.group;
        for peer in live {
            let Some(told) = &peer.announcement else {
                continue;
            };
            if state.is_removed(told.node_id)
                && told.group().map(|group| group.id) == own.as_ref().map(|own| own.id)
            {
                // Asked again at the next look.
                let _ = self
                    .ask(&peer.name, told.node_id, Ask::Removed, ASK_WITHIN)
                    .await;
            }
        }
    }

    async fn keep_members(&self, raft: &Raft, live: &[Peer]) -> Duration {
        let identity = self.part().identity;
        let Some(group) = identity.group else {
            return LOOK_EVERY;
        };
        let state = self.state();
        let (members, is_agreed) = members(raft);
        if !is_agreed {
            return LOOK_SOON;
        }
        if let Some(voters) = half_changed(raft) {
            // An earlier leader did not come to the second half of its change.
            let finished = raft.change_membership(voters, false);
            return match tokio::time::timeout(CHANGE_WITHIN, finished).await {
                Ok(Ok(_)) => LOOK_SOON,
                _ => LOOK_EVERY,
            };
        }
        let change = formation::next_change(
            identity.node_id,
            &group,
            &members,
            live,
            settings::voters_max(&state),
            |id| state.is_removed(id),
        );
        let Some(change) = change else {
            let is_coming = members.iter().any(|(id, member)| {
                !member.is_caught_up
                    && live.iter().any(|peer| {
                        peer.announcement
                            .as_ref()
                            .is_some_and(|told| told.node_id == *id)
                    })
            });
            return if is_coming { LOOK_SOON } else { LOOK_EVERY };
        };
        tracing::debug!(?change, "the membership of the control group changes");
        let made = tokio::time::timeout(CHANGE_WITHIN, make(raft, change.clone(), &members)).await;
        match made {
            Ok(Ok(())) => LOOK_SOON,
            Ok(Err(error)) => {
                tracing::debug!(?change, error, "the membership did not change");
                LOOK_EVERY
            }
            Err(_) => LOOK_EVERY,
        }
    }
}

/// The members by id, and whether their set is agreed on.
fn members(raft: &Raft) -> (BTreeMap<u64, MemberView>, bool) {
    let metrics = raft.metrics().borrow().clone();
    let stored = &metrics.membership_config;
    let membership = stored.membership();
    let voters: BTreeSet<u64> = membership.voter_ids().collect();
    let last = metrics.last_log_index.unwrap_or(0);
    let matched = |id: &u64| {
        let replication = metrics.replication.as_ref()?;
        replication.get(id)?.map(|matched| matched.index)
    };
    let members = membership
        .nodes()
        .map(|(id, node)| {
            let is_caught_up = *id == metrics.id
                || matched(id).is_some_and(|matched| matched + CAUGHT_UP_WITHIN >= last);
            let view = MemberView {
                name: node.name.clone(),
                is_voter: voters.contains(id),
                is_caught_up,
            };
            (*id, view)
        })
        .collect();
    let is_agreed = stored.log_id().is_none_or(|at| {
        metrics
            .last_applied
            .is_some_and(|applied| applied.index >= at.index)
    });
    (members, is_agreed)
}

/// The voters that a change of the membership was to lead to, when it has come half way.
fn half_changed(raft: &Raft) -> Option<BTreeSet<u64>> {
    let metrics = raft.metrics().borrow().clone();
    match metrics
        .membership_config
        .membership()
        .get_joint_config()
        .as_slice()
    {
        [_, .., last] => Some(last.clone()),
        _ => None,
    }
}

async fn make(
    raft: &Raft,
    change: MemberChange,
    members: &BTreeMap<u64, MemberView>,
) -> Result<(), String> {
    let changed = match change {
        MemberChange::Add { node_id, name } => {
            raft.add_learner(node_id, Member { name }, false).await
        }
        MemberChange::Promote(id) => {
            let change = ChangeMembers::AddVoterIds(BTreeSet::from([id]));
            raft.change_membership(change, true).await
        }
        MemberChange::Demote(id) => {
            let change = ChangeMembers::RemoveVoters(BTreeSet::from([id]));
            raft.change_membership(change, true).await
        }
        MemberChange::Remove(id) => {
            let ids = BTreeSet::from([id]);
            let change = if members.get(&id).is_some_and(|member| member.is_voter) {
                ChangeMembers::RemoveVoters(ids)
            } else {
                ChangeMembers::RemoveNodes(ids)
            };
            raft.change_membership(change, false).await
        }
    };
    changed.map(drop).map_err(|error| error.to_string())
}
