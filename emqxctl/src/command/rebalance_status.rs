//! `emqxctl rebalance status`

use super::{CommandResult, Context, explained};
use crate::cli::StatusArgs;
use crate::exit::ExitStatus;
use crate::model::{Operation, OperationList};
use crate::output::{Format, operation_table};

pub(super) async fn run(context: &mut Context, args: StatusArgs) -> CommandResult {
    match args.id {
        Some(id) => one(context, &id).await,
        None => all(context).await,
    }
}

async fn one(context: &mut Context, id: &str) -> CommandResult {
    let operation = explained(
        context.admin.operation(id).await,
        &format!("cannot show {id}"),
    )?;
    match context.printer.format {
        Format::Table | Format::Wide => {
            let text = operation_table::entry(&operation, context.now());
            context.printer.data(&text)?;
        }
        Format::Json | Format::Jsonl => context.printer.document("operation", &operation)?,
        Format::Name => context.printer.data(&format!("{}\n", operation.id))?,
    }
    Ok(ExitStatus::Ok)
}

async fn all(context: &mut Context) -> CommandResult {
    let list = explained(
        context.admin.operations(true).await,
        "cannot list the operations",
    )?;
    for node in &list.nodes_unreachable {
        context.printer.warn(&format!(
            "{node} does not answer; its operations may be missing"
        ));
    }
    match context.printer.format {
        Format::Table | Format::Wide => {
            let text = table(context, &list);
            context.printer.data(&text)?;
        }
        Format::Json => context.printer.document("operation_list", &list)?,
        Format::Jsonl => {
            for operation in &list.items {
                context.printer.document("operation", operation)?;
            }
        }
        Format::Name => {
            for operation in &list.items {
                context.printer.data(&format!("{}\n", operation.id))?;
            }
        }
    }
    Ok(ExitStatus::Ok)
}

/// What has not ended in full, as EMQX shows it; what has ended as rows.
fn table(context: &Context, list: &OperationList) -> String {
    let now = context.now();
    let (ended, running): (Vec<&Operation>, Vec<&Operation>) =
        list.items.iter().partition(|op| op.has_ended());
    let mut text = String::new();
    if running.is_empty() {
        text.push_str("No operation runs.\n");
    }
    for operation in running {
        text.push_str(&operation_table::entry(operation, now));
    }
    if !ended.is_empty() {
        text.push_str("\nEnded lately:\n");
        text.push_str(&operation_table::list(&ended, now, context.look()));
    }
    text
}
