//! `emqxctl listeners enable`

use super::listener_target::{listener_explained, require_one_node};
use super::{CommandResult, Context};
use crate::admin::ListenerSettings;
use crate::cli::OneListenerArgs;
use crate::output::listener_table::condition;

pub(super) async fn run(context: &mut Context, args: OneListenerArgs) -> CommandResult {
    let name = args.name;
    let what = format!("cannot enable the listener {name}");
    let node = args.node.node.as_deref();
    require_one_node(context, node, &what)?;
    let settings = ListenerSettings {
        enabled: Some(true),
        ..ListenerSettings::default()
    };
    let answer = context.admin.set_listener(node, &name, settings).await;
    let listener = listener_explained(answer, &what)?;
    let (node, condition) = (&listener.node, condition(&listener));
    context.show_changed(&listener, &format!("{name} on {node} enabled, {condition}"))
}
