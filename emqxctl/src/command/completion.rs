//! `emqxctl completion`

use super::{CommandResult, Context};
use crate::cli::{self, CompletionArgs};
use crate::exit::ExitStatus;

pub(super) fn run(context: &mut Context, args: &CompletionArgs) -> CommandResult {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut cli::command(), "emqxctl", &mut script);
    context.printer.data(&String::from_utf8_lossy(&script))?;
    Ok(ExitStatus::Ok)
}
