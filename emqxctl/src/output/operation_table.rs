//! Operations as a list and as labelled lines.
//!
//! The labels are those of EMQX's `rebalance status` and `rebalance node-status`, so that scripts that
//! read them go on working; our own lines come after them.

use std::fmt::Write as _;

use super::cluster_table::{Look, done_text, eta_text};
use super::human::{UNKNOWN, count, duration, plural, rate, safe};
use super::style::Role;
use super::summary::took;
use super::table::{Cell, Table};
use crate::model::{Operation, Outcome, UtcTime};

/// EMQX's ruler between entries.
const RULER_WIDTH: usize = 68;

/// One row an operation.
pub fn list(operations: &[&Operation], now: UtcTime, look: Look) -> String {
    let mut titles = vec![
        "OPERATION",
        "KIND",
        "TARGET",
        "PHASE",
        ">DONE",
        ">ETA",
        "OUTCOME",
        ">TOOK",
        "BY",
        "REASON",
    ];
    if look.wide {
        titles.extend([">RATE", ">CLOSED", ">NOT BACK", ">ERRORS", "STARTED"]);
    }
    let mut table = Table::new(&titles);
    for op in operations {
        let outcome = match op.verdict() {
            Some(outcome) => Cell::new(outcome.label(), role(outcome)),
            None => Cell::from(UNKNOWN),
        };
        let eta = if op.is_settled() {
            UNKNOWN.to_owned()
        } else {
            eta_text(op.eta_ms)
        };
        let mut cells = vec![
            Cell::from(&op.id),
            Cell::from(op.operation_kind.label()),
            Cell::from(&op.target),
            Cell::from(op.phase.label()),
            Cell::from(done_text(op.done_ratio())),
            Cell::from(eta),
            outcome,
            Cell::from(duration(took(op, now))),
            Cell::from(op.started_by.as_deref().unwrap_or(UNKNOWN)),
            Cell::from(op.reason.as_deref().unwrap_or("")),
        ];
        if look.wide {
            cells.extend([
                Cell::from(format!("{}/s", rate(op.rate.connections_per_sec_measured))),
                Cell::from(count(op.evicted_connections)),
                Cell::from(count(op.unreturned)),
                Cell::from(count(op.errors_total)),
                Cell::from(op.started_at.to_string()),
            ]);
        }
        table.row(cells);
    }
    table.render(look.with_header, look.style)
}

const fn role(outcome: Outcome) -> Role {
    match outcome {
        Outcome::Succeeded => Role::Good,
        Outcome::Stopped | Outcome::Partial => Role::Warn,
        Outcome::Failed => Role::Bad,
    }
}

/// The entry of `rebalance status`: ruler, `Node 'n1': evacuation`, labelled lines.
pub fn entry(op: &Operation, now: UtcTime) -> String {
    format!(
        "{}\nNode '{}': {}\n{}",
        "-".repeat(RULER_WIDTH),
        safe(&op.target),
        op.operation_kind.label(),
        labelled(op, now)
    )
}

/// The entry of `rebalance node-status`: the kind, then labelled lines.
pub fn node_entry(op: &Operation, now: UtcTime) -> String {
    format!(
        "Rebalance type: {}\n{}",
        op.operation_kind.label(),
        labelled(op, now)
    )
}

fn labelled(op: &Operation, now: UtcTime) -> String {
    let mut text = String::new();
    let mut line = |label: &str, value: &str| {
        let _ = writeln!(text, "{label}: {}", safe(value));
    };
    line("Rebalance state", op.phase.as_str());
    line(
        "Connection eviction rate",
        &format!("{} connections/second", op.rate.connections_per_sec_wanted),
    );
    line(
        "Session eviction rate",
        &format!("{} sessions/second", op.rate.sessions_per_sec_wanted),
    );
    if let Some(connections) = op.connections {
        line("Connection goal", &connections.goal.to_string());
    }
    if let Some(sessions) = op.sessions {
        line("Session goal", &sessions.goal.to_string());
    }
    let names: Vec<String> = op
        .recipients
        .iter()
        .map(|r| format!("'{}'", r.node))
        .collect();
    line(
        "Session recipient nodes",
        &format!("[{}]", names.join(", ")),
    );
    line("Channel statistics", "");
    let of = |amount: Option<u64>| amount.map_or_else(|| UNKNOWN.to_owned(), |n| n.to_string());
    for (label, value) in [
        ("current_connected", of(op.connections.map(|a| a.current))),
        ("current_sessions", of(op.sessions.map(|a| a.current))),
        ("initial_connected", of(op.connections.map(|a| a.initial))),
        ("initial_sessions", of(op.sessions.map(|a| a.initial))),
    ] {
        line(&format!("  {label}"), &value);
    }
    line("Operation", &format!("{} revision {}", op.id, op.revision));
    line(
        "Outcome",
        op.verdict().map_or("goes on", |outcome| outcome.label()),
    );
    line("Done", &done_text(op.done_ratio()));
    line("Took", &duration(took(op, now)));
    if !op.is_settled() {
        line("Expected end in", &eta_text(op.eta_ms));
        line(
            "Measured connection eviction rate",
            &format!(
                "{} connections/second",
                rate(op.rate.connections_per_sec_measured)
            ),
        );
        line(
            "Measured session eviction rate",
            &format!(
                "{} sessions/second",
                rate(op.rate.sessions_per_sec_measured)
            ),
        );
    }
    line(
        "Held back by",
        op.rate.limited_by.as_deref().unwrap_or("nothing"),
    );
    line("Clients not back yet", &count(op.unreturned));
    line("Sessions that could not be moved", &count(op.errors_total));
    for trouble in &op.errors {
        line(
            &format!("  {}", safe(&trouble.client_id)),
            &format!(
                "{} ({})",
                trouble.reason,
                plural(trouble.attempts.into(), "try", "tries")
            ),
        );
    }
    if !op.recipients.is_empty() {
        line("Arrivals", "");
    }
    for recipient in &op.recipients {
        line(
            &format!("  {}", recipient.node),
            &format!(
                "{} clients, {} sessions without a client, {} refused{}",
                count(recipient.received),
                count(recipient.sessions_received),
                count(recipient.refused),
                if recipient.available {
                    ""
                } else {
                    ", not available"
                }
            ),
        );
    }
    if let Some(by) = &op.started_by {
        line("Started by", by);
    }
    if let Some(reason) = &op.reason {
        line("Reason", reason);
    }
    line("Started at", &op.started_at.to_string());
    if let Some(ended) = op.ended_at {
        line("Ended at", &ended.to_string());
    }
    if let Some(reason) = &op.outcome_reason {
        line("Outcome reason", reason);
    }
    // "Channel statistics: " ends with a space only because its value is empty.
    text.replace(": \n", ":\n")
}
