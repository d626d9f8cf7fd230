//! `emqxctl clients kick`

use serde::Serialize;

use super::explain::explain;
use super::{CommandResult, Context};
use crate::cli::KickArgs;
use crate::exit::ExitStatus;
use crate::model::Client;
use crate::output::human::{plural, safe};
use crate::output::{Diagnostic, Format};

/// Body of `kick_result`.
#[derive(Debug, Serialize)]
struct KickResult {
    discard_session: bool,
    items: Vec<Client>,
    errors: Vec<KickError>,
}

#[derive(Debug, Serialize)]
struct KickError {
    client_id: String,
    code: String,
    message: String,
}

pub(super) async fn run(context: &mut Context, args: KickArgs) -> CommandResult {
    let mut client_ids = args.client_ids;
    let mut seen = std::collections::HashSet::new();
    client_ids.retain(|client_id| seen.insert(client_id.clone()));
    if args.discard_session {
        let sessions = plural(client_ids.len() as u64, "session", "sessions");
        let question =
            format!("Disconnect and end {sessions}? Subscriptions and waiting messages are gone.");
        context.confirm(&question, || {
            Diagnostic::new(
                ExitStatus::Usage,
                "--discard-session destroys sessions, and nobody can be asked",
            )
            .hint("add --yes when that is meant")
        })?;
    }
    let mut kicked = Vec::new();
    let mut failures = Vec::new();
    for client_id in &client_ids {
        match context.admin.kick(client_id, args.discard_session).await {
            Ok(client) => {
                if context.printer.format.is_table() {
                    context.printer.data(&line(&client, args.discard_session))?;
                }
                kicked.push(client);
            }
            Err(error) => {
                let what = format!("cannot disconnect {client_id}");
                failures.push((client_id.clone(), explain(&error, &what)));
            }
        }
    }
    let had_success = !kicked.is_empty();
    match context.printer.format {
        Format::Table | Format::Wide => {}
        Format::Json | Format::Jsonl => {
            let errors = failures
                .iter()
                .map(|(client_id, diagnostic)| KickError {
                    client_id: client_id.clone(),
                    code: diagnostic.code.clone(),
                    message: diagnostic.message.clone(),
                })
                .collect();
            context.printer.document(
                "kick_result",
                KickResult {
                    discard_session: args.discard_session,
                    items: kicked,
                    errors,
                },
            )?;
        }
        Format::Name => {
            for client in &kicked {
                context
                    .printer
                    .data(&format!("{}\n", safe(&client.client_id)))?;
            }
        }
    }
    context.printer.flush()?;
    let first = failures.first().map(|(_, diagnostic)| diagnostic.exit);
    for (_, diagnostic) in &failures {
        context.printer.fail(diagnostic);
    }
    Ok(match first {
        None => ExitStatus::Ok,
        Some(_) if had_success => ExitStatus::Partial,
        Some(exit) => exit,
    })
}

fn line(client: &Client, discard_session: bool) -> String {
    let id = safe(&client.client_id);
    let node = safe(&client.node);
    match (discard_session, client.connected) {
        (true, true) => format!("{id} disconnected from {node}, session ended\n"),
        (true, false) => format!("{id} was not connected, session on {node} ended\n"),
        (false, true) => format!("{id} disconnected from {node}, session kept\n"),
        (false, false) => format!("{id} was not connected, session on {node} kept\n"),
    }
}
