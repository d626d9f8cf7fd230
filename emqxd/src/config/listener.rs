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

/// Longest path of a Unix socket, bytes (what the system's address structure holds).
const UNIX_PATH_BYTES_MAX: usize = 100;

/// As `limits.maximum_packet_size`.
const PACKET_BYTES: std::ops::RangeInclusive<u32> = 1 << 10..=60 << 20;

const CONNECTIONS_MAX: u64 = 10_000_000;

const TIMEOUT_MIN: Duration = Duration::from_millis(100);
const TIMEOUT_MAX: Duration = Duration::from_secs(600);

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

/// Some settings of a listener; what is absent keeps its value.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, reason = "as in `ListenerSettings`")]
pub struct ListenerChange {
    #[serde(skip_serializing_if = "Option::is_none", with = "bind_text")]
    pub bind: Option<Bind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_connections: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum_packet_size: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connect_timeout_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy_protocol: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy_protocol_timeout_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificates: Option<Vec<ServerCertificate>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cacertfile: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_certificate: Option<ClientCertificate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handshake_timeout_ms: Option<u64>,
}

mod bind_text {
    use serde::{Deserialize as _, Deserializer, Serializer, de};

    use super::Bind;

    pub(super) fn serialize<S: Serializer>(
        bind: &Option<Bind>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match bind {
            Some(bind) => serializer.collect_str(bind),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Bind>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| Bind::parse(&text).map_err(de::Error::custom))
            .transpose()
    }
}

/// What is wrong with a setting, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidSetting {
    /// Its name in the file.
    pub field: &'static str,
    /// What is wrong.
    pub why: String,
    /// What would be right.
    pub valid: String,
}

impl InvalidSetting {
    fn new(field: &'static str, why: impl Into<String>, valid: impl Into<String>) -> Self {
        Self {
            field,
            why: why.into(),
            valid: valid.into(),
        }
    }
}

impl fmt::Display for InvalidSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; valid: {}", self.field, self.why, self.valid)
    }
}

impl ListenerChange {
    /// Puts a later change over this one.
    pub fn extend(&mut self, later: Self) {
        let Self {
            bind,
            enabled,
            max_connections,
            maximum_packet_size,
            connect_timeout_ms,
            proxy_protocol,
            proxy_protocol_timeout_ms,
            path,
            certificates,
            cacertfile,
            client_certificate,
            handshake_timeout_ms,
        } = later;
        fn put<T>(place: &mut Option<T>, later: Option<T>) {
            if later.is_some() {
                *place = later;
            }
        }
        put(&mut self.bind, bind);
        put(&mut self.enabled, enabled);
        put(&mut self.max_connections, max_connections);
        put(&mut self.maximum_packet_size, maximum_packet_size);
        put(&mut self.connect_timeout_ms, connect_timeout_ms);
        put(&mut self.proxy_protocol, proxy_protocol);
        put(
            &mut self.proxy_protocol_timeout_ms,
            proxy_protocol_timeout_ms,
        );
        put(&mut self.path, path);
        put(&mut self.certificates, certificates);
        put(&mut self.cacertfile, cacertfile);
        put(&mut self.client_certificate, client_certificate);
        put(&mut self.handshake_timeout_ms, handshake_timeout_ms);
    }

    /// Everything in it that a listener of that kind cannot have, or that is out of bounds.
    pub fn problems(&self, kind: ListenerKind) -> Vec<InvalidSetting> {
        let mut problems = Vec::new();
        let name = kind.as_str();
        let foreign = [
            (
                "path",
                self.path.is_some(),
                kind.has_websocket(),
                "ws or wss",
            ),
            (
                "certfile",
                self.certificates.is_some(),
                kind.has_tls(),
                "tls or wss",
            ),
            (
                "cacertfile",
                self.cacertfile.is_some(),
                kind.has_tls(),
                "tls or wss",
            ),
            (
                "client_certificate",
                self.client_certificate.is_some(),
                kind.has_tls(),
                "tls or wss",
            ),
            (
                "handshake_timeout",
                self.handshake_timeout_ms.is_some(),
                kind != ListenerKind::Tcp,
                "tls, ws or wss",
            ),
        ];
        for (field, is_said, is_allowed, kinds) in foreign {
            if is_said && !is_allowed {
                problems.push(InvalidSetting::new(
                    field,
                    format!("a listener of type {name} has no such setting"),
                    format!("a listener of type {kinds}"),
                ));
            }
        }
        if kind.has_tls() && matches!(self.bind, Some(Bind::Unix(_))) {
            problems.push(InvalidSetting::new(
                "bind",
                format!("a listener of type {name} has no Unix socket"),
                "IP:PORT; or a listener of type tcp or ws",
            ));
        }
        if self
            .max_connections
            .is_some_and(|max| max > CONNECTIONS_MAX)
        {
            problems.push(InvalidSetting::new(
                "max_connections",
                "this is too large",
                format!("a whole number from 0 to {CONNECTIONS_MAX}"),
            ));
        }
        if self
            .maximum_packet_size
            .is_some_and(|bytes| bytes != 0 && !PACKET_BYTES.contains(&bytes))
        {
            problems.push(InvalidSetting::new(
                "maximum_packet_size",
                "this is out of bounds",
                "bytes from 1KiB to 60MiB; 0 for the node's limit",
            ));
        }
        let timeouts = [
            (
                "connect_timeout",
                self.connect_timeout_ms.filter(|ms| *ms > 0),
            ),
            ("proxy_protocol_timeout", self.proxy_protocol_timeout_ms),
            ("handshake_timeout", self.handshake_timeout_ms),
        ];
        for (field, timeout) in timeouts {
            let timeout = timeout.map(Duration::from_millis);
            if timeout.is_some_and(|time| !(TIMEOUT_MIN..=TIMEOUT_MAX).contains(&time)) {
                problems.push(InvalidSetting::new(
                    field,
                    "this is out of bounds",
                    "a duration from 100ms to 10m with its unit, such as \"10s\"",
                ));
            }
        }
        if let Some(path) = &self.path
            && !(path.starts_with('/')
                && path
                    .bytes()
                    .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'?' | b'#')))
        {
            problems.push(InvalidSetting::new(
                "path",
                format!("'{path}' is not the path of a URL"),
                "a path that begins with /, such as /mqtt",
            ));
        }
        for certificate in self.certificates.iter().flatten() {
            if !is_server_name(&certificate.server_name) {
                problems.push(InvalidSetting::new(
                    "server_name",
                    format!("'{}' is not a host name", certificate.server_name),
                    "a host name such as broker.example.org or *.example.org",
                ));
            }
        }
        problems
    }
}

fn is_server_name(name: &str) -> bool {
    let host = name.strip_prefix("*.").unwrap_or(name);
    name.is_empty()
        || (name.len() <= 253
            && host.split('.').all(|label| {
                !label.is_empty()
                    && label
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
            }))
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
