//! `emqxctl listeners show`

use super::listener_target::{listener_explained, unknown};
use super::{CommandResult, Context};
use crate::cli::ShowListenerArgs;
use crate::exit::ExitStatus;
use crate::output::human::safe;
use crate::output::{Format, listener_table};

pub(super) async fn run(context: &mut Context, args: ShowListenerArgs) -> CommandResult {
    let what = format!("cannot show the listener {}", args.name);
    let node = args.node.as_deref();
    let mut list = listener_explained(context.admin.listeners(node).await, &what)?;
    let mut names: Vec<String> = list.items.iter().map(|l| l.name.clone()).collect();
    list.items.retain(|listener| listener.name == args.name);
    if list.items.is_empty() {
        names.sort();
        names.dedup();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let missing = unknown(&args.name, &names, &list.nodes_unreachable, node, &what);
        return Err(missing.into());
    }
    for node in &list.nodes_unreachable {
        context
            .printer
            .warn(&format!("{node} does not answer; it may have one too"));
    }
    match context.printer.format {
        Format::Table | Format::Wide => {
            for (index, listener) in list.items.iter().enumerate() {
                let gap = if index > 0 { "\n" } else { "" };
                let text = listener_table::show(listener, context.now(), context.look());
                context.printer.data(&format!("{gap}{text}"))?;
            }
        }
        Format::Json => context.printer.document("listener_list", list)?,
        Format::Jsonl => {
            for listener in &list.items {
                context.printer.document("listener", listener)?;
            }
        }
        Format::Name => {
            for listener in &list.items {
                context
                    .printer
                    .data(&format!("{}\n", safe(&listener.name)))?;
            }
        }
    }
    Ok(ExitStatus::Ok)
}
