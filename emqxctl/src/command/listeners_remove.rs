//! `emqxctl listeners remove`

use super::listener_target::{find, listener_explained, require_one_node};
use super::{CommandResult, Context};
use crate::cli::RemoveListenerArgs;
use crate::exit::ExitStatus;
use crate::model::ListenerState;
use crate::output::human::{plural, safe};
use crate::output::listener_table::connections_stay;
use crate::output::{Diagnostic, Format};

pub(super) async fn run(context: &mut Context, args: RemoveListenerArgs) -> CommandResult {
    let name = args.name;
    let what = format!("cannot remove the listener {name}");
    let node = args.node.node.as_deref();
    require_one_node(context, node, &what)?;
    let present = find(context, &name, node, &what).await?;
    let node = present.node;
    let connections = plural(present.connections, "connection", "connections");
    let fate = match (present.connections, args.disconnect) {
        (0, _) => "It has no connections.".to_owned(),
        (1, true) => "Its connection is closed.".to_owned(),
        (_, true) => format!("Its {connections} are closed."),
        (1, false) => "Its connection stays; --disconnect would close it.".to_owned(),
        (_, false) => format!("Its {connections} stay; --disconnect would close them."),
    };
    let address = present
        .address
        .or(present.bind)
        .map_or_else(String::new, |address| format!(", {address}"));
    let question = format!(
        "Remove the listener {name} ({}{address}) of {node}? {fate}",
        present.kind.label()
    );
    context.confirm(&safe(&question), || {
        Diagnostic::new(
            ExitStatus::Usage,
            format!("{what}: nobody can be asked whether that is meant"),
        )
        .cause(format!("it is on {node} and has {connections}"))
        .hint("add --yes when it is")
    })?;
    let answer = context
        .admin
        .remove_listener(&node, &name, args.disconnect)
        .await;
    let mut removed = listener_explained(answer, &what)?;
    removed.state = ListenerState::Removed;
    match context.printer.format {
        Format::Table | Format::Wide => {
            let fate = if !args.disconnect {
                connections_stay(removed.connections)
            } else if present.connections == 0 {
                "it had no connections".to_owned()
            } else {
                format!("{connections} closed")
            };
            let text = format!("{name} removed from {node}; {fate}");
            context.printer.data(&format!("{}\n", safe(&text)))?;
        }
        Format::Json | Format::Jsonl => context.printer.document("listener", &removed)?,
        Format::Name => context.printer.data(&format!("{}\n", safe(&name)))?,
    }
    Ok(ExitStatus::Ok)
}
