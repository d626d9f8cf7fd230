//! `emqxctl listeners reload-certificates`

use super::listener_target::{listener_explained, require_one_node};
use super::{CommandResult, Context};
use crate::cli::ReloadCertificatesArgs;
use crate::exit::ExitStatus;
use crate::output::human::safe;
use crate::output::{Format, listener_table};

pub(super) async fn run(context: &mut Context, args: ReloadCertificatesArgs) -> CommandResult {
    let what = match &args.name {
        Some(name) => format!("cannot reload the certificates of {name}"),
        None => "cannot reload the certificates".to_owned(),
    };
    let node = args.node.node.as_deref();
    require_one_node(context, node, &what)?;
    let answer = context
        .admin
        .reload_certificates(node, args.name.as_deref())
        .await;
    let list = listener_explained(answer, &what)?;
    if list.items.is_empty() {
        context
            .printer
            .talk("no listener uses TLS; there was nothing to reload");
    }
    match context.printer.format {
        Format::Table | Format::Wide => {
            for listener in &list.items {
                let mut text = format!(
                    "{} on {}: certificates read again",
                    listener.name, listener.node
                );
                if listener.certificate_expires_at.is_some() {
                    text.push_str(", the first expires ");
                    text.push_str(&listener_table::expiry(listener, context.now()));
                }
                context.printer.data(&format!("{}\n", safe(&text)))?;
            }
        }
        Format::Json => context.printer.document("listener_list", list)?,
        Format::Jsonl => {
            for listener in &list.items {
                context.printer.document("listener", listener)?;
            }
        }
        Format::Name => {
            for listener in &list.items {
                context
                    .printer
                    .data(&format!("{}\n", safe(&listener.name)))?;
            }
        }
    }
    Ok(ExitStatus::Ok)
}
