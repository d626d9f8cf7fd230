//! `emqxctl data …`

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Take copies of settings and retained messages, and bring them in.
#[derive(Debug, Subcommand)]
pub enum DataCommand {
    /// Write cluster-wide settings and retained messages into a file
    #[command(
        before_help = "Examples:
  emqxctl data export cluster.jsonl
  emqxctl data export --retained \"devices/#\" - > devices.jsonl",
        long_about = "Write cluster-wide settings and retained messages into a file

The file is JSON lines: what it is, one line for each setting and retained message (payloads in base64), and at the end \
their number with a checksum. Sessions are not in it; see `emqxctl sessions export`."
    )]
    Export(ExportDataArgs),
    /// Bring settings and retained messages of a file in, all of them or none
    #[command(
        before_help = "Examples:
  emqxctl data import --dry-run cluster.jsonl
  emqxctl data import cluster.jsonl",
        long_about = "Bring settings and retained messages of a file in, all of them or none

Any node takes any file. First the file is checked, then every node checks all of it against its own limits; only then is \
anything changed, and changed back when that fails. It adds and replaces, removes nothing, and what is there already stays \
as it is, so it can be repeated. Retained messages whose Message Expiry Interval has passed are left out. Subscribers get \
nothing by it; they see the retained messages when they subscribe."
    )]
    Import(ImportDataArgs),
}

/// Arguments of `data export`.
#[derive(Debug, Args)]
pub struct ExportDataArgs {
    /// The file, which must not be there; - is standard output
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Only retained messages that match this Topic Filter
    #[arg(long, value_name = "FILTER")]
    pub retained: Option<String>,
}

/// Arguments of `data import`.
#[derive(Debug, Args)]
pub struct ImportDataArgs {
    /// The file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Only check it and tell what would change
    #[arg(long)]
    pub dry_run: bool,
}
