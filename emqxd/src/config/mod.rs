//! What may be set, parsed into types: whoever holds a [`Config`] need not check it again.
//!
//! A setting comes from a flag, else from the environment, else from the file, else it has its default.
//! [`key`] names them all, [`args`] and [`file`] take them as they were typed, [`value`] gives one its type,
//! [`check`] builds the whole and looks at what only several settings together show.
//!
//! Called by `main`; everything else only reads the result.

mod args;
mod check;
mod error;
mod file;
mod host_name;
mod key;
mod limits;
pub mod listener;
mod listener_change;
mod listener_table;
mod load;
mod value;

#[cfg(test)]
mod check_tests;
#[cfg(test)]
mod example_tests;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use crate::cluster::LinkLimits;
use crate::membership::NodeName;
use crate::routing::RetainedLimits;
use crate::session::SessionConfig;
use crate::storage::Durability;
use crate::topic::ShareStrategies;

pub use args::command;
pub use error::{ConfigError, Problem, Source};
pub use host_name::host_name;
pub use key::KEYS;
pub use limits::Limits;
use listener::{Bind, ListenerConfig, ListenerKind, ListenerOrigin, ListenerSettings, TlsDefaults};

/// Everything that can be set, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Unique in the cluster. Default: the host name.
    pub node_name: NodeName,
    /// Nodes of another cluster are not spoken to; the same characters as a node name. Default `emqxd`.
    pub cluster_name: String,
    /// For everything that the node keeps. Default `emqxd-data`.
    pub data_dir: PathBuf,
    /// When a change counts as stored. Default `disk`.
    pub durability: Durability,
    /// Where MQTT over TCP is served. Port 0 = a free one. Default `127.0.0.1:1883`.
    pub mqtt: SocketAddr,
    /// What TLS listeners use that name nothing of their own.
    pub tls: TlsDefaults,
    /// Every listener that flags and file ask for, `mqtt` among them, sorted by name.
    pub listeners: Vec<ListenerConfig>,
    /// `HOST:PORT` that clients are told to connect to (Server Reference). `None`: see
    /// [`advertised_mqtt`](Self::advertised_mqtt).
    pub advertise_mqtt: Option<String>,
    /// Where operators are served (gRPC). Default `127.0.0.1:7883`.
    pub admin: SocketAddr,
    /// Where availability, status and metrics are served (HTTP). Default `127.0.0.1:18083`.
    pub http: SocketAddr,
    /// Gossip (UDP) and peer links (TCP). Default `127.0.0.1:4370`.
    pub cluster: SocketAddr,
    /// Where peers reach this node. `None`: see [`advertised_cluster`](Self::advertised_cluster).
    pub advertise_cluster: Option<SocketAddr>,
    /// `HOST:PORT` of `cluster` of other nodes. Empty = the node starts alone.
    pub join: Vec<String>,
    /// Whether a client needs no User Name. Default true when all listeners are on loopback; else it must be said.
    pub allow_anonymous: bool,
    /// Whether that was said, so that listeners that other hosts reach may be added.
    pub allow_anonymous_said: bool,
    /// `admin` may be reached from other hosts although it has no encryption. Default false.
    pub insecure_admin: bool,
    /// The same for `cluster`. Default false.
    pub insecure_cluster: bool,
    /// Of the log on standard error. Default text.
    pub log_format: LogFormat,
    /// Which records are written: a valid filter of `tracing_subscriber::EnvFilter`.
    pub log_filter: String,
    /// Only check the configuration. Default false.
    pub check_config: bool,
    /// How often expired state is dropped and unused memory is given back to the system; `None` = only as the node works.
    /// Default 10 s.
    pub global_gc_interval: Option<Duration>,
    /// How long the node may evacuate itself when it is told to stop, before it stops; `None` = it stops at once. Default
    /// none.
    pub shutdown_evacuate: Option<Duration>,
    /// Of connections and packets.
    pub limits: Limits,
    /// Of every Session.
    pub session: SessionConfig,
    /// On how many nodes each stored Session is: 1, or 2 with a copy on another node. Default 1.
    pub session_replicas: usize,
    /// Of Retained Messages.
    pub retainer: RetainedLimits,
    /// How Shared Subscriptions choose among their members.
    pub shared_subscription: ShareStrategies,
    /// Of the link to each peer.
    pub peer_link: LinkLimits,
}

/// How log records are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// A line for people.
    #[default]
    Text,
    /// A JSON object a line.
    Json,
}

/// Which log records are written when nothing is said: ours that matter, of libraries only what went wrong. Raft says
/// that members cannot be reached several times a second; the control group says it once.
fn log_filter_of(level: &str) -> String {
    match level {
        "error" => "error".to_owned(),
        level => format!("warn,openraft=off,emqxd={level}"),
    }
}

const fn loopback(port: u16) -> SocketAddr {
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), port)
}

impl Default for Config {
    /// Without a flag, a variable and a file.
    fn default() -> Self {
        let tls = TlsDefaults::default();
        let mqtt = loopback(1883);
        Self {
            node_name: host_name::default_node_name(),
            cluster_name: "emqxd".to_owned(),
            data_dir: PathBuf::from("emqxd-data"),
            durability: Durability::default(),
            mqtt,
            listeners: vec![ListenerConfig {
                name: "mqtt".to_owned(),
                kind: ListenerKind::Tcp,
                origin: ListenerOrigin::Flag,
                settings: ListenerSettings::new(Bind::Tcp(mqtt), &tls),
            }],
            tls,
            advertise_mqtt: None,
            admin: loopback(7883),
            http: loopback(18083),
            cluster: loopback(4370),
            advertise_cluster: None,
            join: Vec::new(),
            allow_anonymous: true,
            allow_anonymous_said: false,
            insecure_admin: false,
            insecure_cluster: false,
            log_format: LogFormat::default(),
            log_filter: log_filter_of("info"),
            check_config: false,
            global_gc_interval: Some(Duration::from_secs(10)),
            shutdown_evacuate: None,
            limits: Limits::default(),
            session: SessionConfig::default(),
            session_replicas: 1,
            retainer: RetainedLimits::default(),
            shared_subscription: ShareStrategies::default(),
            peer_link: LinkLimits::default(),
        }
    }
}

impl Config {
    /// From the arguments, the environment and the configuration file of this process.
    ///
    /// # Errors
    /// Everything that is wrong at once, each with where it was said and what would be valid. `--help` and
    /// `--version` are errors too, as clap counts them.
    pub fn load() -> Result<Self, ConfigError> {
        Self::load_from(std::env::args_os(), |name| std::env::var_os(name))
    }

    /// The Server Reference for clients that are sent to this node, when its MQTT listener got the address
    /// `bound`: what was set, else that address, else (it listens on all addresses) the host name with that port.
    pub fn advertised_mqtt(&self, bound: SocketAddr) -> String {
        self.advertise_mqtt
            .clone()
            .unwrap_or_else(|| reachable(bound))
    }

    /// What operators and peers are told about a listener of this node that got the address `bound`.
    pub fn advertised(&self, bound: SocketAddr) -> String {
        reachable(bound)
    }

    /// Where peers are told to reach this node, when its cluster listener got the address `bound`. A set port of 0
    /// means the port that was bound.
    pub fn advertised_cluster(&self, bound: SocketAddr) -> SocketAddr {
        match self.advertise_cluster {
            Some(address) if address.port() == 0 => SocketAddr::new(address.ip(), bound.port()),
            Some(address) => address,
            None => bound,
        }
    }

    /// What is allowed and yet worth a line in the log at every start.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if !self.allow_anonymous {
            warnings.push(
                "allow_anonymous = false: clients must give a User Name, but nothing checks it or the password"
                    .to_owned(),
            );
        } else {
            for listener in self
                .listeners
                .iter()
                .filter(|listener| listener.settings.enabled && !listener.settings.bind.is_local())
            {
                warnings.push(format!(
                    "anybody who reaches {} may publish and subscribe",
                    listener.settings.bind
                ));
            }
        }
        for (key, address) in [("admin", &self.admin), ("cluster", &self.cluster)] {
            if !is_loopback(address) {
                warnings.push(format!(
                    "{key} {address} is neither encrypted nor authenticated: keep others from reaching it"
                ));
            }
        }
        warnings
    }
}

/// Whether only this host reaches the address.
fn is_loopback(address: &SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}

fn reachable(bound: SocketAddr) -> String {
    if bound.ip().is_unspecified() {
        format!("{}:{}", host_name(), bound.port())
    } else {
        bound.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_told_an_address_that_they_can_reach() {
        let mut config = Config::default();
        let bound = "127.0.0.1:40123".parse().unwrap();
        let everywhere = "0.0.0.0:1883".parse().unwrap();
        assert_eq!(config.advertised_mqtt(bound), "127.0.0.1:40123");
        assert_eq!(
            config.advertised_mqtt(everywhere),
            format!("{}:1883", host_name())
        );
        config.advertise_mqtt = Some("mqtt.example.org:8883".to_owned());
        assert_eq!(config.advertised_mqtt(bound), "mqtt.example.org:8883");
    }

    #[test]
    fn peers_are_told_the_bound_port_when_none_was_set() {
        let bound = "0.0.0.0:40123".parse().unwrap();
        let told = |set: Option<&str>| {
            let config = Config {
                advertise_cluster: set.map(|address| address.parse().unwrap()),
                ..Config::default()
            };
            config.advertised_cluster(bound).to_string()
        };
        assert_eq!(told(Some("10.0.0.7:0")), "10.0.0.7:40123");
        assert_eq!(told(Some("10.0.0.7:4371")), "10.0.0.7:4371");
        assert_eq!(told(None), "0.0.0.0:40123");
    }

    #[test]
    fn a_default_node_has_nothing_to_warn_about() {
        assert_eq!(Config::default().warnings(), Vec::<String>::new());
        let mut open = Config {
            cluster: "10.0.0.7:4370".parse().unwrap(),
            ..Config::default()
        };
        open.listeners[0].settings.bind = Bind::parse("[::]:1883").unwrap();
        let warnings = open.warnings().join("\n");
        assert!(
            warnings.contains("anybody who reaches [::]:1883"),
            "{warnings}"
        );
        assert!(warnings.contains("cluster 10.0.0.7:4370"), "{warnings}");
    }
}
