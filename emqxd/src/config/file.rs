//! The configuration file.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::ConfigError;
use super::args::LogFormat;
use super::limits::{LimitsFile, SessionFile};

/// As written; everything may be left out.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct File {
    pub(super) node_name: Option<String>,
    pub(super) cluster_name: Option<String>,
    pub(super) data_dir: Option<PathBuf>,
    pub(super) mqtt: Option<SocketAddr>,
    pub(super) admin: Option<SocketAddr>,
    pub(super) http: Option<SocketAddr>,
    pub(super) cluster: Option<SocketAddr>,
    pub(super) join: Option<Vec<String>>,
    pub(super) advertise_mqtt: Option<String>,
    pub(super) allow_anonymous: Option<bool>,
    pub(super) insecure_admin: Option<bool>,
    pub(super) insecure_cluster: Option<bool>,
    pub(super) log_format: Option<LogFormat>,
    pub(super) log_level: Option<String>,
    pub(super) limits: LimitsFile,
    pub(super) session: SessionFile,
}

pub(super) fn read(path: &Path) -> Result<File, ConfigError> {
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|error| ConfigError::Unreadable { path: shown.clone(), error })?;
    toml::from_str(&text).map_err(|error| {
        let line = error.span().map_or(0, |span| {
            text.get(..span.start).map_or(0, |before| before.matches('\n').count())
        }) + 1;
        let source = text.lines().nth(line - 1).unwrap_or_default().trim();
        ConfigError::Malformed {
            path: shown.clone(),
            error: format!("line {line}, '{source}': {}", error.message()),
        }
    })
}
