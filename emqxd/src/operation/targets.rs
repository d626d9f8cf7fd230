//! The nodes that take clients and Sessions over, and whose turn it is.

/// Another node of the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its name.
    pub node: String,
    /// The MQTT address that it advertises to clients.
    pub address: String,
    /// Whether it serves and may be given more.
    pub available: bool,
    /// Clients connected to it.
    pub connections: u64,
    /// Sessions that it keeps, connected or not.
    pub sessions: u64,
    /// Connections that it can hold, when known.
    pub capacity: Option<u64>,
}

/// Takes turns among the available targets: smooth weighted round-robin, so that even short runs are spread out.
///
/// Targets of equal load get equal shares. Free capacity is the weight where all capacities are known; else a node's
/// share of the connections lowers its weight a little.
#[derive(Debug, Clone, Default)]
pub struct Chooser {
    entries: Vec<Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    target: Target,
    weight: f64,
    credit: f64,
}

impl Chooser {
    /// A chooser among `targets`; unavailable ones are passed over.
    pub fn new(targets: &[Target]) -> Self {
        let mut chooser = Self::default();
        chooser.update(targets);
        chooser
    }

    /// Takes new figures in; targets that stay keep their place in the turn.
    pub fn update(&mut self, targets: &[Target]) {
        let weights = weights(targets);
        let before = std::mem::take(&mut self.entries);
        self.entries = targets
            .iter()
            .zip(weights)
            .filter(|(target, _)| target.available)
            .map(|(target, weight)| {
                let known = before.iter().find(|entry| entry.target.node == target.node);
                Entry {
                    target: target.clone(),
                    weight,
                    credit: known.map_or(0.0, |entry| entry.credit),
                }
            })
            .collect();
    }

    /// The next target; `None` when none is available.
    #[expect(
        clippy::should_implement_trait,
        reason = "it lends what it returns, which no Iterator can"
    )]
    pub fn next(&mut self) -> Option<&Target> {
        let total: f64 = self.entries.iter().map(|entry| entry.weight).sum();
        let mut best: Option<(usize, f64)> = None;
        for (index, entry) in self.entries.iter_mut().enumerate() {
            entry.credit += entry.weight;
            // The margin keeps rounding from deciding between equals.
            if best.is_none_or(|(_, credit)| entry.credit > credit + 1e-9) {
                best = Some((index, entry.credit));
            }
        }
        let chosen = self.entries.get_mut(best?.0)?;
        chosen.credit -= total;
        Some(&chosen.target)
    }
}

/// Weights add up to at most the number of targets and are never zero: a full node is still better than none.
fn weights(targets: &[Target]) -> Vec<f64> {
    let available = || targets.iter().filter(|target| target.available);
    if available().all(|target| target.capacity.is_some()) {
        let free = |target: &Target| {
            target
                .capacity
                .unwrap_or(0)
                .saturating_sub(target.connections)
                .max(1) as f64
        };
        let total: f64 = available().map(free).sum();
        return targets
            .iter()
            .map(|target| free(target) / total.max(1.0))
            .collect();
    }
    let connections: u64 = available().map(|target| target.connections).sum();
    targets
        .iter()
        .map(|target| 1.0 / (1.0 + target.connections as f64 / connections.max(1) as f64))
        .collect()
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

    fn share(chooser: &mut Chooser, node: &str, turns: usize) -> usize {
        (0..turns)
            .filter(|_| chooser.next().is_some_and(|target| target.node == node))
            .count()
    }

    #[test]
    fn equal_targets_take_strict_turns() {
        let mut chooser = Chooser::new(&[
            target("a", 7, None),
            target("b", 7, None),
            target("c", 7, None),
        ]);
        let turns: Vec<String> = (0..6)
            .filter_map(|_| chooser.next().map(|target| target.node.clone()))
            .collect();
        assert_eq!(turns, ["a", "b", "c", "a", "b", "c"]);
    }

    #[test]
    fn free_capacity_is_the_weight() {
        let mut chooser = Chooser::new(&[target("a", 0, Some(300)), target("b", 100, Some(200))]);
        assert_eq!(share(&mut chooser, "a", 400), 300);
    }

    #[test]
    fn load_lowers_the_share_mildly_when_capacity_is_unknown() {
        let mut chooser = Chooser::new(&[target("a", 0, None), target("b", 1000, None)]);
        let a = share(&mut chooser, "a", 300);
        assert_eq!(a, 200);
    }

    #[test]
    fn unavailable_targets_are_passed_over_and_turns_survive_an_update() {
        let mut targets = [target("a", 0, None), target("b", 0, None)];
        let mut chooser = Chooser::new(&targets);
        assert_eq!(chooser.next().map(|target| target.node.as_str()), Some("a"));
        chooser.update(&targets);
        assert_eq!(chooser.next().map(|target| target.node.as_str()), Some("b"));
        targets[0].available = false;
        chooser.update(&targets);
        assert_eq!(share(&mut chooser, "b", 5), 5);
        targets[1].available = false;
        chooser.update(&targets);
        assert_eq!(chooser.next(), None);
    }
}
