//! `listeners.json` in the data directory: what operators have changed at run time, over what flags and file say.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::config::listener::{ListenerChange, ListenerKind};
use crate::data_dir::write_json;

/// Name of the file.
pub const LISTENER_FILE: &str = "listeners.json";

/// Format that this version writes.
const FORMAT: u32 = 1;

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ListenerFileError {
    /// It cannot be read.
    #[error("cannot read {}: {error}", .file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// It was written by another version.
    #[error(
        "{} has format {found}, and this version of emqxd knows format {FORMAT} only; use the version that wrote it",
        .file.display()
    )]
    Format {
        /// The file.
        file: PathBuf,
        /// Its format.
        found: u32,
    },
    /// What is written in it makes no sense.
    #[error(
        "{} is damaged: {why}; put it back from a copy, or move it away to serve on the listeners of flags and file",
        .file.display()
    )]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        why: String,
    },
}

/// A listener that was added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Added {
    /// What is spoken.
    #[serde(rename = "type")]
    pub kind: ListenerKind,
    /// What was said; the rest has its defaults.
    pub settings: ListenerChange,
}

/// What has been changed at run time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuntimeChanges {
    format: u32,
    /// Listeners that neither flags nor file have, by name.
    #[serde(default)]
    pub added: BTreeMap<String, Added>,
    /// Settings put over those of flags and file, by the listener's name.
    #[serde(default)]
    pub changed: BTreeMap<String, ListenerChange>,
    /// Listeners of flags and file that are not there any more.
    #[serde(default)]
    pub removed: BTreeSet<String>,
}

impl Default for RuntimeChanges {
    fn default() -> Self {
        Self {
            format: FORMAT,
            added: BTreeMap::new(),
            changed: BTreeMap::new(),
            removed: BTreeSet::new(),
        }
    }
}

/// Read first: later formats need not have the other fields.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

impl RuntimeChanges {
    /// What a data directory has; none when nothing was ever changed.
    ///
    /// # Errors
    /// When the file is there and cannot be used.
    pub fn read(data_dir: &Path) -> Result<Self, ListenerFileError> {
        let file = data_dir.join(LISTENER_FILE);
        let bytes = match std::fs::read(&file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(ListenerFileError::Read { file, error }),
        };
        let damaged = |error: serde_json::Error| ListenerFileError::Damaged {
            file: file.clone(),
            why: error.to_string(),
        };
        let Format { format } = serde_json::from_slice(&bytes).map_err(damaged)?;
        if format != FORMAT {
            return Err(ListenerFileError::Format {
                file,
                found: format,
            });
        }
        serde_json::from_slice(&bytes).map_err(damaged)
    }

    /// Writes it so that a start after a crash finds either the old content or the new.
    ///
    /// # Errors
    /// When it cannot be written; the old content is still there.
    pub fn write(&self, data_dir: &Path) -> io::Result<()> {
        write_json(&data_dir.join(LISTENER_FILE), self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::listener::Bind;

    #[test]
    fn it_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(
            RuntimeChanges::read(folder.path()).unwrap(),
            RuntimeChanges::default()
        );
        let mut changes = RuntimeChanges::default();
        changes.removed.insert("ws".to_owned());
        changes.changed.insert(
            "mqtt".to_owned(),
            ListenerChange {
                max_connections: Some(5),
                ..ListenerChange::default()
            },
        );
        changes.added.insert(
            "local".to_owned(),
            Added {
                kind: ListenerKind::Tcp,
                settings: ListenerChange {
                    bind: Some(Bind::parse("unix:/run/mqtt.sock").unwrap()),
                    ..ListenerChange::default()
                },
            },
        );
        changes.write(folder.path()).unwrap();
        assert_eq!(RuntimeChanges::read(folder.path()).unwrap(), changes);
        let text = std::fs::read_to_string(folder.path().join(LISTENER_FILE)).unwrap();
        assert!(text.contains("\"bind\": \"unix:/run/mqtt.sock\""), "{text}");
        assert!(!text.contains("null"), "{text}");
    }

    #[test]
    fn what_cannot_be_used_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(LISTENER_FILE);
        for (text, part) in [
            ("{\"format\": 2}", "has format 2"),
            ("{\"format\": 1, \"more\": 1}", "is damaged"),
            (
                "{\"format\": 1, \"changed\": {\"mqtt\": {\"bind\": \"x\"}}}",
                "not an IP address",
            ),
            ("", "is damaged"),
        ] {
            std::fs::write(&file, text).unwrap();
            let error = RuntimeChanges::read(folder.path()).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
