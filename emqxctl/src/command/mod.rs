//! What each command does, one file per verb.
//!
//! A command takes its typed arguments and a [`Context`]; it asks the cluster through `admin`, shows
//! `model` types through `output`, and returns how the program ends. Called by `lib.rs` alone.

mod ask;
mod bench;
mod client_pages;
mod clients_kick;
mod clients_list;
mod clients_show;
mod cluster_members;
mod cluster_status;
mod completion;
mod data_export;
mod data_import;
mod demo;
mod exit_codes;
mod explain;
mod follow;
pub mod generate;
mod listener_target;
mod listeners_add;
mod listeners_disable;
mod listeners_enable;
mod listeners_list;
mod listeners_reload_certificates;
mod listeners_remove;
mod listeners_set;
mod listeners_show;
mod node_gc;
mod rebalance_node_status;
mod rebalance_start;
mod rebalance_status;
mod rebalance_stop;
mod rebalance_watch;
mod sessions_export;
mod sessions_list;
mod sessions_show;
mod top;
mod version;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::{self, BufRead};
use std::time::{Duration, SystemTime};

use crate::admin::{AdminClient, AdminError, Endpoint};
use crate::cli::{
    ClientsCommand, ClusterCommand, Command, DataCommand, GlobalArgs, ListenersCommand,
    NodeCommand, RebalanceCommand, SessionsCommand,
};
use crate::env::{Env, Interrupt};
use crate::exit::ExitStatus;
use crate::model::UtcTime;
use crate::output::cluster_table::Look;
use crate::output::printer::Talk;
use crate::output::progress::LiveDisplay;
use crate::output::style::ColorChoice;
use crate::output::{Diagnostic, Format, Printer, Style};

/// Bounds a request when nothing else is asked for.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// The variable that stands in for `--server`.
const SERVER_VARIABLE: &str = "EMQXCTL_SERVER";

/// What every command gets.
pub struct Context {
    /// Standard output and standard error.
    pub printer: Printer,
    /// The cluster.
    pub admin: AdminClient,
    /// `--timeout`, unless it is 0.
    pub timeout: Option<Duration>,
    /// `--yes`.
    pub yes: bool,
    /// A question can be asked and answered.
    pub can_ask: bool,
    /// Lines can be redrawn on standard error.
    pub can_redraw: bool,
    /// A screen can be drawn on standard output, and keys be read.
    pub can_draw: bool,
    /// Somebody looks at standard error.
    pub is_watched: bool,
    /// Ctrl-C.
    pub interrupt: Interrupt,
    /// Environment variables.
    pub vars: BTreeMap<String, String>,
    stdin: Box<dyn BufRead + Send>,
    size: fn() -> Option<(u16, u16)>,
    now: fn() -> SystemTime,
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").finish_non_exhaustive()
    }
}

impl Context {
    /// Puts flags and environment together.
    ///
    /// # Errors
    /// A variable that makes no sense, with the printer to say so.
    pub fn new(args: &GlobalArgs, env: Env) -> Result<Self, Box<(Printer, Diagnostic)>> {
        let choice = if args.no_color {
            ColorChoice::Never
        } else {
            args.color
        };
        let mut printer = Printer::new(env.stdout, Talk::new(env.stderr));
        printer.format = args.output;
        printer.quiet = args.quiet;
        printer.with_header = !args.no_header;
        printer.out_style = Style::decide(choice, env.stdout_is_terminal, &env.vars);
        printer.talk_style = Style::decide(choice, env.stderr_is_terminal, &env.vars);
        if env.stdout_is_terminal {
            printer.out_width = (env.size)().map(|(columns, _)| columns);
        }
        let endpoints = match (&args.server, env.vars.get(SERVER_VARIABLE)) {
            (Some(endpoints), _) => endpoints.0.clone(),
            (None, Some(list)) if !list.is_empty() => match Endpoint::parse_list(list) {
                Ok(endpoints) => endpoints,
                Err(why) => {
                    let diagnostic =
                        Diagnostic::new(ExitStatus::Usage, format!("{SERVER_VARIABLE}: {why}"));
                    return Err(Box::new((printer, diagnostic)));
                }
            },
            _ => Vec::new(),
        };
        let timeout = args.timeout.filter(|timeout| !timeout.is_zero());
        let request_timeout = timeout.map_or(REQUEST_TIMEOUT, |t| t.min(REQUEST_TIMEOUT));
        let term_is_dumb = env.vars.get("TERM").is_some_and(|term| term == "dumb");
        let no_progress = env
            .vars
            .get("EMQXCTL_NO_PROGRESS")
            .is_some_and(|value| !value.is_empty());
        Ok(Self {
            printer,
            admin: AdminClient::new(endpoints, request_timeout),
            timeout,
            yes: args.yes,
            can_ask: env.stdin_is_terminal && env.stderr_is_terminal && !args.no_input,
            can_redraw: env.stderr_is_terminal && !term_is_dumb && !no_progress,
            can_draw: env.stdin_is_terminal && env.stdout_is_terminal && !term_is_dumb,
            is_watched: env.stderr_is_terminal,
            interrupt: env.interrupt,
            vars: env.vars,
            stdin: env.stdin,
            size: env.size,
            now: env.now,
        })
    }

    /// The wall clock.
    pub fn now(&self) -> UtcTime {
        UtcTime::from((self.now)())
    }

    /// Live lines on standard error, which has to be a terminal that can redraw.
    pub fn live_display(&self) -> LiveDisplay {
        LiveDisplay::new(
            self.printer.talk_handle(),
            self.size,
            self.printer.talk_style,
        )
    }

    /// How tables are to be drawn.
    pub fn look(&self) -> Look {
        Look {
            wide: self.printer.format == Format::Wide,
            with_header: self.printer.with_header,
            style: self.printer.out_style,
            width: self.printer.out_width,
        }
    }
}

/// Why a command did not end well.
#[derive(Debug)]
pub enum CommandError {
    /// To be shown.
    Failed(Box<Diagnostic>),
    /// The output could not be written.
    Output(io::Error),
}

impl From<Diagnostic> for CommandError {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::Failed(Box::new(diagnostic))
    }
}

impl From<io::Error> for CommandError {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// How a command ends.
pub type CommandResult = Result<ExitStatus, CommandError>;

/// Carries a command out.
///
/// # Errors
/// [`CommandError`], to be shown by the caller.
pub async fn run(context: &mut Context, command: Command) -> CommandResult {
    match command {
        Command::Status => cluster_status::run(context).await,
        Command::Cluster(command) => match command {
            ClusterCommand::Status => cluster_status::run(context).await,
            ClusterCommand::Leave(args) => cluster_members::leave(context, &args).await,
            ClusterCommand::Remove(args) => cluster_members::remove(context, &args).await,
            ClusterCommand::Join(args) => cluster_members::join(context, &args).await,
            ClusterCommand::Recover => cluster_members::recover(context).await,
        },
        Command::Rebalance(command) => match command {
            RebalanceCommand::Start(args) => rebalance_start::run(context, *args).await,
            RebalanceCommand::Status(args) => rebalance_status::run(context, args).await,
            RebalanceCommand::NodeStatus(args) => rebalance_node_status::run(context, args).await,
            RebalanceCommand::Watch(args) => rebalance_watch::run(context, args).await,
            RebalanceCommand::Stop(args) => rebalance_stop::run(context, args).await,
        },
        Command::Clients(command) => match command {
            ClientsCommand::List(args) => clients_list::run(context, args).await,
            ClientsCommand::Show(args) => clients_show::run(context, &args).await,
            ClientsCommand::Kick(args) => clients_kick::run(context, args).await,
        },
        Command::Sessions(command) => match command {
            SessionsCommand::List(args) => sessions_list::run(context, args).await,
            SessionsCommand::Show(args) => sessions_show::run(context, &args).await,
            SessionsCommand::Export(args) => sessions_export::run(context, args).await,
        },
        Command::Data(DataCommand::Export(args)) => data_export::run(context, args).await,
        Command::Data(DataCommand::Import(args)) => data_import::run(context, args).await,
        Command::Listeners(command) => match command {
            ListenersCommand::List(args) => listeners_list::run(context, args).await,
            ListenersCommand::Show(args) => listeners_show::run(context, args).await,
            ListenersCommand::Add(args) => listeners_add::run(context, *args).await,
            ListenersCommand::Set(args) => listeners_set::run(context, *args).await,
            ListenersCommand::Remove(args) => listeners_remove::run(context, args).await,
            ListenersCommand::Enable(args) => listeners_enable::run(context, args).await,
            ListenersCommand::Disable(args) => listeners_disable::run(context, args).await,
            ListenersCommand::ReloadCertificates(args) => {
                listeners_reload_certificates::run(context, args).await
            }
        },
        Command::Node(NodeCommand::Gc(args)) => node_gc::run(context, args).await,
        Command::Top(args) => top::run(context, &args).await,
        Command::Demo(args) => demo::run(context, args).await,
        Command::Bench(command) => bench::run(context, *command).await,
        Command::Completion(args) => completion::run(context, &args),
        Command::Generate(command) => generate::run(context, &command),
        Command::Version => version::run(context),
        Command::ExitCodes => exit_codes::run(context),
    }
}

/// Asks the cluster and turns a no into what is shown. `what` says what would not happen, such as
/// `cannot start the evacuation of n1`.
fn explained<T>(result: Result<T, AdminError>, what: &str) -> Result<T, CommandError> {
    result.map_err(|error| explain::explain(&error, what).into())
}
