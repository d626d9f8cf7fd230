//! `ready.json` in the data directory: there while the node serves, and tells what it bound.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::data_dir::write_json;

const READY_FILE: &str = "ready.json";

/// What scripts may rely on. A listener that the node has not is null.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Ready {
    /// Its name.
    pub node_name: String,
    /// The process.
    pub pid: u32,
    /// MQTT over TCP: the listener of that name, as the next three.
    pub mqtt: Option<String>,
    /// MQTT over TLS.
    pub mqtts: Option<String>,
    /// MQTT over WebSocket.
    pub ws: Option<String>,
    /// MQTT over WebSocket over TLS.
    pub wss: Option<String>,
    /// gRPC for operators.
    pub admin: Option<String>,
    /// Availability, status and metrics.
    pub http: Option<String>,
    /// Gossip (UDP) and peer links (TCP).
    pub cluster: Option<String>,
}

/// The file; it goes when this is dropped.
#[derive(Debug)]
pub struct ReadyFile {
    path: PathBuf,
}

impl ReadyFile {
    /// Says that the node serves. A reader finds the whole content or no file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(data_dir: &Path, ready: &Ready) -> io::Result<Self> {
        let path = data_dir.join(READY_FILE);
        write_json(&path, ready)?;
        Ok(Self { path })
    }

    /// Says where the node serves now.
    ///
    /// # Errors
    /// When it cannot be written; the old content is still there.
    pub fn rewrite(&self, ready: &Ready) -> io::Result<()> {
        write_json(&self.path, ready)
    }

    /// Removes what a process that was killed has left.
    ///
    /// # Errors
    /// When it is there and cannot be removed: scripts would take this node for one that serves.
    pub fn remove_stale(data_dir: &Path) -> io::Result<()> {
        match fs::remove_file(data_dir.join(READY_FILE)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

impl Drop for ReadyFile {
    fn drop(&mut self) {
        // The next start removes it.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_there_only_while_the_node_serves() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(READY_FILE);
        fs::write(&path, "left by a crash").unwrap();
        ReadyFile::remove_stale(dir.path()).unwrap();
        assert!(!path.exists());
        ReadyFile::remove_stale(dir.path()).unwrap();
        let ready = Ready {
            node_name: "n1".to_owned(),
            pid: 7,
            mqtt: Some("127.0.0.1:1883".to_owned()),
            admin: Some("127.0.0.1:7883".to_owned()),
            http: Some("127.0.0.1:18083".to_owned()),
            cluster: Some("[::1]:4370".to_owned()),
            ..Ready::default()
        };
        let file = ReadyFile::write(dir.path(), &ready).unwrap();
        let read: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        assert_eq!(
            read,
            serde_json::json!({
                "node_name": "n1", "pid": 7, "mqtt": "127.0.0.1:1883", "mqtts": null, "ws": null, "wss": null,
                "admin": "127.0.0.1:7883", "http": "127.0.0.1:18083", "cluster": "[::1]:4370"
            })
        );
        drop(file);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
