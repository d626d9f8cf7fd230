//! Which listener of which node a command is about, and what is said when that is not clear.

use super::explain::explain_listener;
use super::{CommandError, Context};
use crate::admin::AdminError;
use crate::exit::ExitStatus;
use crate::model::{Listener, ListenerState};
use crate::output::Diagnostic;
use crate::output::human::safe;

/// Turns a no of the cluster about listeners into what is shown.
pub(super) fn listener_explained<T>(
    result: Result<T, AdminError>,
    what: &str,
) -> Result<T, CommandError> {
    result.map_err(|error| explain_listener(&error, what).into())
}

/// Refuses a change of "the node that is asked" when which one answers is a matter of chance.
///
/// # Errors
/// Several endpoints and no node are named.
pub(super) fn require_one_node(
    context: &Context,
    node: Option<&str>,
    what: &str,
) -> Result<(), CommandError> {
    if node.is_some() || context.admin.endpoints().len() == 1 {
        return Ok(());
    }
    Err(Diagnostic::new(
        ExitStatus::Usage,
        format!("{what}: several endpoints are named, and any of them may answer"),
    )
    .hint("say which node is meant, with --node NODE; see them with `emqxctl cluster status`")
    .into())
}

/// The listener of this name on the node, or on the one that answers.
///
/// # Errors
/// There is none, or nobody answers.
pub(super) async fn find(
    context: &Context,
    name: &str,
    node: Option<&str>,
    what: &str,
) -> Result<Listener, CommandError> {
    let node = match node {
        Some(node) => node.to_owned(),
        None => {
            let status = listener_explained(context.admin.cluster_status().await, what)?;
            status.answered_by
        }
    };
    let list = listener_explained(context.admin.listeners(Some(&node)).await, what)?;
    let names: Vec<&str> = list.items.iter().map(|l| l.name.as_str()).collect();
    let missing = unknown(name, &names, &list.nodes_unreachable, Some(&node), what);
    list.items
        .into_iter()
        .find(|listener| listener.name == name)
        .ok_or_else(|| missing.into())
}

/// Says that there is no listener of this name, or that it cannot be known.
pub(super) fn unknown(
    name: &str,
    known: &[&str],
    nodes_unreachable: &[String],
    node: Option<&str>,
    what: &str,
) -> Diagnostic {
    if !nodes_unreachable.is_empty() {
        let silent = nodes_unreachable.join(", ");
        return Diagnostic::new(
            ExitStatus::Unreachable,
            format!("{what}: not all nodes answer"),
        )
        .cause(format!("no answer from {silent}, which may have it"))
        .hint("see which nodes answer with `emqxctl cluster status`");
    }
    let place = node.map_or_else(|| "any node".to_owned(), |node| format!("node '{node}'"));
    let mut diagnostic = Diagnostic::new(
        ExitStatus::NotFound,
        format!("{what}: no listener of {place} is called '{name}'"),
    )
    .hint("see the listeners with `emqxctl listeners list`");
    "unknown_listener".clone_into(&mut diagnostic.code);
    if !known.is_empty() {
        diagnostic = diagnostic.cause(format!("there are: {}", known.join(", ")));
    }
    diagnostic
}

impl Context {
    /// Shows a listener after a change; `sentence` says for people what has been done.
    ///
    /// # Errors
    /// The output cannot be written.
    pub(super) fn show_changed(
        &mut self,
        listener: &Listener,
        sentence: &str,
    ) -> Result<ExitStatus, CommandError> {
        if self.printer.format.is_table() {
            self.printer.data(&format!("{}\n", safe(sentence)))?;
        } else if self.printer.format.is_json() {
            self.printer.document("listener", listener)?;
        } else {
            self.printer.data(&format!("{}\n", safe(&listener.name)))?;
        }
        if listener.state != ListenerState::Failed {
            return Ok(ExitStatus::Ok);
        }
        self.printer.flush()?;
        let (name, node) = (&listener.name, &listener.node);
        let problem = listener
            .problem
            .as_deref()
            .unwrap_or("the node does not say why");
        self.printer.fail(
            &Diagnostic::new(
                ExitStatus::Partial,
                format!("the change is made, but the listener {name} of {node} accepts nothing"),
            )
            .cause(problem)
            .hint(format!(
                "remove what is in the way, then `emqxctl listeners enable {name} --node {node}`"
            )),
        );
        Ok(ExitStatus::Partial)
    }
}
