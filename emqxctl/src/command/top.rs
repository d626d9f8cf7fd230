//! `emqxctl top`

use super::explain::explain;
use super::rebalance_start::whoami;
use super::{CommandError, CommandResult, Context};
use crate::cli::{TopArgs, TopScreen};
use crate::exit::ExitStatus;
use crate::output::Diagnostic;
use crate::output::human::{maybe_count, percent, safe};
use crate::tui::run::{self, Options};
use crate::tui::state::{Screen, State};
use crate::tui::theme::Theme;

pub(super) async fn run(context: &mut Context, args: &TopArgs) -> CommandResult {
    if !context.can_draw {
        return Err(Diagnostic::new(
            ExitStatus::Usage,
            "top needs a terminal that can draw a screen, for its input and its output",
        )
        .hint("see the same figures once with `emqxctl status`, or follow with `emqxctl rebalance watch`")
        .into());
    }
    let options = Options {
        screen: match args.screen {
            TopScreen::Overview => Screen::Overview,
            TopScreen::Operation => Screen::Operation,
            TopScreen::Events => Screen::Events,
        },
        interval: args.interval,
        readonly: args.readonly,
        theme: Theme {
            color: context.printer.out_style.color,
            ascii: context.printer.out_style.ascii,
        },
    };
    let describe = |error: &crate::admin::AdminError| explain(error, "not done").one_line();
    let state = run::run(context.admin.clone(), options, describe, whoami(context))
        .await
        .map_err(|error| {
            let message = format!("the terminal cannot be used: {error}");
            CommandError::from(Diagnostic::new(ExitStatus::Failed, message))
        })?;
    context.printer.data(&last_lines(&state))?;
    Ok(ExitStatus::Ok)
}

/// What stays in the scrollback: the last that was known.
fn last_lines(state: &State) -> String {
    let Some(status) = &state.live.status else {
        return "The cluster has not answered.\n".to_owned();
    };
    let mut text = format!(
        "{} at {} UTC: {}, {} connections, {} sessions on {} nodes\n",
        safe(&status.cluster_name),
        status.time.clock(),
        status.health.label(),
        maybe_count(status.totals.connections),
        maybe_count(status.totals.sessions),
        status.nodes.len(),
    );
    for op in status.running_operations() {
        text.push_str(&format!(
            "{} of {} goes on: {}, {} done\n",
            safe(&op.id),
            safe(&op.target),
            op.phase.label(),
            percent(op.done_ratio().unwrap_or(0.0)),
        ));
    }
    text
}
