//! A change of a listener's settings, wherever it comes from: the file, an operator, the data directory.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::listener::{Bind, ClientCertificate, ListenerKind, ServerCertificate};

/// As `limits.maximum_packet_size`.
const PACKET_BYTES: std::ops::RangeInclusive<u32> = 1 << 10..=60 << 20;

const CONNECTIONS_MAX: u64 = 10_000_000;

const TIMEOUT_MIN: Duration = Duration::from_millis(100);
const TIMEOUT_MAX: Duration = Duration::from_secs(600);

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
    pub(super) fn new(
        field: &'static str,
        why: impl Into<String>,
        valid: impl Into<String>,
    ) -> Self {
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
