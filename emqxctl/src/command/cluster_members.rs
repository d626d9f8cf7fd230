//! `emqxctl cluster leave`, `remove`, `join` and `recover`

use std::time::Duration;

use super::{CommandError, CommandResult, Context, explained};
use crate::cli::{JoinArgs, LeaveArgs, RemoveArgs};
use crate::exit::ExitStatus;
use crate::model::ControlGroup;
use crate::output::human::safe;
use crate::output::{Diagnostic, Format};

/// A change waits for a node to answer, for the group to agree and for its members to follow.
const TIMEOUT_DEFAULT: Duration = Duration::from_secs(30);

pub(super) async fn leave(context: &mut Context, args: &LeaveArgs) -> CommandResult {
    let what = "cannot leave the control group";
    require_one_endpoint(context, what, "give one --server")?;
    let status = explained(context.admin.cluster_status().await, what)?;
    let node = status.answered_by;
    confirm(
        context,
        &format!("Have {node} leave the control group?"),
        what,
        "it stays out until it is told to join, or starts again",
    )?;
    let answer = context
        .admin
        .remove_member(None, args.force, timeout(context))
        .await;
    let group = explained(answer, what)?;
    show(
        context,
        &group,
        &node,
        &format!("{node} has left the control group"),
    )
}

pub(super) async fn remove(context: &mut Context, args: &RemoveArgs) -> CommandResult {
    let node = &args.node;
    let what = format!("cannot remove {node} from the control group");
    confirm(
        context,
        &format!("Remove {node} from the control group? Its operations end as failed."),
        &what,
        "its operations end as failed",
    )?;
    let answer = context
        .admin
        .remove_member(Some(node), args.force, timeout(context))
        .await;
    let group = explained(answer, &what)?;
    show(
        context,
        &group,
        node,
        &format!("{node} is removed from the control group"),
    )
}

pub(super) async fn join(context: &mut Context, args: &JoinArgs) -> CommandResult {
    let what = "cannot join the control group";
    if args.node.is_none() {
        require_one_endpoint(context, what, "name the node")?;
    }
    let node = match &args.node {
        Some(node) => node.clone(),
        None => explained(context.admin.cluster_status().await, what)?.answered_by,
    };
    confirm(
        context,
        &format!("Have {node} forget its control group and join that of the others?"),
        what,
        "it forgets what it knows of the group that it was in",
    )?;
    let answer = context
        .admin
        .join_group(Some(&node), timeout(context))
        .await;
    let group = explained(answer, what)?;
    show(
        context,
        &group,
        &node,
        &format!("{node} joins the control group of the others"),
    )
}

pub(super) async fn recover(context: &mut Context) -> CommandResult {
    let what = "cannot recover the control group";
    require_one_endpoint(context, what, "give one --server, of a node that is left")?;
    let status = explained(context.admin.cluster_status().await, what)?;
    let missing = status
        .control
        .map(|control| control.missing_voters)
        .unwrap_or_default();
    let lost = if missing.is_empty() {
        "the lost voters".to_owned()
    } else {
        missing.join(", ")
    };
    confirm(
        context,
        &format!(
            "Go on without {lost}? What only they know is lost, and they cannot come back unless they join anew. \
             When they can be started, start them instead."
        ),
        what,
        "what only the lost voters know is lost, and they cannot come back unless they join anew",
    )?;
    let group = explained(context.admin.recover_group(timeout(context)).await, what)?;
    let text = format!(
        "recovered as group {} (generation {}), without {lost}",
        group.group.as_deref().unwrap_or("?"),
        group.generation
    );
    show(context, &group, &status.answered_by, &text)
}

fn timeout(context: &Context) -> Duration {
    context.timeout.unwrap_or(TIMEOUT_DEFAULT)
}

/// Refuses to act on "the node that is asked" when which one answers is a matter of chance.
fn require_one_endpoint(context: &Context, what: &str, hint: &str) -> Result<(), CommandError> {
    if context.admin.endpoints().len() == 1 {
        return Ok(());
    }
    Err(Diagnostic::new(
        ExitStatus::Usage,
        format!("{what}: several endpoints are named, and any of them may answer"),
    )
    .hint(hint)
    .into())
}

fn confirm(
    context: &mut Context,
    question: &str,
    what: &str,
    consequence: &str,
) -> Result<(), CommandError> {
    context.confirm(&safe(question), || {
        Diagnostic::new(
            ExitStatus::Usage,
            format!("{what}: nobody can be asked whether that is meant"),
        )
        .cause(consequence)
        .hint("add --yes when it is")
    })
}

fn show(context: &mut Context, group: &ControlGroup, node: &str, text: &str) -> CommandResult {
    match context.printer.format {
        Format::Table | Format::Wide => context.printer.data(&format!("{}\n", safe(text)))?,
        Format::Json | Format::Jsonl => context.printer.document("control_group", group)?,
        Format::Name => context.printer.data(&format!("{}\n", safe(node)))?,
    }
    Ok(ExitStatus::Ok)
}
