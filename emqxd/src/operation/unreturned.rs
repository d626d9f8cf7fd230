//! Evicted clients that have not been seen elsewhere yet, and how long the others took.

use std::time::Duration;

use ahash::HashMap;

use crate::packet::ClientId;
use crate::time::Timestamp;

/// Each bucket is this much wider than the one before: percentiles are right within a twelfth.
const BUCKET_GROWTH: f64 = 1.08;

/// The last bucket begins at about half a day.
const BUCKETS: usize = 230;

/// How many of the longest missing are named.
const SLOWEST_MAX: usize = 5;

/// One entry for each evicted client with a Session, until it is back or its Session has moved.
#[derive(Debug, Clone)]
pub struct Unreturned {
    since: HashMap<ClientId, Timestamp>,
    buckets: Vec<u64>,
    returned: u64,
}

impl Default for Unreturned {
    fn default() -> Self {
        Self {
            since: HashMap::default(),
            buckets: vec![0; BUCKETS],
            returned: 0,
        }
    }
}

impl Unreturned {
    /// A client was cut now.
    pub fn evicted(&mut self, client_id: ClientId, now: Timestamp) {
        self.since.insert(client_id, now);
    }

    /// It is back. `false` when it was not missing.
    pub fn returned(&mut self, client_id: &ClientId, now: Timestamp) -> bool {
        let Some(since) = self.since.remove(client_id) else {
            return false;
        };
        self.buckets[bucket_of(now.since(since))] += 1;
        self.returned += 1;
        true
    }

    /// Its Session has gone without it: it is not waited for any more.
    pub fn give_up(&mut self, client_id: &ClientId) {
        self.since.remove(client_id);
    }

    /// How many are missing.
    pub fn len(&self) -> usize {
        self.since.len()
    }

    /// Whether nobody is missing.
    pub fn is_empty(&self) -> bool {
        self.since.is_empty()
    }

    /// Time from cut to return that `percent` of the returned did not exceed.
    pub fn percentile(&self, percent: u64) -> Option<Duration> {
        if self.returned == 0 {
            return None;
        }
        let rank = (self.returned * percent).div_ceil(100).max(1);
        let mut counted = 0;
        let bucket = self.buckets.iter().position(|count| {
            counted += count;
            counted >= rank
        })?;
        Some(Duration::from_millis(
            BUCKET_GROWTH.powi(i32::try_from(bucket).unwrap_or(0)) as u64,
        ))
    }

    /// Those that have been missing longest.
    pub fn slowest(&self) -> Vec<ClientId> {
        let mut missing: Vec<_> = self.since.iter().collect();
        missing.sort_unstable_by(|a, b| a.1.cmp(b.1).then(a.0.cmp(b.0)));
        missing
            .into_iter()
            .take(SLOWEST_MAX)
            .map(|(client_id, _)| client_id.clone())
            .collect()
    }
}

fn bucket_of(duration: Duration) -> usize {
    let millis = duration.as_millis().max(1) as f64;
    (millis.ln() / BUCKET_GROWTH.ln())
        .ceil()
        .clamp(0.0, (BUCKETS - 1) as f64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_near_the_truth() {
        let mut unreturned = Unreturned::default();
        for number in 1..=1_000_u64 {
            let client_id = ClientId::new(&number.to_string()).expect("not empty");
            unreturned.evicted(client_id.clone(), Timestamp::from_millis(0));
            assert!(unreturned.returned(&client_id, Timestamp::from_millis(number)));
        }
        for (percent, truth) in [(50, 500.0), (99, 990.0)] {
            let found = unreturned
                .percentile(percent)
                .expect("some returned")
                .as_millis() as f64;
            assert!((found / truth - 1.0).abs() < 0.1, "p{percent} = {found}");
        }
        assert!(unreturned.is_empty());
    }
}
