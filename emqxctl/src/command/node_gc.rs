//! `emqxctl node gc`

use std::collections::HashSet;
use std::time::Duration;

use futures_util::future::join_all;
use serde::Serialize;

use super::explain::explain;
use super::{CommandError, CommandResult, Context, explained};
use crate::cli::GcArgs;
use crate::exit::ExitStatus;
use crate::model::GcReport;
use crate::output::human::safe;
use crate::output::{Diagnostic, Format, gc_table};

/// A node with millions of waiting messages takes minutes; nodes themselves give each other five.
const TIMEOUT_DEFAULT: Duration = Duration::from_secs(310);

/// Body of `gc_result`.
#[derive(Debug, Serialize)]
struct GcResult {
    items: Vec<GcReport>,
    errors: Vec<GcError>,
}

#[derive(Debug, Serialize)]
struct GcError {
    node: Option<String>,
    code: String,
    message: String,
}

pub(super) async fn run(context: &mut Context, args: GcArgs) -> CommandResult {
    let nodes = nodes_meant(context, args).await?;
    let timeout = context.timeout.unwrap_or(TIMEOUT_DEFAULT);
    let admin = &context.admin;
    let answers = nodes.iter().map(|node| async move {
        let answer = admin.gc(node.as_deref(), timeout).await;
        (node, answer)
    });
    let mut reports = Vec::new();
    let mut failures = Vec::new();
    for (node, answer) in join_all(answers).await {
        match answer {
            Ok(report) => reports.push(report),
            Err(error) => {
                let name = node.as_deref().unwrap_or("the node");
                let what = format!("cannot have {name} give memory back");
                failures.push((node.clone(), explain(&error, &what)));
            }
        }
    }
    let had_success = !reports.is_empty();
    show(context, reports, &failures)?;
    context.printer.flush()?;
    for (_, diagnostic) in &failures {
        context.printer.fail(diagnostic);
    }
    Ok(match failures.first() {
        None => ExitStatus::Ok,
        Some(_) if had_success => ExitStatus::Partial,
        Some((_, diagnostic)) => diagnostic.exit,
    })
}

/// Names of nodes, each once; none is the node that is asked.
async fn nodes_meant(context: &Context, args: GcArgs) -> Result<Vec<Option<String>>, CommandError> {
    let what = "cannot have the nodes give memory back";
    if args.all {
        let status = explained(context.admin.cluster_status().await, what)?;
        return Ok(status
            .nodes
            .into_iter()
            .map(|node| Some(node.name))
            .collect());
    }
    if !args.nodes.is_empty() {
        let mut seen = HashSet::new();
        let mut nodes = args.nodes;
        nodes.retain(|node| seen.insert(node.clone()));
        return Ok(nodes.into_iter().map(Some).collect());
    }
    if context.admin.endpoints().len() > 1 {
        return Err(Diagnostic::new(
            ExitStatus::Usage,
            format!("{what}: several endpoints are named, and any of them may answer"),
        )
        .hint("name the nodes, or all with --all; see them with `emqxctl cluster status`")
        .into());
    }
    Ok(vec![None])
}

fn show(
    context: &mut Context,
    reports: Vec<GcReport>,
    failures: &[(Option<String>, Diagnostic)],
) -> std::io::Result<()> {
    match context.printer.format {
        Format::Table | Format::Wide if reports.is_empty() => Ok(()),
        Format::Table | Format::Wide => {
            let text = gc_table::list(&reports, context.look());
            context.printer.data(&text)
        }
        Format::Json => {
            let errors = failures
                .iter()
                .map(|(node, diagnostic)| GcError {
                    node: node.clone(),
                    code: diagnostic.code.clone(),
                    message: diagnostic.message.clone(),
                })
                .collect();
            let result = GcResult {
                items: reports,
                errors,
            };
            context.printer.document("gc_result", result)
        }
        Format::Jsonl => reports
            .iter()
            .try_for_each(|report| context.printer.document("gc_report", report)),
        Format::Name => reports
            .iter()
            .try_for_each(|report| context.printer.data(&format!("{}\n", safe(&report.node)))),
    }
}
