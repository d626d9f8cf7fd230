//! `emqxctl demo`

use std::time::Duration;

use emqx_proto::admin::v1 as wire;

use super::{CommandResult, Context};
use crate::demo::{self, DemoArgs, Display, Interrupted, PlainLines};
use crate::exit::ExitStatus;
use crate::model::Operation;
use crate::output::printer::Talk;
use crate::output::progress::LiveDisplay;
use crate::output::{Diagnostic, Format};

pub(super) async fn run(context: &mut Context, args: DemoArgs) -> CommandResult {
    let talk = context.printer.talk_handle();
    let mut display: Box<dyn Display> = if context.printer.quiet {
        Box::new(PlainLines::new(std::io::sink()))
    } else if context.can_redraw {
        Box::new(OnTerminal {
            live: Some(context.live_display()),
            talk,
        })
    } else {
        Box::new(PlainLines::new(TalkLines(talk)))
    };
    let result = demo::run(args.into(), display.as_mut()).await;
    drop(display);
    let report = match result {
        Ok(report) => report,
        Err(error) if error.is::<Interrupted>() => {
            context.printer.talk(&error.to_string());
            return Ok(ExitStatus::Detached);
        }
        Err(error) => {
            return Err(Diagnostic::new(ExitStatus::Failed, format!("{error:#}")).into());
        }
    };
    match context.printer.format {
        Format::Json | Format::Jsonl => context.printer.document("demo", &report)?,
        Format::Table | Format::Wide | Format::Name => {
            context.printer.data(&format!("{report}\n"))?;
        }
    }
    Ok(if report.is_passed {
        ExitStatus::Ok
    } else {
        ExitStatus::Failed
    })
}

/// Live lines while the operation goes on, plain ones before and after.
struct OnTerminal {
    live: Option<LiveDisplay>,
    talk: Talk,
}

impl Display for OnTerminal {
    fn update(&mut self, operation: &wire::Operation) {
        let operation = Operation::from(operation.clone());
        if let Some(live) = &mut self.live {
            live.show(&operation, Duration::ZERO);
        }
        if operation.is_settled()
            && let Some(mut live) = self.live.take()
        {
            live.finish();
        }
    }

    fn note(&mut self, text: &str) {
        match &self.live {
            Some(live) => live.note(text),
            // Nobody listening is no reason to stop.
            None => drop(self.talk.write(&format!("{text}\n"))),
        }
    }
}

/// Standard error as a writer of whole lines.
struct TalkLines(Talk);

impl std::io::Write for TalkLines {
    fn write(&mut self, buf: &[u8]) -> std::io::Result<usize> {
        self.0.write(&String::from_utf8_lossy(buf))?;
        Ok(buf.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
