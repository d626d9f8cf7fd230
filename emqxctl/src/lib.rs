//! emqxctl: the operator's terminal tool for emqxd clusters.
//!
//! Reading order: [`run`], then `cli` (what can be typed), `command` (what it does), `admin` (the way
//! to a cluster), `model` (what is known of it) and `output` (how it is shown).

pub mod admin;
pub mod bench;
pub mod cli;
pub mod command;
pub mod data_file;
pub mod demo;
pub mod env;
pub mod exit;
pub mod model;
pub mod output;
pub mod tui;

use std::ffi::OsString;
use std::io;

use clap::FromArgMatches;
use clap::error::ErrorKind;

pub use env::Env;
pub use exit::ExitStatus;

use cli::Cli;
use command::{CommandError, Context};
use output::style::ColorChoice;
use output::{Diagnostic, Format, Printer, Style};

/// Runs one command line (with the program's name first) to its end.
pub fn run(args: impl IntoIterator<Item = OsString>, env: Env) -> ExitStatus {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(execute(args, env)),
        Err(error) => {
            let printer = Printer::new(env.stdout, output::printer::Talk::new(env.stderr));
            printer.fail(&Diagnostic::new(
                ExitStatus::Failed,
                format!("cannot start: {error}"),
            ));
            ExitStatus::Failed
        }
    }
}

/// The same inside a runtime.
pub async fn execute(args: impl IntoIterator<Item = OsString>, env: Env) -> ExitStatus {
    let args: Vec<OsString> = args.into_iter().collect();
    let matches = cli::command().try_get_matches_from(&args);
    let cli = match matches.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => return refuse(&error, &args, env),
    };
    let mut context = match Context::new(&cli.global, env) {
        Ok(context) => context,
        Err(refused) => {
            let (printer, diagnostic) = *refused;
            printer.fail(&diagnostic);
            return diagnostic.exit;
        }
    };
    let result = command::run(&mut context, cli.command).await;
    // What was printed counts only once it has left the buffer.
    let result = context
        .printer
        .flush()
        .map_err(CommandError::from)
        .and(result);
    match result {
        Ok(status) => status,
        Err(CommandError::Failed(diagnostic)) => {
            context.printer.fail(&diagnostic);
            diagnostic.exit
        }
        // Whoever read the output has seen enough, as `| head` does.
        Err(CommandError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitStatus::Ok
        }
        Err(CommandError::Output(error)) => {
            let diagnostic = Diagnostic::new(
                ExitStatus::Failed,
                format!("cannot write the output: {error}"),
            );
            context.printer.fail(&diagnostic);
            ExitStatus::Failed
        }
    }
}

/// Shows help, version or what is wrong with the command line.
fn refuse(error: &clap::Error, args: &[OsString], env: Env) -> ExitStatus {
    let is_help = matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    );
    let is_terminal = if is_help {
        env.stdout_is_terminal
    } else {
        env.stderr_is_terminal
    };
    let style = Style::decide(color_typed(args), is_terminal, &env.vars);
    let rendered = if style.color {
        error.render().ansi().to_string()
    } else {
        error.render().to_string()
    };
    let talk = output::printer::Talk::new(env.stderr);
    let mut printer = Printer::new(env.stdout, talk);
    if is_help {
        let written = printer.data(&rendered).and_then(|()| printer.flush());
        return match written {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => ExitStatus::Failed,
            _ => ExitStatus::Ok,
        };
    }
    if wants_json(args) {
        printer.format = Format::Json;
        let plain = error.render().to_string();
        let mut lines = plain.lines().filter(|line| !line.trim().is_empty());
        let message = lines.next().unwrap_or_default();
        let message = message.strip_prefix("error: ").unwrap_or(message);
        let details: Vec<&str> = lines
            .take_while(|line| !line.starts_with("Usage:"))
            .map(str::trim)
            .collect();
        let mut diagnostic = Diagnostic::new(ExitStatus::Usage, message);
        if !details.is_empty() {
            diagnostic = diagnostic.hint(details.join(" "));
        }
        printer.fail(&diagnostic);
    } else {
        printer.ask(&rendered);
    }
    ExitStatus::Usage
}

/// `--color` of a command line that could not be parsed.
fn color_typed(args: &[OsString]) -> ColorChoice {
    let args: Vec<&str> = args.iter().filter_map(|arg| arg.to_str()).collect();
    let has = |value: &str| {
        args.contains(&format!("--color={value}").as_str())
            || args.windows(2).any(|pair| pair == ["--color", value])
    };
    if args.contains(&"--no-color") || has("never") {
        ColorChoice::Never
    } else if has("always") {
        ColorChoice::Always
    } else {
        ColorChoice::Auto
    }
}

/// Whether a command line that could not be parsed asks for JSON.
fn wants_json(args: &[OsString]) -> bool {
    let args: Vec<&str> = args.iter().filter_map(|arg| arg.to_str()).collect();
    let is_json = |value: &str| matches!(value, "json" | "jsonl");
    args.windows(2)
        .any(|pair| matches!(pair[0], "-o" | "--output") && is_json(pair[1]))
        || args.iter().any(|arg| {
            ["--output=", "-o=", "-o"]
                .into_iter()
                .find_map(|prefix| arg.strip_prefix(prefix))
                .is_some_and(is_json)
        })
}
