//! Which node owns which Client Identifier, as the registrar of these Client Identifiers knows it.
//!
//! A node that wants to serve a client claims its Client Identifier here. Claims to one Client Identifier are
//! granted one after the other, each with an epoch (a fencing number) higher than every one before. The claimant
//! brings the Session over from the owner that the grant names, then commits and is the owner. Until then the
//! previous owner stays the owner.
//!
//! ```text
//!              claim                    commit
//!  (no claim) ───────► outstanding ───────────────► owner = claimant ──┐
//!       ▲                │     ▲                                       │
//!       │ abandon, lease │     └───────── the waiting claim is granted ┤
//!       └────────────────┴─────────────────────────────────────────────┘
//! ```
//! One claim is outstanding and at most one waits: with MQTT the newest CONNECT wins [MQTT-3.1.4-3], so a newer
//! claim supersedes the waiting one, which is told so.
//!
//! The state is soft. After a change of the member set owners announce what they own to the new registrar.

use std::collections::hash_map::Entry as MapEntry;
use std::time::Duration;

use ahash::AHashMap;

use crate::membership::NodeName;
use crate::memory_reclaim::Table;
use crate::packet::ClientId;
use crate::time::Timestamp;

/// A claim that is neither committed nor given up within this is abandoned.
pub const CLAIM_LEASE: Duration = Duration::from_secs(30);

/// Chosen by the claimant, unique among its own claims: a repeated claim is recognised by it.
pub type ClaimToken = u64;

/// An answer to [`Registrar::claim`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Claim {
    /// Whether the claim is granted.
    pub outcome: ClaimOutcome,
    /// The claim that waited until now and never will be granted.
    pub superseded: Option<Waiter>,
}

/// Whether a claim is granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimOutcome {
    /// It is: fetch the Session from the owner, then commit.
    Granted {
        /// Fencing number, higher than every one granted before.
        epoch: u64,
        /// Present owner with the epoch it committed.
        owner: Option<(NodeName, u64)>,
    },
    /// Another claim is under way. A [`Grant`] follows, or the claim is superseded.
    Waiting,
}

/// A claim that waits or waited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiter {
    /// What it claims.
    pub client_id: ClientId,
    /// Who claims it.
    pub claimant: NodeName,
    /// As given with the claim.
    pub token: ClaimToken,
}

/// A claim that waited is granted now: tell the claimant.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Grant {
    /// What it claimed.
    pub client_id: ClientId,
    /// Who claimed it.
    pub claimant: NodeName,
    /// As given with the claim.
    pub token: ClaimToken,
    /// Fencing number.
    pub epoch: u64,
    /// Present owner with the epoch it committed.
    pub owner: Option<(NodeName, u64)>,
}

/// An answer to [`Registrar::commit`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Commit {
    /// Whether the claimant is the owner now. If not, the claim had lapsed (or another node owns the Client
    /// Identifier with a higher epoch): the claimant must not serve the Session.
    pub accepted: bool,
    /// The claim that is granted next.
    pub next: Option<Grant>,
    /// An owner that the claimant was not told of (it announced itself after the grant) and that lost to it.
    pub displaced: Option<Displaced>,
}

/// Two nodes owned one Client Identifier; the lower epoch loses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Displaced {
    /// Which.
    pub client_id: ClientId,
    /// Must give its Session up to the winner.
    pub loser: NodeName,
    /// Its epoch.
    pub loser_epoch: u64,
    /// The owner.
    pub winner: NodeName,
    /// Its epoch.
    pub winner_epoch: u64,
}

/// Owners of, and claims to, the Client Identifiers that this node is registrar of.
///
/// Every method that may grant takes the present time: it bounds leases, and epochs follow the clock
/// (unix milliseconds shifted left by 16, or the last one plus 1) so that a registrar that takes over from another
/// does not grant an epoch that is older than one granted before, as long as clocks differ by less than the time
/// between the two grants; announced epochs raise the counter in any case.
#[derive(Debug, Default)]
pub struct Registrar {
    /// 16 bytes a client beside its identifier: there are millions.
    owners: AHashMap<ClientId, Owner>,
    claims: AHashMap<ClientId, PendingClaim>,
    names: NodeIndex,
    last_epoch: u64,
}

#[derive(Debug, Clone, Copy)]
struct Owner {
    node: u32,
    epoch: u64,
}

#[derive(Debug)]
struct PendingClaim {
    claimant: NodeName,
    token: ClaimToken,
    epoch: u64,
    lease_ends: Timestamp,
    told_owner: Option<(NodeName, u64)>,
    waiting: Option<(NodeName, ClaimToken)>,
}

impl Registrar {
    /// Knows of no owner.
    pub fn new() -> Self {
        Self::default()
    }

    /// Claims a Client Identifier. A claim repeated with the same token gets the same answer again.
    pub fn claim(
        &mut self,
        client_id: &ClientId,
        claimant: &NodeName,
        token: ClaimToken,
        now: Timestamp,
    ) -> Claim {
        if let Some(pending) = self.claims.get_mut(client_id) {
            if pending.claimant == *claimant && pending.token == token {
                pending.lease_ends = now + CLAIM_LEASE;
                return Claim {
                    outcome: ClaimOutcome::Granted {
                        epoch: pending.epoch,
                        owner: pending.told_owner.clone(),
                    },
                    superseded: None,
                };
            }
            let newest = (claimant.clone(), token);
            let superseded = pending
                .waiting
                .take()
                .filter(|waiting| *waiting != newest)
                .map(|(claimant, token)| Waiter {
                    client_id: client_id.clone(),
                    claimant,
                    token,
                });
            if pending.lease_ends > now {
                pending.waiting = Some(newest);
                return Claim {
                    outcome: ClaimOutcome::Waiting,
                    superseded,
                };
            }
            self.claims.remove(client_id);
            let grant = self.grant(client_id.clone(), claimant.clone(), token, now);
            return grant.into_claim(superseded);
        }
        self.grant(client_id.clone(), claimant.clone(), token, now)
            .into_claim(None)
    }

    /// The claimant has the Session: it becomes the owner. Repeating an accepted commit is accepted.
    pub fn commit(
        &mut self,
        client_id: &ClientId,
        epoch: u64,
        by: &NodeName,
        now: Timestamp,
    ) -> Commit {
        let present = self.lookup(client_id);
        if !self.is_outstanding(client_id, epoch, by) {
            return Commit {
                accepted: present.is_some_and(|(owner, its)| owner == *by && its == epoch),
                next: None,
                displaced: None,
            };
        }
        let told = self
            .claims
            .get(client_id)
            .and_then(|pending| pending.told_owner.clone());
        let accepted = present.as_ref().is_none_or(|(_, its)| *its < epoch);
        let displaced = match present {
            Some((loser, loser_epoch)) if accepted && loser != *by => {
                (told.as_ref() != Some(&(loser.clone(), loser_epoch))).then(|| Displaced {
                    client_id: client_id.clone(),
                    loser,
                    loser_epoch,
                    winner: by.clone(),
                    winner_epoch: epoch,
                })
            }
            _ => None,
        };
        if accepted {
            let node = self.names.intern(by);
            self.owners.insert(client_id.clone(), Owner { node, epoch });
        }
        Commit {
            accepted,
            next: self.end_claim(client_id, now),
            displaced,
        }
    }

    /// The claimant gives its claim up; the previous owner stays. Nothing happens when the claim is not outstanding.
    pub fn abandon(
        &mut self,
        client_id: &ClientId,
        epoch: u64,
        by: &NodeName,
        now: Timestamp,
    ) -> Option<Grant> {
        if self.is_outstanding(client_id, epoch, by) {
            self.end_claim(client_id, now)
        } else {
            None
        }
    }

    /// The claimant no longer waits for an answer to the claim with this token. If it was granted meanwhile, it is
    /// abandoned.
    pub fn withdraw(
        &mut self,
        client_id: &ClientId,
        claimant: &NodeName,
        token: ClaimToken,
        now: Timestamp,
    ) -> Option<Grant> {
        let pending = self.claims.get_mut(client_id)?;
        if pending.claimant == *claimant && pending.token == token {
            return self.end_claim(client_id, now);
        }
        pending
            .waiting
            .take_if(|(waiting, its)| waiting == claimant && *its == token);
        None
    }

    /// The Session has ended at its owner. `false`, and no effect, when it owns it no longer with that epoch.
    pub fn release(&mut self, client_id: &ClientId, epoch: u64, by: &NodeName) -> bool {
        let Some(node) = self.names.find(by) else {
            return false;
        };
        match self.owners.entry(client_id.clone()) {
            MapEntry::Occupied(entry) if entry.get().node == node && entry.get().epoch == epoch => {
                entry.remove();
                true
            }
            _ => false,
        }
    }

    /// The owner and the epoch it committed.
    pub fn lookup(&self, client_id: &ClientId) -> Option<(NodeName, u64)> {
        let owner = self.owners.get(client_id)?;
        Some((self.names.name(owner.node)?.clone(), owner.epoch))
    }

    /// A node tells what it owns. Where two nodes own one Client Identifier the higher epoch wins (of equal ones the
    /// greater name); each loser is reported.
    pub fn announce(&mut self, owner: &NodeName, owned: &[(ClientId, u64)]) -> Vec<Displaced> {
        let node = self.names.intern(owner);
        let mut displaced = Vec::new();
        for (client_id, epoch) in owned {
            let epoch = *epoch;
            self.last_epoch = self.last_epoch.max(epoch);
            let other = match self.owners.entry(client_id.clone()) {
                MapEntry::Vacant(entry) => {
                    entry.insert(Owner { node, epoch });
                    continue;
                }
                MapEntry::Occupied(mut entry) if entry.get().node == node => {
                    // A commit may overtake an announcement made before it: never step back.
                    let known = entry.get_mut();
                    known.epoch = known.epoch.max(epoch);
                    continue;
                }
                MapEntry::Occupied(entry) => *entry.get(),
            };
            let Some(other_name) = self.names.name(other.node).cloned() else {
                continue;
            };
            let announced_wins = (epoch, owner) > (other.epoch, &other_name);
            let (winner, loser) = if announced_wins {
                self.owners.insert(client_id.clone(), Owner { node, epoch });
                ((owner.clone(), epoch), (other_name, other.epoch))
            } else {
                ((other_name, other.epoch), (owner.clone(), epoch))
            };
            displaced.push(Displaced {
                client_id: client_id.clone(),
                loser: loser.0,
                loser_epoch: loser.1,
                winner: winner.0,
                winner_epoch: winner.1,
            });
        }
        displaced
    }

    /// A node is dead or restarted: what it owned is forgotten (it announces what it kept on disk), its claims are
    /// abandoned. Walks over all clients.
    pub fn node_gone(&mut self, name: &NodeName, now: Timestamp) -> Vec<Grant> {
        if let Some(node) = self.names.remove(name) {
            self.owners.retain(|_, owner| owner.node != node);
        }
        let mut held = Vec::new();
        for (client_id, pending) in &mut self.claims {
            pending.waiting.take_if(|(claimant, _)| claimant == name);
            if pending.claimant == *name {
                held.push(client_id.clone());
            }
        }
        self.end_claims(held, now)
    }

    /// Abandons the claims whose lease has ended. To be called about once a second; walks over the claims under way.
    pub fn expire(&mut self, now: Timestamp) -> Vec<Grant> {
        let lapsed = self
            .claims
            .iter()
            .filter(|(_, pending)| pending.lease_ends <= now)
            .map(|(client_id, _)| client_id.clone())
            .collect();
        self.end_claims(lapsed, now)
    }

    /// Forgets the Client Identifiers that another node is registrar of now. The claims that waited are handed back:
    /// their claimants must be told to claim again. Walks over all clients.
    pub fn retain(&mut self, mut is_ours: impl FnMut(&str) -> bool) -> Vec<Waiter> {
        self.owners
            .retain(|client_id, _| is_ours(client_id.as_str()));
        let mut handed_back = Vec::new();
        self.claims.retain(|client_id, pending| {
            let ours = is_ours(client_id.as_str());
            if !ours && let Some((claimant, token)) = pending.waiting.take() {
                handed_back.push(Waiter {
                    client_id: client_id.clone(),
                    claimant,
                    token,
                });
            }
            ours
        });
        handed_back
    }

    /// Gives room back that a table has too much of; whether it did. `None` when there is no table of this number.
    pub fn cut_down(&mut self, table: usize) -> Option<bool> {
        match table {
            0 => Some(self.owners.cut_down()),
            1 => Some(self.claims.cut_down()),
            _ => None,
        }
    }

    /// Client Identifiers with an owner.
    pub fn len(&self) -> usize {
        self.owners.len()
    }

    /// Whether no Client Identifier has an owner.
    pub fn is_empty(&self) -> bool {
        self.owners.is_empty()
    }

    /// Claims that are granted and neither committed nor abandoned.
    pub fn claims_outstanding(&self) -> usize {
        self.claims.len()
    }

    fn is_outstanding(&self, client_id: &ClientId, epoch: u64, by: &NodeName) -> bool {
        self.claims
            .get(client_id)
            .is_some_and(|pending| pending.epoch == epoch && pending.claimant == *by)
    }

    fn end_claims(&mut self, client_ids: Vec<ClientId>, now: Timestamp) -> Vec<Grant> {
        client_ids
            .iter()
            .filter_map(|client_id| self.end_claim(client_id, now))
            .collect()
    }

    /// Removes the outstanding claim and grants the waiting one.
    fn end_claim(&mut self, client_id: &ClientId, now: Timestamp) -> Option<Grant> {
        let (claimant, token) = self.claims.remove(client_id)?.waiting?;
        Some(self.grant(client_id.clone(), claimant, token, now))
    }

    fn grant(
        &mut self,
        client_id: ClientId,
        claimant: NodeName,
        token: ClaimToken,
        now: Timestamp,
    ) -> Grant {
        self.last_epoch = self
            .last_epoch
            .saturating_add(1)
            .max(now.as_millis().saturating_mul(1 << 16));
        let owner = self.lookup(&client_id);
        self.claims.insert(
            client_id.clone(),
            PendingClaim {
                claimant: claimant.clone(),
                token,
                epoch: self.last_epoch,
                lease_ends: now + CLAIM_LEASE,
                told_owner: owner.clone(),
                waiting: None,
            },
        );
        Grant {
            client_id,
            claimant,
            token,
            epoch: self.last_epoch,
            owner,
        }
    }
}

impl Grant {
    fn into_claim(self, superseded: Option<Waiter>) -> Claim {
        Claim {
            outcome: ClaimOutcome::Granted {
                epoch: self.epoch,
                owner: self.owner,
            },
            superseded,
        }
    }
}

/// Small numbers for node names, so that an entry per client stays small.
#[derive(Debug, Default)]
struct NodeIndex {
    names: Vec<Option<NodeName>>,
    numbers: AHashMap<NodeName, u32>,
}

impl NodeIndex {
    fn find(&self, name: &NodeName) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    fn name(&self, number: u32) -> Option<&NodeName> {
        self.names.get(number as usize)?.as_ref()
    }

    fn intern(&mut self, name: &NodeName) -> u32 {
        if let Some(number) = self.find(name) {
            return number;
        }
        let slot = self.names.iter().position(Option::is_none);
        let slot = slot.unwrap_or_else(|| {
            self.names.push(None);
            self.names.len() - 1
        });
        self.names[slot] = Some(name.clone());
        // Slots of gone nodes are used again, so there are as many as nodes at one time: far below 2^32.
        let number = slot as u32;
        self.numbers.insert(name.clone(), number);
        number
    }

    fn remove(&mut self, name: &NodeName) -> Option<u32> {
        let number = self.numbers.remove(name)?;
        if let Some(slot) = self.names.get_mut(number as usize) {
            *slot = None;
        }
        Some(number)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    const T0: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn node(name: &str) -> NodeName {
        NodeName::new(name).unwrap()
    }

    fn client(id: &str) -> ClientId {
        ClientId::new(id).unwrap()
    }

    fn granted(claim: Claim) -> (u64, Option<(NodeName, u64)>) {
        match claim.outcome {
            ClaimOutcome::Granted { epoch, owner } => (epoch, owner),
            ClaimOutcome::Waiting => panic!("the claim waits"),
        }
    }

    fn own(registrar: &mut Registrar, id: &str, name: &str) -> u64 {
        let (epoch, _) = granted(registrar.claim(&client(id), &node(name), 0, T0));
        assert!(
            registrar
                .commit(&client(id), epoch, &node(name), T0)
                .accepted
        );
        epoch
    }

    #[test]
    fn a_claim_to_a_new_client_identifier_is_granted_and_committed() {
        let mut registrar = Registrar::new();
        let (epoch, owner) = granted(registrar.claim(&client("c"), &node("a"), 1, T0));
        assert_eq!(owner, None);
        assert_eq!(epoch, T0.as_millis() << 16);
        assert_eq!(registrar.lookup(&client("c")), None);
        let commit = registrar.commit(&client("c"), epoch, &node("a"), T0);
        assert_eq!(
            commit,
            Commit {
                accepted: true,
                next: None,
                displaced: None
            }
        );
        assert_eq!(registrar.lookup(&client("c")), Some((node("a"), epoch)));
        assert!(
            registrar
                .commit(&client("c"), epoch, &node("a"), T0)
                .accepted
        );
        assert_eq!(registrar.claims_outstanding(), 0);
    }

    #[test]
    fn the_next_claim_learns_the_owner_and_gets_a_higher_epoch() {
        let mut registrar = Registrar::new();
        let first = own(&mut registrar, "c", "a");
        let (epoch, owner) = granted(registrar.claim(&client("c"), &node("b"), 1, T0));
        assert_eq!(owner, Some((node("a"), first)));
        assert!(epoch > first);
        // Until the commit the previous owner stays.
        assert_eq!(registrar.lookup(&client("c")), Some((node("a"), first)));
        assert_eq!(registrar.abandon(&client("c"), epoch, &node("b"), T0), None);
        assert_eq!(registrar.lookup(&client("c")), Some((node("a"), first)));
        assert!(
            !registrar
                .commit(&client("c"), epoch, &node("b"), T0)
                .accepted
        );
    }

    #[test]
    fn the_newest_of_the_waiting_claims_is_granted_after_the_commit() {
        let mut registrar = Registrar::new();
        let (epoch, _) = granted(registrar.claim(&client("c"), &node("a"), 1, T0));
        let second = registrar.claim(&client("c"), &node("b"), 2, T0);
        assert_eq!(second.outcome, ClaimOutcome::Waiting);
        assert_eq!(second.superseded, None);
        // Repeated: still waits, supersedes nobody.
        let again = registrar.claim(&client("c"), &node("b"), 2, T0);
        assert_eq!(
            (again.outcome, again.superseded),
            (ClaimOutcome::Waiting, None)
        );
        let third = registrar.claim(&client("c"), &node("d"), 3, T0);
        assert_eq!(third.outcome, ClaimOutcome::Waiting);
        assert_eq!(
            third.superseded,
            Some(Waiter {
                client_id: client("c"),
                claimant: node("b"),
                token: 2
            })
        );
        let next = registrar
            .commit(&client("c"), epoch, &node("a"), T0)
            .next
            .unwrap();
        assert_eq!((next.claimant, next.token), (node("d"), 3));
        assert_eq!(next.owner, Some((node("a"), epoch)));
        assert!(next.epoch > epoch);
    }

    #[test]
    fn a_repeated_claim_gets_the_same_grant() {
        let mut registrar = Registrar::new();
        let first = granted(registrar.claim(&client("c"), &node("a"), 1, T0));
        let again = granted(registrar.claim(&client("c"), &node("a"), 1, T0));
        assert_eq!(first, again);
        let other_token = registrar.claim(&client("c"), &node("a"), 2, T0);
        assert_eq!(other_token.outcome, ClaimOutcome::Waiting);
    }

    #[test]
    fn a_claim_lapses_with_its_lease() {
        let mut registrar = Registrar::new();
        let (epoch, _) = granted(registrar.claim(&client("c"), &node("a"), 1, T0));
        let _ = registrar.claim(&client("c"), &node("b"), 2, T0);
        let nearly = T0 + (CLAIM_LEASE - Duration::from_millis(1));
        assert_eq!(registrar.expire(nearly), []);
        let grants = registrar.expire(T0 + CLAIM_LEASE);
        assert_eq!(grants.len(), 1);
        assert_eq!(grants[0].claimant, node("b"));
        assert!(
            !registrar
                .commit(&client("c"), epoch, &node("a"), nearly)
                .accepted
        );
        let late = T0 + CLAIM_LEASE + CLAIM_LEASE;
        // A claim finds the lapsed one without help of `expire`.
        let (newest, _) = granted(registrar.claim(&client("c"), &node("d"), 3, late));
        assert!(newest > grants[0].epoch);
        assert!(
            !registrar
                .commit(&client("c"), grants[0].epoch, &node("b"), late)
                .accepted
        );
    }

    #[test]
    fn a_claim_can_be_withdrawn_before_and_after_its_grant() {
        let mut registrar = Registrar::new();
        let _ = registrar.claim(&client("c"), &node("a"), 1, T0);
        let _ = registrar.claim(&client("c"), &node("b"), 2, T0);
        assert_eq!(registrar.withdraw(&client("c"), &node("b"), 9, T0), None);
        assert_eq!(registrar.withdraw(&client("c"), &node("b"), 2, T0), None);
        let _ = registrar.claim(&client("c"), &node("d"), 3, T0);
        let grant = registrar.withdraw(&client("c"), &node("a"), 1, T0).unwrap();
        assert_eq!((grant.claimant, grant.token), (node("d"), 3));
    }

    #[test]
    fn only_the_owner_with_its_epoch_can_release() {
        let mut registrar = Registrar::new();
        let epoch = own(&mut registrar, "c", "a");
        assert!(!registrar.release(&client("c"), epoch, &node("b")));
        assert!(!registrar.release(&client("c"), epoch - 1, &node("a")));
        assert!(registrar.release(&client("c"), epoch, &node("a")));
        assert!(!registrar.release(&client("c"), epoch, &node("a")));
        assert!(registrar.is_empty());
    }

    #[test]
    fn of_two_owners_the_higher_epoch_wins_and_the_loser_is_reported() {
        let mut registrar = Registrar::new();
        assert_eq!(
            registrar.announce(&node("a"), &[(client("c"), 5), (client("x"), 5)]),
            []
        );
        let lost = registrar.announce(&node("b"), &[(client("c"), 4), (client("x"), 6)]);
        assert_eq!(lost.len(), 2);
        assert_eq!((&lost[0].loser, &lost[0].winner), (&node("b"), &node("a")));
        assert_eq!((&lost[1].loser, lost[1].loser_epoch), (&node("a"), 5));
        assert_eq!((&lost[1].winner, lost[1].winner_epoch), (&node("b"), 6));
        assert_eq!(registrar.lookup(&client("c")), Some((node("a"), 5)));
        assert_eq!(registrar.lookup(&client("x")), Some((node("b"), 6)));
        // Of its own announcements an owner keeps the highest, in any order.
        let _ = registrar.announce(&node("b"), &[(client("x"), 3)]);
        assert_eq!(registrar.lookup(&client("x")), Some((node("b"), 6)));
    }

    #[test]
    fn announced_epochs_raise_the_counter() {
        let mut registrar = Registrar::new();
        let ahead = (T0.as_millis() + 60_000) << 16;
        let _ = registrar.announce(&node("a"), &[(client("c"), ahead)]);
        let (epoch, owner) = granted(registrar.claim(&client("c"), &node("b"), 1, T0));
        assert_eq!(owner, Some((node("a"), ahead)));
        assert_eq!(epoch, ahead + 1);
    }

    #[test]
    fn an_owner_announced_after_the_grant_is_displaced_by_the_commit() {
        let mut registrar = Registrar::new();
        let (epoch, owner) = granted(registrar.claim(&client("c"), &node("b"), 1, T0));
        assert_eq!(owner, None);
        let _ = registrar.announce(&node("a"), &[(client("c"), 7)]);
        let commit = registrar.commit(&client("c"), epoch, &node("b"), T0);
        assert!(commit.accepted);
        let displaced = commit.displaced.unwrap();
        assert_eq!((displaced.loser, displaced.loser_epoch), (node("a"), 7));

        // An owner with a higher epoch than the claim makes the commit fail.
        let (epoch, _) = granted(registrar.claim(&client("c"), &node("d"), 2, T0));
        let _ = registrar.announce(&node("a"), &[(client("c"), epoch + 1)]);
        assert!(
            !registrar
                .commit(&client("c"), epoch, &node("d"), T0)
                .accepted
        );
        assert_eq!(registrar.lookup(&client("c")), Some((node("a"), epoch + 1)));
    }

    #[test]
    fn a_gone_node_loses_what_it_owned_claimed_and_waited_for() {
        let mut registrar = Registrar::new();
        own(&mut registrar, "owned", "a");
        let kept = own(&mut registrar, "kept", "b");
        let _ = registrar.claim(&client("claimed"), &node("a"), 1, T0);
        let _ = registrar.claim(&client("claimed"), &node("b"), 2, T0);
        let (epoch, _) = granted(registrar.claim(&client("waited"), &node("b"), 3, T0));
        let _ = registrar.claim(&client("waited"), &node("a"), 4, T0);
        let grants = registrar.node_gone(&node("a"), T0);
        assert_eq!(grants.len(), 1);
        assert_eq!(
            (grants[0].client_id.clone(), grants[0].token),
            (client("claimed"), 2)
        );
        assert_eq!(registrar.lookup(&client("owned")), None);
        assert_eq!(registrar.lookup(&client("kept")), Some((node("b"), kept)));
        assert_eq!(
            registrar
                .commit(&client("waited"), epoch, &node("b"), T0)
                .next,
            None
        );
        // The freed number goes to another node without giving it anything.
        own(&mut registrar, "new", "d");
        assert_eq!(registrar.lookup(&client("kept")), Some((node("b"), kept)));
        assert_eq!(registrar.len(), 3);
    }

    #[test]
    fn client_identifiers_of_another_registrar_are_forgotten() {
        let mut registrar = Registrar::new();
        own(&mut registrar, "mine", "a");
        own(&mut registrar, "theirs", "a");
        let _ = registrar.claim(&client("theirs"), &node("b"), 1, T0);
        let _ = registrar.claim(&client("theirs"), &node("d"), 2, T0);
        let waiting = registrar.retain(|id| id == "mine");
        assert_eq!(
            waiting,
            [Waiter {
                client_id: client("theirs"),
                claimant: node("d"),
                token: 2
            }]
        );
        assert_eq!((registrar.len(), registrar.claims_outstanding()), (1, 0));
    }

    #[derive(Debug, Clone)]
    enum Step {
        Claim(usize, usize),
        Repeat,
        Commit(usize),
        Abandon(usize),
        Withdraw(usize),
        Release(usize),
        Announce(usize, usize, i64),
        NodeGone(usize),
        Wait(u64),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            5 => (0..3_usize, 0..4_usize).prop_map(|(c, n)| Step::Claim(c, n)),
            1 => Just(Step::Repeat),
            4 => any::<prop::sample::Index>().prop_map(|i| Step::Commit(i.index(64))),
            1 => any::<prop::sample::Index>().prop_map(|i| Step::Abandon(i.index(64))),
            1 => any::<prop::sample::Index>().prop_map(|i| Step::Withdraw(i.index(64))),
            1 => (0..3_usize).prop_map(Step::Release),
            1 => (0..3_usize, 0..4_usize, -3_i64..3).prop_map(|(c, n, d)| Step::Announce(c, n, d)),
            1 => (0..4_usize).prop_map(Step::NodeGone),
            3 => (0..20_000_u64).prop_map(Step::Wait),
        ]
    }

    /// What became of a claim.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Fate {
        Waiting,
        Granted(u64),
        Over,
    }

    /// Drives a registrar and checks after each step what must always hold.
    #[derive(Default)]
    struct Checker {
        registrar: Registrar,
        now: u64,
        claims: Vec<(usize, usize, Fate)>,
        last_epoch: u64,
        owner_epochs: BTreeMap<usize, u64>,
    }

    const CLIENTS: [&str; 3] = ["c0", "c1", "c2"];
    const NODES: [&str; 4] = ["n0", "n1", "n2", "n3"];

    impl Checker {
        fn time(&self) -> Timestamp {
            T0 + Duration::from_millis(self.now)
        }

        fn granted(&mut self, token: u64, epoch: u64) {
            assert!(epoch > self.last_epoch, "epochs grow");
            self.last_epoch = epoch;
            let (client, _, fate) = &mut self.claims[token as usize];
            assert_eq!(*fate, Fate::Waiting, "a claim is granted once");
            *fate = Fate::Granted(epoch);
            let client = *client;
            // The claim that was outstanding before has ended.
            for (other, (c, _, fate)) in self.claims.iter_mut().enumerate() {
                if *c == client && other != token as usize && matches!(fate, Fate::Granted(_)) {
                    *fate = Fate::Over;
                }
            }
        }

        fn grants(&mut self, grants: impl IntoIterator<Item = Grant>) {
            for grant in grants {
                let (client, node, _) = self.claims[grant.token as usize];
                assert_eq!(grant.client_id.as_str(), CLIENTS[client]);
                assert_eq!(grant.claimant.as_str(), NODES[node]);
                self.granted(grant.token, grant.epoch);
            }
        }

        fn apply(&mut self, step: Step) {
            let now = self.time();
            match step {
                Step::Claim(c, n) => {
                    let token = self.claims.len() as u64;
                    self.claims.push((c, n, Fate::Waiting));
                    let claim =
                        self.registrar
                            .claim(&client(CLIENTS[c]), &node(NODES[n]), token, now);
                    if let Some(superseded) = claim.superseded {
                        let fate = &mut self.claims[superseded.token as usize].2;
                        assert_eq!(*fate, Fate::Waiting);
                        *fate = Fate::Over;
                    }
                    if let ClaimOutcome::Granted { epoch, .. } = claim.outcome {
                        self.granted(token, epoch);
                    }
                }
                Step::Repeat => {
                    let Some((c, n, Fate::Granted(epoch))) = self.claims.last().copied() else {
                        return;
                    };
                    let token = self.claims.len() as u64 - 1;
                    // Only while it holds the claim: afterwards a repeat would be a new claim.
                    if self
                        .registrar
                        .is_outstanding(&client(CLIENTS[c]), epoch, &node(NODES[n]))
                    {
                        let again =
                            self.registrar
                                .claim(&client(CLIENTS[c]), &node(NODES[n]), token, now);
                        assert_eq!(granted(again).0, epoch);
                    }
                }
                Step::Commit(i) => self.finish(i, |registrar, c, epoch, n, now| {
                    let commit = registrar.commit(c, epoch, n, now);
                    (Some(commit.accepted), commit.next)
                }),
                Step::Abandon(i) => self.finish(i, |registrar, c, epoch, n, now| {
                    (None, registrar.abandon(c, epoch, n, now))
                }),
                Step::Withdraw(i) => {
                    let Some(i) = i.checked_rem(self.claims.len()) else {
                        return;
                    };
                    let (c, n, fate) = self.claims[i];
                    let next = self.registrar.withdraw(
                        &client(CLIENTS[c]),
                        &node(NODES[n]),
                        i as u64,
                        now,
                    );
                    if fate == Fate::Waiting {
                        assert_eq!(next, None);
                    }
                    self.claims[i].2 = Fate::Over;
                    self.grants(next);
                }
                Step::Release(c) => {
                    if let Some((owner, epoch)) = self.registrar.lookup(&client(CLIENTS[c])) {
                        assert!(self.registrar.release(&client(CLIENTS[c]), epoch, &owner));
                        self.owner_epochs.remove(&c);
                    }
                }
                Step::Announce(c, n, offset) => {
                    let base = self.last_epoch.max(10);
                    let epoch = base.saturating_add_signed(offset);
                    let lost = self
                        .registrar
                        .announce(&node(NODES[n]), &[(client(CLIENTS[c]), epoch)]);
                    for displaced in lost {
                        assert!(displaced.winner_epoch >= displaced.loser_epoch);
                        assert_ne!(displaced.winner, displaced.loser);
                    }
                    self.last_epoch = self.last_epoch.max(epoch);
                }
                Step::NodeGone(n) => {
                    for (_, claimant, fate) in &mut self.claims {
                        if *claimant == n {
                            *fate = Fate::Over;
                        }
                    }
                    let grants = self.registrar.node_gone(&node(NODES[n]), now);
                    self.grants(grants);
                    for (c, id) in CLIENTS.iter().enumerate() {
                        if self.registrar.lookup(&client(id)).is_none() {
                            self.owner_epochs.remove(&c);
                        }
                    }
                }
                Step::Wait(ms) => {
                    self.now += ms;
                    let grants = self.registrar.expire(self.time());
                    self.grants(grants);
                }
            }
            self.check();
        }

        fn finish(
            &mut self,
            i: usize,
            act: impl Fn(
                &mut Registrar,
                &ClientId,
                u64,
                &NodeName,
                Timestamp,
            ) -> (Option<bool>, Option<Grant>),
        ) {
            let Some(i) = i.checked_rem(self.claims.len()) else {
                return;
            };
            let (c, n, fate) = self.claims[i];
            let Fate::Granted(epoch) = fate else { return };
            let newest = self
                .claims
                .iter()
                .filter(|(other, _, _)| *other == c)
                .filter_map(|(_, _, fate)| match fate {
                    Fate::Granted(epoch) => Some(*epoch),
                    _ => None,
                })
                .max();
            let now = self.time();
            let (accepted, next) = act(
                &mut self.registrar,
                &client(CLIENTS[c]),
                epoch,
                &node(NODES[n]),
                now,
            );
            if accepted == Some(true) {
                assert_eq!(
                    Some(epoch),
                    newest,
                    "only the newest grant can be committed"
                );
                let known = self.registrar.lookup(&client(CLIENTS[c])).unwrap();
                assert_eq!(known, (node(NODES[n]), epoch));
            }
            self.claims[i].2 = Fate::Over;
            self.grants(next);
        }

        fn check(&mut self) {
            for (c, id) in CLIENTS.iter().enumerate() {
                if let Some((_, epoch)) = self.registrar.lookup(&client(id)) {
                    let before = self.owner_epochs.insert(c, epoch).unwrap_or(0);
                    assert!(epoch >= before, "an owner's epoch never steps back");
                }
            }
            let waiting: BTreeSet<usize> = self
                .claims
                .iter()
                .filter(|(_, _, fate)| *fate == Fate::Waiting)
                .map(|(c, _, _)| *c)
                .collect();
            let count = self
                .claims
                .iter()
                .filter(|(_, _, fate)| *fate == Fate::Waiting)
                .count();
            assert_eq!(waiting.len(), count, "one claim waits at most");
        }
    }

    proptest! {
        #[test]
        fn any_schedule_keeps_one_owner_growing_epochs_and_starves_no_claim(
            steps in prop::collection::vec(step(), 1..120),
        ) {
            let mut checker = Checker { now: 1, ..Checker::default() };
            for step in steps {
                checker.apply(step);
            }
            // Nobody commits any more: leases alone must bring every claim to an end.
            for _ in 0..2 {
                checker.apply(Step::Wait(30_000));
            }
            prop_assert!(checker.claims.iter().all(|(_, _, fate)| *fate != Fate::Waiting));
            prop_assert_eq!(checker.registrar.claims_outstanding(), 0);
        }
    }
}
