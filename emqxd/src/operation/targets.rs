//! The nodes that can take clients and Sessions, and the choice among them.

/// Another node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Node name.
    pub node: String,
    /// Advertised MQTT address.
    pub address: String,
    /// Whether it serves.
    pub available: bool,
    /// Its clients now.
    pub connections: u64,
    /// Its Sessions now.
    pub sessions: u64,
    /// Clients that it can take in all; `None` = unknown.
    pub capacity: Option<u64>,
}

impl Target {
    /// Share of clients it should get, compared with the others.
    fn weight(&self, most: u64) -> u64 {
        match self.capacity {
            Some(capacity) => capacity.saturating_sub(self.connections),
            // Unknown: an emptier node gets up to twice the share of the fullest.
            None => 100 + 100 * (most - self.connections) / most.max(1),
        }
    }
}

/// Smooth weighted round-robin over the available targets: each gets its share, evenly spread in time.
#[derive(Debug, Clone, Default)]
pub struct Chooser {
    entries: Vec<Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    target: Target,
    weight: i64,
    credit: i64,
}

impl Chooser {
    /// Over these.
    pub fn new(targets: &[Target]) -> Self {
        let mut chooser = Self::default();
        chooser.update(targets);
        chooser
    }

    /// Takes the present figures in; the turns already taken count on.
    pub fn update(&mut self, targets: &[Target]) {
        let most = targets
            .iter()
            .map(|target| target.connections)
            .max()
            .unwrap_or(0);
        let credit = |node: &str| {
            self.entries
                .iter()
                .find(|entry| entry.target.node == node)
                .map_or(0, |entry| entry.credit)
        };
        self.entries = targets
            .iter()
            .filter(|target| target.available)
            .map(|target| Entry {
                weight: i64::try_from(target.weight(most))
                    .unwrap_or(i64::MAX / 1_000)
                    .max(1),
                credit: credit(&target.node),
                target: target.clone(),
            })
            .collect();
    }

    /// The next one; `None` when there is none.
    pub fn next(&mut self) -> Option<&Target> {
        let total: i64 = self.entries.iter().map(|entry| entry.weight).sum();
        for entry in &mut self.entries {
            entry.credit += entry.weight;
        }
        let chosen = self.entries.iter_mut().max_by_key(|entry| entry.credit)?;
        chosen.credit -= total;
        Some(&chosen.target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(node: &str, connections: u64, capacity: Option<u64>) -> Target {
        Target {
            node: node.to_owned(),
            address: format!("{node}:1883"),
            available: true,
            connections,
            sessions: connections,
            capacity,
        }
    }

    fn shares(targets: &[Target], turns: usize) -> Vec<usize> {
        let mut chooser = Chooser::new(targets);
        let mut counts = vec![0; targets.len()];
        for _ in 0..turns {
            let chosen = chooser.next().expect("one is available").node.clone();
            let place = targets
                .iter()
                .position(|target| target.node == chosen)
                .expect("known");
            counts[place] += 1;
        }
        counts
    }

    #[test]
    fn equal_targets_take_turns() {
        assert_eq!(
            shares(&[target("a", 5, None), target("b", 5, None)], 1_000),
            [500, 500]
        );
    }

    #[test]
    fn shares_follow_free_capacity() {
        let targets = [target("a", 700, Some(1_000)), target("b", 100, Some(1_000))];
        assert_eq!(shares(&targets, 1_200), [300, 900]);
    }

    #[test]
    fn an_emptier_node_gets_more() {
        let counts = shares(&[target("a", 1_000, None), target("b", 0, None)], 300);
        assert_eq!(counts, [100, 200]);
    }

    #[test]
    fn none_is_chosen_when_none_serves() {
        let mut away = target("a", 0, None);
        away.available = false;
        assert_eq!(Chooser::new(&[away]).next(), None);
    }
}
