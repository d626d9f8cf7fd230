//! Refusals that a person can act on: what, which field, why, and what would be accepted.

use bytes::Bytes;
use emqx_proto::admin::v1::ErrorInfo;
use emqx_proto::peer::v1::AdminResponse;
use prost::Message as _;
use tonic::{Code, Status};

use crate::cluster::operation_executor::OperationError;
use crate::control::error::ControlError;
use crate::operation::preflight::Refusal;

/// Why a request was refused. Nothing has changed.
#[derive(Debug, Clone, PartialEq)]
pub struct AdminError {
    /// How gRPC classes it.
    pub code: Code,
    /// The reason in parts; its cause is the message.
    pub info: ErrorInfo,
}

impl AdminError {
    /// With a stable code word and what would be accepted.
    pub fn new(
        code: Code,
        word: &str,
        message: impl Into<String>,
        valid: impl Into<String>,
    ) -> Self {
        let info = ErrorInfo {
            code: word.to_owned(),
            field: String::new(),
            cause: message.into(),
            valid: valid.into(),
        };
        Self { code, info }
    }

    /// A node that nobody knows.
    pub fn unknown_node(name: &str, known: &[String]) -> Self {
        Self::new(
            Code::NotFound,
            "unknown_node",
            format!("no node is called '{name}'"),
            format!("one of: {}", known.join(", ")),
        )
    }

    /// A client that has no Session here.
    pub fn unknown_client(client_id: &str) -> Self {
        Self::new(
            Code::NotFound,
            "unknown_client",
            format!("no client '{client_id}'"),
            "the Client Identifier of a Session in the cluster",
        )
    }

    /// A node that is known and does not answer.
    pub fn node_unreachable(name: &str) -> Self {
        Self::new(
            Code::Unavailable,
            "node_unreachable",
            format!("node '{name}' does not answer"),
            "a node that is up",
        )
    }

    /// For the peer that carried the request.
    pub fn into_response(self) -> AdminResponse {
        AdminResponse {
            code: self.code as i32,
            message: self.info.cause.clone(),
            error: Some(self.info),
            response: None,
        }
    }

    /// From the peer that served the request.
    pub fn from_response(response: AdminResponse) -> Self {
        Self {
            code: Code::from_i32(response.code),
            info: response.error.unwrap_or_else(|| ErrorInfo {
                cause: response.message,
                ..ErrorInfo::default()
            }),
        }
    }
}

impl From<AdminError> for Status {
    fn from(error: AdminError) -> Self {
        let details = Bytes::from(error.info.encode_to_vec());
        Self::with_details(error.code, error.info.cause, details)
    }
}

impl From<ControlError> for AdminError {
    fn from(error: ControlError) -> Self {
        Self::new(
            class_of(error.code()),
            error.code(),
            error.to_string(),
            error.valid(),
        )
    }
}

impl From<OperationError> for AdminError {
    fn from(error: OperationError) -> Self {
        match error {
            OperationError::Refused(refusal) => refusal.into(),
            OperationError::NotAgreed(error) => error.into(),
        }
    }
}

fn class_of(word: &str) -> Code {
    match word {
        "unknown_node" | "unknown_operation" | "not_a_member" | "unknown_setting" => Code::NotFound,
        "invalid_field" | "invalid_value" => Code::InvalidArgument,
        "already_started" => Code::AlreadyExists,
        _ => Code::FailedPrecondition,
    }
}

impl From<Refusal> for AdminError {
    fn from(refusal: Refusal) -> Self {
        Self {
            code: class_of(refusal.code),
            info: ErrorInfo {
                code: refusal.code.to_owned(),
                field: refusal.field.to_owned(),
                cause: refusal.cause,
                valid: refusal.valid,
            },
        }
    }
}
