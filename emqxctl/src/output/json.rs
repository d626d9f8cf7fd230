//! JSON documents.

use serde::Serialize;

use super::diagnostic::Diagnostic;
use crate::model::Document;

/// One document over several lines.
pub fn pretty<T: Serialize>(kind: &str, body: T) -> serde_json::Result<String> {
    serde_json::to_string_pretty(&Document::new(kind, body))
}

/// One document on one line.
pub fn line<T: Serialize>(kind: &str, body: T) -> serde_json::Result<String> {
    serde_json::to_string(&Document::new(kind, body))
}

/// `{"error":{…}}` on one line.
pub fn error(diagnostic: &Diagnostic) -> String {
    serde_json::json!({
        "error": {
            "code": diagnostic.code,
            "message": diagnostic.message,
            "cause": diagnostic.cause,
            "hint": diagnostic.hint,
        }
    })
    .to_string()
}
