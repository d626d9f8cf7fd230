//! What can be typed: clap types only, one file per noun. What it does is in `command`.

mod bench;
mod client;
mod cluster;
mod data;
mod generate;
mod global;
mod listener;
mod listener_value;
mod node;
mod rebalance;
mod session;
mod top;
pub mod value;

use clap::{Arg, Command as ClapCommand, CommandFactory, Parser, Subcommand};

pub use crate::demo::DemoArgs;
pub use bench::{
    BenchCommand, ConnArgs, ConnectionArgs, DeliveryArgs, EvacArgs, LoadArgs, MessageArgs, MixArgs,
    PubArgs, ShapeArg, SubArgs,
};
pub use client::{ClientsCommand, KickArgs, ListArgs, ShowArgs};
pub use cluster::{ClusterCommand, JoinArgs, LeaveArgs, RemoveArgs};
pub use data::{DataCommand, ExportDataArgs, ImportDataArgs};
pub use generate::{CompletionArgs, GenerateCommand, GenerateDir};
pub use global::GlobalArgs;
pub use listener::{
    AddListenerArgs, ClientCertificateArg, ListListenersArgs, ListenerKindArg, ListenersCommand,
    OneListenerArgs, ReloadCertificatesArgs, RemoveListenerArgs, SetListenerArgs, SettingsArgs,
    ShowListenerArgs,
};
pub use node::{GcArgs, NodeCommand};
pub use rebalance::{NodeStatusArgs, RebalanceCommand, StartArgs, StatusArgs, StopArgs, WatchArgs};
pub use session::{
    ExportSessionsArgs, ListSessionsArgs, SessionFilterArgs, SessionsCommand, ShowSessionArgs,
};
pub use top::{TopArgs, TopScreen};

/// See a cluster, take nodes out of service under live traffic, and watch every client land.
#[derive(Debug, Parser)]
#[command(
    name = "emqxctl",
    version,
    before_help = "Examples:
  emqxctl cluster status
  emqxctl rebalance start --evacuation n1 --conn-evict-rate 200 --watch",
    after_help = "Environment: EMQXCTL_SERVER, NO_COLOR, CLICOLOR, CLICOLOR_FORCE, EMQXCTL_NO_PROGRESS
Exit codes: emqxctl help exit-codes",
    subcommand_required = true,
    arg_required_else_help = false
)]
pub struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub global: GlobalArgs,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Look at the cluster, and at the nodes that agree in it
    #[command(subcommand)]
    Cluster(ClusterCommand),
    /// One screen: nodes, balance, running operations (same as `cluster status`)
    #[command(before_help = "Examples:
  emqxctl status
  emqxctl status -o json")]
    Status,
    /// Move clients and sessions between nodes
    #[command(subcommand)]
    Rebalance(RebalanceCommand),
    /// Find, inspect and disconnect clients
    #[command(subcommand, visible_alias = "client")]
    Clients(ClientsCommand),
    /// Look into sessions, and take copies of them
    #[command(subcommand, visible_alias = "session")]
    Sessions(SessionsCommand),
    /// Take copies of settings and retained messages, and bring them in
    #[command(subcommand)]
    Data(DataCommand),
    /// See, add, change and remove listeners while the nodes run
    #[command(subcommand, visible_alias = "listener")]
    Listeners(ListenersCommand),
    /// Look after single nodes
    #[command(subcommand, visible_alias = "nodes")]
    Node(NodeCommand),
    /// Watch the cluster on a full screen, live
    #[command(before_help = "Examples:
  emqxctl top
  emqxctl top --screen operation --readonly")]
    Top(TopArgs),
    /// Start a cluster with live clients on this machine, and evacuate one of its nodes
    #[command(before_help = "Examples:
  emqxctl demo
  emqxctl demo --clients 2000 --rate 500 --keep")]
    Demo(DemoArgs),
    /// Put load on a broker: connect, publish, subscribe, and see what came of it
    #[command(subcommand)]
    Bench(Box<BenchCommand>),
    /// Print a shell's completion script
    #[command(before_help = "Examples:
  emqxctl completion bash > /etc/bash_completion.d/emqxctl
  emqxctl completion zsh > \"${fpath[1]}/_emqxctl\"")]
    Completion(CompletionArgs),
    /// Write manual pages or completion scripts into a folder
    #[command(subcommand)]
    Generate(GenerateCommand),
    /// Print the version of this tool
    #[command(before_help = "Examples:
  emqxctl version
  emqxctl version -o json")]
    Version,
    /// Print the exit codes
    #[command(long_about = exit_codes(), hide = true)]
    ExitCodes,
}

fn exit_codes() -> String {
    format!(
        "The exit codes of every command:\n\n{}",
        crate::exit::describe()
    )
}

/// The order of a help page: the sentence, the examples, then the rest.
const HELP_TEMPLATE: &str =
    "{about-with-newline}\n{before-help}{usage-heading} {usage}\n\n{all-args}{after-help}\n";

/// The whole tree as clap knows it.
pub fn command() -> ClapCommand {
    with_template(with_letters_of_bench(Cli::command()))
}

/// Users of emqtt-bench know -s and -q as size and QoS, so below `bench` the options of every command that have these
/// letters elsewhere go without.
fn with_letters_of_bench(command: ClapCommand) -> ClapCommand {
    let without_letter: Vec<Arg> = command
        .get_arguments()
        .filter(|arg| matches!(arg.get_short(), Some('s' | 'q')))
        .map(|arg| arg.clone().short(None))
        .collect();
    command.mut_subcommand("bench", |bench| bench.args(without_letter))
}

fn with_template(command: ClapCommand) -> ClapCommand {
    command
        .help_template(HELP_TEMPLATE)
        .mut_subcommands(with_template)
}
