//! What may be set, parsed into types before anything is opened.
//!
//! A flag wins over its environment variable, that over the file, that over the default.

mod args;
mod error;
mod file;
mod limits;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::Parser as _;

pub use args::{Args, LogFormat};
pub use error::ConfigError;
pub use limits::Limits;

use crate::membership::NodeName;
use crate::session::SessionConfig;

/// A checked configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Name of this node, unique in the cluster.
    pub node_name: NodeName,
    /// Nodes of other clusters are not listened to.
    pub cluster_name: String,
    /// Where the node keeps its files.
    pub data_dir: PathBuf,
    /// MQTT over TCP.
    pub mqtt: SocketAddr,
    /// gRPC for operators.
    pub admin: SocketAddr,
    /// Availability check, status, metrics.
    pub http: SocketAddr,
    /// Gossip (UDP) and peer links (TCP).
    pub cluster: SocketAddr,
    /// Other nodes to find the cluster by.
    pub join: Vec<String>,
    /// What clients are told to use instead of the bound MQTT address.
    pub advertise_mqtt: Option<String>,
    /// Whether clients without a User Name are served.
    pub allow_anonymous: bool,
    /// How logs look.
    pub log_format: LogFormat,
    /// Which logs are written.
    pub log_level: String,
    /// Only check.
    pub check_config: bool,
    /// Limits of the node.
    pub limits: Limits,
    /// Limits of each Session.
    pub session: SessionConfig,
}

impl Config {
    /// From command line, environment and file.
    ///
    /// # Errors
    /// When something is unknown, malformed, or not allowed together.
    pub fn load() -> Result<Self, ConfigError> {
        Self::from_args(Args::try_parse()?)
    }

    /// From a parsed command line (with environment) and the file that it names.
    ///
    /// # Errors
    /// As `load`.
    pub fn from_args(args: Args) -> Result<Self, ConfigError> {
        let file = match &args.config {
            Some(path) => file::read(path)?,
            None => file::File::default(),
        };
        let node_name = args.node_name.or(file.node_name).unwrap_or_else(host_name);
        let node_name = NodeName::new(&node_name).map_err(|error| ConfigError::Value {
            key: "node_name",
            value: node_name.clone(),
            valid: error.to_string(),
        })?;
        let cluster_name =
            args.cluster_name.or(file.cluster_name).unwrap_or_else(|| "emqxd".to_owned());
        NodeName::new(&cluster_name).map_err(|error| ConfigError::Value {
            key: "cluster_name",
            value: cluster_name.clone(),
            valid: error.to_string(),
        })?;
        let local = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let mqtt = args.mqtt.or(file.mqtt).unwrap_or_else(|| local(1883));
        let admin = args.admin.or(file.admin).unwrap_or_else(|| local(7883));
        let http = args.http.or(file.http).unwrap_or_else(|| local(18083));
        let cluster = args.cluster.or(file.cluster).unwrap_or_else(|| local(4370));
        let allowed = args.allow_anonymous.or(file.allow_anonymous);
        let insecure_admin = args.insecure_admin.or(file.insecure_admin).unwrap_or(false);
        let insecure_cluster = args.insecure_cluster.or(file.insecure_cluster).unwrap_or(false);
        if is_public(mqtt.ip()) && allowed != Some(true) {
            return Err(ConfigError::NotAllowed {
                what: format!("mqtt = {mqtt}: anybody on that network could connect without a name"),
                valid: "say --allow-anonymous, or listen on 127.0.0.1".to_owned(),
            });
        }
        if is_public(admin.ip()) && !insecure_admin {
            return Err(ConfigError::NotAllowed {
                what: format!("admin = {admin}: anybody on that network could take nodes out of service"),
                valid: "say --insecure-admin on a trusted network, or listen on 127.0.0.1".to_owned(),
            });
        }
        if is_public(cluster.ip()) && !insecure_cluster {
            return Err(ConfigError::NotAllowed {
                what: format!("cluster = {cluster}: links between nodes are not encrypted"),
                valid: "say --insecure-cluster on a trusted network, or listen on 127.0.0.1".to_owned(),
            });
        }
        let join = if args.join.is_empty() { file.join.unwrap_or_default() } else { args.join };
        for seed in &join {
            check_host_port("join", seed)?;
        }
        let advertise_mqtt = args.advertise_mqtt.or(file.advertise_mqtt);
        if let Some(address) = &advertise_mqtt {
            check_host_port("advertise_mqtt", address)?;
        }
        Ok(Self {
            node_name,
            cluster_name,
            data_dir: args.data_dir.or(file.data_dir).unwrap_or_else(|| PathBuf::from("emqxd-data")),
            mqtt,
            admin,
            http,
            cluster,
            join,
            advertise_mqtt,
            allow_anonymous: allowed.unwrap_or(true),
            log_format: args.log_format.or(file.log_format).unwrap_or_default(),
            log_level: args.log_level.or(file.log_level).unwrap_or_else(|| "info".to_owned()),
            check_config: args.check_config,
            limits: file.limits.into_limits()?,
            session: file.session.into_session_config()?,
        })
    }

    /// What clients of other nodes are told to reach this one's MQTT listener.
    pub fn advertised_mqtt(&self, bound: SocketAddr) -> String {
        match &self.advertise_mqtt {
            Some(address) => address.clone(),
            None if bound.ip().is_unspecified() => format!("{}:{}", host_name(), bound.port()),
            None => bound.to_string(),
        }
    }
}

const fn is_public(address: IpAddr) -> bool {
    !address.is_loopback()
}

fn check_host_port(key: &'static str, text: &str) -> Result<(), ConfigError> {
    let port = text.rsplit_once(':').filter(|(host, _)| !host.is_empty()).map(|(_, port)| port);
    match port.map(str::parse::<u16>) {
        Some(Ok(1..)) => Ok(()),
        _ => Err(ConfigError::Value {
            key,
            value: text.to_owned(),
            valid: "HOST:PORT with a port from 1 to 65535".to_owned(),
        }),
    }
}

/// The host's name, with what a node name cannot have replaced.
fn host_name() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name: String = name
        .trim()
        .chars()
        .take(64)
        .map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' })
        .collect();
    if name.is_empty() { "emqxd".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(line: &[&str]) -> Result<Config, ConfigError> {
        let line = ["emqxd", "--node-name", "n1"].iter().chain(line);
        Config::from_args(Args::try_parse_from(line)?)
    }

    #[test]
    fn without_anything_it_listens_on_loopback_only() {
        let config = from(&[]).expect("valid");
        for address in [config.mqtt, config.admin, config.http, config.cluster] {
            assert!(address.ip().is_loopback());
        }
        assert!(config.allow_anonymous);
    }

    #[test]
    fn a_public_listener_must_be_said_out_loud() {
        for (line, word) in [
            (["--mqtt", "0.0.0.0:1883"], "--allow-anonymous"),
            (["--admin", "0.0.0.0:7883"], "--insecure-admin"),
            (["--cluster", "0.0.0.0:4370"], "--insecure-cluster"),
        ] {
            let error = from(&line).expect_err("refused").to_string();
            assert!(error.contains(word) && error.contains(line[1]), "{error}");
            assert!(from(&[line[0], line[1], word]).is_ok());
        }
    }

    #[test]
    fn the_example_file_says_the_defaults() {
        let dir = tempfile::tempdir().expect("temporary directory");
        let path = dir.path().join("emqxd.toml");
        std::fs::write(&path, include_str!("../../emqxd.example.toml")).expect("writes");
        let path = path.to_str().expect("text").to_owned();
        assert_eq!(from(&["--config", &path]).expect("valid"), from(&[]).expect("valid"));
    }

    #[test]
    fn mistakes_in_the_file_are_named_with_their_line() {
        let dir = tempfile::tempdir().expect("temporary directory");
        for (text, words) in [
            ("log_level = \"info\"\nmqqt = \"127.0.0.1:1\"\n", ["line 2", "mqqt"]),
            ("[limits]\nmaximum_packet_size = \"big\"\n", ["line 2", "maximum_packet_size"]),
            ("mqtt = \"nowhere\"\n", ["line 1", "mqtt"]),
            ("[limits]\nmaximum_packet_size = 1\n", ["maximum_packet_size", "1"]),
            ("[session]\nawaiting_pubrel_timeout = \"soon\"\n", ["awaiting_pubrel_timeout", "soon"]),
        ] {
            let path = dir.path().join("emqxd.toml");
            std::fs::write(&path, text).expect("writes");
            let path = path.to_str().expect("text").to_owned();
            let error = from(&["--config", &path]).expect_err("refused").to_string();
            assert!(words.iter().all(|word| error.contains(word)), "{error}");
        }
    }

    #[test]
    fn flags_win_over_the_file() {
        let dir = tempfile::tempdir().expect("temporary directory");
        let path = dir.path().join("emqxd.toml");
        std::fs::write(&path, "mqtt = \"127.0.0.1:1\"\nadmin = \"127.0.0.1:2\"\n").expect("writes");
        let path = path.to_str().expect("text").to_owned();
        let config = from(&["--config", &path, "--mqtt", "127.0.0.1:3"]).expect("valid");
        assert_eq!((config.mqtt.port(), config.admin.port()), (3, 2));
    }
}
