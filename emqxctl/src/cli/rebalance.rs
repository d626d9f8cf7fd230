//! `emqxctl rebalance …`

use std::time::Duration;

use clap::{ArgGroup, Args, Subcommand};

use super::value::{Names, duration, filled, rate};

/// Move clients and sessions between nodes.
#[derive(Debug, Subcommand)]
pub enum RebalanceCommand {
    /// Start an evacuation: take one node out of service at a chosen pace
    #[command(before_help = "Examples:
  emqxctl rebalance start --evacuation n1 --conn-evict-rate 200 --reason \"kernel 6.9\"
  emqxctl rebalance start --evacuation n1 --wait-health-check 0 --wait --timeout 30m -o json")]
    Start(Box<StartArgs>),
    /// Show operations, or one of them
    #[command(before_help = "Examples:
  emqxctl rebalance status
  emqxctl rebalance status op-7f3a -o json")]
    Status(StatusArgs),
    /// Show the operation that concerns a node
    #[command(before_help = "Examples:
  emqxctl rebalance node-status
  emqxctl rebalance node-status n1 -o json")]
    NodeStatus(NodeStatusArgs),
    /// Follow an operation until nothing moves any more
    #[command(before_help = "Examples:
  emqxctl rebalance watch
  emqxctl rebalance watch op-7f3a -o jsonl")]
    Watch(WatchArgs),
    /// Stop an operation; the node serves again at once
    #[command(before_help = "Examples:
  emqxctl rebalance stop op-7f3a
  emqxctl rebalance stop --node n1")]
    Stop(StopArgs),
}

/// Arguments of `rebalance start`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("following").multiple(false))]
pub struct StartArgs {
    /// Evacuate NODE; without a name the node that answers, after a question
    #[arg(long, value_name = "NODE", num_args = 0..=1, required = true, value_parser = filled)]
    pub evacuation: Option<Option<String>>,
    /// Wait so long for the load balancer before anybody is disconnected; 0 = not at all [default: 60s]
    #[arg(long, value_name = "DUR", value_parser = duration, allow_negative_numbers = true)]
    pub wait_health_check: Option<Duration>,
    /// Close at most so many connections each second [default: 500]
    #[arg(long, value_name = "N", value_parser = rate, allow_negative_numbers = true)]
    pub conn_evict_rate: Option<u32>,
    /// Give disconnected clients so long to come back elsewhere; 0 = none [default: 60s]
    #[arg(long, value_name = "DUR", value_parser = duration, allow_negative_numbers = true)]
    pub wait_takeover: Option<Duration>,
    /// Move at most so many sessions without a client each second [default: 500]
    #[arg(long, value_name = "N", value_parser = rate, allow_negative_numbers = true)]
    pub sess_evict_rate: Option<u32>,
    /// Server Reference for MQTT 5 clients: auto, none, or "HOST:PORT ..." [default: auto]
    #[arg(long, value_name = "STR", value_parser = filled)]
    pub redirect_to: Option<String>,
    /// Nodes that take the clients in [default: all others that serve]
    #[arg(long, value_name = "A,B", value_parser = Names::parse)]
    pub migrate_to: Vec<Names>,
    /// Why, for whoever reads it later
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Return quietly when nothing moves any more
    #[arg(long, group = "following")]
    pub wait: bool,
    /// Show how it goes until nothing moves any more (default on a terminal)
    #[arg(long, group = "following")]
    pub watch: bool,
    /// Return as soon as it has started (default without a terminal)
    #[arg(long, group = "following")]
    pub detach: bool,
}

/// Arguments of `rebalance status`.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Only this operation
    pub id: Option<String>,
}

/// Arguments of `rebalance node-status`.
#[derive(Debug, Args)]
pub struct NodeStatusArgs {
    /// The node [default: the one that answers]
    pub node: Option<String>,
}

/// Arguments of `rebalance watch`.
#[derive(Debug, Args)]
pub struct WatchArgs {
    /// The operation [default: the only one that goes on]
    pub id: Option<String>,
}

/// Arguments of `rebalance stop`.
#[derive(Debug, Args)]
pub struct StopArgs {
    /// The operation [default: the only one that goes on]
    pub id: Option<String>,
    /// The operation that concerns this node
    #[arg(long, value_name = "NODE", conflicts_with = "id")]
    pub node: Option<String>,
}
