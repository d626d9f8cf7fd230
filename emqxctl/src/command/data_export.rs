//! `emqxctl data export`

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::{CommandError, CommandResult, Context, explained};
use crate::admin::AdminClient;
use crate::cli::ExportDataArgs;
use crate::data_file::{DataWriter, Header, VERSION};
use crate::exit::ExitStatus;
use crate::model::UtcTime;
use crate::output::human::plural;
use crate::output::{Diagnostic, Printer};

pub(super) async fn run(context: &mut Context, args: ExportDataArgs) -> CommandResult {
    let now = context.now();
    let filter = args.retained.as_deref();
    let (settings, retained) = if args.file.as_os_str() == "-" {
        let admin = context.admin.clone();
        export(&admin, filter, now, Data(&mut context.printer)).await?
    } else {
        let file = BufWriter::new(create(&args.file)?);
        let written = export(&context.admin, filter, now, file).await;
        if written.is_err() {
            // Half a file is of no use, and would be in the way of the next attempt.
            let _ = fs::remove_file(&args.file);
        }
        written?
    };
    context.printer.talk(&format!(
        "{} and {} exported",
        plural(settings, "setting", "settings"),
        plural(retained, "retained message", "retained messages"),
    ));
    Ok(ExitStatus::Ok)
}

/// Standard output as a writer of lines.
struct Data<'a>(&'a mut Printer);

impl Write for Data<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = std::str::from_utf8(bytes).map_err(io::Error::other)?;
        self.0.data(text)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn create(path: &Path) -> Result<File, CommandError> {
    File::create_new(path).map_err(|error| {
        let message = format!("cannot write {}: {error}", path.display());
        Diagnostic::new(ExitStatus::Failed, message)
            .hint("name a file that is not there yet, in a folder that you may write to")
            .into()
    })
}

/// The numbers of settings and retained messages.
async fn export(
    admin: &AdminClient,
    filter: Option<&str>,
    now: UtcTime,
    out: impl Write,
) -> Result<(u64, u64), CommandError> {
    const WHAT: &str = "cannot export the data";
    let mut page = explained(admin.export_data(filter, None).await, WHAT)?;
    let header = Header {
        version: VERSION,
        cluster_name: page.cluster_name,
        node: page.node,
        exported_at: now,
    };
    let mut file = DataWriter::new(out, header)?;
    for setting in page.settings {
        file.setting(setting)?;
    }
    loop {
        for message in page.retained {
            file.retained(message)?;
        }
        let Some(token) = page.next_page_token else {
            break;
        };
        page = explained(admin.export_data(filter, Some(&token)).await, WHAT)?;
    }
    Ok(file.finish()?)
}
