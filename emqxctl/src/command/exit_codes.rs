//! `emqxctl exit-codes`

use serde::Serialize;

use super::{CommandResult, Context};
use crate::exit::{self, ExitStatus};

#[derive(Debug, Serialize)]
struct ExitCodes {
    items: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    code: u8,
    name: &'static str,
    when: &'static str,
}

pub(super) fn run(context: &mut Context) -> CommandResult {
    if context.printer.format.is_json() {
        let items = exit::TABLE
            .iter()
            .map(|(status, name, when)| Row {
                code: status.code(),
                name,
                when,
            })
            .collect();
        context
            .printer
            .document("exit_codes", ExitCodes { items })?;
    } else {
        context.printer.data(&exit::describe())?;
    }
    Ok(ExitStatus::Ok)
}
