//! `emqxctl cluster …`

use clap::Subcommand;

/// Look at the cluster.
#[derive(Debug, Subcommand)]
pub enum ClusterCommand {
    /// One screen: nodes, balance, running operations
    #[command(before_help = "Examples:
  emqxctl cluster status
  emqxctl --server n1:7883,n2:7883 cluster status -o wide")]
    Status,
}
