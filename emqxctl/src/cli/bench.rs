//! `emqxctl bench …`: what users of emqtt-bench type, where it means the same.

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

use super::value::{duration, filled, rate};
use crate::bench::{MARK_BYTES, SourceAddresses, TopicPattern};

/// The most clients of one load.
const CLIENTS_MAX: i64 = 1_000_000;

/// The longest payload, below the longest packet of MQTT.
const PAYLOAD_BYTES_MAX: usize = 268_000_000;

/// Put load on a broker and see what came of it.
#[derive(Debug, Subcommand)]
pub enum BenchCommand {
    /// Connect clients that do nothing
    #[command(before_help = "Examples:
  emqxctl bench conn -c 10000 -R 2000 --duration 30s
  emqxctl bench conn --host 10.0.0.1,10.0.0.2 -c 50000 --ifaddr 10.0.1.1-10.0.1.20")]
    Conn(ConnArgs),
    /// Publish, at a pace or as fast as the broker takes it
    #[command(before_help = "Examples:
  emqxctl bench pub -t bench/%i -c 100 -I 100 -q 1
  emqxctl bench pub -t bench/%i -c 100 -F 10 -q 1 -s 1024 -L 1000000")]
    Pub(PubArgs),
    /// Subscribe, and judge what `bench pub` sends
    #[command(before_help = "Examples:
  emqxctl bench sub -t bench/%i -c 100 -q 1 --duration 60s
  emqxctl bench sub -t 'bench/#' -c 10 -L 100000")]
    Sub(SubArgs),
    /// Publish and subscribe, so that every message is accounted for
    #[command(before_help = "Examples:
  emqxctl bench mix --shape p2p -c 100 --rate 20000 -q 1
  emqxctl bench mix --shape fan-out -c 1000 -F 10 --warmup 2s -o json")]
    Mix(MixArgs),
    /// See what the evacuation of a node does to sessions, their clients and their messages
    #[command(before_help = "Examples:
  emqxctl bench evac --target 127.0.0.1:1883,127.0.0.1:1884 -c 1000 --evacuate n1
  emqxctl bench evac --host n1.example.org,n2.example.org -c 20000 --offline 10000 --duration 5m")]
    Evac(EvacArgs),
}

/// How clients connect.
#[derive(Debug, Clone, Args)]
pub struct ConnectionArgs {
    /// Brokers, which clients take in turn
    #[arg(long, value_name = "HOST,...", default_value = "127.0.0.1", value_delimiter = ',', value_parser = filled)]
    pub host: Vec<String>,
    /// MQTT port of all of them
    #[arg(long, short, value_name = "PORT", default_value_t = 1883, value_parser = clap::value_parser!(u16).range(1..))]
    pub port: u16,
    /// Brokers with their ports, instead of --host and --port
    #[arg(long, value_name = "HOST:PORT,...", value_delimiter = ',', value_parser = filled, conflicts_with_all = ["host", "port"])]
    pub target: Vec<String>,
    /// MQTT version: 3 (3.1), 4 (3.1.1) or 5
    #[arg(id = "mqtt_version", long = "version", short = 'V', value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u8).range(3..=5))]
    pub version: u8,
    /// Connections to open each second; 0: as many as the broker takes
    #[arg(long, short = 'R', value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(..=1_000_000))]
    pub conn_rate: u32,
    /// Addresses to connect from, in turn: A, A-B or A/BITS, with commas between; 127.0.0.0/8 is there on Linux
    #[arg(long, value_name = "ADDR,...", value_parser = SourceAddresses::parse)]
    pub ifaddr: Option<SourceAddresses>,
    /// What Client Identifiers begin with [default: bench and a random number]
    #[arg(long, value_name = "TEXT", value_parser = filled)]
    pub prefix: Option<String>,
    /// Number of the first client, in topics and Client Identifiers
    #[arg(long, short = 'n', value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=1_000_000_000))]
    pub startnumber: u32,
    /// User Name of all clients
    #[arg(long, short, value_name = "NAME")]
    pub username: Option<String>,
    /// Password of all clients; others on this machine can see what is typed here, so prefer the variable
    #[arg(
        long,
        short = 'P',
        value_name = "TEXT",
        env = "EMQXCTL_BENCH_PASSWORD",
        hide_env_values = true
    )]
    pub password: Option<String>,
    /// Keep Alive, seconds; 0: none
    #[arg(long, short, value_name = "SECONDS", default_value_t = 300)]
    pub keepalive: u16,
}

impl ConnectionArgs {
    /// What Client Identifiers begin with.
    pub fn prefix(&self) -> String {
        let random = || format!("bench{:04x}", rand::random::<u16>());
        self.prefix.clone().unwrap_or_else(random)
    }
}

/// Options of every load.
#[derive(Debug, Clone, Args)]
pub struct LoadArgs {
    /// How clients connect.
    #[command(flatten)]
    pub connection: ConnectionArgs,
    /// Ends after this time, when --limit does not end it before [default: 10s, with --limit 60s]
    #[arg(long, value_name = "DUR", value_parser = duration)]
    pub duration: Option<Duration>,
    /// Same load against a rumqttd in this process, to tell a slow broker from a slow machine (needs a build with the
    /// feature `baseline`)
    #[arg(long)]
    pub baseline: bool,
}

/// How messages are.
#[derive(Debug, Clone, Args)]
pub struct MessageArgs {
    /// Bytes of each payload; the first 24 carry publisher, number and time
    #[arg(long, short = 's', value_name = "BYTES", default_value_t = 256, value_parser = payload_bytes)]
    pub size: usize,
    /// Set RETAIN
    #[arg(long, short)]
    pub retain: bool,
    /// Open loop: each publisher sends a message every so many milliseconds [default: 1000]
    #[arg(long, short = 'I', alias = "interval_of_msg", value_name = "MS", value_parser = clap::value_parser!(u32).range(1..=3_600_000), conflicts_with_all = ["rate", "inflight"])]
    pub interval_of_msg: Option<u32>,
    /// Open loop: all publishers together send so many messages a second
    #[arg(long, value_name = "N", value_parser = rate, conflicts_with = "inflight")]
    pub rate: Option<u32>,
    /// Closed loop: each publisher keeps so many messages under way, whatever time that takes
    #[arg(long, short = 'F', value_name = "N", value_parser = clap::value_parser!(u32).range(1..=65_535))]
    pub inflight: Option<u32>,
    /// Load before anything is counted
    #[arg(long, value_name = "DUR", default_value = "0s", value_parser = duration)]
    pub warmup: Duration,
}

/// QoS and an early end.
#[derive(Debug, Clone, Args)]
pub struct DeliveryArgs {
    /// QoS of messages and subscriptions
    #[arg(long, short = 'q', value_name = "0|1|2", default_value_t = 0, value_parser = clap::value_parser!(u8).range(..=2))]
    pub qos: u8,
    /// Ends after so many messages of all clients together
    #[arg(long, short = 'L', value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: Option<u64>,
}

/// Arguments of `bench conn`.
#[derive(Debug, Args)]
pub struct ConnArgs {
    /// Clients
    #[arg(long, short, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=CLIENTS_MAX))]
    pub count: u32,
    /// Of every load.
    #[command(flatten)]
    pub load: LoadArgs,
}

/// Arguments of `bench pub`.
#[derive(Debug, Args)]
pub struct PubArgs {
    /// Publishers
    #[arg(long, short, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=CLIENTS_MAX))]
    pub count: u32,
    /// Topic Name; %i stands for the client's number, %c for its Client Identifier, %u for its User Name
    #[arg(long, short, value_name = "TOPIC", value_parser = TopicPattern::parse_name)]
    pub topic: TopicPattern,
    /// Of messages.
    #[command(flatten)]
    pub message: MessageArgs,
    /// Of messages and subscriptions.
    #[command(flatten)]
    pub delivery: DeliveryArgs,
    /// Of every load.
    #[command(flatten)]
    pub load: LoadArgs,
}

/// Arguments of `bench sub`.
#[derive(Debug, Args)]
pub struct SubArgs {
    /// Subscribers
    #[arg(long, short, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=CLIENTS_MAX))]
    pub count: u32,
    /// Topic Filter; %i stands for the client's number, %c for its Client Identifier, %u for its User Name
    #[arg(long, short, value_name = "FILTER", value_parser = TopicPattern::parse)]
    pub topic: TopicPattern,
    /// Of messages and subscriptions.
    #[command(flatten)]
    pub delivery: DeliveryArgs,
    /// Of every load.
    #[command(flatten)]
    pub load: LoadArgs,
}

/// Arguments of `bench mix`.
#[derive(Debug, Args)]
pub struct MixArgs {
    /// Who sends to whom
    #[arg(long, value_name = "SHAPE", value_enum, default_value_t)]
    pub shape: ShapeArg,
    /// Pairs, subscribers of the one publisher, or publishers to the one subscriber
    #[arg(long, short, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=CLIENTS_MAX))]
    pub count: u32,
    /// What all topics begin with [default: the prefix of Client Identifiers]
    #[arg(long, short, value_name = "TOPIC", value_parser = TopicPattern::parse_name)]
    pub topic: Option<TopicPattern>,
    /// Of messages.
    #[command(flatten)]
    pub message: MessageArgs,
    /// Of messages and subscriptions.
    #[command(flatten)]
    pub delivery: DeliveryArgs,
    /// Of every load.
    #[command(flatten)]
    pub load: LoadArgs,
}

/// Who sends to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ShapeArg {
    /// As many publishers as subscribers, each to its own
    #[default]
    P2p,
    /// One publisher to all subscribers
    FanOut,
    /// All publishers to one subscriber
    FanIn,
}

/// Arguments of `bench evac`.
#[derive(Debug, Args)]
pub struct EvacArgs {
    /// Sessions; all begin at the first broker that is named, which is the one to be evacuated
    #[arg(long, short, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=CLIENTS_MAX))]
    pub count: u32,
    /// Of these, sessions whose client comes back only when the evacuation is over
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub offline: u32,
    /// QoS 1 messages a second, to all sessions in turn, by way of the second broker
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = rate)]
    pub rate: u32,
    /// Bytes of each payload; the first 24 carry publisher, number and time
    #[arg(long, short = 's', value_name = "BYTES", default_value_t = 64, value_parser = payload_bytes)]
    pub size: usize,
    /// Start the evacuation of this node and end with it; otherwise somebody else has to
    #[arg(long, value_name = "NODE", value_parser = filled)]
    pub evacuate: Option<String>,
    /// Close at most so many connections each second [default: 500]
    #[arg(long, value_name = "N", value_parser = rate, requires = "evacuate")]
    pub conn_evict_rate: Option<u32>,
    /// Move at most so many sessions without a client each second [default: 500]
    #[arg(long, value_name = "N", value_parser = rate, requires = "evacuate")]
    pub sess_evict_rate: Option<u32>,
    /// Wait so long for the load balancer before anybody is disconnected
    #[arg(long, value_name = "DUR", default_value = "0s", value_parser = duration)]
    pub wait_health_check: Duration,
    /// Give disconnected clients so long to come back elsewhere
    #[arg(long, value_name = "DUR", default_value = "1s", value_parser = duration)]
    pub wait_takeover: Duration,
    /// Ends after this time, when --evacuate does not end it before
    #[arg(long, value_name = "DUR", default_value = "60s", value_parser = duration)]
    pub duration: Duration,
    /// How clients connect.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

fn payload_bytes(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|bytes| (MARK_BYTES..=PAYLOAD_BYTES_MAX).contains(bytes))
        .ok_or_else(|| {
            format!("a payload has {MARK_BYTES} to 268,000,000 bytes; the first {MARK_BYTES} carry publisher, number and time")
        })
}
