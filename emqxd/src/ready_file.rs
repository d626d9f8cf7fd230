//! `DATA_DIR/ready.json`: there while the node serves, with what it bound.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

/// What the node bound. Listeners that are not there are null.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Ready {
    /// Node name.
    pub node_name: String,
    /// Process id.
    pub pid: u32,
    /// MQTT over TCP.
    pub mqtt: Option<String>,
    /// MQTT over TLS.
    pub mqtts: Option<String>,
    /// MQTT over WebSocket.
    pub ws: Option<String>,
    /// MQTT over WebSocket and TLS.
    pub wss: Option<String>,
    /// gRPC for operators.
    pub admin: Option<String>,
    /// HTTP.
    pub http: Option<String>,
    /// Gossip and peer links.
    pub cluster: Option<String>,
}

/// The file, removed when this is dropped.
#[derive(Debug)]
pub struct ReadyFile {
    path: PathBuf,
}

impl ReadyFile {
    /// Writes it in one step: nobody reads half of it.
    ///
    /// # Errors
    /// When the directory cannot be written.
    pub fn write(dir: &Path, ready: &Ready) -> io::Result<Self> {
        let path = dir.join("ready.json");
        let temporary = dir.join("ready.json.new");
        fs::write(&temporary, serde_json::to_vec_pretty(ready)?)?;
        fs::rename(&temporary, &path)?;
        Ok(Self { path })
    }

    /// Removes what a process that was killed has left.
    pub fn remove_stale(dir: &Path) {
        let _ = fs::remove_file(dir.join("ready.json"));
    }
}

impl Drop for ReadyFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_there_as_long_as_it_is_held() {
        let dir = tempfile::tempdir().expect("temporary directory");
        let ready = Ready { node_name: "n1".to_owned(), ..Ready::default() };
        let file = ReadyFile::write(dir.path(), &ready).expect("writes");
        let text = fs::read_to_string(dir.path().join("ready.json")).expect("reads");
        assert!(text.contains("\"node_name\": \"n1\"") && text.contains("\"mqtts\": null"), "{text}");
        drop(file);
        assert!(!dir.path().join("ready.json").exists());
    }
}
