//! `emqxctl bench evac`: may start the evacuation itself, and follows it to its end.

use std::pin::pin;
use std::thread;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;

use super::load::targets;
use super::report::time;
use crate::admin::EvacuationRequest;
use crate::bench::evac::{self, EvacLoad, EvacOutcome};
use crate::bench::{Moment, Progress, Stop};
use crate::cli::EvacArgs;
use crate::command::rebalance_start::whoami;
use crate::command::{CommandError, CommandResult, Context, explained};
use crate::demo::open_files;
use crate::exit::ExitStatus;
use crate::model::Operation;
use crate::output::human::{count, plural, rate};
use crate::output::style::Style;
use crate::output::table::{Cell, Table};
use crate::output::{Diagnostic, Format};

/// How often the operation is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Lines about progress that wait to be shown; further ones are left out.
const LINES_MAX: usize = 16;

/// What is shown.
#[derive(Debug, Serialize)]
struct Report<'a> {
    what: &'a str,
    targets: Vec<String>,
    #[serde(flatten)]
    outcome: &'a EvacOutcome,
    /// When this command has started it.
    operation: Option<&'a Operation>,
}

pub(super) async fn run(context: &mut Context, args: EvacArgs) -> CommandResult {
    let load = plan(&args).await?;
    open_files::allow(u64::from(load.sessions()) + 1)
        .map_err(|error| Diagnostic::new(ExitStatus::Refused, format!("{error:#}")))?;
    let what = format!(
        "bench evac: {}, {} of them offline, {} QoS 1 messages a second",
        plural(load.sessions().into(), "session", "sessions"),
        count(load.offline.into()),
        count(load.publish_per_sec.into())
    );
    context.printer.talk(&what);
    let addresses: Vec<String> = load.targets.iter().map(ToString::to_string).collect();
    let Some((outcome, operation)) = carry_out(context, &args, load).await? else {
        return Ok(ExitStatus::Detached);
    };
    if outcome.begun == 0 && !outcome.is_interrupted {
        return Err(super::nobody_there(&addresses, &outcome.failures).into());
    }
    let report = Report {
        what: &what,
        targets: addresses,
        outcome: &outcome,
        operation: operation.as_ref(),
    };
    match context.printer.format {
        Format::Json | Format::Jsonl => context.printer.document("bench", &report)?,
        Format::Table | Format::Wide | Format::Name => {
            let table = render(&outcome, context.printer.out_style);
            context.printer.data(&table)?;
        }
    }
    if let Some(operation) = operation.filter(Operation::is_resting) {
        context.printer.talk(&format!(
            "{0} stays out of service until `emqxctl rebalance stop --node {0}`",
            operation.target
        ));
    }
    Ok(if outcome.is_interrupted {
        ExitStatus::Detached
    } else if outcome.is_clean() {
        ExitStatus::Ok
    } else {
        ExitStatus::Partial
    })
}

async fn plan(args: &EvacArgs) -> Result<EvacLoad, Diagnostic> {
    let connection = &args.connection;
    if args.offline > args.count {
        return Err(Diagnostic::new(
            ExitStatus::Usage,
            format!(
                "--offline {}: there are only {} sessions (--count)",
                args.offline, args.count
            ),
        ));
    }
    if connection.version != 5 {
        return Err(Diagnostic::new(
            ExitStatus::Usage,
            format!(
                "--version {}: only clients of MQTT 5 are told where to go",
                connection.version
            ),
        ));
    }
    Ok(EvacLoad {
        targets: targets(connection).await?,
        sources: connection.ifaddr.clone().unwrap_or_default(),
        prefix: connection.prefix(),
        username: connection.username.clone(),
        password: connection.password.clone(),
        keep_alive_s: connection.keepalive,
        connect_per_sec: Some(connection.conn_rate).filter(|&rate| rate > 0),
        online: args.count - args.offline,
        offline: args.offline,
        publish_per_sec: args.rate,
        payload_bytes: args.size,
        duration: args.duration,
    })
}

/// `None` when Ctrl-C came twice.
async fn carry_out(
    context: &mut Context,
    args: &EvacArgs,
    load: EvacLoad,
) -> Result<Option<(EvacOutcome, Option<Operation>)>, CommandError> {
    let (stop, over) = (Stop::default(), Stop::default());
    let (tell, mut told) = mpsc::channel(LINES_MAX);
    let (begin, mut begun) = oneshot::channel();
    let (end, mut ended) = oneshot::channel();
    let (stopping, ending) = (stop.clone(), over.clone());
    thread::Builder::new()
        .name("bench".to_owned())
        .spawn(move || {
            let mut begin = Some(begin);
            let mut observer = |moment: Moment, progress: Progress| {
                if moment == Moment::Begun
                    && let Some(begin) = begin.take()
                {
                    let _ = begin.send(());
                }
                // Nobody may be interested any more, or be too slow for what is old in a second.
                let _ = tell.try_send((moment, progress));
            };
            let _ = end.send(evac::run(load, &mut observer, &ending, &stopping));
        })?;
    // One wait for the whole time: a Ctrl-C between two waits would be lost.
    let interrupt = context.interrupt.clone();
    let mut interrupted = pin!(interrupt.wait());
    let mut operation: Option<Operation> = None;
    let mut is_begun = false;
    let mut seconds = 0;
    loop {
        let follows = operation.is_some() && !over.is_stopped();
        tokio::select! {
            biased;
            Some((moment, progress)) = told.recv() => {
                if let Some(line) = super::line(moment, progress, &mut seconds) {
                    context.printer.talk(&line);
                }
            }
            outcome = &mut ended => {
                let outcome = outcome.map_err(|_| super::ended_for_no_reason())?;
                return Ok(Some((outcome?, operation)));
            }
            Ok(()) = &mut begun, if !is_begun => {
                is_begun = true;
                if let Some(node) = &args.evacuate {
                    operation = Some(start(context, args, node).await?);
                }
            }
            () = sleep(LOOK_EVERY), if follows => {
                if let Some(id) = operation.as_ref().map(|operation| operation.id.clone()) {
                    let now = explained(context.admin.operation(&id).await, "cannot follow the evacuation")?;
                    if now.is_settled() {
                        over.stop();
                    }
                    operation = Some(now);
                }
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

async fn start(
    context: &mut Context,
    args: &EvacArgs,
    node: &str,
) -> Result<Operation, CommandError> {
    let request = EvacuationRequest {
        node: node.to_owned(),
        wait_health_check: Some(args.wait_health_check),
        wait_takeover: Some(args.wait_takeover),
        conn_evict_rate: args.conn_evict_rate,
        sess_evict_rate: args.sess_evict_rate,
        redirect_to: None,
        migrate_to: Vec::new(),
        reason: "emqxctl bench evac".to_owned(),
        started_by: whoami(context),
    };
    let what = format!("cannot start the evacuation of {node}");
    let operation = explained(context.admin.start_evacuation(request).await, &what)?;
    context
        .printer
        .talk(&format!("Evacuating {node} ({})", operation.id));
    Ok(operation)
}

fn render(outcome: &EvacOutcome, style: Style) -> String {
    let mut table = Table::new(&["FIGURE", ">MEASURED"]);
    let mut row = |name: &str, figure: String| {
        table.row(vec![Cell::from(name), Cell::from(figure)]);
    };
    // Clients that were cut, not those that were away before.
    let moved = outcome
        .seconds
        .zip(outcome.reconnect)
        .map(|(seconds, reconnect)| reconnect.count as f64 / seconds);
    row(
        "sessions",
        format!("{} of {}", count(outcome.begun), count(outcome.sessions)),
    );
    row("connected at the end", count(outcome.connected));
    row("cut", count(outcome.cut));
    row("cut with Server Reference", count(outcome.referred));
    row("cut without DISCONNECT", count(outcome.dropped));
    row("refused on the way back", count(outcome.refused));
    row("returned", count(outcome.returned));
    row(
        "returned with Session Present",
        count(outcome.session_present),
    );
    row(
        "cut and returned/s",
        moved.map_or_else(|| crate::output::human::UNKNOWN.to_owned(), rate),
    );
    row("reconnect p50", time(outcome.reconnect, |l| l.p50_us));
    row("reconnect p99", time(outcome.reconnect, |l| l.p99_us));
    row("reconnect max", time(outcome.reconnect, |l| l.max_us));
    row("published", count(outcome.published));
    row("acknowledged", count(outcome.acknowledged));
    row("received", count(outcome.received));
    row("lost", count(outcome.lost));
    row("duplicated with DUP", count(outcome.duplicated_with_dup));
    row(
        "duplicated without DUP",
        count(outcome.duplicated_without_dup),
    );
    row("reordered", count(outcome.reordered));
    row("latency p50", time(outcome.latency, |l| l.p50_us));
    row("latency p99", time(outcome.latency, |l| l.p99_us));
    row("latency max", time(outcome.latency, |l| l.max_us));
    let mut text = table.render(true, style);
    for failure in &outcome.failures {
        text.push_str(&format!(
            "{} times: {}\n",
            count(failure.count),
            failure.cause
        ));
    }
    text
}
