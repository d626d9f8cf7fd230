//! The envelope around everything that goes out as JSON.

use serde::{Deserialize, Serialize};

/// Version of the machine-readable output. A breaking change gets a new one.
pub const API_VERSION: &str = "emqxctl/v1";

/// One JSON document: `api_version` and `kind` beside the fields of the body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document<T> {
    /// [`API_VERSION`].
    pub api_version: String,
    /// What the body is, such as `cluster_status`, `operation` or `client`.
    pub kind: String,
    /// The fields themselves.
    #[serde(flatten)]
    pub body: T,
}

impl<T> Document<T> {
    /// Wraps a body.
    pub fn new(kind: &str, body: T) -> Self {
        Self {
            api_version: API_VERSION.to_owned(),
            kind: kind.to_owned(),
            body,
        }
    }
}
