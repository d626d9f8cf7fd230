//! The cluster at one instant, as one node sees it.

use serde::{Deserialize, Serialize};

use super::control::ControlGroup;
use super::event::{Event, Severity};
use super::operation::Operation;
use super::time::UtcTime;

/// What a node does for clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeState {
    /// Takes clients.
    Serving,
    /// Availability answers 503, clients may still connect.
    Leaving,
    /// An evacuation moves its clients and Sessions away.
    Evacuating,
    /// Empty and out of service until its operation is stopped.
    Prohibiting,
    /// Shuts down.
    Stopping,
    /// Does not answer.
    Unreachable,
    /// A state that a newer daemon knows.
    Unknown,
}

impl NodeState {
    /// The serde name, which is also the word for people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Serving => "serving",
            Self::Leaving => "leaving",
            Self::Evacuating => "evacuating",
            Self::Prohibiting => "prohibiting",
            Self::Stopping => "stopping",
            Self::Unreachable => "unreachable",
            Self::Unknown => "unknown",
        }
    }
}

/// An address that clients connect to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListenerAddress {
    /// Such as `tcp`.
    pub kind: String,
    /// Bound `host:port`.
    pub address: String,
}

/// The Topic Filters that somebody has subscribed to on a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interest {
    /// The node.
    pub of: String,
    /// How many; `$share/…` counts as one of its own.
    pub filters: u64,
    /// 16 hexadecimal digits, the same on all nodes that know the same of it.
    pub digest: String,
}

/// One node and its figures. None is unknown, never zero.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// What it does for clients.
    pub state: NodeState,
    /// Version of its daemon.
    pub version: Option<String>,
    /// Grows with each start.
    pub incarnation: u64,
    /// Time since its start.
    pub uptime_ms: Option<u64>,
    /// Network Connections.
    pub connections: Option<u64>,
    /// Connections relative to the mean of the serving nodes: 0.01 is one percent above.
    /// None for nodes that do not serve and while the mean is 0 or unknown.
    pub delta_mean_ratio: Option<f64>,
    /// Sessions, connected or not.
    pub sessions: Option<u64>,
    /// Sessions without a Network Connection.
    pub sessions_disconnected: Option<u64>,
    /// Subscriptions.
    pub subscriptions: Option<u64>,
    /// Retained Messages.
    pub retained_messages: Option<u64>,
    /// Messages received each second.
    pub messages_in_per_sec: Option<f64>,
    /// Messages sent each second.
    pub messages_out_per_sec: Option<f64>,
    /// Accepted CONNECTs each second.
    pub connects_per_sec: Option<f64>,
    /// Network Connections ended each second.
    pub disconnects_per_sec: Option<f64>,
    /// Messages received since the start.
    pub messages_in_total: Option<u64>,
    /// Messages sent since the start.
    pub messages_out_total: Option<u64>,
    /// Messages dropped since the start.
    pub messages_dropped_total: Option<u64>,
    /// CONNECTs refused since the start.
    pub connects_refused_total: Option<u64>,
    /// Of one core: 100 is one core busy.
    pub cpu_percent: Option<f64>,
    /// Resident memory.
    pub memory_resident_bytes: Option<u64>,
    /// Where clients connect.
    pub listeners: Vec<ListenerAddress>,
    /// gRPC for operators.
    pub admin_address: Option<String>,
    /// Health checks and metrics.
    pub http_address: Option<String>,
    /// Other nodes.
    pub cluster_address: Option<String>,
    /// When the answering node last heard of it.
    pub last_seen_at: Option<UtcTime>,
    /// What it knows of the interest of each node, its own included.
    #[serde(default)]
    pub interest: Vec<Interest>,
}

/// Whether somebody should look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// Nothing to tell.
    Ok,
    /// At least one finding.
    Warn,
}

impl Health {
    /// `OK` or `WARN`.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Warn => "WARN",
        }
    }
}

/// Something that an operator should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// Stable upper-case word such as `NODE_UNREACHABLE`.
    pub code: String,
    /// The node or operation concerned.
    pub subject: String,
    /// A sentence for people.
    pub message: String,
}

/// Sums over the nodes that answer. None when no node tells the figure.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Totals {
    /// Network Connections.
    pub connections: Option<u64>,
    /// Sessions, connected or not.
    pub sessions: Option<u64>,
    /// Messages received each second.
    pub messages_in_per_sec: Option<f64>,
    /// Messages sent each second.
    pub messages_out_per_sec: Option<f64>,
    /// Accepted CONNECTs each second.
    pub connects_per_sec: Option<f64>,
    /// Network Connections ended each second.
    pub disconnects_per_sec: Option<f64>,
    /// Messages dropped since the nodes started.
    pub messages_dropped_total: Option<u64>,
    /// Nodes that the sums leave out because they do not answer.
    pub nodes_unreachable: usize,
}

/// One answer for the whole cluster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClusterStatus {
    /// Name of the cluster.
    pub cluster_name: String,
    /// The node that answered.
    pub answered_by: String,
    /// Its clock.
    pub time: UtcTime,
    /// Worst of the findings.
    pub health: Health,
    /// What to look at.
    pub findings: Vec<Finding>,
    /// Sums.
    pub totals: Totals,
    /// Mean of Network Connections over the serving nodes that tell theirs.
    pub connections_mean_serving: Option<f64>,
    /// Sorted by name.
    pub nodes: Vec<Node>,
    /// Running ones and the latest ended ones, newest first.
    pub operations: Vec<Operation>,
    /// The latest, newest first.
    pub events: Vec<Event>,
    /// The nodes that agree; none from a daemon that does not know of it.
    pub control: Option<ControlGroup>,
}

impl ClusterStatus {
    /// Puts an answer together and derives sums, mean, balance and findings from it.
    pub fn new(
        cluster_name: String,
        answered_by: String,
        time: UtcTime,
        mut nodes: Vec<Node>,
        operations: Vec<Operation>,
        events: Vec<Event>,
        control: Option<ControlGroup>,
    ) -> Self {
        let mean = mean_serving(&nodes);
        for node in &mut nodes {
            node.delta_mean_ratio = match (node.state, node.connections, mean) {
                (NodeState::Serving, Some(count), Some(mean)) if mean > 0.0 => {
                    Some(((count as f64 / mean - 1.0) * 10_000.0).round() / 10_000.0)
                }
                _ => None,
            };
        }
        let mut findings = find(&nodes, &operations, time);
        if let Some(control) = &control {
            findings.extend(control.findings(&answered_by));
        }
        Self {
            cluster_name,
            answered_by,
            time,
            health: if findings.is_empty() {
                Health::Ok
            } else {
                Health::Warn
            },
            findings,
            totals: sum(&nodes),
            connections_mean_serving: mean,
            nodes,
            operations,
            events,
            control,
        }
    }

    /// The node with that name.
    pub fn node(&self, name: &str) -> Option<&Node> {
        self.nodes.iter().find(|node| node.name == name)
    }

    /// Operations that have not ended, also those that rest in `prohibiting`.
    pub fn running_operations(&self) -> impl Iterator<Item = &Operation> {
        self.operations.iter().filter(|op| !op.has_ended())
    }

    /// The operation that keeps that node from serving: the one that has not ended, or for a node that
    /// is out of service the latest one.
    pub fn operation_on(&self, node: &str) -> Option<&Operation> {
        let is_out_of_service = self.node(node).is_some_and(|node| {
            matches!(
                node.state,
                NodeState::Leaving | NodeState::Evacuating | NodeState::Prohibiting
            )
        });
        self.running_operations()
            .find(|op| op.target == node)
            .or_else(|| {
                self.operations
                    .iter()
                    .find(|op| is_out_of_service && op.target == node)
            })
    }
}

fn mean_serving(nodes: &[Node]) -> Option<f64> {
    let counts: Vec<u64> = nodes
        .iter()
        .filter(|node| node.state == NodeState::Serving)
        .filter_map(|node| node.connections)
        .collect();
    if counts.is_empty() {
        return None;
    }
    Some(counts.iter().sum::<u64>() as f64 / counts.len() as f64)
}

fn sum(nodes: &[Node]) -> Totals {
    fn count(nodes: &[Node], of: impl Fn(&Node) -> Option<u64>) -> Option<u64> {
        nodes.iter().filter_map(of).reduce(u64::saturating_add)
    }
    fn rate(nodes: &[Node], of: impl Fn(&Node) -> Option<f64>) -> Option<f64> {
        let sum = nodes.iter().filter_map(of).reduce(|sum, one| sum + one)?;
        Some((sum * 1_000.0).round() / 1_000.0)
    }
    Totals {
        connections: count(nodes, |node| node.connections),
        sessions: count(nodes, |node| node.sessions),
        messages_in_per_sec: rate(nodes, |node| node.messages_in_per_sec),
        messages_out_per_sec: rate(nodes, |node| node.messages_out_per_sec),
        connects_per_sec: rate(nodes, |node| node.connects_per_sec),
        disconnects_per_sec: rate(nodes, |node| node.disconnects_per_sec),
        messages_dropped_total: count(nodes, |node| node.messages_dropped_total),
        nodes_unreachable: nodes
            .iter()
            .filter(|node| node.state == NodeState::Unreachable)
            .count(),
    }
}

fn find(nodes: &[Node], operations: &[Operation], now: UtcTime) -> Vec<Finding> {
    let mut findings = Vec::new();
    for node in nodes {
        if node.state == NodeState::Unreachable {
            let message = match node.last_seen_at {
                Some(seen) => format!(
                    "{} has not answered for {}",
                    node.name,
                    crate::output::human::duration(now.since(seen))
                ),
                None => format!("{} does not answer", node.name),
            };
            findings.push(Finding {
                severity: Severity::Warn,
                code: "NODE_UNREACHABLE".to_owned(),
                subject: node.name.clone(),
                message,
            });
        }
    }
    for operation in operations.iter().filter(|op| !op.has_ended()) {
        if let Some(limit) = &operation.rate.limited_by {
            findings.push(Finding {
                severity: Severity::Warn,
                code: "OPERATION_HELD_BACK".to_owned(),
                subject: operation.id.clone(),
                message: format!("{} is held back by {limit}", operation.id),
            });
        }
        if operation.errors_total > 0 {
            findings.push(Finding {
                severity: Severity::Warn,
                code: "SESSIONS_NOT_MOVED".to_owned(),
                subject: operation.id.clone(),
                message: format!(
                    "{} sessions of {} could not be moved and stay there",
                    operation.errors_total, operation.target
                ),
            });
        }
    }
    findings
}
