//! What this node answers to other members, and to nodes that are none yet.

use std::io::Cursor;
use std::time::Instant;

use bytes::Bytes;

use super::group::ControlGroup;
use super::identity::Group;
use super::types::{Raft, Snapshot};
use super::wire::{self, Answer, Ask, Request};

/// A code for programs and a text for people.
type Refusal = (String, String);

fn refuse<T>(code: &str, text: impl Into<String>) -> Result<T, Refusal> {
    Err((code.to_owned(), text.into()))
}

impl ControlGroup {
    /// Serves a request of the node of that name.
    ///
    /// # Errors
    /// When the two do not belong together, or this node takes no part.
    pub async fn serve(&self, from: &str, request: &[u8]) -> Result<Bytes, Refusal> {
        let request: Request = match wire::decode(request) {
            Ok(request) => request,
            Err(error) => return refuse("unreadable", error),
        };
        let own_id = self.part().identity.node_id;
        if request.to != 0 && request.to != own_id {
            return refuse(
                "other_member",
                format!("{} has begun anew since then", self.name),
            );
        }
        let answer = self.answer(from, request).await?;
        match wire::encode(&answer) {
            Ok(answer) => Ok(answer),
            Err(error) => refuse("failed", error),
        }
    }

    async fn answer(&self, from: &str, request: Request) -> Result<Answer, Refusal> {
        let Request {
            group,
            from: id,
            ask,
            ..
        } = request;
        match ask {
            Ask::Append(rpc) => {
                let raft = self.member_of(group.as_ref(), true).await?;
                served(raft.append_entries(rpc).await).map(Answer::Append)
            }
            Ask::Snapshot { vote, snapshot } => {
                let raft = self.member_of(group.as_ref(), true).await?;
                let snapshot = Snapshot {
                    meta: snapshot.meta,
                    snapshot: Box::new(Cursor::new(snapshot.state.into_bytes())),
                };
                served(raft.install_full_snapshot(vote, snapshot).await).map(Answer::Snapshot)
            }
            Ask::Vote(rpc) => {
                let raft = self.member_of(group.as_ref(), false).await?;
                // It would have a later term than the others and push their leader out.
                if self.state().is_removed(id) {
                    return refuse("removed", format!("{from} was removed from the cluster"));
                }
                served(raft.vote(rpc).await).map(Answer::Vote)
            }
            Ask::Propose(change) => {
                self.member_of(group.as_ref(), false).await?;
                Ok(self.propose_here(&change).await)
            }
            Ask::Consent => Ok(Answer::Consent(self.consents_to(from))),
            Ask::Withdraw => {
                self.consent.lock().withdraw(from);
                Ok(Answer::Done)
            }
            Ask::Removed => {
                let own_id = self.part().identity.node_id;
                self.member_of(group.as_ref(), false).await?;
                let reason = "it was removed from the cluster";
                failed(self.leave_because(own_id, reason).await)
            }
            Ask::Position => {
                self.member_of(group.as_ref(), false).await?;
                Ok(Answer::Position(self.position()))
            }
            Ask::Recover => {
                self.member_of(group.as_ref(), false).await?;
                match self.recover_here().await {
                    Ok(group) => Ok(Answer::Recovered(group)),
                    Err(error) => refuse("failed", format!("{error:#}")),
                }
            }
            Ask::Rejoin { former } => {
                let own = self.part().identity.group;
                if own.is_none_or(|own| own.id != former) {
                    return refuse("other_group", format!("{} is not in that group", self.name));
                }
                failed(self.join_anew().await)
            }
        }
    }

    /// Makes sure that both are in the same group. A node that waits for one enters it when `may_enter`.
    async fn member_of(&self, group: Option<&Group>, may_enter: bool) -> Result<Raft, Refusal> {
        let Some(group) = group else {
            return refuse("no_control_group", "the asking node is in no control group");
        };
        if may_enter
            && self.part().identity.group.is_none()
            && let Err(error) = self.adopt(group).await
        {
            return refuse("failed", format!("{error:#}"));
        }
        match self.part().identity.group {
            Some(own) if own.id == group.id => {}
            Some(own) => {
                return refuse(
                    "other_group",
                    format!(
                        "{} is in control group {}, not in {}",
                        self.name, own.id, group.id
                    ),
                );
            }
            None => {
                return refuse(
                    "no_control_group",
                    format!("{} is in no control group yet", self.name),
                );
            }
        }
        self.raft()
            .map_err(|error| (error.code().to_owned(), error.to_string()))
    }

    /// Whether the node of that name may begin a group, as far as this one has a say.
    pub(super) fn consents_to(&self, name: &str) -> bool {
        self.part().identity.group.is_none() && self.consent.lock().give(name, Instant::now())
    }
}

fn served<T>(result: Result<T, impl std::error::Error>) -> Result<T, Refusal> {
    result.or_else(|error| refuse("failed", error.to_string()))
}

fn failed(result: anyhow::Result<()>) -> Result<Answer, Refusal> {
    match result {
        Ok(()) => Ok(Answer::Done),
        Err(error) => refuse("failed", format!("{error:#}")),
    }
}
