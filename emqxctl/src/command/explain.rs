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

/// The same for listeners: hints lead to them.
pub fn explain_listener(error: &AdminError, what: &str) -> Diagnostic {
    let mut diagnostic = explain(error, what);
    match error {
        AdminError::Unanswered { .. } => {
            diagnostic.hint =
                Some("look with `emqxctl listeners list` before you try again".to_owned());
        }
        AdminError::Refused(refusal)
            if hint_of_code(&refusal.code).is_none()
                && matches!(
                    refusal.kind,
                    RefusalKind::NotFound | RefusalKind::Precondition
                ) =>
        {
            diagnostic.hint = Some(SEE_LISTENERS.to_owned());
        }
        AdminError::Refused(_) | AdminError::Unreachable { .. } => {}
    }
    diagnostic
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
    if let Some(hint) = hint_of_code(&refusal.code) {
        return Some(hint.to_owned());
    }
    let by_kind = match refusal.kind {
        RefusalKind::Invalid => {
            let what = option(refusal.field.as_deref()?);
            return Some(format!("give another {what}; see the command's --help"));
        }
        RefusalKind::Denied => "ask whoever runs the cluster for the right to do this",
        RefusalKind::Unavailable | RefusalKind::Deadline => {
            "see which nodes answer with `emqxctl cluster status`"
        }
        RefusalKind::NotFound | RefusalKind::Precondition => {
            "see the state of things with `emqxctl cluster status`"
        }
        RefusalKind::Failed => return None,
    };
    Some(by_kind.to_owned())
}

const SEE_LISTENERS: &str = "see the listeners with `emqxctl listeners list`";

fn hint_of_code(code: &str) -> Option<&'static str> {
    let hint = match code {
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
        "no_majority" => {
            "start the missing nodes; when they are lost for good, `emqxctl cluster recover`"
        }
        "left_control_group" => {
            "ask another node, or have this one join with `emqxctl cluster join`"
        }
        "still_serves" => "evacuate it with `emqxctl rebalance start --evacuation`, or add --force",
        "unknown_client" => "see the clients with `emqxctl clients list`",
        "unknown_listener" | "listener_exists" => SEE_LISTENERS,
        "address_unavailable" => {
            "see where the node listens with `emqxctl listeners list`, then give another --bind"
        }
        "bad_certificate" => "put the files on the node right, then give the command again",
        _ => return None,
    };
    Some(hint)
}

/// What was typed for a field of a request.
fn option(field: &str) -> String {
    let field = field.strip_prefix("settings.").unwrap_or(field);
    match field.strip_suffix("_ms").unwrap_or(field) {
        "name" => "name".to_owned(),
        "kind" => "value to --type".to_owned(),
        field if field.starts_with("certificates") => {
            "value to --certfile, --keyfile or --sni".to_owned()
        }
        field => format!("value to --{}", field.replace('_', "-")),
    }
}
