//! What `clients list` and `sessions list` have in common: pages asked for one after the other.

use serde::Serialize;

use super::{CommandResult, Context, explained};
use crate::admin::ClientFilter;
use crate::exit::ExitStatus;
use crate::model::{Client, UtcTime};
use crate::output::Format;
use crate::output::cluster_table::Look;
use crate::output::human::plural;

/// Asked for at once. A node looks at all its Sessions for each page, so the pages are large.
const PAGE_SIZE_MAX: u32 = 10_000;

/// What they differ in.
pub(super) struct Words {
    /// Kind of the document of one.
    pub(super) document: &'static str,
    /// Kind of the document of all.
    pub(super) documents: &'static str,
    pub(super) one: &'static str,
    pub(super) many: &'static str,
    pub(super) table: fn(&[Client], UtcTime, Look) -> String,
}

/// Body of the document of all.
#[derive(Debug, Serialize)]
struct ClientList {
    items: Vec<Client>,
    /// There are more than these.
    is_truncated: bool,
    nodes_unreachable: Vec<String>,
}

/// Lists up to `limit` of those that match.
pub(super) async fn list(
    context: &mut Context,
    filter: &ClientFilter,
    limit: usize,
    words: &Words,
) -> CommandResult {
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
                .clients(filter, page_size, token.as_deref())
                .await,
            &format!("cannot list the {}", words.many),
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
                    context.printer.document(words.document, client)?;
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
        context.printer.warn(&format!(
            "{node} does not answer; its {} are missing",
            words.many
        ));
    }
    match context.printer.format {
        Format::Table | Format::Wide => {
            let text = (words.table)(&items, context.now(), context.look());
            context.printer.data(&text)?;
        }
        Format::Json => context.printer.document(
            words.documents,
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
            plural(shown as u64, words.one, words.many)
        ));
    }
    Ok(ExitStatus::Ok)
}
