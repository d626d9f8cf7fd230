//! `emqxctl completion` and `emqxctl generate …`

use std::path::PathBuf;

use clap::{Args, Subcommand};
use clap_complete::Shell;

/// Arguments of `completion`.
#[derive(Debug, Args)]
pub struct CompletionArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// Write files that packages contain.
#[derive(Debug, Subcommand)]
pub enum GenerateCommand {
    /// Write one manual page per command
    #[command(before_help = "Examples:
  emqxctl generate man man
  man -l man/emqxctl-rebalance-start.1")]
    Man(GenerateDir),
    /// Write the completion scripts of all shells
    #[command(before_help = "Examples:
  emqxctl generate completions completions
  source completions/emqxctl.bash")]
    Completions(GenerateDir),
}

/// Arguments of both.
#[derive(Debug, Args)]
pub struct GenerateDir {
    /// The folder; made when it is not there
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
}
