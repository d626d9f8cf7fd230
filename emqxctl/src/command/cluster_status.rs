//! `emqxctl cluster status`

use super::{CommandResult, Context, explained};
use crate::exit::ExitStatus;
use crate::output::{Format, cluster_table};

pub(super) async fn run(context: &mut Context) -> CommandResult {
    let status = explained(
        context.admin.cluster_status().await,
        "cannot tell the state of the cluster",
    )?;
    let look = context.look();
    match context.printer.format {
        Format::Table | Format::Wide => {
            context
                .printer
                .data(&cluster_table::render(&status, look))?;
        }
        Format::Json | Format::Jsonl => context.printer.document("cluster_status", &status)?,
        Format::Name => {
            for node in &status.nodes {
                context.printer.data(&format!("{}\n", node.name))?;
            }
        }
    }
    Ok(ExitStatus::Ok)
}
