//! `emqxctl sessions list`

use super::client_pages::{Words, list};
use super::{CommandResult, Context};
use crate::admin::ClientFilter;
use crate::cli::{ListSessionsArgs, SessionFilterArgs};
use crate::output::session_table;

const WORDS: Words = Words {
    document: "session",
    documents: "session_list",
    one: "session",
    many: "sessions",
    table: session_table::list,
};

pub(super) async fn run(context: &mut Context, args: ListSessionsArgs) -> CommandResult {
    let limit = if args.all {
        usize::MAX
    } else {
        args.limit as usize
    };
    list(context, &filter(args.filter), limit, &WORDS).await
}

/// What was typed, as it is asked for.
pub(super) fn filter(args: SessionFilterArgs) -> ClientFilter {
    ClientFilter {
        node: args.node,
        prefix: args.prefix,
        pattern: args.glob,
        connected: match (args.connected, args.disconnected) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        },
    }
}
