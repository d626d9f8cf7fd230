//! `emqxctl rebalance watch`

use super::follow::{self, Following};
use super::{CommandError, CommandResult, Context, explained};
use crate::cli::WatchArgs;
use crate::exit::ExitStatus;
use crate::model::Operation;
use crate::output::Diagnostic;

pub(super) async fn run(context: &mut Context, args: WatchArgs) -> CommandResult {
    let operation = match &args.id {
        Some(id) => explained(
            context.admin.operation(id).await,
            &format!("cannot watch {id}"),
        )?,
        None => only_one(context).await?,
    };
    follow::run(context, operation, Following::Showing).await
}

/// The only operation in which something moves; else the only one that rests.
async fn only_one(context: &Context) -> Result<Operation, CommandError> {
    let list = explained(
        context.admin.operations(false).await,
        "cannot tell which operation to watch",
    )?;
    let mut candidates: Vec<Operation> = list
        .items
        .into_iter()
        .filter(|op| !op.has_ended())
        .collect();
    if candidates.iter().any(|op| !op.is_settled()) {
        candidates.retain(|op| !op.is_settled());
    }
    match candidates.len() {
        1 => Ok(candidates.remove(0)),
        0 => Err(
            Diagnostic::new(ExitStatus::NotFound, "no operation runs").hint(
                "see what ran lately with `emqxctl rebalance status`, or start one with \
                 `emqxctl rebalance start --evacuation NODE`",
            ),
        ),
        _ => {
            let names: Vec<String> = candidates
                .iter()
                .map(|op| format!("{} ({})", op.id, op.target))
                .collect();
            Err(Diagnostic::new(
                ExitStatus::Usage,
                "several operations run; name the one to watch",
            )
            .cause(format!("these run: {}", names.join(", ")))
            .hint(format!("`emqxctl rebalance watch {}`", candidates[0].id)))
        }
    }
    .map_err(CommandError::from)
}
