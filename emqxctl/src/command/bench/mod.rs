//! `emqxctl bench …`: turns what was typed into a load, shows how it goes on, and what came of it.

mod evac;
mod load;
mod report;

use std::pin::pin;
use std::thread;

use tokio::sync::{mpsc, oneshot};

use super::{CommandResult, Context};
use crate::bench::{self, Failure, Load, Moment, Outcome, Progress, Stop};
use crate::cli::BenchCommand;
use crate::demo::open_files;
use crate::exit::ExitStatus;
use crate::output::human::{count, plural};
use crate::output::{Diagnostic, Format};

use load::Planned;
use report::Report;

pub(super) async fn run(context: &mut Context, command: BenchCommand) -> CommandResult {
    let planned = match command {
        BenchCommand::Conn(args) => load::conn(args).await?,
        BenchCommand::Pub(args) => load::publish(args).await?,
        BenchCommand::Sub(args) => load::subscribe(args).await?,
        BenchCommand::Mix(args) => load::mix(args).await?,
        BenchCommand::Evac(args) => return evac::run(context, args).await,
    };
    let clients = planned.load.clients();
    open_files::allow(clients)
        .map_err(|error| Diagnostic::new(ExitStatus::Refused, format!("{error:#}")))?;
    context.printer.talk(&format!(
        "{} of {}",
        plural(clients, "client", "clients"),
        planned.what
    ));
    let Some(outcome) = carry_out(context, planned.load.clone()).await? else {
        return Ok(ExitStatus::Detached);
    };
    let targets: Vec<String> = planned
        .load
        .targets
        .iter()
        .map(ToString::to_string)
        .collect();
    if outcome.connected == 0 && !outcome.is_interrupted {
        return Err(nobody_there(&targets, &outcome.failures).into());
    }
    let baseline = if planned.wants_baseline && !outcome.is_interrupted {
        context
            .printer
            .talk("The same against rumqttd in this process");
        run_baseline(context, &planned).await?
    } else {
        None
    };
    let report = Report {
        what: &planned.what,
        targets,
        outcome: &outcome,
        baseline: baseline.as_ref(),
    };
    match context.printer.format {
        Format::Json | Format::Jsonl => context.printer.document("bench", &report)?,
        Format::Table | Format::Wide | Format::Name => {
            let table = report.render(&planned, context.printer.out_style);
            context.printer.data(&table)?;
        }
    }
    Ok(if outcome.is_interrupted {
        ExitStatus::Detached
    } else if outcome.is_clean(planned.load.qos) {
        ExitStatus::Ok
    } else {
        ExitStatus::Partial
    })
}

/// Lines about progress that wait to be shown; further ones are left out.
const LINES_MAX: usize = 16;

/// `None` when Ctrl-C came twice, so that there is nothing to show.
async fn carry_out(
    context: &mut Context,
    load: Load,
) -> Result<Option<Outcome>, super::CommandError> {
    let stop = Stop::default();
    let (tell, mut told) = mpsc::channel(LINES_MAX);
    let (end, mut ended) = oneshot::channel();
    let stopping = stop.clone();
    // A thread of its own: it must not share one with this program's other tasks, and Ctrl-C must not wait for it.
    let thread = thread::Builder::new().name("bench".to_owned());
    thread.spawn(move || {
        let mut observer = |moment: Moment, progress: Progress| {
            // Nobody may be interested any more, or be too slow for what is old in a second.
            let _ = tell.try_send((moment, progress));
        };
        let _ = end.send(bench::run(load, &mut observer, &stopping));
    })?;
    // One wait for the whole time: a Ctrl-C between two waits would be lost.
    let interrupt = context.interrupt.clone();
    let mut interrupted = pin!(interrupt.wait());
    let mut seconds = 0;
    loop {
        tokio::select! {
            biased;
            Some((moment, progress)) = told.recv() => {
                if let Some(line) = line(moment, progress, &mut seconds) {
                    context.printer.talk(&line);
                }
            }
            outcome = &mut ended => {
                let outcome = outcome.map_err(|_| ended_for_no_reason())?;
                return Ok(Some(outcome?));
            }
            () = &mut interrupted => {
                if stop.is_stopped() {
                    return Ok(None);
                }
                interrupted.set(interrupt.wait());
                context.printer.talk("Ending early; Ctrl-C again to end at once");
                stop.stop();
            }
        }
    }
}

fn line(moment: Moment, progress: Progress, seconds: &mut u32) -> Option<String> {
    let Progress {
        connected,
        sent,
        received,
    } = progress;
    match moment {
        Moment::Second => {
            *seconds += 1;
            Some(format!(
                "{seconds:>4}s  {} connected  {} sent  {} received",
                count(connected),
                count(sent),
                count(received)
            ))
        }
        Moment::Connected => Some(format!("{} connected", count(connected))),
        Moment::Connecting | Moment::Begun | Moment::Ended => None,
    }
}

fn ended_for_no_reason() -> Diagnostic {
    Diagnostic::new(ExitStatus::Failed, "the load ended for no reason")
}

fn nobody_there(targets: &[String], failures: &[Failure]) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        ExitStatus::Unreachable,
        format!("no client could connect to {}", targets.join(", ")),
    );
    let diagnostic = match failures.first() {
        Some(failure) => diagnostic.cause(failure.cause.clone()),
        None => diagnostic,
    };
    diagnostic.hint("name the broker with --host and --port, or with --target HOST:PORT")
}

#[cfg(feature = "baseline")]
async fn run_baseline(
    context: &mut Context,
    planned: &Planned,
) -> Result<Option<Outcome>, super::CommandError> {
    let listen = bench::baseline::start(planned.load.version)
        .map_err(|error| Diagnostic::new(ExitStatus::Failed, format!("{error:#}")))?;
    let mut load = planned.load.clone();
    load.targets = vec![listen];
    carry_out(context, load).await
}

/// Refused where the load is planned.
#[cfg(not(feature = "baseline"))]
#[allow(clippy::unused_async, reason = "the other one waits")]
async fn run_baseline(
    _context: &mut Context,
    _planned: &Planned,
) -> Result<Option<Outcome>, super::CommandError> {
    Ok(None)
}
