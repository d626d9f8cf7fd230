//! `emqxctl cluster …`

use clap::{Args, Subcommand};

use super::value::filled;

/// Look at the cluster, and at the nodes that agree in it.
#[derive(Debug, Subcommand)]
pub enum ClusterCommand {
    /// One screen: nodes, balance, running operations, and who agrees on them
    #[command(before_help = "Examples:
  emqxctl cluster status
  emqxctl --server n1:7883,n2:7883 cluster status -o wide")]
    Status,
    /// Have the node that --server names leave the control group, before it is taken away for good
    #[command(
        before_help = "Examples:
  emqxctl --server n3:7883 cluster leave
  emqxctl --server n3:7883 cluster leave --force --yes",
        after_help = "Refused while the node serves sessions; evacuate it first. It stays out until it is told to join, or \
starts again. It goes on serving clients until it is stopped."
    )]
    Leave(LeaveArgs),
    /// Remove a node from the control group, also one that is dead
    #[command(
        before_help = "Examples:
  emqxctl cluster remove n3
  emqxctl cluster remove n3 --force --yes",
        after_help = "Refused while the node serves sessions. Its operations end as failed. A removed node that comes back \
takes no part; once it is started again, or told to with `emqxctl cluster join`, it joins as a new one."
    )]
    Remove(RemoveArgs),
    /// Have a node join the control group of the others, forgetting the one it was in
    #[command(
        before_help = "Examples:
  emqxctl cluster join n3
  emqxctl --server n3:7883 cluster join",
        after_help = "New nodes need no such thing: they join by their --join. This is for a node that has left, was removed, \
was away when the group was recovered, or has begun a group of its own by accident."
    )]
    Join(JoinArgs),
    /// Go on without a majority of the voters that is lost for good
    #[command(
        before_help = "Examples:
  emqxctl --server n1:7883 cluster status
  emqxctl --server n1:7883 cluster recover",
        after_help = "Only for nodes that will not come back: when they can be started, start them instead. The members that \
are left begin a new group with what the best of them knows; what only the lost ones knew is gone, such as the start of \
an operation a moment before. Nodes of the former group that come back all the same take no part until they are told \
to with `emqxctl cluster join`. Never use it on both sides of a network that is cut."
    )]
    Recover,
}

/// Arguments of `cluster leave`.
#[derive(Debug, Args)]
pub struct LeaveArgs {
    /// Also when the node serves sessions
    #[arg(long)]
    pub force: bool,
}

/// Arguments of `cluster remove`.
#[derive(Debug, Args)]
pub struct RemoveArgs {
    /// The node
    #[arg(value_name = "NODE", value_parser = filled)]
    pub node: String,
    /// Also when the node serves sessions
    #[arg(long)]
    pub force: bool,
}

/// Arguments of `cluster join`.
#[derive(Debug, Args)]
pub struct JoinArgs {
    /// The node [default: the one that --server names; needed when it names several]
    #[arg(value_name = "NODE", value_parser = filled)]
    pub node: Option<String>,
}
