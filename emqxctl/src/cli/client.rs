//! `emqxctl clients …`

use clap::{Args, Subcommand};

/// Find, inspect and disconnect clients.
#[derive(Debug, Subcommand)]
pub enum ClientsCommand {
    /// List clients of all nodes, sorted by Client Identifier
    #[command(before_help = "Examples:
  emqxctl clients list --node n1 --disconnected
  emqxctl clients list --prefix sensor- --all -o jsonl")]
    List(ListArgs),
    /// Show one client with its subscriptions
    #[command(before_help = "Examples:
  emqxctl clients show sensor-0091
  emqxctl clients show sensor-0091 -o json")]
    Show(ShowArgs),
    /// Disconnect clients; their sessions stay unless told otherwise
    #[command(before_help = "Examples:
  emqxctl clients kick sensor-0091
  emqxctl clients kick truck-1 truck-2 --discard-session --yes")]
    Kick(KickArgs),
}

/// Arguments of `clients list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only clients of this node
    #[arg(long, value_name = "NODE")]
    pub node: Option<String>,
    /// Only Client Identifiers that begin so
    #[arg(long, value_name = "PREFIX")]
    pub prefix: Option<String>,
    /// Only connected ones
    #[arg(long, conflicts_with = "disconnected")]
    pub connected: bool,
    /// Only sessions without a connection
    #[arg(long)]
    pub disconnected: bool,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
    /// As many as there are
    #[arg(long, conflicts_with = "limit")]
    pub all: bool,
}

/// Arguments of `clients show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Client Identifier
    #[arg(value_name = "ID")]
    pub client_id: String,
}

/// Arguments of `clients kick`.
#[derive(Debug, Args)]
pub struct KickArgs {
    /// Client Identifiers
    #[arg(value_name = "ID", required = true)]
    pub client_ids: Vec<String>,
    /// End their sessions too: subscriptions and waiting messages are gone
    #[arg(long)]
    pub discard_session: bool,
}
