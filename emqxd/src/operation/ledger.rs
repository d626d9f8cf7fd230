//! Keeps the account of clients and Sessions: every client that was cut is in exactly one place.

use std::collections::BTreeSet;

use ahash::HashMap;

use super::marks::Marks;
use super::meter::{DurationHistogram, RateMeter};
use super::progress::RecipientProgress;
use super::targets::Target;
use crate::packet::ClientId;
use crate::time::Timestamp;

/// At any time `evicted` = `returned` + unreturned + `ended_with_connection` + `moved_before_return`.
#[derive(Debug, Default)]
pub struct Ledger {
    pub evicted: u64,
    pub returned: u64,
    pub ended_with_connection: u64,
    /// Evicted clients whose Session went ahead without them.
    pub moved_before_return: u64,
    pub moved_with_client: u64,
    pub moved_without_client: u64,
    pub expired: u64,
    pub messages_carried: u64,
    pub cuts: RateMeter,
    pub moves: RateMeter,
    pub reconnects: DurationHistogram,
    unreturned: HashMap<ClientId, Timestamp>,
    /// The same clients, longest away first.
    by_absence: BTreeSet<(Timestamp, ClientId)>,
    recipients: Vec<Recipient>,
}

#[derive(Debug, Default)]
struct Recipient {
    node: String,
    address: String,
    available: bool,
    arrived: u64,
    received_sessions: u64,
    refused: u64,
    arrivals: RateMeter,
}

impl Ledger {
    /// The account as it was marked. Clients that were away then count as returned: who they are is not known.
    pub fn resumed(marks: &Marks) -> Self {
        Self {
            evicted: marks.evicted,
            returned: marks.evicted.saturating_sub(marks.ended_with_connection),
            ended_with_connection: marks.ended_with_connection,
            moved_with_client: marks.moved_with_client,
            moved_without_client: marks.moved_without_client,
            expired: marks.expired,
            messages_carried: marks.messages_carried,
            recipients: marks
                .recipients
                .iter()
                .map(|mark| Recipient {
                    node: mark.node.clone(),
                    address: mark.address.clone(),
                    arrived: mark.arrived,
                    received_sessions: mark.received_sessions,
                    refused: mark.refused,
                    ..Recipient::default()
                })
                .collect(),
            ..Self::default()
        }
    }

    /// A client was cut. One that is cut again before it was seen elsewhere counts once.
    pub fn cut(&mut self, client_id: &ClientId, keeps_session: bool, now: Timestamp) {
        self.cuts.add(1, now);
        if self.forget(client_id).is_none() {
            self.evicted += 1;
        }
        if keeps_session {
            self.unreturned.insert(client_id.clone(), now);
            self.by_absence.insert((now, client_id.clone()));
        } else {
            self.ended_with_connection += 1;
        }
    }

    /// A client has taken its Session along to `node`.
    pub fn arrived(&mut self, client_id: &ClientId, node: &str, now: Timestamp) {
        self.moved_with_client += 1;
        if let Some(cut_at) = self.forget(client_id) {
            self.returned += 1;
            self.reconnects.record(now.since(cut_at));
            let recipient = self.recipient(node);
            recipient.arrived += 1;
            recipient.arrivals.add(1, now);
        }
    }

    /// A Session was moved to `node` without its client.
    pub fn moved(&mut self, client_id: &ClientId, node: &str, messages: u64, now: Timestamp) {
        self.moved_without_client += 1;
        self.messages_carried += messages;
        self.moves.add(1, now);
        self.recipient(node).received_sessions += 1;
        if self.forget(client_id).is_some() {
            self.moved_before_return += 1;
        }
    }

    /// A Session could not be moved to `node`.
    pub fn refused(&mut self, node: &str) {
        self.recipient(node).refused += 1;
    }

    /// Takes new figures of the targets in; whether anything visible changed.
    pub fn update_targets(&mut self, targets: &[Target]) -> bool {
        let mut changed = false;
        for recipient in &mut self.recipients {
            if recipient.available && !targets.iter().any(|target| target.node == recipient.node) {
                recipient.available = false;
                changed = true;
            }
        }
        for target in targets {
            let recipient = self.recipient(&target.node);
            if recipient.available != target.available || recipient.address != target.address {
                recipient.available = target.available;
                recipient.address.clone_from(&target.address);
                changed = true;
            }
        }
        changed
    }

    /// Clients cut with a Session that are neither back nor moved.
    pub fn unreturned(&self) -> u64 {
        self.unreturned.len() as u64
    }

    /// Up to `count` of them, longest away first.
    pub fn slowest_unreturned(&self, count: usize) -> Vec<ClientId> {
        self.by_absence
            .iter()
            .take(count)
            .map(|(_, client_id)| client_id.clone())
            .collect()
    }

    /// All nodes that were or are targets, or where clients arrived.
    pub fn recipients(&self, now: Timestamp) -> Vec<RecipientProgress> {
        self.recipients
            .iter()
            .map(|recipient| RecipientProgress {
                node: recipient.node.clone(),
                address: recipient.address.clone(),
                available: recipient.available,
                arrived: recipient.arrived,
                received_sessions: recipient.received_sessions,
                arrivals_per_sec: recipient.arrivals.per_sec(now),
                refused: recipient.refused,
            })
            .collect()
    }

    fn forget(&mut self, client_id: &ClientId) -> Option<Timestamp> {
        let cut_at = self.unreturned.remove(client_id)?;
        self.by_absence.remove(&(cut_at, client_id.clone()));
        Some(cut_at)
    }

    fn recipient(&mut self, node: &str) -> &mut Recipient {
        let known = self
            .recipients
            .iter()
            .position(|recipient| recipient.node == node);
        let index = known.unwrap_or_else(|| {
            self.recipients.push(Recipient {
                node: node.to_owned(),
                ..Recipient::default()
            });
            self.recipients.len() - 1
        });
        &mut self.recipients[index]
    }
}
