//! Why a request concerning listeners is refused.

use std::io;
use std::path::PathBuf;

use crate::config::listener::InvalidSetting;
use crate::net::tls_config::CertificateError;

/// Why a request concerning listeners was refused. Nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum ListenerError {
    /// No listener has that name.
    #[error("no listener is called '{name}'")]
    Unknown {
        /// As asked.
        name: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// The name is taken.
    #[error("there is a listener '{0}' already")]
    Exists(String),
    /// A setting cannot be like that.
    #[error("{}: {}", .0.field, .0.why)]
    Invalid(InvalidSetting),
    /// A certificate or key cannot be used.
    #[error("listener {listener}: {error}")]
    Certificate {
        /// Whose.
        listener: String,
        /// Which file, and why.
        error: CertificateError,
    },
    /// The address cannot be had.
    #[error("cannot listen on {0}")]
    Bind(io::Error),
    /// The change cannot be kept.
    #[error("the change cannot be kept in {}: {error}", .file.display())]
    Keep {
        /// Where.
        file: PathBuf,
        /// Why.
        error: io::Error,
    },
}
