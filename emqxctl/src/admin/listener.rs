//! What can be asked of listeners.

use std::time::Duration;

use emqx_proto::admin::v1 as wire;
use tonic::transport::Channel;
use wire::listener_service_client::ListenerServiceClient;

use super::client::{AdminClient, MESSAGE_SIZE_MAX, as_millis};
use super::error::AdminError;
use crate::model::{ClientCertificate, Listener, ListenerKind, ListenerList, ServerCertificate};

/// Settings of a listener. None is the default for a new one, and unchanged for one that is there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListenerSettings {
    /// `HOST:PORT` or `unix:PATH`.
    pub bind: Option<String>,
    /// Whether it accepts connections.
    pub enabled: Option<bool>,
    /// Most connections at once; 0 = only the node's limit.
    pub max_connections: Option<u64>,
    /// Largest packet in bytes; 0 = the node's limit.
    pub maximum_packet_size: Option<u32>,
    /// From the accepted socket to CONNECT; 0 = the node's limit.
    pub connect_timeout: Option<Duration>,
    /// Every connection begins with a PROXY header.
    pub proxy_protocol: Option<bool>,
    /// How long that header may take.
    pub proxy_protocol_timeout: Option<Duration>,
    /// Path of the WebSocket handshake.
    pub path: Option<String>,
    /// All certificates that it is to have; empty counts as none given.
    pub certificates: Vec<ServerCertificate>,
    /// Who may sign client certificates, a file on the node.
    pub cacertfile: Option<String>,
    /// Whether clients show a certificate.
    pub client_certificate: Option<ClientCertificate>,
    /// How long the handshakes of TLS and of WebSocket may take, each.
    pub handshake_timeout: Option<Duration>,
}

/// A listener that is to be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewListener {
    /// 1 to 64 of `A-Z a-z 0-9 . _ -`.
    pub name: String,
    /// What is to be spoken on it.
    pub kind: ListenerKind,
    /// The settings that are not defaults.
    pub settings: ListenerSettings,
}

impl AdminClient {
    /// The listeners of one node, or of all, sorted by node and name.
    ///
    /// # Errors
    /// [`AdminError`] when no endpoint answers or a node refuses.
    pub async fn listeners(&self, node: Option<&str>) -> Result<ListenerList, AdminError> {
        self.ask(async |channel| {
            service(channel)
                .list(wire::ListListenersRequest { node: named(node) })
                .await
        })
        .await
        .map(ListenerList::from)
    }

    /// Opens a listener on a node; none = the one that is asked.
    ///
    /// # Errors
    /// [`AdminError`]; nothing has changed unless it is [`AdminError::Unanswered`].
    pub async fn add_listener(
        &self,
        node: Option<&str>,
        new: NewListener,
    ) -> Result<Listener, AdminError> {
        let request = wire::AddListenerRequest {
            node: named(node),
            name: new.name,
            kind: wire::ListenerKind::from(new.kind).into(),
            settings: Some(new.settings.into()),
        };
        self.change(async |channel| service(channel).add(request).await)
            .await
            .map(Listener::from)
    }

    /// Changes settings of a listener of a node; none = the one that is asked.
    ///
    /// # Errors
    /// [`AdminError`]; nothing has changed unless it is [`AdminError::Unanswered`].
    pub async fn set_listener(
        &self,
        node: Option<&str>,
        name: &str,
        settings: ListenerSettings,
    ) -> Result<Listener, AdminError> {
        let request = wire::SetListenerRequest {
            node: named(node),
            name: name.to_owned(),
            settings: Some(settings.into()),
        };
        self.change(async |channel| service(channel).set(request).await)
            .await
            .map(Listener::from)
    }

    /// Closes a listener of a node for good, and its connections with `disconnect`.
    ///
    /// # Errors
    /// [`AdminError`]; nothing has changed unless it is [`AdminError::Unanswered`].
    pub async fn remove_listener(
        &self,
        node: &str,
        name: &str,
        disconnect: bool,
    ) -> Result<Listener, AdminError> {
        let request = wire::RemoveListenerRequest {
            node: node.to_owned(),
            name: name.to_owned(),
            disconnect,
        };
        self.change(async |channel| service(channel).remove(request).await)
            .await
            .map(Listener::from)
    }

    /// Has a node (none = the one that is asked) read the certificate files of one listener again, or of
    /// all. Returns those listeners.
    ///
    /// # Errors
    /// [`AdminError`]; nothing has changed unless it is [`AdminError::Unanswered`].
    pub async fn reload_certificates(
        &self,
        node: Option<&str>,
        name: Option<&str>,
    ) -> Result<ListenerList, AdminError> {
        let request = wire::ReloadCertificatesRequest {
            node: named(node),
            name: name.unwrap_or_default().to_owned(),
        };
        self.change(async |channel| service(channel).reload_certificates(request).await)
            .await
            .map(ListenerList::from)
    }
}

impl From<ListenerSettings> for wire::ListenerSettings {
    fn from(settings: ListenerSettings) -> Self {
        Self {
            bind: settings.bind,
            enabled: settings.enabled,
            max_connections: settings.max_connections,
            maximum_packet_size: settings.maximum_packet_size,
            connect_timeout_ms: settings.connect_timeout.map(as_millis),
            proxy_protocol: settings.proxy_protocol,
            proxy_protocol_timeout_ms: settings.proxy_protocol_timeout.map(as_millis),
            path: settings.path,
            certificates: settings
                .certificates
                .into_iter()
                .map(|certificate| wire::ServerCertificate {
                    certfile: certificate.certfile,
                    keyfile: certificate.keyfile,
                    server_name: certificate.server_name.unwrap_or_default(),
                })
                .collect(),
            cacertfile: settings.cacertfile,
            client_certificate: settings
                .client_certificate
                .map(|wanted| wire::ClientCertificate::from(wanted).into()),
            handshake_timeout_ms: settings.handshake_timeout.map(as_millis),
        }
    }
}

impl From<ListenerKind> for wire::ListenerKind {
    fn from(kind: ListenerKind) -> Self {
        match kind {
            ListenerKind::Tcp => Self::Tcp,
            ListenerKind::Tls => Self::Tls,
            ListenerKind::Ws => Self::Ws,
            ListenerKind::Wss => Self::Wss,
            ListenerKind::Unknown => Self::Unspecified,
        }
    }
}

impl From<ClientCertificate> for wire::ClientCertificate {
    fn from(wanted: ClientCertificate) -> Self {
        match wanted {
            ClientCertificate::None => Self::None,
            ClientCertificate::Optional => Self::Optional,
            ClientCertificate::Required => Self::Required,
        }
    }
}

/// An empty name is "the node that is asked", or in lists "all nodes".
fn named(node: Option<&str>) -> String {
    node.unwrap_or_default().to_owned()
}

fn service(channel: Channel) -> ListenerServiceClient<Channel> {
    ListenerServiceClient::new(channel).max_decoding_message_size(MESSAGE_SIZE_MAX)
}
