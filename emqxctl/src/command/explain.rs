//! From a failure of the cluster to what is shown: message, cause, and the command that helps.

use crate::admin::{AdminError, Refusal, RefusalKind};
use crate::exit::ExitStatus;
use crate::output::Diagnostic;

/// Says it for people. `what` is what would not happen, such as `cannot start the evacuation of n1`.
pub fn explain(error: &AdminError, what: &str) -> Diagnostic {
    match error {
        AdminError::Unreachable { tried } => {
            let cause = tried
                .iter()
                .map(|(endpoint, why)| format!("{endpoint}: {why}"))
                .collect::<Vec<_>>()
                .join("; ");
            Diagnostic::new(
                ExitStatus::Unreachable,
                format!("{what}: no endpoint answered"),
            )
            .cause(cause)
            .hint(
                "name the admin endpoints of nodes that run, with --server HOST:PORT,HOST:PORT or \
                 the variable EMQXCTL_SERVER",
            )
        }
        AdminError::Unanswered { endpoint, why } => {
            let mut diagnostic = Diagnostic::new(
                ExitStatus::Unreachable,
                format!("{what}: {endpoint} took the request but did not answer"),
            )
            .cause(format!("{why}; it may have been carried out"))
            .hint("look with `emqxctl cluster status` before you try again");
            diagnostic.code = "unanswered".to_owned();
            diagnostic
        }
        AdminError::Refused(refusal) => explain_refusal(refusal, what),
    }
}

/// The exit code of each kind of refusal.
pub const fn exit_status(kind: RefusalKind) -> ExitStatus {
    match kind {
        RefusalKind::Invalid => ExitStatus::Usage,
        RefusalKind::NotFound => ExitStatus::NotFound,
        RefusalKind::Denied => ExitStatus::Denied,
        RefusalKind::Unavailable => ExitStatus::Unreachable,
        RefusalKind::Precondition => ExitStatus::Refused,
        RefusalKind::Deadline => ExitStatus::Timeout,
        RefusalKind::Failed => ExitStatus::Failed,
    }
}

fn explain_refusal(refusal: &Refusal, what: &str) -> Diagnostic {
    let message = if refusal.message.starts_with("cannot ") {
        refusal.message.clone()
    } else {
        format!("{what}: {}", refusal.message)
    };
    let mut diagnostic = Diagnostic::new(exit_status(refusal.kind), message);
    diagnostic.code.clone_from(&refusal.code);
    diagnostic.cause = match (&refusal.cause, &refusal.valid) {
        (Some(cause), Some(valid)) => Some(format!("{cause}; what would work: {valid}")),
        (Some(cause), None) => Some(cause.clone()),
        (None, Some(valid)) => Some(format!("what would work: {valid}")),
        (None, None) => None,
    };
    diagnostic.hint = hint(refusal);
    diagnostic
}

fn hint(refusal: &Refusal) -> Option<String> {
    let by_code = match refusal.code.as_str() {
        "already_started" | "operation_running" | "conflict" => {
            "watch what runs with `emqxctl rebalance watch`, or stop it with \
             `emqxctl rebalance stop`"
        }
        "not_started" | "no_operation" | "unknown_operation" => {
            "see what runs, and what ran lately, with `emqxctl rebalance status`"
        }
        "unknown_node" | "no_target" | "node_unavailable" | "unavailable_node" | "only_node" => {
            "see the nodes and what they do with `emqxctl cluster status`"
        }
        "unknown_client" => "see the clients with `emqxctl clients list`",
        "invalid_field" => {
            let flag = refusal.field.as_deref()?.replace('_', "-");
            return Some(format!(
                "give another value to --{flag}; see the command's --help"
            ));
        }
        _ => match refusal.kind {
            RefusalKind::Denied => "ask whoever runs the cluster for the right to do this",
            RefusalKind::Unavailable | RefusalKind::Deadline => {
                "see which nodes answer with `emqxctl cluster status`"
            }
            RefusalKind::NotFound | RefusalKind::Precondition => {
                "see the state of things with `emqxctl cluster status`"
            }
            RefusalKind::Invalid | RefusalKind::Failed => return None,
        },
    };
    Some(by_code.to_owned())
}
