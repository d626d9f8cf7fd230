//! The command line. Every flag can also be said by the environment or, but for the last, in the file.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use serde::Deserialize;

/// How logs look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// A clustered MQTT broker whose nodes can be taken out of service under live traffic.
#[derive(Debug, Parser)]
#[command(
    name = "emqxd",
    version,
    after_help = "Examples:\n  emqxd\n      a broker on 127.0.0.1:1883\n  emqxd --node-name n2 --data-dir /var/lib/emqxd \
                  --join 10.0.0.1:4370 --cluster 10.0.0.2:4370 --insecure-cluster --mqtt 10.0.0.2:1883 --allow-anonymous\n      \
                  a second node of a cluster on a trusted network\n\nExit codes: 0 stopped in order, 1 could not start or failed, \
                  2 bad flag or configuration (nothing was opened)."
)]
pub struct Args {
    /// TOML file with the same settings (underscores for dashes), and more
    #[arg(long, value_name = "FILE", env = "EMQXD_CONFIG")]
    pub config: Option<PathBuf>,
    /// Name of this node, unique in the cluster: 1 to 64 of A-Z a-z 0-9 . _ - [default: the host's name]
    #[arg(long, value_name = "NAME", env = "EMQXD_NODE_NAME")]
    pub node_name: Option<String>,
    /// Nodes of other clusters are not listened to [default: emqxd]
    #[arg(long, value_name = "NAME", env = "EMQXD_CLUSTER_NAME")]
    pub cluster_name: Option<String>,
    /// Where the node keeps its files [default: ./emqxd-data]
    #[arg(long, value_name = "DIR", env = "EMQXD_DATA_DIR")]
    pub data_dir: Option<PathBuf>,
    /// MQTT over TCP; port 0 picks a free one [default: 127.0.0.1:1883]
    #[arg(long, value_name = "ADDR", env = "EMQXD_MQTT")]
    pub mqtt: Option<SocketAddr>,
    /// gRPC for emqxctl [default: 127.0.0.1:7883]
    #[arg(long, value_name = "ADDR", env = "EMQXD_ADMIN")]
    pub admin: Option<SocketAddr>,
    /// Availability check, status and metrics over HTTP [default: 127.0.0.1:18083]
    #[arg(long, value_name = "ADDR", env = "EMQXD_HTTP")]
    pub http: Option<SocketAddr>,
    /// Gossip (UDP) and peer links (TCP) on the same port [default: 127.0.0.1:4370]
    #[arg(long, value_name = "ADDR", env = "EMQXD_CLUSTER")]
    pub cluster: Option<SocketAddr>,
    /// Cluster addresses of other nodes; those that do not answer are tried again
    #[arg(long, value_name = "ADDR,…", value_delimiter = ',', env = "EMQXD_JOIN")]
    pub join: Vec<String>,
    /// What MQTT 5 clients of other nodes are told to connect to [default: the bound MQTT address]
    #[arg(long, value_name = "HOST:PORT", env = "EMQXD_ADVERTISE_MQTT")]
    pub advertise_mqtt: Option<String>,
    /// Serve clients without a User Name; needed to listen on more than loopback
    #[arg(long, num_args = 0..=1, default_missing_value = "true", value_name = "BOOL", env = "EMQXD_ALLOW_ANONYMOUS")]
    pub allow_anonymous: Option<bool>,
    /// Offer the unencrypted admin port on more than loopback
    #[arg(long, num_args = 0..=1, default_missing_value = "true", value_name = "BOOL", env = "EMQXD_INSECURE_ADMIN")]
    pub insecure_admin: Option<bool>,
    /// Offer unencrypted links between nodes on more than loopback
    #[arg(long, num_args = 0..=1, default_missing_value = "true", value_name = "BOOL", env = "EMQXD_INSECURE_CLUSTER")]
    pub insecure_cluster: Option<bool>,
    /// How logs look, on standard error [default: text]
    #[arg(long, value_enum, value_name = "FORMAT", env = "EMQXD_LOG_FORMAT")]
    pub log_format: Option<LogFormat>,
    /// error, warn, info, debug or trace; also by module, as in "info,emqxd::cluster=debug" [default: info]
    #[arg(long, value_name = "LEVEL", env = "EMQXD_LOG_LEVEL")]
    pub log_level: Option<String>,
    /// Check flags, environment and file, say what is wrong, and end
    #[arg(long)]
    pub check_config: bool,
}
