//! `emqxctl rebalance node-status`

use serde::Serialize;

use super::{CommandResult, Context, explained};
use crate::cli::NodeStatusArgs;
use crate::exit::ExitStatus;
use crate::model::{Node, Operation};
use crate::output::{Diagnostic, Format, operation_table};

/// The node and the operation that concerns it.
#[derive(Debug, Serialize)]
struct NodeStatus<'a> {
    node: &'a Node,
    /// Null when the node serves undisturbed.
    operation: Option<&'a Operation>,
}

pub(super) async fn run(context: &mut Context, args: NodeStatusArgs) -> CommandResult {
    let status = explained(
        context.admin.cluster_status().await,
        "cannot tell the state of the node",
    )?;
    let name = args.node.as_deref().unwrap_or(&status.answered_by);
    let Some(node) = status.node(name) else {
        let names: Vec<&str> = status.nodes.iter().map(|node| node.name.as_str()).collect();
        let mut diagnostic =
            Diagnostic::new(ExitStatus::NotFound, format!("there is no node {name}"))
                .cause(format!("the nodes are: {}", names.join(", ")))
                .hint("see them with `emqxctl cluster status`");
        diagnostic.code = "unknown_node".to_owned();
        return Err(diagnostic.into());
    };
    let operation = status.operation_on(name);
    match context.printer.format {
        Format::Table | Format::Wide => {
            let text = operation.map_or_else(
                || "Rebalance disabled\n".to_owned(),
                |operation| operation_table::node_entry(operation, context.now()),
            );
            context.printer.data(&text)?;
        }
        Format::Json | Format::Jsonl => context
            .printer
            .document("node_status", NodeStatus { node, operation })?,
        Format::Name => {
            if let Some(operation) = operation {
                context.printer.data(&format!("{}\n", operation.id))?;
            }
        }
    }
    Ok(ExitStatus::Ok)
}
