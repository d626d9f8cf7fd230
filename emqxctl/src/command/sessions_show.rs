//! `emqxctl sessions show`

use super::{CommandResult, Context, explained};
use crate::cli::ShowSessionArgs;
use crate::exit::ExitStatus;
use crate::output::human::safe;
use crate::output::{Format, session_table};

pub(super) async fn run(context: &mut Context, args: &ShowSessionArgs) -> CommandResult {
    let session = explained(
        context.admin.session(&args.client_id, false).await,
        &format!("cannot show the session of {}", args.client_id),
    )?;
    match context.printer.format {
        Format::Table | Format::Wide => {
            let text = session_table::show(&session, context.now(), context.look());
            context.printer.data(&text)?;
        }
        Format::Json | Format::Jsonl => context.printer.document("session", &session)?,
        Format::Name => context
            .printer
            .data(&format!("{}\n", safe(&session.client.client_id)))?,
    }
    Ok(ExitStatus::Ok)
}
