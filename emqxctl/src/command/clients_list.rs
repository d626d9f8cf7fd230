//! `emqxctl clients list`

use super::client_pages::{Words, list};
use super::{CommandResult, Context};
use crate::admin::ClientFilter;
use crate::cli::ListArgs;
use crate::output::client_table;

const WORDS: Words = Words {
    document: "client",
    documents: "client_list",
    one: "client",
    many: "clients",
    table: client_table::list,
};

pub(super) async fn run(context: &mut Context, args: ListArgs) -> CommandResult {
    let limit = if args.all {
        usize::MAX
    } else {
        args.limit as usize
    };
    let filter = ClientFilter {
        node: args.node,
        prefix: args.prefix,
        pattern: None,
        connected: match (args.connected, args.disconnected) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        },
    };
    list(context, &filter, limit, &WORDS).await
}
