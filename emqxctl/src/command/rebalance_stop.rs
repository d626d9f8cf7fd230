//! `emqxctl rebalance stop`

use super::{CommandResult, Context, explained};
use crate::cli::StopArgs;
use crate::exit::ExitStatus;
use crate::output::Format;
use crate::output::human::{maybe_count, plural, safe};

pub(super) async fn run(context: &mut Context, args: StopArgs) -> CommandResult {
    let what = match (&args.id, &args.node) {
        (Some(id), _) => format!("cannot stop {id}"),
        (None, Some(node)) => format!("cannot stop the operation on {node}"),
        (None, None) => "cannot stop the operation".to_owned(),
    };
    let operation = explained(
        context
            .admin
            .stop_operation(args.id.as_deref(), args.node.as_deref())
            .await,
        &what,
    )?;
    match context.printer.format {
        Format::Table | Format::Wide => {
            let kind = operation.operation_kind.label();
            let text = format!(
                "Rebalance({kind}) stopped\n\
                 {} serves again. {} had been closed, {} of {} sessions are still there; \
                 what has moved stays where it is.\n",
                safe(&operation.target),
                plural(operation.evicted_connections, "connection", "connections"),
                maybe_count(operation.sessions.map(|sessions| sessions.current)),
                maybe_count(operation.sessions.map(|sessions| sessions.initial)),
            );
            context.printer.data(&text)?;
        }
        Format::Json | Format::Jsonl => context.printer.document("operation", &operation)?,
        Format::Name => context.printer.data(&format!("{}\n", operation.id))?,
    }
    Ok(ExitStatus::Ok)
}
