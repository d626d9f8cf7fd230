//! `emqxctl clients show`

use super::{CommandResult, Context, explained};
use crate::cli::ShowArgs;
use crate::exit::ExitStatus;
use crate::output::human::safe;
use crate::output::{Format, client_table};

pub(super) async fn run(context: &mut Context, args: &ShowArgs) -> CommandResult {
    let client = explained(
        context.admin.client(&args.client_id).await,
        &format!("cannot show the client {}", args.client_id),
    )?;
    match context.printer.format {
        Format::Table | Format::Wide => {
            let text = client_table::show(&client, context.now(), context.look());
            context.printer.data(&text)?;
        }
        Format::Json | Format::Jsonl => context.printer.document("client", &client)?,
        Format::Name => context
            .printer
            .data(&format!("{}\n", safe(&client.client_id)))?,
    }
    Ok(ExitStatus::Ok)
}
