//! `emqxctl node …`

use clap::{Args, Subcommand};

use super::value::filled;

/// Look after single nodes.
#[derive(Debug, Subcommand)]
pub enum NodeCommand {
    /// Have nodes give back memory that they do not need, and show what came of it
    #[command(
        before_help = "Examples:
  emqxctl node gc n1
  emqxctl node gc --all -o wide",
        after_help = "Drops expired messages from queues, expired retained messages and other expired state, shrinks idle \
buffers and tables, and gives free memory back to the system. Works in slices that live traffic does not notice, so it \
may take seconds. Nodes do the same by themselves each node.global_gc_interval. A node that does not answer is an \
error; the others run."
    )]
    Gc(GcArgs),
}

/// Arguments of `node gc`.
#[derive(Debug, Args)]
pub struct GcArgs {
    /// The nodes [default: the one that --server names; needed when it names several]
    #[arg(value_name = "NODE", value_parser = filled, conflicts_with = "all")]
    pub nodes: Vec<String>,
    /// All nodes of the cluster, also those that do not answer
    #[arg(long)]
    pub all: bool,
}
