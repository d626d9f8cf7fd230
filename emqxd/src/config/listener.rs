//! Listeners: what may be set for each, and what makes sense together.
//!
//! The same settings come from the file, from operators at run time, and from what is kept in the data directory; so
//! they are checked here, once. [`ListenerChange`] says some of them, [`ListenerSettings`] all.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::is_loopback;
pub use super::listener_change::{InvalidSetting, ListenerChange};

/// Longest path of a Unix socket, bytes (what the system's address structure holds).
const UNIX_PATH_BYTES_MAX: usize = 100;

/// What clients speak at a listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ListenerKind {
    /// MQTT.
    Tcp,
    /// MQTT over TLS.
    Tls,
    /// MQTT over WebSocket.
    Ws,
    /// MQTT over WebSocket over TLS.
    Wss,
}

impl ListenerKind {
    /// All, with their names.
    pub const ALL: [(&'static str, Self); 4] = [
        ("tcp", Self::Tcp),
        ("tls", Self::Tls),
        ("ws", Self::Ws),
        ("wss", Self::Wss),
    ];

    /// `tcp`, `tls`, `ws` or `wss`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::Ws => "ws",
            Self::Wss => "wss",
        }
    }

    /// Whether TLS is spoken.
    pub const fn has_tls(self) -> bool {
        matches!(self, Self::Tls | Self::Wss)
    }

    /// Whether WebSocket is spoken.
    pub const fn has_websocket(self) -> bool {
        matches!(self, Self::Ws | Self::Wss)
    }
}

/// Where a listener listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bind {
    /// TCP. Port 0 = a free one.
    Tcp(SocketAddr),
    /// A Unix socket at this path.
    Unix(PathBuf),
}

impl Bind {
    /// What is valid, for messages.
    pub const VALID: &'static str =
        "IP:PORT, such as 127.0.0.1:1883 or [::1]:1883 (port 0 picks a free one), or unix:/PATH";

    /// From `IP:PORT` or `unix:/PATH`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let Some(path) = text.strip_prefix("unix:") else {
            return match text.parse() {
                Ok(address) => Ok(Self::Tcp(address)),
                Err(_) => Err(format!("'{text}' is not an IP address with a port")),
            };
        };
        if !path.starts_with('/') {
            return Err(format!("the path '{path}' does not begin with /"));
        }
        if path.len() > UNIX_PATH_BYTES_MAX {
            return Err(format!(
                "the path of a Unix socket has at most {UNIX_PATH_BYTES_MAX} bytes"
            ));
        }
        Ok(Self::Unix(PathBuf::from(path)))
    }

    /// Whether only this host reaches it.
    pub fn is_local(&self) -> bool {
        match self {
            Self::Tcp(address) => is_loopback(address),
            Self::Unix(_) => true,
        }
    }

    /// Whether both cannot be listened on at once. All addresses of a port include each of them.
    pub fn clashes_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Tcp(a), Self::Tcp(b)) => {
                let covers = |wide: &SocketAddr, narrow: &SocketAddr| {
                    wide.ip().is_unspecified() && (wide.is_ipv6() || narrow.is_ipv4())
                };
                a.port() != 0
                    && a.port() == b.port()
                    && (a.ip() == b.ip() || covers(a, b) || covers(b, a))
            }
            (Self::Unix(a), Self::Unix(b)) => a == b,
            _ => false,
        }
    }
}

impl fmt::Display for Bind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

/// Whether a client shows a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientCertificate {
    /// It is not asked for one.
    #[default]
    None,
    /// One that it has is checked.
    Optional,
    /// No handshake without one.
    Required,
}

impl ClientCertificate {
    /// All, with their names.
    pub const ALL: [(&'static str, Self); 3] = [
        ("none", Self::None),
        ("optional", Self::Optional),
        ("required", Self::Required),
    ];
}

/// A certificate of the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerCertificate {
    /// PEM, leaf first.
    pub certfile: PathBuf,
    /// PEM.
    pub keyfile: PathBuf,
    /// SNI host name that gets it, may begin with `*.`; empty = every other.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub server_name: String,
}

/// What TLS listeners use that name nothing of their own: the table `[tls]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsDefaults {
    /// PEM, leaf first.
    pub certfile: Option<PathBuf>,
    /// PEM.
    pub keyfile: Option<PathBuf>,
    /// PEM, who may sign client certificates.
    pub cacertfile: Option<PathBuf>,
    /// Default none.
    pub client_certificate: ClientCertificate,
    /// Default 15 s.
    pub handshake_timeout: Duration,
}

impl Default for TlsDefaults {
    fn default() -> Self {
        Self {
            certfile: None,
            keyfile: None,
            cacertfile: None,
            client_certificate: ClientCertificate::None,
            handshake_timeout: Duration::from_secs(15),
        }
    }
}

/// All settings of a listener, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenerSettings {
    /// Where.
    pub bind: Bind,
    /// One that is not accepts nothing. Default true.
    pub enabled: bool,
    /// Network Connections at once; 0 = only the node's limit. Default 0.
    pub max_connections: u64,
    /// Bytes; 0 = the node's limit. Default 0.
    pub maximum_packet_size: u32,
    /// From the accepted socket to CONNECT; zero = the node's limit. Default zero.
    pub connect_timeout: Duration,
    /// Every connection begins with a PROXY header. Default false.
    pub proxy_protocol: bool,
    /// For that header. Default 3 s.
    pub proxy_protocol_timeout: Duration,
    /// Of the WebSocket. Default `/mqtt`.
    pub path: String,
    /// The first without a server name is for every client that names no other. Default: that of `[tls]`.
    pub certificates: Vec<ServerCertificate>,
    /// PEM, who may sign client certificates. Default: that of `[tls]`.
    pub cacertfile: Option<PathBuf>,
    /// Default: that of `[tls]`.
    pub client_certificate: ClientCertificate,
    /// Of TLS and of WebSocket each, within `connect_timeout`. Default: that of `[tls]`.
    pub handshake_timeout: Duration,
}

impl ListenerSettings {
    /// Nothing set but the address.
    pub fn new(bind: Bind, tls: &TlsDefaults) -> Self {
        let certificate = match (&tls.certfile, &tls.keyfile) {
            (Some(certfile), Some(keyfile)) => Some(ServerCertificate {
                certfile: certfile.clone(),
                keyfile: keyfile.clone(),
                server_name: String::new(),
            }),
            _ => None,
        };
        Self {
            bind,
            enabled: true,
            max_connections: 0,
            maximum_packet_size: 0,
            connect_timeout: Duration::ZERO,
            proxy_protocol: false,
            proxy_protocol_timeout: Duration::from_secs(3),
            path: "/mqtt".to_owned(),
            certificates: certificate.into_iter().collect(),
            cacertfile: tls.cacertfile.clone(),
            client_certificate: tls.client_certificate,
            handshake_timeout: tls.handshake_timeout,
        }
    }

    /// With a change put over them. The change itself has no [problems](ListenerChange::problems).
    ///
    /// # Errors
    /// When the whole makes no sense.
    pub fn with(
        mut self,
        change: &ListenerChange,
        kind: ListenerKind,
    ) -> Result<Self, InvalidSetting> {
        fn put<T: Clone>(place: &mut T, value: &Option<T>) {
            if let Some(value) = value {
                place.clone_from(value);
            }
        }
        let time = |ms: Option<u64>| ms.map(Duration::from_millis);
        put(&mut self.bind, &change.bind);
        put(&mut self.enabled, &change.enabled);
        put(&mut self.max_connections, &change.max_connections);
        put(&mut self.maximum_packet_size, &change.maximum_packet_size);
        put(&mut self.connect_timeout, &time(change.connect_timeout_ms));
        put(&mut self.proxy_protocol, &change.proxy_protocol);
        put(
            &mut self.proxy_protocol_timeout,
            &time(change.proxy_protocol_timeout_ms),
        );
        put(&mut self.path, &change.path);
        put(&mut self.certificates, &change.certificates);
        if change.cacertfile.is_some() {
            self.cacertfile.clone_from(&change.cacertfile);
        }
        put(&mut self.client_certificate, &change.client_certificate);
        put(
            &mut self.handshake_timeout,
            &time(change.handshake_timeout_ms),
        );
        if kind.has_tls() {
            self.check_tls()?;
        }
        Ok(self)
    }

    fn check_tls(&self) -> Result<(), InvalidSetting> {
        if self.certificates.is_empty() {
            return Err(InvalidSetting::new(
                "certfile",
                "a listener with TLS needs a certificate and its key",
                "certfile and keyfile of the listener, or of the table [tls]",
            ));
        }
        let mut names: Vec<&str> = self
            .certificates
            .iter()
            .map(|certificate| certificate.server_name.as_str())
            .collect();
        names.sort_unstable();
        if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            let why = if twice[0].is_empty() {
                "two certificates without a server name".to_owned()
            } else {
                format!("two certificates for '{}'", twice[0])
            };
            return Err(InvalidSetting::new(
                "server_name",
                why,
                "each name once, and one certificate without a name",
            ));
        }
        if self.client_certificate != ClientCertificate::None && self.cacertfile.is_none() {
            return Err(InvalidSetting::new(
                "cacertfile",
                "client certificates are asked for, and nobody is named who may sign them",
                "cacertfile of the listener, or of the table [tls]; or client_certificate = \"none\"",
            ));
        }
        Ok(())
    }
}

/// Where a listener comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ListenerOrigin {
    /// A flag, a variable, or its default.
    Flag,
    /// A table of the file.
    File,
    /// An operator at run time.
    Runtime,
}

impl ListenerOrigin {
    /// `flag`, `file` or `runtime`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::File => "file",
            Self::Runtime => "runtime",
        }
    }
}

/// A listener as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenerConfig {
    /// Unique on the node; the same characters as a node name.
    pub name: String,
    /// What is spoken.
    pub kind: ListenerKind,
    /// By whom.
    pub origin: ListenerOrigin,
    /// All settings.
    pub settings: ListenerSettings,
}
