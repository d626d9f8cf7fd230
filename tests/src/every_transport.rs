//! One node that is reached over every transport, with certificates of its own authority.

use std::fs;
use std::path::{Path, PathBuf};

use emqxctl::demo::cluster::{Node, NodeOptions};
use emqxctl::demo::link::Protocol;
use rustls::ClientConfig;
use tempfile::TempDir;
use tokio::io::DuplexStream;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::admin::Admin;
use crate::certificates::{Authority, Files};
use crate::programs;
use crate::streams;
use crate::wire::Wire;

/// The node, with the listeners `mqtt`, `mqtts`, `ws` and `wss` on free ports of loopback.
pub struct EveryTransport {
    /// The node.
    pub node: Node,
    /// Who has signed its certificate, which is for `localhost`.
    pub authority: Authority,
    /// The files of that certificate.
    pub server: Files,
    // Dropped after the node.
    folder: TempDir,
}

impl EveryTransport {
    /// Starts it.
    pub async fn start() -> Self {
        Self::start_with(|_, _| String::new()).await
    }

    /// Starts it with something behind its configuration file, such as further listeners.
    pub async fn start_with(more: impl FnOnce(&Path, &Authority) -> String) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let authority = Authority::new(folder.path(), "ca");
        let server = authority.server("server", &["localhost"]);
        let config = folder.path().join("emqxd.toml");
        let text = format!(
            "mqtts = \"127.0.0.1:0\"\nws = \"127.0.0.1:0\"\nwss = \"127.0.0.1:0\"\n[tls]\ncertfile = {:?}\nkeyfile = {:?}\n{}",
            server.certfile,
            server.keyfile,
            more(folder.path(), &authority)
        );
        fs::write(&config, text).expect("a file");
        let mut options = NodeOptions::new(&programs::emqxd(), folder.path(), "n1");
        let path = config.display().to_string();
        options.flags.insert("config".to_owned(), path);
        Self {
            node: Node::start(options).await.expect("a node"),
            authority,
            server,
            folder,
        }
    }

    /// Stops the node in good order and starts it again, with its data.
    pub async fn restart(self) -> Self {
        let options = self.node.options.clone();
        self.node.terminate().await.expect("a node that ends");
        Self {
            node: Node::start(options).await.expect("a node"),
            ..self
        }
    }

    /// A path in the folder of the test.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// For operators.
    pub async fn admin(&self) -> Admin {
        Admin::connect(&self.node).await
    }

    /// `host:port` of MQTT over TLS.
    pub fn mqtts(&self) -> String {
        self.node.ready.mqtts.expect("a listener").to_string()
    }

    /// `host:port` of MQTT over WebSocket.
    pub fn ws(&self) -> String {
        self.node.ready.ws.expect("a listener").to_string()
    }

    /// `host:port` of MQTT over WebSocket over TLS.
    pub fn wss(&self) -> String {
        self.node.ready.wss.expect("a listener").to_string()
    }

    /// What a client trusts that knows the authority.
    pub fn trust(&self) -> ClientConfig {
        self.authority.client_config(None)
    }

    /// TLS to an address of the node.
    pub async fn tls_to(&self, address: &str) -> TlsStream<TcpStream> {
        let connector = TlsConnector::from(std::sync::Arc::new(self.trust()));
        let stream = streams::tls(address, "localhost", &connector).await;
        stream.expect("a TLS handshake")
    }

    /// WebSocket over TLS as a byte stream.
    pub async fn wss_bytes(&self) -> DuplexStream {
        let socket = streams::websocket(self.tls_to(&self.wss()).await, "/mqtt").await;
        streams::bytes_of(socket.expect("a WebSocket"))
    }

    /// WebSocket as a byte stream.
    pub async fn ws_bytes(&self) -> DuplexStream {
        let stream = streams::tcp(&self.ws()).await.expect("a connection");
        let socket = streams::websocket(stream, "/mqtt").await;
        streams::bytes_of(socket.expect("a WebSocket"))
    }

    /// A client over each transport, named after it.
    pub async fn clients(&self, protocol: Protocol) -> Vec<(&'static str, Wire)> {
        let tls = self.tls_to(&self.mqtts()).await;
        vec![
            (
                "mqtt",
                Wire::clean(&self.node.mqtt(), protocol, "over-mqtt").await,
            ),
            ("mqtts", Wire::clean_over(tls, protocol, "over-mqtts").await),
            (
                "ws",
                Wire::clean_over(self.ws_bytes().await, protocol, "over-ws").await,
            ),
            (
                "wss",
                Wire::clean_over(self.wss_bytes().await, protocol, "over-wss").await,
            ),
        ]
    }
}
