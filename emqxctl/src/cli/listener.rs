//! `emqxctl listeners …`

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

use super::listener_value::{
    bind, limit, name, node_path, server_certificate, size, web_socket_path,
};
use super::value::{duration, filled};
use crate::model::{ClientCertificate, ListenerKind, ServerCertificate};

/// What certificates are, for the help.
macro_rules! files {
    () => {
        "Certificates, keys and sockets are files on the node, which reads them itself: write absolute \
         paths as they are there."
    };
}

/// See, add, change and remove listeners.
#[derive(Debug, Subcommand)]
pub enum ListenersCommand {
    /// List listeners of all nodes, with the problems that they have
    #[command(before_help = "Examples:
  emqxctl listeners list
  emqxctl listeners list --node n1 -o wide")]
    List(ListListenersArgs),
    /// Show all settings and figures of a listener
    #[command(before_help = "Examples:
  emqxctl listeners show devices
  emqxctl listeners show devices --node n1 -o json")]
    Show(ShowListenerArgs),
    /// Open a listener; it is there again after a restart of the node
    #[command(
        before_help = "Examples:
  emqxctl listeners add lan --type tcp --bind 10.0.0.1:1883 --max-connections 5000
  emqxctl listeners add web --type wss --bind [::]:443 --certfile /etc/n1.pem --keyfile /etc/n1.key",
        after_help = files!()
    )]
    Add(Box<AddListenerArgs>),
    /// Change some settings of a listener; what is not given stays, and so do its connections
    #[command(
        before_help = "Examples:
  emqxctl listeners set devices --max-connections 20000 --handshake-timeout 5s
  emqxctl listeners set devices --node n1 --certfile /etc/emqxd/n1.pem --keyfile /etc/emqxd/n1.key",
        after_help = concat!(
            files!(),
            "\nDefaults are those of new listeners; a setting that is not given stays as it is."
        )
    )]
    Set(Box<SetListenerArgs>),
    /// Close a listener for good; its connections stay unless told otherwise
    #[command(before_help = "Examples:
  emqxctl listeners remove lan
  emqxctl listeners remove lan --node n1 --disconnect --yes")]
    Remove(RemoveListenerArgs),
    /// Let a disabled listener accept connections again
    #[command(before_help = "Examples:
  emqxctl listeners enable lan
  emqxctl listeners enable lan --node n1")]
    Enable(OneListenerArgs),
    /// Let a listener accept no more connections; those that it has stay
    #[command(before_help = "Examples:
  emqxctl listeners disable lan
  emqxctl listeners disable lan --node n1")]
    Disable(OneListenerArgs),
    /// Read certificate files again; new handshakes use them, connections stay
    #[command(
        before_help = "Examples:
  emqxctl listeners reload-certificates
  emqxctl listeners reload-certificates devices --node n1",
        after_help = "Nothing is changed when one of the files cannot be used."
    )]
    ReloadCertificates(ReloadCertificatesArgs),
}

/// Arguments of `listeners list`.
#[derive(Debug, Args)]
pub struct ListListenersArgs {
    /// Only listeners of this node
    #[arg(long, value_name = "NODE", value_parser = filled)]
    pub node: Option<String>,
}

/// Arguments of `listeners show`.
#[derive(Debug, Args)]
pub struct ShowListenerArgs {
    /// Name of the listener
    #[arg(value_name = "NAME", value_parser = filled)]
    pub name: String,
    /// Only that of this node [default: all nodes that have one of this name]
    #[arg(long, value_name = "NODE", value_parser = filled)]
    pub node: Option<String>,
}

/// Which node a change is for.
#[derive(Debug, Args)]
pub struct NodeArg {
    /// The node to change [default: the one that --server names; needed when it names several]
    #[arg(long, value_name = "NODE", value_parser = filled)]
    pub node: Option<String>,
}

/// Arguments of `listeners add`.
#[derive(Debug, Args)]
pub struct AddListenerArgs {
    /// Name of the new listener: 1 to 64 of A-Z a-z 0-9 . _ -
    #[arg(value_name = "NAME", value_parser = name)]
    pub name: String,
    /// MQTT over TCP, TLS, WebSocket, or WebSocket over TLS
    #[arg(long = "type", value_name = "TYPE", value_enum)]
    pub kind: ListenerKindArg,
    /// Where to listen: an IP address of the node, or a Unix socket (tcp and ws only)
    #[arg(long, value_name = "HOST:PORT|unix:PATH", value_parser = bind)]
    pub bind: String,
    /// The settings that have defaults.
    #[command(flatten)]
    pub settings: SettingsArgs,
    /// The node.
    #[command(flatten)]
    pub node: NodeArg,
}

/// Arguments of `listeners set`.
#[derive(Debug, Args)]
pub struct SetListenerArgs {
    /// Name of the listener
    #[arg(value_name = "NAME", value_parser = filled)]
    pub name: String,
    /// Where to listen from now on: an IP address of the node, or a Unix socket (tcp and ws only)
    #[arg(long, value_name = "HOST:PORT|unix:PATH", value_parser = bind)]
    pub bind: Option<String>,
    /// The settings.
    #[command(flatten)]
    pub settings: SettingsArgs,
    /// Connections begin without a PROXY header
    #[arg(long, conflicts_with = "proxy_protocol")]
    pub no_proxy_protocol: bool,
    /// The node.
    #[command(flatten)]
    pub node: NodeArg,
}

/// Settings of a listener as they are typed. Defaults are those of a new listener.
#[derive(Debug, Args)]
pub struct SettingsArgs {
    /// Most connections at once, 0 = only the node's limit [default: 0]
    #[arg(long, value_name = "N", value_parser = limit, allow_negative_numbers = true)]
    pub max_connections: Option<u64>,
    /// Largest packet accepted, such as 64KiB, 0 = the node's limit [default: 0]
    #[arg(long, value_name = "SIZE", value_parser = size, allow_negative_numbers = true)]
    pub maximum_packet_size: Option<u32>,
    /// From the accepted connection to CONNECT, 0 = the node's limit [default: 0]
    #[arg(long, value_name = "DUR", value_parser = duration, allow_negative_numbers = true)]
    pub connect_timeout: Option<Duration>,
    /// Every connection begins with a PROXY header, version 1 or 2
    #[arg(long)]
    pub proxy_protocol: bool,
    /// How long that header may take [default: 3s]
    #[arg(long, value_name = "DUR", value_parser = duration, allow_negative_numbers = true)]
    pub proxy_protocol_timeout: Option<Duration>,
    /// Of ws and wss: path of the WebSocket handshake [default: /mqtt]
    #[arg(long, value_name = "PATH", value_parser = web_socket_path)]
    pub path: Option<String>,
    /// Of tls and wss: certificate chain on the node, PEM, leaf first [default: that of the node]
    #[arg(long, value_name = "FILE", requires = "keyfile", value_parser = node_path)]
    pub certfile: Option<String>,
    /// Private key on the node, PEM
    #[arg(long, value_name = "FILE", requires = "certfile", value_parser = node_path)]
    pub keyfile: Option<String>,
    /// Of tls and wss: another certificate for clients that ask for this host name; can be given again,
    /// all together replace those that a listener has
    #[arg(long, value_name = "NAME=CERT,KEY", value_parser = server_certificate)]
    pub sni: Vec<ServerCertificate>,
    /// Of tls and wss: who may sign client certificates, file on the node, PEM
    #[arg(long, value_name = "FILE", value_parser = node_path)]
    pub cacertfile: Option<String>,
    /// Of tls and wss: whether clients show a certificate [default: none]
    #[arg(long, value_name = "WHEN", value_enum)]
    pub client_certificate: Option<ClientCertificateArg>,
    /// How long the handshakes of TLS and of WebSocket may take, each [default: 15s]
    #[arg(long, value_name = "DUR", value_parser = duration, allow_negative_numbers = true)]
    pub handshake_timeout: Option<Duration>,
    /// Accept no connections until it is enabled
    #[arg(long)]
    pub disabled: bool,
}

/// Arguments of `listeners remove`.
#[derive(Debug, Args)]
pub struct RemoveListenerArgs {
    /// Name of the listener
    #[arg(value_name = "NAME", value_parser = filled)]
    pub name: String,
    /// Close its connections too; MQTT 5 clients get DISCONNECT 0x98
    #[arg(long)]
    pub disconnect: bool,
    /// The node.
    #[command(flatten)]
    pub node: NodeArg,
}

/// Arguments of `listeners enable` and `listeners disable`.
#[derive(Debug, Args)]
pub struct OneListenerArgs {
    /// Name of the listener
    #[arg(value_name = "NAME", value_parser = filled)]
    pub name: String,
    /// The node.
    #[command(flatten)]
    pub node: NodeArg,
}

/// Arguments of `listeners reload-certificates`.
#[derive(Debug, Args)]
pub struct ReloadCertificatesArgs {
    /// Name of the listener [default: all of the node that use TLS]
    #[arg(value_name = "NAME", value_parser = filled)]
    pub name: Option<String>,
    /// The node.
    #[command(flatten)]
    pub node: NodeArg,
}

/// What is spoken on a listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListenerKindArg {
    /// MQTT
    Tcp,
    /// MQTT over TLS
    Tls,
    /// MQTT over WebSocket
    Ws,
    /// MQTT over WebSocket over TLS
    Wss,
}

impl From<ListenerKindArg> for ListenerKind {
    fn from(kind: ListenerKindArg) -> Self {
        match kind {
            ListenerKindArg::Tcp => Self::Tcp,
            ListenerKindArg::Tls => Self::Tls,
            ListenerKindArg::Ws => Self::Ws,
            ListenerKindArg::Wss => Self::Wss,
        }
    }
}

/// Whether clients show a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ClientCertificateArg {
    /// They are not asked for one
    None,
    /// It is checked when they have one
    Optional,
    /// No handshake without one
    Required,
}

impl From<ClientCertificateArg> for ClientCertificate {
    fn from(wanted: ClientCertificateArg) -> Self {
        match wanted {
            ClientCertificateArg::None => Self::None,
            ClientCertificateArg::Optional => Self::Optional,
            ClientCertificateArg::Required => Self::Required,
        }
    }
}
