//! `emqxctl listeners disable`

use super::listener_target::{listener_explained, require_one_node};
use super::{CommandResult, Context};
use crate::admin::ListenerSettings;
use crate::cli::OneListenerArgs;
use crate::output::listener_table::connections_stay;

pub(super) async fn run(context: &mut Context, args: OneListenerArgs) -> CommandResult {
    let name = args.name;
    let what = format!("cannot disable the listener {name}");
    let node = args.node.node.as_deref();
    require_one_node(context, node, &what)?;
    let settings = ListenerSettings {
        enabled: Some(false),
        ..ListenerSettings::default()
    };
    let answer = context.admin.set_listener(node, &name, settings).await;
    let listener = listener_explained(answer, &what)?;
    let (node, fate) = (&listener.node, connections_stay(listener.connections));
    context.show_changed(&listener, &format!("{name} on {node} disabled; {fate}"))
}
