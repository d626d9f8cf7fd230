//! `emqxctl data import`

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::time::Duration;

use super::{CommandError, CommandResult, Context, explained};
use crate::cli::ImportDataArgs;
use crate::data_file::{self, Contents};
use crate::exit::ExitStatus;
use crate::model::ImportReport;
use crate::output::Diagnostic;
use crate::output::human::{plural, safe};

/// All nodes check all of it, and the disk has to take it.
const TIMEOUT_DEFAULT: Duration = Duration::from_secs(310);

pub(super) async fn run(context: &mut Context, args: ImportDataArgs) -> CommandResult {
    let contents = read(&args.file)?;
    let timeout = context.timeout.unwrap_or(TIMEOUT_DEFAULT);
    let report = explained(
        context
            .admin
            .import_data(contents.settings, contents.retained, args.dry_run, timeout)
            .await,
        &format!("cannot import {}", args.file.display()),
    )?;
    if context.printer.format.is_json() {
        context.printer.document("import_report", &report)?;
    } else {
        context.printer.data(&text(&report))?;
    }
    Ok(ExitStatus::Ok)
}

fn read(path: &Path) -> Result<Contents, CommandError> {
    let shown = path.display();
    let file = File::open(path).map_err(|error| {
        Diagnostic::new(ExitStatus::Failed, format!("cannot read {shown}: {error}"))
            .hint("name a file that `emqxctl data export` has written")
    })?;
    data_file::read(BufReader::new(file)).map_err(|wrong| {
        Diagnostic::new(
            ExitStatus::Failed,
            format!("cannot import {shown}: line {}: {}", wrong.line, wrong.why),
        )
        .cause("nothing was changed")
        .hint("take another copy with `emqxctl data export`")
        .into()
    })
}

fn text(report: &ImportReport) -> String {
    let nodes: Vec<_> = report.nodes.iter().map(|node| safe(node)).collect();
    let mut text = format!("checked by {}\n", nodes.join(", "));
    let would = if report.dry_run { "would be " } else { "" };
    let messages = |count| plural(count, "retained message", "retained messages");
    let settings = |count| plural(count, "setting", "settings");
    for (count, line) in [
        (
            report.settings_changed,
            format!("{} {would}changed", settings(report.settings_changed)),
        ),
        (
            report.settings_unchanged,
            format!(
                "{} had that value already",
                settings(report.settings_unchanged)
            ),
        ),
        (
            report.retained_new,
            format!("{} {would}added", messages(report.retained_new)),
        ),
        (
            report.retained_replaced,
            format!("{} {would}replaced", messages(report.retained_replaced)),
        ),
        (
            report.retained_unchanged,
            format!("{} there already", messages(report.retained_unchanged)),
        ),
        (
            report.retained_expired,
            format!("{} expired, left out", messages(report.retained_expired)),
        ),
    ] {
        if count > 0 {
            text.push_str(&line);
            text.push('\n');
        }
    }
    text
}
