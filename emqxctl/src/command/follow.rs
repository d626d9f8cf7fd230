//! Staying with an operation until nothing moves any more.

use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use super::{CommandResult, Context, explained};
use crate::admin::{AdminError, Endpoint, WatchEvent};
use crate::exit::ExitStatus;
use crate::model::{Operation, Outcome};
use crate::output::human::{duration, safe};
use crate::output::progress::{LiveDisplay, plain_line};
use crate::output::summary::{summary, took};
use crate::output::{Diagnostic, Format};

/// How often states are asked for.
const UPDATE_INTERVAL: Duration = Duration::from_millis(250);
/// How often live lines are drawn anew, so that waiting times run.
const REDRAW_INTERVAL: Duration = Duration::from_millis(250);
/// Without a terminal at least one line comes so often.
const LINE_INTERVAL: Duration = Duration::from_secs(10);

/// What is shown meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Following {
    /// Nothing.
    Quietly,
    /// Live lines on a terminal, plain lines elsewhere, a document per change with `jsonl`.
    Showing,
}

/// Follows an operation from this state of it.
pub async fn run(context: &mut Context, mut op: Operation, following: Following) -> CommandResult {
    let mut display = Display::new(context, following);
    let deadline = context.timeout.map(|timeout| Instant::now() + timeout);
    let mut watch = context
        .admin
        .watch_operation(&op.id, op.revision, UPDATE_INTERVAL);
    let interrupt = context.interrupt.clone();
    let interrupted = interrupt.wait();
    tokio::pin!(interrupted);
    let mut redraw = interval(REDRAW_INTERVAL);
    redraw.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut lost: Option<(Endpoint, String)> = None;
    let mut reported = Instant::now();

    display.update(context, &op)?;
    while !op.is_settled() {
        tokio::select! {
            event = watch.next() => match event {
                Some(Ok(WatchEvent::Update(newer))) => {
                    op = newer;
                    reported = Instant::now();
                    display.update(context, &op)?;
                }
                Some(Ok(WatchEvent::Lost { endpoint, why })) => {
                    if lost.is_none() {
                        display.note(context, &format!(
                            "Lost {endpoint} ({why}); looking for another way to {}", op.id));
                    }
                    lost = Some((endpoint, why));
                }
                Some(Ok(WatchEvent::Attached { endpoint })) => {
                    lost = None;
                    display.note(context, &format!(
                        "Watching {} again at {endpoint} from revision {}", op.id, op.revision));
                }
                Some(Err(error)) => {
                    display.finish();
                    print_last(context, &op)?;
                    return explained(Err(error), &format!("cannot watch {} any more", op.id));
                }
                // It ends by itself only after a settled state, which ends the loop before.
                None => {
                    display.finish();
                    print_last(context, &op)?;
                    let message = format!("the watch of {} ended before the operation did", op.id);
                    return Err(Diagnostic::new(ExitStatus::Failed, message)
                        .hint(format!("watch it again with `emqxctl rebalance watch {}`", op.id))
                        .into());
                }
            },
            _ = redraw.tick() => display.tick(context, &op, reported.elapsed()),
            () = sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => {
                display.finish();
                print_last(context, &op)?;
                if let Some(last) = lost {
                    let error = AdminError::Unreachable { tried: vec![last] };
                    return explained(Err(error), &format!("cannot watch {} any more", op.id));
                }
                return Err(timed_out(context, &op).into());
            }
            () = &mut interrupted => {
                display.finish();
                print_last(context, &op)?;
                context.printer.ask(&format!("{}\n", detached(&op)));
                return Ok(ExitStatus::Detached);
            }
        }
    }
    display.finish();
    ending(context, &op, display.has_printed_documents())
}

/// Shows how it ended and returns the exit status that says the same.
pub fn ending(context: &mut Context, op: &Operation, is_printed: bool) -> CommandResult {
    match context.printer.format {
        Format::Table | Format::Wide => {
            let text = summary(op, took(op, context.now()));
            context.printer.data(&text)?;
        }
        Format::Json | Format::Jsonl if is_printed => {}
        Format::Json | Format::Jsonl => context.printer.document("operation", op)?,
        Format::Name => context.printer.data(&format!("{}\n", op.id))?,
    }
    context.printer.flush()?;
    let id = &op.id;
    let target = &op.target;
    let diagnostic = match op.verdict() {
        Some(Outcome::Succeeded) | None => return Ok(ExitStatus::Ok),
        Some(Outcome::Stopped) => Diagnostic::new(
            ExitStatus::Stopped,
            format!("{id} was stopped; {target} is not evacuated"),
        )
        .hint(format!(
            "start again with `emqxctl rebalance start --evacuation {target}`"
        )),
        Some(Outcome::Failed) => {
            Diagnostic::new(ExitStatus::Failed, format!("{id} failed on {target}"))
                .hint(format!("see `emqxctl rebalance status {id}`"))
        }
        Some(Outcome::Partial) => Diagnostic::new(
            ExitStatus::Partial,
            format!("{id} ended, but some sessions stay on {target}"),
        )
        .hint(format!(
            "see which ones with `emqxctl clients list --node {target}`"
        )),
    };
    let diagnostic = match &op.outcome_reason {
        Some(reason) => diagnostic.cause(reason.clone()),
        None => diagnostic,
    };
    Err(diagnostic.into())
}

/// What to type next while an operation goes on.
pub fn how_to_go_on(op: &Operation) -> String {
    let id = safe(&op.id);
    format!("Watch: emqxctl rebalance watch {id}   Stop: emqxctl rebalance stop {id}")
}

fn detached(op: &Operation) -> String {
    format!(
        "Detached; the {} goes on. {}",
        op.operation_kind.label(),
        how_to_go_on(op)
    )
}

fn timed_out(context: &Context, op: &Operation) -> Diagnostic {
    let waited = context.timeout.map(duration).unwrap_or_default();
    Diagnostic::new(
        ExitStatus::Timeout,
        format!(
            "waiting ended after {waited}; the {} {} of {} goes on",
            op.operation_kind.label(),
            op.id,
            op.target
        ),
    )
    .cause(format!("it is in the phase {}", op.phase))
    .hint(format!(
        "watch it with `emqxctl rebalance watch {}`, or stop it with `emqxctl rebalance stop {}`",
        op.id, op.id
    ))
}

/// A program that reads gets the last known state even when the waiting ends early.
fn print_last(context: &mut Context, op: &Operation) -> std::io::Result<()> {
    match context.printer.format {
        Format::Json => context.printer.document("operation", op)?,
        Format::Name => context.printer.data(&format!("{}\n", op.id))?,
        Format::Jsonl | Format::Table | Format::Wide => {}
    }
    context.printer.flush()
}

enum Display {
    Silent,
    Live(Box<LiveDisplay>),
    Lines { phase: String, printed: Instant },
    Documents,
}

impl Display {
    fn new(context: &Context, following: Following) -> Self {
        if following == Following::Quietly {
            return Self::Silent;
        }
        if context.printer.format == Format::Jsonl {
            return Self::Documents;
        }
        if context.printer.quiet {
            return Self::Silent;
        }
        if context.can_redraw {
            return Self::Live(Box::new(context.live_display()));
        }
        Self::Lines {
            phase: String::new(),
            printed: Instant::now(),
        }
    }

    const fn has_printed_documents(&self) -> bool {
        matches!(self, Self::Documents)
    }

    fn update(&mut self, context: &mut Context, op: &Operation) -> std::io::Result<()> {
        match self {
            Self::Silent => {}
            Self::Live(live) => live.show(op, Duration::ZERO),
            Self::Lines { phase, printed } => {
                if *phase != op.phase.as_str() || op.is_settled() {
                    op.phase.as_str().clone_into(phase);
                    *printed = Instant::now();
                    context.printer.talk(&plain_line(op, context.now()));
                }
            }
            Self::Documents => {
                context.printer.document("operation", op)?;
                context.printer.flush()?;
            }
        }
        Ok(())
    }

    fn tick(&mut self, context: &Context, op: &Operation, age: Duration) {
        match self {
            Self::Live(live) => live.show(op, age),
            Self::Lines { printed, .. } if printed.elapsed() >= LINE_INTERVAL => {
                *printed = Instant::now();
                context.printer.talk(&plain_line(op, context.now()));
            }
            Self::Lines { .. } | Self::Silent | Self::Documents => {}
        }
    }

    fn note(&self, context: &Context, text: &str) {
        let text = safe(text);
        match self {
            Self::Live(live) => live.note(&text),
            Self::Silent | Self::Lines { .. } | Self::Documents => context.printer.talk(&text),
        }
    }

    fn finish(&mut self) {
        if let Self::Live(live) = self {
            live.finish();
        }
    }
}
