//! The last minute or two of some figures, for sparks and charts.

use std::collections::{BTreeMap, VecDeque};

use crate::model::ClusterStatus;

/// Samples that are kept of each figure.
pub const SAMPLES_MAX: usize = 240;

/// Samples of one figure, oldest first; none is unknown.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Series(VecDeque<Option<f64>>);

impl Series {
    fn push(&mut self, value: Option<f64>) {
        if self.0.len() == SAMPLES_MAX {
            self.0.pop_front();
        }
        self.0.push_back(value);
    }

    /// The latest `count` samples, oldest first, the missing ones before them as unknown.
    pub fn latest(&self, count: usize) -> Vec<Option<f64>> {
        let missing = count.saturating_sub(self.0.len());
        let skip = self.0.len().saturating_sub(count);
        std::iter::repeat_n(None, missing)
            .chain(self.0.iter().skip(skip).copied())
            .collect()
    }
}

/// What was measured of an operation.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pace {
    /// Connections cut per second.
    pub connections: Series,
    /// Sessions moved per second.
    pub sessions: Series,
}

/// Samples of all figures that are drawn over time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    /// Connections of each node.
    pub nodes: BTreeMap<String, Series>,
    /// Messages received per second.
    pub messages_in: Series,
    /// Messages sent per second.
    pub messages_out: Series,
    /// CONNECTs accepted per second.
    pub connects: Series,
    /// Connections ended per second.
    pub disconnects: Series,
    /// By operation id.
    pub operations: BTreeMap<String, Pace>,
}

impl History {
    /// Adds one sample of everything. What is no longer known is forgotten.
    pub fn add(&mut self, status: &ClusterStatus) {
        self.nodes
            .retain(|name, _| status.nodes.iter().any(|node| node.name == *name));
        for node in &status.nodes {
            let connections = node.connections.map(|count| count as f64);
            self.nodes
                .entry(node.name.clone())
                .or_default()
                .push(connections);
        }
        let totals = &status.totals;
        self.messages_in.push(totals.messages_in_per_sec);
        self.messages_out.push(totals.messages_out_per_sec);
        self.connects.push(totals.connects_per_sec);
        self.disconnects.push(totals.disconnects_per_sec);
        self.operations
            .retain(|id, _| status.operations.iter().any(|op| op.id == *id));
        for op in status.operations.iter().filter(|op| !op.has_ended()) {
            let pace = self.operations.entry(op.id.clone()).or_default();
            pace.connections
                .push(Some(op.rate.connections_per_sec_measured));
            pace.sessions.push(Some(op.rate.sessions_per_sec_measured));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_is_bounded_and_right_aligned() {
        let mut series = Series::default();
        series.push(Some(1.0));
        series.push(None);
        assert_eq!(series.latest(3), [None, Some(1.0), None]);
        for value in 0..1_000 {
            series.push(Some(f64::from(value)));
        }
        assert_eq!(series.latest(2), [Some(998.0), Some(999.0)]);
        assert_eq!(series.latest(1_000).iter().flatten().count(), SAMPLES_MAX);
    }
}
