//! `emqxctl sessions …`

use clap::{Args, Subcommand};

/// Look into sessions, and take copies of them.
#[derive(Debug, Subcommand)]
pub enum SessionsCommand {
    /// List sessions of all nodes, sorted by Client Identifier
    #[command(before_help = "Examples:
  emqxctl sessions list --disconnected --node n1
  emqxctl sessions list --glob \"meter-*-0?\" --all -o jsonl")]
    List(ListSessionsArgs),
    /// Show one session: where it is, its Subscriptions and their options, and what it holds
    #[command(before_help = "Examples:
  emqxctl sessions show sensor-0091
  emqxctl sessions show sensor-0091 -o json")]
    Show(ShowSessionArgs),
    /// Print whole sessions with their messages, one JSON document a line; they do not change
    #[command(
        before_help = "Examples:
  emqxctl sessions export sensor-0091
  emqxctl sessions export --prefix truck- > trucks.jsonl",
        long_about = "Print whole sessions with their messages, one JSON document a line; they do not change

Payloads and Correlation Data are in base64. Each session is taken at one moment, but not all at the same one. The \
output is JSON lines whatever --output says."
    )]
    Export(ExportSessionsArgs),
}

/// Which sessions.
#[derive(Debug, Args)]
pub struct SessionFilterArgs {
    /// Only sessions of this node
    #[arg(long, value_name = "NODE")]
    pub node: Option<String>,
    /// Only Client Identifiers that begin so
    #[arg(long, value_name = "PREFIX")]
    pub prefix: Option<String>,
    /// Only Client Identifiers like this; * stands for any characters, ? for one
    #[arg(long, value_name = "PATTERN")]
    pub glob: Option<String>,
    /// Only those with a connection
    #[arg(long, conflicts_with = "disconnected")]
    pub connected: bool,
    /// Only those without a connection
    #[arg(long)]
    pub disconnected: bool,
}

/// Arguments of `sessions list`.
#[derive(Debug, Args)]
pub struct ListSessionsArgs {
    /// Which ones.
    #[command(flatten)]
    pub filter: SessionFilterArgs,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
    /// As many as there are
    #[arg(long, conflicts_with = "limit")]
    pub all: bool,
}

/// Arguments of `sessions show`.
#[derive(Debug, Args)]
pub struct ShowSessionArgs {
    /// Client Identifier
    #[arg(value_name = "ID")]
    pub client_id: String,
}

/// Arguments of `sessions export`.
#[derive(Debug, Args)]
pub struct ExportSessionsArgs {
    /// Client Identifiers; without any, all sessions that the options choose
    #[arg(value_name = "ID", conflicts_with_all = ["node", "prefix", "glob", "connected", "disconnected"])]
    pub client_ids: Vec<String>,
    /// Which ones.
    #[command(flatten)]
    pub filter: SessionFilterArgs,
}
