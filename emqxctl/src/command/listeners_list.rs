//! `emqxctl listeners list`

use super::listener_target::listener_explained;
use super::{CommandResult, Context};
use crate::cli::ListListenersArgs;
use crate::exit::ExitStatus;
use crate::model::ListenerList;
use crate::output::human::safe;
use crate::output::{Format, listener_table};

pub(super) async fn run(context: &mut Context, args: ListListenersArgs) -> CommandResult {
    let list = listener_explained(
        context.admin.listeners(args.node.as_deref()).await,
        "cannot list the listeners",
    )?;
    for node in &list.nodes_unreachable {
        context.printer.warn(&format!(
            "{node} does not answer; its listeners are missing"
        ));
    }
    let is_node_missing = args
        .node
        .is_some_and(|node| list.nodes_unreachable.contains(&node));
    show(context, list)?;
    Ok(if is_node_missing {
        ExitStatus::Unreachable
    } else {
        ExitStatus::Ok
    })
}

fn show(context: &mut Context, list: ListenerList) -> std::io::Result<()> {
    match context.printer.format {
        Format::Table | Format::Wide => {
            let text = listener_table::list(&list.items, context.now(), context.look());
            context.printer.data(&text)
        }
        Format::Json => context.printer.document("listener_list", list),
        Format::Jsonl => list
            .items
            .iter()
            .try_for_each(|listener| context.printer.document("listener", listener)),
        Format::Name => list
            .items
            .iter()
            .try_for_each(|listener| context.printer.data(&format!("{}\n", safe(&listener.name)))),
    }
}
