//! Sessions whose move failed: why, how often, and when it is tried again. None is ever given up.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::progress::Trouble;
use crate::packet::ClientId;
use crate::time::Timestamp;

const BACK_OFF_FIRST: Duration = Duration::from_secs(1);
const BACK_OFF_MAX: Duration = Duration::from_secs(30);

/// Holds at most one entry for each Session of the node.
#[derive(Debug, Default)]
pub struct Troubles {
    entries: BTreeMap<ClientId, Entry>,
    /// Those that wait for their next attempt, soonest first.
    waiting: BTreeSet<(Timestamp, ClientId)>,
}

#[derive(Debug)]
struct Entry {
    reason: String,
    attempts: u32,
    retry_at: Timestamp,
}

impl Troubles {
    /// Notes a failed attempt: the next one comes after 1 s, 2 s, 4 s and so on up to 30 s.
    pub fn failed(&mut self, client_id: &ClientId, reason: String, now: Timestamp) {
        let attempts = self
            .entries
            .get(client_id)
            .map_or(1, |entry| entry.attempts.saturating_add(1));
        self.resolved(client_id);
        let factor = 1 << (attempts - 1).min(5);
        let retry_at = now + (BACK_OFF_FIRST * factor).min(BACK_OFF_MAX);
        self.waiting.insert((retry_at, client_id.clone()));
        self.entries.insert(
            client_id.clone(),
            Entry {
                reason,
                attempts,
                retry_at,
            },
        );
    }

    /// The Session has left after all.
    pub fn resolved(&mut self, client_id: &ClientId) {
        if let Some(entry) = self.entries.remove(client_id) {
            self.waiting.remove(&(entry.retry_at, client_id.clone()));
        }
    }

    /// No Session is left.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.waiting.clear();
    }

    /// Lets those go whose time has come.
    pub fn release(&mut self, now: Timestamp) {
        while self
            .waiting
            .first()
            .is_some_and(|(retry_at, _)| *retry_at <= now)
        {
            self.waiting.pop_first();
        }
    }

    /// Whether the next attempt for this Session still lies ahead.
    pub fn is_backing_off(&self, client_id: &ClientId, now: Timestamp) -> bool {
        self.entries
            .get(client_id)
            .is_some_and(|entry| entry.retry_at > now)
    }

    /// How many wait for their next attempt.
    pub fn waiting(&self) -> u64 {
        self.waiting.len() as u64
    }

    /// When the soonest of them is due.
    pub fn next_retry(&self) -> Option<Timestamp> {
        self.waiting.first().map(|(retry_at, _)| *retry_at)
    }

    /// How many Sessions have failed and not succeeded since.
    pub fn total(&self) -> u64 {
        self.entries.len() as u64
    }

    /// The first `count` of them by Client Identifier.
    pub fn list(&self, count: usize) -> Vec<Trouble> {
        self.entries
            .iter()
            .take(count)
            .map(|(client_id, entry)| Trouble {
                client_id: client_id.clone(),
                reason: entry.reason.clone(),
                attempts: entry.attempts,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_come_ever_later_and_success_ends_it() {
        let client_id = ClientId::new("c").unwrap();
        let mut troubles = Troubles::default();
        let mut now = Timestamp::from_millis(5_000);
        for (attempt, wait_s) in [(1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (6, 30), (7, 30)] {
            troubles.failed(&client_id, format!("reason {attempt}"), now);
            let retry_at = now + Duration::from_secs(wait_s);
            assert_eq!(troubles.next_retry(), Some(retry_at));
            assert!(troubles.is_backing_off(&client_id, retry_at - Duration::from_millis(1)));
            assert!(!troubles.is_backing_off(&client_id, retry_at));
            troubles.release(retry_at);
            assert_eq!((troubles.waiting(), troubles.total()), (0, 1));
            now = retry_at;
        }
        let listed = troubles.list(100);
        assert_eq!(
            (listed[0].attempts, listed[0].reason.as_str()),
            (7, "reason 7")
        );
        troubles.resolved(&client_id);
        assert_eq!(troubles.total(), 0);
    }
}
