//! The listeners of all nodes, and their change at run time.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use emqx_proto::admin::v1 as admin;
use emqx_proto::admin::v1::listener_service_server::ListenerService;
use emqx_proto::peer::v1::{admin_request, admin_response};
use tonic::{Code, Request, Response, Status};

use super::error::AdminError;
use super::fan_out;
use crate::config::listener::{
    Bind, ClientCertificate, ListenerChange, ListenerKind, ListenerSettings, ServerCertificate,
};
use crate::membership::NodeName;
use crate::net::listeners::{ListenerError, ListenerStatus};
use crate::node::broker::Broker;

/// Serves `ListenerService`.
#[derive(Clone)]
pub struct ListenerApi {
    broker: Arc<Broker>,
}

impl ListenerApi {
    /// On this node.
    pub const fn new(broker: Arc<Broker>) -> Self {
        Self { broker }
    }

    /// Asks the node of that name, this one when it is empty.
    async fn ask(
        &self,
        node: &str,
        request: admin_request::Request,
    ) -> Result<admin_response::Response, AdminError> {
        let node = self.node(node)?;
        fan_out::ask(&self.broker, &node, request).await
    }

    fn node(&self, name: &str) -> Result<NodeName, AdminError> {
        if name.is_empty() {
            Ok(self.broker.node_name.clone())
        } else {
            fan_out::find_node(&self.broker, name)
        }
    }

    async fn ask_for_one(
        &self,
        node: &str,
        request: admin_request::Request,
    ) -> Result<Response<admin::Listener>, Status> {
        match self.ask(node, request).await? {
            admin_response::Response::Listener(listener) => Ok(Response::new(listener)),
            _ => Err(AdminError::node_unreachable(node).into()),
        }
    }
}

#[tonic::async_trait]
impl ListenerService for ListenerApi {
    async fn list(
        &self,
        request: Request<admin::ListListenersRequest>,
    ) -> Result<Response<admin::ListListenersResponse>, Status> {
        let request = request.into_inner();
        let asked = admin_request::Request::ListListeners(request.clone());
        let answers = if request.node.is_empty() {
            fan_out::ask_all(&self.broker, &asked).await
        } else {
            let node = self.node(&request.node)?;
            let answer = fan_out::ask(&self.broker, &node, asked).await;
            vec![(node, answer)]
        };
        let mut response = admin::ListListenersResponse::default();
        for (node, answer) in answers {
            match answer {
                Ok(admin_response::Response::Listeners(list)) => {
                    response.listeners.extend(list.listeners);
                }
                _ => response.nodes_unreachable.push(node.to_string()),
            }
        }
        response
            .listeners
            .sort_by(|a, b| (&a.node, &a.name).cmp(&(&b.node, &b.name)));
        Ok(Response::new(response))
    }

    async fn add(
        &self,
        request: Request<admin::AddListenerRequest>,
    ) -> Result<Response<admin::Listener>, Status> {
        let request = request.into_inner();
        let node = request.node.clone();
        self.ask_for_one(&node, admin_request::Request::AddListener(request))
            .await
    }

    async fn set(
        &self,
        request: Request<admin::SetListenerRequest>,
    ) -> Result<Response<admin::Listener>, Status> {
        let request = request.into_inner();
        let node = request.node.clone();
        self.ask_for_one(&node, admin_request::Request::SetListener(request))
            .await
    }

    async fn remove(
        &self,
        request: Request<admin::RemoveListenerRequest>,
    ) -> Result<Response<admin::Listener>, Status> {
        let request = request.into_inner();
        let node = request.node.clone();
        self.ask_for_one(&node, admin_request::Request::RemoveListener(request))
            .await
    }

    async fn reload_certificates(
        &self,
        request: Request<admin::ReloadCertificatesRequest>,
    ) -> Result<Response<admin::ListListenersResponse>, Status> {
        let request = request.into_inner();
        let node = request.node.clone();
        let request = admin_request::Request::ReloadCertificates(request);
        match self.ask(&node, request).await? {
            admin_response::Response::Listeners(list) => Ok(Response::new(list)),
            _ => Err(AdminError::node_unreachable(&node).into()),
        }
    }
}

/// This node's listeners.
pub(super) fn list(broker: &Broker) -> admin::ListListenersResponse {
    described(broker, broker.listeners().list())
}

fn described(broker: &Broker, statuses: Vec<ListenerStatus>) -> admin::ListListenersResponse {
    admin::ListListenersResponse {
        listeners: statuses
            .into_iter()
            .map(|status| describe(broker, status))
            .collect(),
        nodes_unreachable: Vec::new(),
    }
}

/// Opens a new listener on this node.
pub(super) async fn add(
    broker: &Broker,
    request: admin::AddListenerRequest,
) -> Result<admin::Listener, AdminError> {
    let kind = match request.kind() {
        admin::ListenerKind::Unspecified => {
            return Err(invalid(
                "kind",
                "the type is missing",
                "tcp, tls, ws or wss",
            ));
        }
        admin::ListenerKind::Tcp => ListenerKind::Tcp,
        admin::ListenerKind::Tls => ListenerKind::Tls,
        admin::ListenerKind::Ws => ListenerKind::Ws,
        admin::ListenerKind::Wss => ListenerKind::Wss,
    };
    let change = change(request.settings.unwrap_or_default())?;
    let added = broker.listeners().add(&request.name, kind, change).await?;
    Ok(describe(broker, added))
}

/// Changes a listener of this node.
pub(super) async fn set(
    broker: &Broker,
    request: admin::SetListenerRequest,
) -> Result<admin::Listener, AdminError> {
    let change = change(request.settings.unwrap_or_default())?;
    let changed = broker.listeners().set(&request.name, change).await?;
    Ok(describe(broker, changed))
}

/// Closes a listener of this node.
pub(super) async fn remove(
    broker: &Broker,
    request: &admin::RemoveListenerRequest,
) -> Result<admin::Listener, AdminError> {
    let removed = broker
        .listeners()
        .remove(&request.name, request.disconnect)
        .await?;
    Ok(describe(broker, removed))
}

/// Reads certificates of this node again.
pub(super) async fn reload_certificates(
    broker: &Broker,
    request: &admin::ReloadCertificatesRequest,
) -> Result<admin::ListListenersResponse, AdminError> {
    let name = Some(request.name.as_str()).filter(|name| !name.is_empty());
    let reloaded = broker.listeners().reload_certificates(name).await?;
    Ok(described(broker, reloaded))
}

fn invalid(field: &str, cause: impl Into<String>, valid: impl Into<String>) -> AdminError {
    let mut error = AdminError::new(Code::InvalidArgument, "invalid_field", cause, valid);
    field.clone_into(&mut error.info.field);
    error
}

impl From<ListenerError> for AdminError {
    fn from(error: ListenerError) -> Self {
        let cause = error.to_string();
        match error {
            ListenerError::Unknown { known, .. } => Self::new(
                Code::NotFound,
                "unknown_listener",
                cause,
                format!("one of: {}", known.join(", ")),
            ),
            ListenerError::Exists(_) => Self::new(
                Code::AlreadyExists,
                "listener_exists",
                cause,
                "another name",
            ),
            ListenerError::Invalid(problem) => invalid(problem.field, problem.why, problem.valid),
            ListenerError::Certificate { error, .. } => {
                let mut refused = Self::new(
                    Code::FailedPrecondition,
                    "bad_certificate",
                    cause,
                    "PEM files that this node can read, with the key of the certificate",
                );
                error.field.clone_into(&mut refused.info.field);
                refused
            }
            ListenerError::Bind(_) => {
                let mut refused = Self::new(
                    Code::FailedPrecondition,
                    "address_unavailable",
                    cause,
                    "an address of this host that nothing listens on",
                );
                "bind".clone_into(&mut refused.info.field);
                refused
            }
            ListenerError::Keep { .. } => Self::new(
                Code::Internal,
                "not_kept",
                cause,
                "a data directory that can be written",
            ),
        }
    }
}

/// What a request says.
fn change(settings: admin::ListenerSettings) -> Result<ListenerChange, AdminError> {
    let client_certificate = match settings.client_certificate {
        None => None,
        Some(_) => match settings.client_certificate() {
            admin::ClientCertificate::Unspecified => None,
            admin::ClientCertificate::None => Some(ClientCertificate::None),
            admin::ClientCertificate::Optional => Some(ClientCertificate::Optional),
            admin::ClientCertificate::Required => Some(ClientCertificate::Required),
        },
    };
    let mut certificates = Vec::new();
    for certificate in settings.certificates {
        for (field, file) in [
            ("certfile", &certificate.certfile),
            ("keyfile", &certificate.keyfile),
        ] {
            if file.is_empty() {
                return Err(invalid(
                    field,
                    "a certificate and its key go together",
                    "the path of a PEM file",
                ));
            }
        }
        certificates.push(ServerCertificate {
            certfile: PathBuf::from(certificate.certfile),
            keyfile: PathBuf::from(certificate.keyfile),
            server_name: certificate.server_name,
        });
    }
    let bind = settings
        .bind
        .map(|text| Bind::parse(text.trim()).map_err(|why| invalid("bind", why, Bind::VALID)))
        .transpose()?;
    Ok(ListenerChange {
        bind,
        enabled: settings.enabled,
        max_connections: settings.max_connections,
        maximum_packet_size: settings.maximum_packet_size,
        connect_timeout_ms: settings.connect_timeout_ms,
        proxy_protocol: settings.proxy_protocol,
        proxy_protocol_timeout_ms: settings.proxy_protocol_timeout_ms,
        path: settings.path,
        certificates: (!certificates.is_empty()).then_some(certificates),
        cacertfile: settings.cacertfile.map(PathBuf::from),
        client_certificate,
        handshake_timeout_ms: settings.handshake_timeout_ms,
    })
}

/// As an operator sees it.
fn describe(broker: &Broker, status: ListenerStatus) -> admin::Listener {
    let kind = match status.kind {
        ListenerKind::Tcp => admin::ListenerKind::Tcp,
        ListenerKind::Tls => admin::ListenerKind::Tls,
        ListenerKind::Ws => admin::ListenerKind::Ws,
        ListenerKind::Wss => admin::ListenerKind::Wss,
    };
    admin::Listener {
        node: broker.node_name.to_string(),
        name: status.name.to_string(),
        kind: kind.into(),
        settings: Some(settings(status.kind, &status.settings)),
        address: status
            .address
            .map(|address| address.to_string())
            .unwrap_or_default(),
        problem: status.problem,
        connections: status.figures.connections,
        accepted_total: status.figures.accepted,
        refused_total: status.figures.refused,
        handshake_failures_total: status.figures.handshake_failures,
        origin: status.origin.as_str().to_owned(),
        certificate_expires_unix_s: status.certificate_expires_unix_s,
    }
}

/// All that a listener of that kind has.
fn settings(kind: ListenerKind, settings: &ListenerSettings) -> admin::ListenerSettings {
    let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let has_tls = kind.has_tls();
    let client_certificate = match settings.client_certificate {
        ClientCertificate::None => admin::ClientCertificate::None,
        ClientCertificate::Optional => admin::ClientCertificate::Optional,
        ClientCertificate::Required => admin::ClientCertificate::Required,
    };
    let certificates = settings
        .certificates
        .iter()
        .map(|certificate| admin::ServerCertificate {
            certfile: certificate.certfile.display().to_string(),
            keyfile: certificate.keyfile.display().to_string(),
            server_name: certificate.server_name.clone(),
        });
    admin::ListenerSettings {
        bind: Some(settings.bind.to_string()),
        enabled: Some(settings.enabled),
        max_connections: Some(settings.max_connections),
        maximum_packet_size: Some(settings.maximum_packet_size),
        connect_timeout_ms: Some(ms(settings.connect_timeout)),
        proxy_protocol: Some(settings.proxy_protocol),
        proxy_protocol_timeout_ms: Some(ms(settings.proxy_protocol_timeout)),
        path: kind.has_websocket().then(|| settings.path.clone()),
        certificates: if has_tls {
            certificates.collect()
        } else {
            Vec::new()
        },
        cacertfile: settings
            .cacertfile
            .as_ref()
            .filter(|_| has_tls)
            .map(|file| file.display().to_string()),
        client_certificate: has_tls.then_some(client_certificate.into()),
        handshake_timeout_ms: (kind != ListenerKind::Tcp).then(|| ms(settings.handshake_timeout)),
    }
}
