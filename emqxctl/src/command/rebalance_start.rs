//! `emqxctl rebalance start --evacuation`

use super::follow::{self, Following};
use super::{CommandError, CommandResult, Context, explained};
use crate::admin::EvacuationRequest;
use crate::cli::StartArgs;
use crate::exit::ExitStatus;
use crate::output::human::safe;
use crate::output::{Diagnostic, Format};

pub(super) async fn run(context: &mut Context, args: StartArgs) -> CommandResult {
    let following = if args.wait {
        Some(Following::Quietly)
    } else if args.watch || (!args.detach && context.is_watched) {
        Some(Following::Showing)
    } else {
        None
    };
    let node = match args.evacuation.flatten() {
        Some(node) => node,
        None => answering_node(context).await?,
    };
    let request = EvacuationRequest {
        node: node.clone(),
        wait_health_check: args.wait_health_check,
        wait_takeover: args.wait_takeover,
        conn_evict_rate: args.conn_evict_rate,
        sess_evict_rate: args.sess_evict_rate,
        redirect_to: args.redirect_to,
        migrate_to: args
            .migrate_to
            .into_iter()
            .flat_map(|names| names.0)
            .collect(),
        reason: args.reason.unwrap_or_default(),
        started_by: whoami(context),
    };
    let operation = explained(
        context.admin.start_evacuation(request).await,
        &format!("cannot start the evacuation of {node}"),
    )?;
    match following {
        Some(following) => follow::run(context, operation, following).await,
        None => {
            match context.printer.format {
                Format::Table | Format::Wide => context.printer.data(&format!(
                    "Rebalance({}) started\nOperation: {}\n",
                    operation.operation_kind.label(),
                    safe(&operation.id)
                ))?,
                Format::Json | Format::Jsonl => {
                    context.printer.document("operation", &operation)?;
                }
                Format::Name => context.printer.data(&format!("{}\n", operation.id))?,
            }
            if context.printer.format.is_table() {
                context.printer.talk(&follow::how_to_go_on(&operation));
            }
            Ok(ExitStatus::Ok)
        }
    }
}

/// A bare `--evacuation` means the node that answers, but only after a question.
async fn answering_node(context: &mut Context) -> Result<String, CommandError> {
    let status = explained(
        context.admin.cluster_status().await,
        "cannot tell which node to evacuate",
    )?;
    let node = status.answered_by.clone();
    let connections = status.node(&node).and_then(|node| node.connections);
    let question = format!(
        "Evacuate {} ({} connections), the node that answers at {}?",
        safe(&node),
        crate::output::human::maybe_count(connections),
        context.admin.current_endpoint()
    );
    context.confirm(&question, || {
        let names: Vec<&str> = status.nodes.iter().map(|node| node.name.as_str()).collect();
        Diagnostic::new(
            ExitStatus::Usage,
            "--evacuation needs the name of a node here",
        )
        .cause(format!(
            "without a name it means the node that answers ({node}), and nobody can be asked; \
                 the nodes are: {}",
            names.join(", ")
        ))
        .hint(format!(
            "name it: `emqxctl rebalance start --evacuation {node}`, or add --yes"
        ))
    })?;
    if context.yes {
        context.printer.talk(&format!(
            "Evacuating {}, the node that answers",
            safe(&node)
        ));
    }
    Ok(node)
}

pub(super) fn whoami(context: &Context) -> String {
    ["USER", "LOGNAME", "USERNAME"]
        .iter()
        .find_map(|name| context.vars.get(*name).filter(|user| !user.is_empty()))
        .cloned()
        .unwrap_or_default()
}
