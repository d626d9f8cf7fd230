//! Where clients connect.

use serde::{Deserialize, Serialize};

use super::time::UtcTime;

/// One listener of one node, with its settings and what it has seen since it was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listener {
    /// The node that it belongs to.
    pub node: String,
    /// Its name, unique on the node.
    pub name: String,
    /// What is spoken on it.
    #[serde(rename = "type")]
    pub kind: ListenerKind,
    /// Whether it accepts connections.
    pub state: ListenerState,
    /// Why it accepts none although it is enabled.
    pub problem: Option<String>,
    /// Bound `HOST:PORT` or `unix:PATH`; none while it accepts nothing.
    pub address: Option<String>,
    /// Where it is set to listen, `HOST:PORT` or `unix:PATH`.
    pub bind: Option<String>,
    /// Whether it is meant to accept connections.
    pub enabled: bool,
    /// Connections that it has accepted and that are still open.
    pub connections: u64,
    /// Most connections at once; 0 = only the node's limit.
    pub max_connections: Option<u64>,
    /// Largest packet; 0 = the node's limit.
    pub maximum_packet_size_bytes: Option<u32>,
    /// From the accepted socket to CONNECT; 0 = the node's limit.
    pub connect_timeout_ms: Option<u64>,
    /// Every connection begins with a PROXY header.
    pub proxy_protocol: bool,
    /// How long that header may take.
    pub proxy_protocol_timeout_ms: Option<u64>,
    /// Path of the WebSocket handshake; none for TCP and TLS.
    pub path: Option<String>,
    /// Of TLS; empty = those of the node.
    pub certificates: Vec<ServerCertificate>,
    /// Who may sign client certificates, a file on the node.
    pub cacertfile: Option<String>,
    /// Whether clients show a certificate; none without TLS.
    pub client_certificate: Option<ClientCertificate>,
    /// How long the handshakes of TLS and of WebSocket may take, each.
    pub handshake_timeout_ms: Option<u64>,
    /// Connections accepted.
    pub accepted_total: u64,
    /// Connections refused because there were `max_connections`.
    pub refused_total: u64,
    /// Handshakes of TLS, WebSocket and PROXY that failed.
    pub handshake_failures_total: u64,
    /// Where it was set up: `flag`, `file` or `runtime`.
    pub origin: Option<String>,
    /// When the first of its certificates expires; none without TLS.
    pub certificate_expires_at: Option<UtcTime>,
}

/// What is spoken on a listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListenerKind {
    /// MQTT.
    Tcp,
    /// MQTT over TLS.
    Tls,
    /// MQTT over WebSocket.
    Ws,
    /// MQTT over WebSocket over TLS.
    Wss,
    /// One that this version does not know.
    Unknown,
}

impl ListenerKind {
    /// As it is typed and shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::Ws => "ws",
            Self::Wss => "wss",
            Self::Unknown => "unknown",
        }
    }

    /// Whether it has certificates.
    pub const fn has_tls(self) -> bool {
        matches!(self, Self::Tls | Self::Wss)
    }

    /// Whether it has a path.
    pub const fn has_web_socket(self) -> bool {
        matches!(self, Self::Ws | Self::Wss)
    }
}

/// Whether a listener accepts connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListenerState {
    /// It does.
    Listening,
    /// It is not meant to.
    Disabled,
    /// It should and cannot.
    Failed,
    /// It was closed for good.
    Removed,
}

impl ListenerState {
    /// As it is shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Listening => "listening",
            Self::Disabled => "disabled",
            Self::Failed => "failed",
            Self::Removed => "removed",
        }
    }
}

/// Whether clients show a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientCertificate {
    /// They are not asked for one.
    None,
    /// It is checked when they have one.
    Optional,
    /// Without one there is no handshake.
    Required,
}

impl ClientCertificate {
    /// As it is typed and shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Optional => "optional",
            Self::Required => "required",
        }
    }
}

/// A certificate with its key: PEM files on the node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerCertificate {
    /// Host name (SNI) that gets it, may begin with `*.`; none = every other.
    pub server_name: Option<String>,
    /// The chain, leaf first.
    pub certfile: String,
    /// The private key.
    pub keyfile: String,
}

/// Listeners, sorted by node and name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ListenerList {
    /// The listeners.
    pub items: Vec<Listener>,
    /// Nodes whose listeners are missing here because they did not answer.
    pub nodes_unreachable: Vec<String>,
}
