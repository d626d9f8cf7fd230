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

use crate::hashing::HashMap;
use crate::membership::NodeName;
use crate::memory_reclaim::Table;
use crate::packet::ClientId;
#[cfg(test)]
use crate::simulation::fault::{self, Fault};
use crate::stable_hash;
use crate::time::Timestamp;

/// A claim that is neither committed nor given up within this is abandoned.
pub const CLAIM_LEASE: Duration = Duration::from_secs(30);

/// Each registrar grants only one in so many epochs, which its name and its start decide. So two that do not see each other,
/// or one before and after a restart, hardly ever grant the same one when nodes with a fast clock have raised their counters
/// above the time. Granted epochs are even; the odd ones are for [`epoch_of_copy`].
const EPOCH_STEP: u64 = 512;

/// A number for that hash, the same everywhere: even, and less than [`EPOCH_STEP`].
const fn epoch_rest(hash: u64) -> u64 {
    hash % (EPOCH_STEP / 2) * 2
}

/// The epoch under which a node serves a Session from its copy, when the owner, which had that epoch, is gone: a later one
/// than the owner's, earlier than what registrars grant from then on, and hardly ever that of another node which has an
/// older copy.
pub fn epoch_of_copy(owners: u64, node: &NodeName) -> u64 {
    let next = owners / EPOCH_STEP + 1;
    next.saturating_mul(EPOCH_STEP)
        .saturating_add(epoch_rest(stable_hash::hash(node.as_str().as_bytes())) + 1)
}

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
/// (unix milliseconds shifted left by 16, or a little more than the last one) so that a registrar that takes over from another
/// does not grant an epoch that is older than one granted before, as long as clocks differ by less than the time
/// between the two grants; announced epochs, and those that claimants know of, raise the counter in any case.
#[derive(Debug, Default)]
pub struct Registrar {
    /// 16 bytes a client beside its identifier: there are millions.
    owners: HashMap<ClientId, Owner>,
    claims: HashMap<ClientId, PendingClaim>,
    names: NodeIndex,
    last_epoch: u64,
    /// What its epochs are, divided by [`EPOCH_STEP`], has this rest.
    epoch_rest: u64,
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
    /// That of this start of this node; knows of no owner.
    pub fn of(node: &NodeName, incarnation: u64) -> Self {
        let name = stable_hash::hash(node.as_str().as_bytes());
        Self {
            epoch_rest: epoch_rest(stable_hash::score(incarnation, name)),
            ..Self::default()
        }
    }

    /// Claims a Client Identifier, for a claimant that knows of epochs up to `known`: what is granted is higher, so no Session
    /// that has been served goes back to an earlier epoch because another node is its registrar now. A claim repeated with the
    /// same token gets the same answer again, unless the claimant has heard of a higher epoch meanwhile.
    pub fn claim(
        &mut self,
        client_id: &ClientId,
        claimant: &NodeName,
        token: ClaimToken,
        known: u64,
        now: Timestamp,
    ) -> Claim {
        self.last_epoch = self.last_epoch.max(known);
        if let Some(pending) = self.claims.get_mut(client_id) {
            if pending.claimant == *claimant && pending.token == token {
                pending.lease_ends = now + CLAIM_LEASE;
                if pending.epoch < known {
                    self.last_epoch = epoch_after(self.last_epoch, self.epoch_rest, now);
                    pending.epoch = self.last_epoch;
                }
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
            #[cfg(test)]
            let announced_wins = announced_wins || fault::is_on(Fault::EpochIgnored);
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

    /// A node is dead or restarted: what it owned is forgotten (it announces what it kept on disk, or others do that serve it
    /// from copies), its claims are abandoned. All claims that wait are handed back, also those of others: they may be for
    /// what is forgotten now, and their claimants must be told to claim again once the new owners are known. Walks over all
    /// clients.
    pub fn node_gone(&mut self, name: &NodeName) -> Vec<Waiter> {
        if let Some(node) = self.names.remove(name) {
            self.owners.retain(|_, owner| owner.node != node);
        }
        let mut handed_back = Vec::new();
        self.claims.retain(|client_id, pending| {
            let waiting = pending.waiting.take();
            handed_back.extend(waiting.map(|(claimant, token)| Waiter {
                client_id: client_id.clone(),
                claimant,
                token,
            }));
            pending.claimant != *name
        });
        handed_back
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
        self.last_epoch = epoch_after(self.last_epoch, self.epoch_rest, now);
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

/// The first epoch with that rest after `last`, and not before the present time.
fn epoch_after(last: u64, rest: u64, now: Timestamp) -> u64 {
    let next = last
        .saturating_add(1)
        .max(now.as_millis().saturating_mul(1 << 16));
    let short_by = (rest + EPOCH_STEP - next % EPOCH_STEP) % EPOCH_STEP;
    next.saturating_add(short_by)
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
    numbers: HashMap<NodeName, u32>,
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
mod tests;
