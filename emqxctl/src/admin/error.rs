//! Why a question to the cluster was not answered as hoped.

use emqx_proto::admin::v1::ErrorInfo;
use prost::Message;
use tonic::{Code, Status};

use super::endpoint::Endpoint;

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdminError {
    /// No endpoint answered.
    #[error("no endpoint answered: {}", describe(.tried))]
    Unreachable {
        /// Each endpoint tried and why it did not answer.
        tried: Vec<(Endpoint, String)>,
    },
    /// A change was sent, but its answer never came, so it may have been carried out.
    #[error("{endpoint} took the request but did not answer: {why}")]
    Unanswered {
        /// The endpoint that took it.
        endpoint: Endpoint,
        /// What happened instead of an answer.
        why: String,
    },
    /// A node answered, with a no.
    #[error("{0}")]
    Refused(Refusal),
}

/// A node's no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// What kind of no.
    pub kind: RefusalKind,
    /// Stable word such as `already_started` or `unknown_node`.
    pub code: String,
    /// What did not happen, in a sentence.
    pub message: String,
    /// Request field concerned.
    pub field: Option<String>,
    /// What is in the way.
    pub cause: Option<String>,
    /// What would be accepted.
    pub valid: Option<String>,
}

/// Groups of refusals; each has its own exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalKind {
    /// A value is out of range.
    Invalid,
    /// Node, client or operation is unknown.
    NotFound,
    /// Authentication or permission.
    Denied,
    /// A node that is needed cannot be reached by the one that answered.
    Unavailable,
    /// A precondition does not hold.
    Precondition,
    /// The time ran out.
    Deadline,
    /// Anything else.
    Failed,
}

impl RefusalKind {
    /// The code to show when the node gave none.
    const fn default_code(self) -> &'static str {
        match self {
            Self::Invalid => "invalid_field",
            Self::NotFound => "not_found",
            Self::Denied => "denied",
            Self::Unavailable => "unavailable",
            Self::Precondition => "refused",
            Self::Deadline => "deadline_exceeded",
            Self::Failed => "failed",
        }
    }
}

impl From<Code> for RefusalKind {
    fn from(code: Code) -> Self {
        match code {
            Code::InvalidArgument | Code::OutOfRange => Self::Invalid,
            Code::NotFound => Self::NotFound,
            Code::Unauthenticated | Code::PermissionDenied => Self::Denied,
            Code::Unavailable => Self::Unavailable,
            Code::FailedPrecondition | Code::AlreadyExists | Code::Aborted => Self::Precondition,
            Code::DeadlineExceeded => Self::Deadline,
            _ => Self::Failed,
        }
    }
}

impl From<&Status> for Refusal {
    fn from(status: &Status) -> Self {
        let kind = RefusalKind::from(status.code());
        // Details that are no ErrorInfo come from something else on the way; the message still counts.
        let info = ErrorInfo::decode(status.details()).unwrap_or_default();
        let some = |text: String| (!text.is_empty()).then_some(text);
        let cause = some(info.cause).filter(|cause| cause != status.message());
        let message = match some(status.message().to_owned()) {
            Some(message) => message,
            None if status.code() == Code::Unimplemented => {
                "the node does not know this request; it may run an older version".to_owned()
            }
            None => status.code().description().to_owned(),
        };
        Self {
            kind,
            code: some(info.code).unwrap_or_else(|| kind.default_code().to_owned()),
            message,
            field: some(info.field),
            cause,
            valid: some(info.valid),
        }
    }
}

impl AdminError {
    /// The refusal, if a node refused.
    pub const fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// Whether trying again later may help.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Unanswered { .. } => true,
            Self::Refused(refusal) => refusal.kind == RefusalKind::Unavailable,
        }
    }
}

/// Whether this status came from the way (a broken connection) and not from a node's own decision.
pub(super) fn is_transport(status: &Status) -> bool {
    status.details().is_empty()
        && (status.code() == Code::Unavailable
            || matches!(
                status.code(),
                Code::Unknown | Code::Internal | Code::Cancelled
            ) && std::error::Error::source(status).is_some())
}

/// What happened to the connection, without the layers.
pub(super) fn transport_reason(status: &Status) -> String {
    let mut error: &dyn std::error::Error = status;
    while let Some(source) = error.source() {
        error = source;
    }
    let text = if std::error::Error::source(status).is_some() {
        error.to_string()
    } else {
        status.message().to_owned()
    };
    if text.is_empty() {
        "the connection was lost".to_owned()
    } else {
        text
    }
}

fn describe(tried: &[(Endpoint, String)]) -> String {
    tried
        .iter()
        .map(|(endpoint, why)| format!("{endpoint} ({why})"))
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_info_is_read_from_the_details() {
        let info = ErrorInfo {
            code: "already_started".to_owned(),
            field: "node".to_owned(),
            cause: "op-6b10 runs on n1".to_owned(),
            valid: String::new(),
        };
        let status = Status::with_details(
            Code::FailedPrecondition,
            "cannot evacuate n1",
            info.encode_to_vec().into(),
        );
        let refusal = Refusal::from(&status);
        assert_eq!(refusal.kind, RefusalKind::Precondition);
        assert_eq!(refusal.code, "already_started");
        assert_eq!(refusal.field.as_deref(), Some("node"));
        assert_eq!(refusal.cause.as_deref(), Some("op-6b10 runs on n1"));
        assert_eq!(refusal.valid, None);
        assert!(!is_transport(&status));
    }

    #[test]
    fn foreign_details_do_no_harm() {
        let status = Status::with_details(Code::NotFound, "", vec![0xFF, 0xFF, 0xFF].into());
        let refusal = Refusal::from(&status);
        assert_eq!(refusal.code, "not_found");
        assert!(!refusal.message.is_empty());
    }
}
