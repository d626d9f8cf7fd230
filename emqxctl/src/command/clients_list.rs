//! `emqxctl clients list`

use serde::Serialize;

use super::{CommandResult, Context, explained};
use crate::admin::ClientFilter;
use crate::cli::ListArgs;
use crate::exit::ExitStatus;
use crate::model::Client;
use crate::output::human::plural;
use crate::output::{Format, client_table};

/// Clients asked for at once.
const PAGE_SIZE_MAX: u32 = 1_000;

/// Body of `client_list`.
#[derive(Debug, Serialize)]
struct ClientList {
    items: Vec<Client>,
    /// There are more than these.
    is_truncated: bool,
    nodes_unreachable: Vec<String>,
}

pub(super) async fn run(context: &mut Context, args: ListArgs) -> CommandResult {
    let limit = if args.all {
        usize::MAX
    } else {
        args.limit as usize
    };
    let filter = ClientFilter {
        node: args.node,
        prefix: args.prefix,
        connected: match (args.connected, args.disconnected) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        },
    };
    // Lines go out page by page; a table and a document need all rows first.
    let is_streamed = matches!(context.printer.format, Format::Jsonl | Format::Name);
    let mut items = Vec::new();
    let mut shown = 0;
    let mut token: Option<String> = None;
    let mut nodes_unreachable: Vec<String> = Vec::new();
    loop {
        let page_size = u32::try_from(limit - shown)
            .unwrap_or(PAGE_SIZE_MAX)
            .min(PAGE_SIZE_MAX);
        let mut page = explained(
            context
                .admin
                .clients(&filter, page_size, token.as_deref())
                .await,
            "cannot list the clients",
        )?;
        page.items.truncate(limit - shown);
        shown += page.items.len();
        for node in page.nodes_unreachable {
            if !nodes_unreachable.contains(&node) {
                nodes_unreachable.push(node);
            }
        }
        if is_streamed {
            for client in &page.items {
                if context.printer.format == Format::Name {
                    let name = crate::output::human::safe(&client.client_id);
                    context.printer.data(&format!("{name}\n"))?;
                } else {
                    context.printer.document("client", client)?;
                }
            }
            context.printer.flush()?;
        } else {
            items.append(&mut page.items);
        }
        // The same token again would never end.
        let is_stuck = page.next_page_token == token;
        token = page.next_page_token.filter(|_| !is_stuck);
        if token.is_none() || shown >= limit {
            break;
        }
    }
    let is_truncated = token.is_some();
    for node in &nodes_unreachable {
        context
            .printer
            .warn(&format!("{node} does not answer; its clients are missing"));
    }
    match context.printer.format {
        Format::Table | Format::Wide => {
            let text = client_table::list(&items, context.now(), context.look());
            context.printer.data(&text)?;
        }
        Format::Json => context.printer.document(
            "client_list",
            ClientList {
                items,
                is_truncated,
                nodes_unreachable,
            },
        )?,
        Format::Jsonl | Format::Name => {}
    }
    if is_truncated {
        context.printer.talk(&format!(
            "{} shown, there are more: see them with --all, or choose with --prefix and --node",
            plural(shown as u64, "client", "clients")
        ));
    }
    Ok(ExitStatus::Ok)
}
