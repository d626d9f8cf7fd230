//! `emqxctl version`

use serde::Serialize;

use super::{CommandResult, Context};
use crate::exit::ExitStatus;

#[derive(Debug, Serialize)]
struct Version {
    version: &'static str,
}

pub(super) fn run(context: &mut Context) -> CommandResult {
    let version = env!("CARGO_PKG_VERSION");
    if context.printer.format.is_json() {
        context.printer.document("version", Version { version })?;
    } else {
        context.printer.data(&format!("emqxctl {version}\n"))?;
    }
    Ok(ExitStatus::Ok)
}
