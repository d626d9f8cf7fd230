//! The listeners of the scripted node.

use emqx_proto::admin::v1 as wire;
use tonic::{Code, Request, Response, Status};
use wire::listener_service_server::ListenerService;

use super::fake::{Answer, NOW_MS, Service, refusal};

impl Service {
    fn find_listener(&self, node: &str, name: &str) -> Result<wire::Listener, Status> {
        let script = self.script();
        let node = if node.is_empty() {
            &script.status.answered_by
        } else {
            node
        };
        let found = script
            .listeners
            .iter()
            .find(|listener| listener.node == *node && listener.name == name);
        found.cloned().ok_or_else(|| {
            refusal(
                Code::NotFound,
                &format!("no listener of node '{node}' is called '{name}'"),
                "unknown_listener",
                "",
            )
        })
    }
}

#[tonic::async_trait]
impl ListenerService for Service {
    async fn list(
        &self,
        request: Request<wire::ListListenersRequest>,
    ) -> Answer<wire::ListListenersResponse> {
        self.enter("listeners", request.get_ref()).await?;
        let node = &request.get_ref().node;
        let script = self.script();
        Ok(Response::new(wire::ListListenersResponse {
            listeners: script
                .listeners
                .iter()
                .filter(|listener| node.is_empty() || listener.node == *node)
                .cloned()
                .collect(),
            nodes_unreachable: script
                .nodes_unreachable
                .iter()
                .filter(|silent| node.is_empty() || *silent == node)
                .cloned()
                .collect(),
        }))
    }

    async fn add(&self, request: Request<wire::AddListenerRequest>) -> Answer<wire::Listener> {
        self.enter("add_listener", request.get_ref()).await?;
        let request = request.into_inner();
        let settings = request.settings.unwrap_or_default();
        let node = if request.node.is_empty() {
            self.script().status.answered_by.clone()
        } else {
            request.node
        };
        Ok(Response::new(answer_to(wire::Listener {
            node,
            name: request.name,
            kind: request.kind,
            settings: Some(settings),
            origin: "runtime".to_owned(),
            ..wire::Listener::default()
        })))
    }

    async fn set(&self, request: Request<wire::SetListenerRequest>) -> Answer<wire::Listener> {
        self.enter("set_listener", request.get_ref()).await?;
        let request = request.into_inner();
        let mut listener = self.find_listener(&request.node, &request.name)?;
        let wanted = request.settings.unwrap_or_default();
        let mut settings = listener.settings.unwrap_or_default();
        settings.bind = wanted.bind.or(settings.bind);
        settings.enabled = wanted.enabled.or(settings.enabled);
        settings.max_connections = wanted.max_connections.or(settings.max_connections);
        listener.settings = Some(settings);
        Ok(Response::new(answer_to(listener)))
    }

    async fn remove(
        &self,
        request: Request<wire::RemoveListenerRequest>,
    ) -> Answer<wire::Listener> {
        self.enter("remove_listener", request.get_ref()).await?;
        let request = request.get_ref();
        self.find_listener(&request.node, &request.name)
            .map(Response::new)
    }

    async fn reload_certificates(
        &self,
        request: Request<wire::ReloadCertificatesRequest>,
    ) -> Answer<wire::ListListenersResponse> {
        self.enter("reload_certificates", request.get_ref()).await?;
        let request = request.get_ref();
        let listeners = if request.name.is_empty() {
            let script = self.script();
            script
                .listeners
                .iter()
                .filter(|listener| listener.node == script.status.answered_by)
                .filter(|listener| listener.certificate_expires_unix_s.is_some())
                .cloned()
                .collect()
        } else {
            vec![self.find_listener(&request.node, &request.name)?]
        };
        Ok(Response::new(wire::ListListenersResponse {
            listeners,
            nodes_unreachable: Vec::new(),
        }))
    }
}

/// A listener as it is after a change: it listens where it is set to, unless it is disabled or that
/// is the port 80, which is always taken.
fn answer_to(mut listener: wire::Listener) -> wire::Listener {
    let settings = listener.settings.clone().unwrap_or_default();
    let bind = settings.bind.unwrap_or_default();
    listener.problem = None;
    listener.address = String::new();
    if settings.enabled == Some(false) {
        return listener;
    }
    if bind.ends_with(":80") {
        listener.problem = Some(format!("cannot listen on {bind}: Address already in use"));
    } else {
        listener.address = bind;
    }
    listener
}

/// Of three nodes: one of each kind, one disabled, one that cannot listen.
pub fn sample_listeners() -> Vec<wire::Listener> {
    let listener = |node: &str, name: &str, kind: wire::ListenerKind, bind: &str| wire::Listener {
        node: node.to_owned(),
        name: name.to_owned(),
        kind: kind.into(),
        settings: Some(wire::ListenerSettings {
            bind: Some(bind.to_owned()),
            enabled: Some(true),
            max_connections: Some(0),
            maximum_packet_size: Some(0),
            connect_timeout_ms: Some(0),
            proxy_protocol: Some(false),
            proxy_protocol_timeout_ms: Some(3_000),
            path: Some("/mqtt".to_owned()),
            certificates: Vec::new(),
            cacertfile: None,
            client_certificate: Some(wire::ClientCertificate::None.into()),
            handshake_timeout_ms: Some(15_000),
        }),
        address: bind.to_owned(),
        connections: 0,
        accepted_total: 0,
        origin: "file".to_owned(),
        ..wire::Listener::default()
    };
    let mut tcp = listener("n1", "default", wire::ListenerKind::Tcp, "10.0.0.1:1883");
    tcp.connections = 3_511;
    tcp.accepted_total = 90_412;
    tcp.origin = "flag".to_owned();
    let mut tls = listener("n1", "devices", wire::ListenerKind::Tls, "0.0.0.0:8883");
    tls.connections = 12;
    tls.accepted_total = 1_204;
    tls.refused_total = 7;
    tls.handshake_failures_total = 31;
    tls.certificate_expires_unix_s = Some(NOW_MS / 1_000 + 9 * 86_400);
    if let Some(settings) = &mut tls.settings {
        let certificate = |name: &str, file: &str| wire::ServerCertificate {
            certfile: format!("/etc/emqxd/{file}.pem"),
            keyfile: format!("/etc/emqxd/{file}.key"),
            server_name: name.to_owned(),
        };
        settings.max_connections = Some(10_000);
        settings.maximum_packet_size = Some(64 << 10);
        settings.connect_timeout_ms = Some(5_000);
        settings.proxy_protocol = Some(true);
        settings.certificates = vec![
            certificate("", "n1"),
            certificate("*.fleet.example", "fleet"),
        ];
        settings.cacertfile = Some("/etc/emqxd/ca.pem".to_owned());
        settings.client_certificate = Some(wire::ClientCertificate::Optional.into());
    }
    let mut socket = listener("n2", "local", wire::ListenerKind::Ws, "unix:/run/emqxd.ws");
    if let Some(settings) = &mut socket.settings {
        settings.enabled = Some(false);
    }
    socket.address = String::new();
    socket.connections = 1;
    socket.accepted_total = 1;
    let mut wss = listener("n3", "devices", wire::ListenerKind::Wss, "10.0.0.3:443");
    wss.address = String::new();
    wss.problem = Some("cannot listen on 10.0.0.3:443: Permission denied".to_owned());
    wss.origin = "runtime".to_owned();
    wss.certificate_expires_unix_s = Some(NOW_MS / 1_000 - 86_400);
    vec![tcp, tls, socket, wss]
}
