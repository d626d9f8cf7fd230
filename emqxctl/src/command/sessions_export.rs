//! `emqxctl sessions export`

use std::io;

use super::explain::explain;
use super::sessions_list::filter;
use super::{CommandResult, Context, explained};
use crate::cli::ExportSessionsArgs;
use crate::exit::ExitStatus;
use crate::model::Session;
use crate::output::human::plural;
use crate::output::json;

pub(super) async fn run(context: &mut Context, args: ExportSessionsArgs) -> CommandResult {
    if args.client_ids.is_empty() {
        chosen(context, args).await
    } else {
        named(context, &args.client_ids).await
    }
}

async fn named(context: &mut Context, client_ids: &[String]) -> CommandResult {
    let mut failures = Vec::new();
    let mut exported = 0;
    for client_id in client_ids {
        match context.admin.session(client_id, true).await {
            Ok(session) => {
                print(context, &session)?;
                exported += 1;
            }
            Err(error) => {
                let what = format!("cannot export the session of {client_id}");
                failures.push(explain(&error, &what));
            }
        }
    }
    context.printer.flush()?;
    for failure in &failures {
        context.printer.fail(failure);
    }
    Ok(match failures.first() {
        None => ExitStatus::Ok,
        Some(_) if exported > 0 => ExitStatus::Partial,
        Some(failure) => failure.exit,
    })
}

async fn chosen(context: &mut Context, args: ExportSessionsArgs) -> CommandResult {
    let filter = filter(args.filter);
    let mut token: Option<String> = None;
    let mut silent: Vec<String> = Vec::new();
    let mut exported = 0;
    loop {
        let page = explained(
            context
                .admin
                .export_sessions(&filter, token.as_deref())
                .await,
            "cannot export the sessions",
        )?;
        for session in &page.items {
            print(context, session)?;
        }
        context.printer.flush()?;
        exported += page.items.len() as u64;
        for node in page.nodes_unreachable {
            if !silent.contains(&node) {
                silent.push(node);
            }
        }
        // The same token again would never end.
        let is_stuck = page.next_page_token == token;
        token = page.next_page_token.filter(|_| !is_stuck);
        if token.is_none() {
            break;
        }
    }
    for node in &silent {
        context
            .printer
            .warn(&format!("{node} does not answer; its sessions are missing"));
    }
    context.printer.talk(&format!(
        "{} exported",
        plural(exported, "session", "sessions")
    ));
    Ok(if silent.is_empty() {
        ExitStatus::Ok
    } else {
        ExitStatus::Partial
    })
}

fn print(context: &mut Context, session: &Session) -> io::Result<()> {
    let line = json::line("session", session).map_err(io::Error::other)?;
    context.printer.data(&format!("{line}\n"))
}
