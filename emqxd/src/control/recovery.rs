//! What an operator does with the group: take a member out, take a node in, and go on after the majority is lost.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context as _, bail};
use futures_util::future::join_all;
use openraft::Membership;
use tokio::time::Instant;

use super::command::{Change, Rejection};
use super::error::ControlError;
use super::formation::Verdict;
use super::group::{ASK_WITHIN, ControlGroup};
use super::identity::{Group, GroupId};
use super::state_machine::Applied;
use super::types::{LogId, Member, StoredMembership, Vote};
use super::wire::{Answer, Ask};

/// A change of the membership that was agreed on is seen within this.
const SEEN_WITHIN: Duration = Duration::from_secs(10);
/// How often it is looked for it.
const SEEN_LOOK: Duration = Duration::from_millis(50);
/// Rebuilding the state takes as long as reading the log.
const RECOVER_WITHIN: Duration = Duration::from_secs(20);

fn rejected(code: &str, cause: String, valid: &str) -> ControlError {
    ControlError::Rejected(Rejection {
        code: code.to_owned(),
        cause,
        valid: valid.to_owned(),
    })
}

impl ControlGroup {
    /// Ends the membership of a node, which may be dead, or this one.
    ///
    /// # Errors
    /// When it is no member, or the only one that votes; or the group does not agree.
    pub async fn remove(&self, name: &str, time_unix_ms: u64) -> Result<(), ControlError> {
        let own_id = self.part().identity.node_id;
        let (ids, others) = self.ids_of(name)?;
        let Some(node_id) = ids.first().copied() else {
            return Err(rejected(
                "not_a_member",
                format!("{name} is no member of the control group"),
                "a member, as `emqxctl cluster status` lists them",
            ));
        };
        if others == 0 {
            return Err(rejected(
                "last_member",
                format!("{name} is the only voter of the control group"),
                "a node whose group has another voter",
            ));
        }
        let removal = Change::RemoveNode {
            node_id,
            name: name.to_owned(),
            time_unix_ms,
        };
        match self.see_removed(name, node_id, removal).await {
            // Another member was quicker to tell this one.
            Err(ControlError::Left { .. }) => {}
            seen => seen?,
        }
        if name == self.name {
            self.leave_because(own_id, "it has left the cluster")
                .await
                .map_err(|error| self.broken(&error))?;
        }
        Ok(())
    }

    /// Returns once the membership is without that node; that it is to be is agreed on before.
    async fn see_removed(
        &self,
        name: &str,
        node_id: u64,
        removal: Change,
    ) -> Result<(), ControlError> {
        self.propose(removal).await?;
        let deadline = Instant::now() + SEEN_WITHIN;
        while self.ids_of(name)?.0.contains(&node_id) && Instant::now() < deadline {
            tokio::time::sleep(SEEN_LOOK).await;
        }
        Ok(())
    }

    /// Parts in the group under that name, and how many voters have another name.
    fn ids_of(&self, name: &str) -> Result<(Vec<u64>, usize), ControlError> {
        let raft = self.raft()?;
        let metrics = raft.metrics().borrow().clone();
        let membership = metrics.membership_config.membership();
        let ids: Vec<u64> = membership
            .nodes()
            .filter(|(_, node)| node.name == name)
            .map(|(id, _)| *id)
            .collect();
        let voters: BTreeSet<u64> = membership.voter_ids().collect();
        let others = voters.iter().filter(|id| !ids.contains(id)).count();
        Ok((ids, others))
    }

    fn broken(&self, error: &anyhow::Error) -> ControlError {
        ControlError::Broken {
            node: self.name.clone(),
            reason: format!("{error:#}"),
        }
    }

    /// Has this node join the group of the others: for one that has left, was removed, was left behind by a
    /// recovery, or began a group of its own by accident. What it knew of its former group is gone.
    ///
    /// # Errors
    /// When it is a member of the only group there is, or its store fails.
    pub async fn join(&self) -> Result<(), ControlError> {
        let is_alone = matches!(*self.verdict.lock(), Verdict::Fine);
        let identity = self.part().identity;
        if identity.left.is_none() && identity.group.is_some() && is_alone {
            return Err(rejected(
                "already_a_member",
                format!("{} is a member of the only control group", self.name),
                "a node that takes no part, or is in another group than the others",
            ));
        }
        self.join_anew().await.map_err(|error| self.broken(&error))
    }

    /// Last entry of this node's log.
    pub(super) fn position(&self) -> Option<LogId> {
        self.store.last_log_id().ok().flatten()
    }

    /// Goes on without the majority that is lost: of the members that are left, the one that knows most begins a group
    /// with what it knows, and takes the others in. What only lost nodes knew is gone.
    ///
    /// # Errors
    /// When the majority is there, or this node takes no part.
    pub async fn recover(&self) -> Result<Group, ControlError> {
        self.raft()?;
        let identity = self.part().identity;
        let Some(own) = identity.group else {
            return Err(self.no_group());
        };
        if self.lost_majority().is_none() {
            return Err(rejected(
                "majority_is_there",
                "the control group has its majority: there is nothing to recover".to_owned(),
                "a group that has lost its majority, as `emqxctl cluster status` tells",
            ));
        }
        let members = self.members_there(&own);
        let asked = members.iter().map(|(name, id)| async move {
            let position = self.ask(name, *id, Ask::Position, ASK_WITHIN).await;
            (name, *id, position)
        });
        let mut best = (self.position(), None);
        for (name, id, position) in join_all(asked).await {
            if let Ok(Answer::Position(position)) = position
                && position > best.0
            {
                best = (position, Some((name.clone(), id)));
            }
        }
        match best.1 {
            None => self
                .recover_here()
                .await
                .map_err(|error| self.broken(&error)),
            Some((name, id)) => match self.ask(&name, id, Ask::Recover, RECOVER_WITHIN).await {
                Ok(Answer::Recovered(group)) => Ok(group),
                Ok(_) => Err(self.broken(&anyhow::anyhow!("{name} gave an unexpected answer"))),
                Err(error) => Err(self.broken(&anyhow::anyhow!(
                    "{name} knows most and should go on, and it does not: {error}"
                ))),
            },
        }
    }

    fn no_group(&self) -> ControlError {
        ControlError::NoGroup(format!("{} is in no control group", self.name))
    }

    /// Live members of that group by name, without this one.
    fn members_there(&self, group: &Group) -> Vec<(String, u64)> {
        let live = self.peers.live();
        live.into_iter()
            .filter_map(|peer| {
                let told = peer.announcement?;
                (told.group()?.id == group.id).then_some((peer.name, told.node_id))
            })
            .collect()
    }

    /// Goes on alone, as a new group, and has the members that are left join it.
    pub(super) async fn recover_here(&self) -> anyhow::Result<Group> {
        if self.lost_majority().is_none() {
            bail!("the control group has its majority");
        }
        let (former, members, group) = {
            let _changing = self.changing.lock().await;
            let former = self.part().identity.group.context("there is no group")?;
            // Asked for first: as soon as a member hears of the new group it leaves the former one.
            let members = self.members_there(&former);
            self.rest().await;
            let group = self.begin_anew(&former).await?;
            (former, members, group)
        };
        tracing::warn!(former = %former.id, group = %group.id, "the control group was recovered on this node");
        let told = members.iter().map(|(name, id)| {
            let ask = Ask::Rejoin { former: former.id };
            self.ask(name, *id, ask, ASK_WITHIN)
        });
        for ((name, _), answer) in members.iter().zip(join_all(told).await) {
            if let Err(error) = answer {
                tracing::warn!(node = name, %error, "a member did not join the recovered group");
            }
        }
        Ok(group)
    }

    async fn begin_anew(&self, former: &Group) -> anyhow::Result<Group> {
        let group = former.recovered(GroupId(rand::random::<u64>().max(1)));
        let mut identity = self.part().identity;
        identity.group = Some(group.clone());
        identity.is_founder = true;
        let name = self.name.clone();
        let store = self.store.clone();
        let written = identity.clone();
        tokio::task::spawn_blocking(move || {
            // Also what was not agreed on yet: it may have been, with a member that is lost.
            let mut applied = Applied::rebuild(&store, store.last_log_id()?)?;
            let id = written.node_id;
            let nodes = [(id, Member { name })];
            let membership = Membership::new(vec![BTreeSet::from([id])], BTreeMap::from(nodes));
            applied.membership = StoredMembership::new(applied.last, membership);
            let term = store.vote()?.map_or(0, |vote| vote.leader_id().term);
            let vote = Vote::new(term + 1, id);
            store.restart_from(&written, &vote, &applied.snapshot()?)?;
            anyhow::Ok(())
        })
        .await??;
        self.take_up(identity).await?;
        self.raft()?.trigger().elect().await?;
        Ok(group)
    }
}
