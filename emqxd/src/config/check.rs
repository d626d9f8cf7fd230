//! From settings to a [`Config`]: each by itself, then together.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::time::Duration;

use tracing_subscriber::EnvFilter;

use super::listener::Bind;
use super::listener_table::ListenerTable;
use super::value::{self, Invalid, Raw, Setting, invalid};
use super::{
    Config, ConfigError, Limits, LogFormat, Problem, Source, is_loopback, key, log_filter_of,
};
use crate::cluster::LinkLimits;
use crate::membership::NodeName;
use crate::memory_pressure::MemoryWatermark;
use crate::packet::{PropertyLimits, QoS};
use crate::routing::RetainedLimits;
use crate::session::{Capabilities, SessionConfig};
use crate::storage::Durability;
use crate::topic::{ShareStrategies, ShareStrategy, TOPIC_LEVELS_MAX};

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;

/// A peer link carries items of up to 64 MiB: every packet that is accepted must fit into one.
const PACKET_BYTES_MAX: u64 = 60 * MIB;
/// A whole Session crosses a peer link in one answer of up to 256 MiB; this leaves room for what is inflight.
const QUEUE_BYTES_MAX: u64 = 128 * MIB;

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// Builds the configuration. `problems` are those that reading the settings has shown.
///
/// # Errors
/// All problems together.
pub(super) fn config(
    settings: &BTreeMap<&'static str, Setting>,
    listeners: &BTreeMap<String, ListenerTable>,
    log_filter: Option<&Setting>,
    problems: Vec<Problem>,
) -> Result<Config, ConfigError> {
    let default = Config::default();
    let mut check = Check { settings, problems };
    let mut config = Config {
        node_name: check.of("node_name", default.node_name, node_name),
        cluster_name: check.of("cluster_name", default.cluster_name, cluster_name),
        data_dir: check.of("data_dir", default.data_dir, data_dir),
        durability: check.of("durability", default.durability, durability),
        mqtt: check.of("mqtt", default.mqtt, value::address),
        tls: check.tls(),
        listeners: Vec::new(),
        advertise_mqtt: check.of("advertise_mqtt", None, |raw| {
            value::host_port(raw).map(Some)
        }),
        admin: check.of("admin", default.admin, value::address),
        http: check.of("http", default.http, value::address),
        cluster: check.of("cluster", default.cluster, value::address),
        advertise_cluster: check.of("advertise_cluster", None, |raw| {
            value::address(raw).map(Some)
        }),
        join: check.of("join", default.join, value::hosts_ports),
        allow_anonymous: check.of("allow_anonymous", default.allow_anonymous, value::boolean),
        allow_anonymous_said: settings.contains_key("allow_anonymous"),
        insecure_admin: check.of("insecure_admin", false, value::boolean),
        insecure_cluster: check.of("insecure_cluster", false, value::boolean),
        log_format: check.of("log_format", default.log_format, log_format),
        log_filter: check.log_filter(log_filter),
        check_config: false,
        global_gc_interval: check.of(
            "node.global_gc_interval",
            default.global_gc_interval,
            |raw| value::optional_duration(raw, "disabled", Duration::from_secs(1), DAY),
        ),
        shutdown_evacuate: check.of(
            "shutdown.evacuate",
            default.shutdown_evacuate,
            shutdown_evacuate,
        ),
        limits: check.limits(),
        session: check.session(),
        session_replicas: check.usize("session.replicas", default.session_replicas, 1, 2),
        retainer: check.retainer(),
        shared_subscription: check.shared_subscription(),
        peer_link: check.peer_link(),
    };
    config.listeners = check.listeners(&config, listeners);
    check.replicas(&config);
    check.exposure(&config, listeners);
    check.cluster_address(&config);
    check.clashes(&config, listeners);
    if check.problems.is_empty() {
        Ok(config)
    } else {
        Err(ConfigError::Invalid(check.problems))
    }
}

pub(super) struct Check<'a> {
    pub(super) settings: &'a BTreeMap<&'static str, Setting>,
    pub(super) problems: Vec<Problem>,
}

impl Check<'_> {
    /// The setting's value, or its default when it was not set. A value that is not valid is noted.
    pub(super) fn of<T>(
        &mut self,
        key: &str,
        default: T,
        parse: impl FnOnce(&Raw) -> Result<T, Invalid>,
    ) -> T {
        let Some(setting) = self.settings.get(key) else {
            return default;
        };
        match parse(&setting.raw) {
            Ok(value) => value,
            Err(Invalid { why, valid }) => {
                self.note(key, &setting.raw.to_string(), why, valid);
                default
            }
        }
    }

    /// Notes what is wrong with a setting; `shown` when it has its default.
    pub(super) fn note(&mut self, key: &str, shown: &str, why: String, valid: String) {
        let setting = self.settings.get(key);
        self.problems.push(Problem {
            source: setting.map_or(Source::Default, |setting| setting.source.clone()),
            key: key.to_owned(),
            value: setting.map_or_else(|| shown.to_owned(), |setting| setting.raw.to_string()),
            why,
            valid,
        });
    }

    /// Copies are made of what is stored.
    fn replicas(&mut self, config: &Config) {
        if config.session_replicas > 1 && config.durability == Durability::None {
            self.note(
                "session.replicas",
                "2",
                "with durability = \"none\" no session is stored, so there is nothing to copy"
                    .to_owned(),
                "1, or durability \"os\" or \"disk\"".to_owned(),
            );
        }
    }

    fn usize(&mut self, key: &str, default: usize, min: u64, max: u64) -> usize {
        self.of(key, default, |raw| {
            Ok(to_usize(value::integer(raw, min, max)?))
        })
    }

    fn bytes(&mut self, key: &str, default: usize, min: u64, max: u64) -> usize {
        self.of(key, default, |raw| {
            Ok(to_usize(value::bytes(raw, min, max)?))
        })
    }

    fn u16(&mut self, key: &str, default: u16, min: u16) -> u16 {
        self.of(key, default, |raw| {
            let number = value::integer(raw, min.into(), u16::MAX.into())?;
            Ok(u16::try_from(number).unwrap_or(u16::MAX))
        })
    }

    /// The variable of its own takes the place of the level.
    fn log_filter(&mut self, filter: Option<&Setting>) -> String {
        let level = self.of("log_level", log_filter_of("info"), log_filter);
        let Some(Setting { source, raw }) = filter else {
            return level;
        };
        match log_filter(raw) {
            Ok(filter) => filter,
            Err(Invalid { why, valid }) => {
                self.problems.push(Problem {
                    source: source.clone(),
                    key: "log_level".to_owned(),
                    value: raw.to_string(),
                    why,
                    valid,
                });
                level
            }
        }
    }

    fn limits(&mut self) -> Limits {
        let default = Limits::default();
        let second = Duration::from_secs(1);
        Limits {
            max_connections: self.usize(
                "limits.max_connections",
                default.max_connections,
                0,
                10_000_000,
            ),
            maximum_packet_size: self.of(
                "limits.maximum_packet_size",
                default.maximum_packet_size,
                |raw| {
                    let bytes = value::bytes(raw, KIB, PACKET_BYTES_MAX)?;
                    Ok(u32::try_from(bytes).unwrap_or(u32::MAX))
                },
            ),
            connect_timeout: self.of("limits.connect_timeout", default.connect_timeout, |raw| {
                value::duration(raw, second, Duration::from_secs(600))
            }),
            keep_alive_max: self.of("limits.keep_alive_max", default.keep_alive_max, |raw| {
                let max =
                    value::optional_duration(raw, "none", second, Duration::from_secs(65_535))?;
                // Within 1 to 65,535: just checked. A fraction of a second is left out.
                Ok(max.and_then(|max| NonZeroU16::new(u16::try_from(max.as_secs()).ok()?)))
            }),
            memory_high_watermark: self.of(
                "limits.memory_high_watermark",
                default.memory_high_watermark,
                memory_watermark,
            ),
            properties: PropertyLimits {
                max_user_properties: self.of(
                    "limits.max_user_properties",
                    default.properties.max_user_properties,
                    |raw| Ok(to_u32(value::integer(raw, 0, 1_000_000)?)),
                ),
                max_properties_size: self.of(
                    "limits.max_properties_size",
                    default.properties.max_properties_size,
                    |raw| Ok(to_u32(value::bytes(raw, KIB, PACKET_BYTES_MAX)?)),
                ),
            },
        }
    }

    fn capabilities(&mut self) -> Capabilities {
        let default = Capabilities::default();
        let longest = u64::from(u16::MAX);
        let levels = TOPIC_LEVELS_MAX as u64;
        Capabilities {
            max_clientid_len: self.usize(
                "limits.max_clientid_len",
                default.max_clientid_len,
                23,
                longest,
            ),
            max_topic_levels: self.usize(
                "limits.max_topic_levels",
                default.max_topic_levels,
                1,
                levels,
            ),
            max_topic_length: self.usize(
                "limits.max_topic_length",
                default.max_topic_length,
                1,
                longest,
            ),
            max_filters_per_subscribe: self.usize(
                "limits.max_filters_per_subscribe",
                default.max_filters_per_subscribe,
                1,
                10_000_000,
            ),
            wildcard_subscription: self.of(
                "capabilities.wildcard_subscription",
                default.wildcard_subscription,
                value::boolean,
            ),
            shared_subscription: self.of(
                "capabilities.shared_subscription",
                default.shared_subscription,
                value::boolean,
            ),
            retain_available: self.of(
                "capabilities.retain_available",
                default.retain_available,
                value::boolean,
            ),
        }
    }

    fn session(&mut self) -> SessionConfig {
        let default = SessionConfig::default();
        let qos = [
            (0, QoS::AtMostOnce),
            (1, QoS::AtLeastOnce),
            (2, QoS::ExactlyOnce),
        ];
        SessionConfig {
            inflight_max: self.u16("session.inflight_max", default.inflight_max, 1),
            receive_maximum: {
                let number = self.u16("session.receive_maximum", default.receive_maximum.get(), 1);
                NonZeroU16::new(number).unwrap_or(NonZeroU16::MIN)
            },
            queue_messages_max: self.usize(
                "session.queue_messages_max",
                default.queue_messages_max,
                1,
                10_000_000,
            ),
            queue_bytes_max: self.bytes(
                "session.queue_bytes_max",
                default.queue_bytes_max,
                KIB,
                QUEUE_BYTES_MAX,
            ),
            queue_qos0_offline: self.of(
                "session.queue_qos0_offline",
                default.queue_qos0_offline,
                value::boolean,
            ),
            topic_alias_maximum: self.u16(
                "session.topic_alias_maximum",
                default.topic_alias_maximum,
                0,
            ),
            topic_alias_bytes_max: self.bytes(
                "session.topic_alias_bytes_max",
                default.topic_alias_bytes_max,
                KIB,
                8 * MIB,
            ),
            subscriptions_max: self.usize(
                "session.subscriptions_max",
                default.subscriptions_max,
                1,
                10_000_000,
            ),
            awaiting_pubrel_timeout: self.of(
                "session.awaiting_pubrel_timeout",
                default.awaiting_pubrel_timeout,
                |raw| value::duration(raw, Duration::from_secs(1), DAY),
            ),
            expiry_interval_max: self.of(
                "session.expiry_interval_max",
                default.expiry_interval_max,
                |raw| {
                    // The protocol's own limit: 0xFFFF_FFFF seconds stand for ever.
                    let longest = Duration::from_secs(u64::from(u32::MAX) - 1);
                    value::optional_duration(raw, "never", Duration::ZERO, longest)
                },
            ),
            maximum_qos: self.of("session.maximum_qos", default.maximum_qos, |raw| {
                let number = value::integer(raw, 0, 2)?;
                let found = qos.iter().find(|(bits, _)| *bits == number);
                found.map_or(Ok(QoS::ExactlyOnce), |(_, qos)| Ok(*qos))
            }),
            capabilities: self.capabilities(),
        }
    }

    fn retainer(&mut self) -> RetainedLimits {
        let default = RetainedLimits::default();
        RetainedLimits {
            max_retained_messages: self.usize(
                "retainer.max_retained_messages",
                default.max_retained_messages,
                0,
                1_000_000_000,
            ),
            max_payload_size: self.bytes(
                "retainer.max_payload_size",
                default.max_payload_size,
                0,
                PACKET_BYTES_MAX,
            ),
        }
    }

    fn shared_subscription(&mut self) -> ShareStrategies {
        let default = ShareStrategies::default();
        ShareStrategies {
            default: self.of(
                "shared_subscription.strategy",
                default.default,
                share_strategy,
            ),
            groups: self.of(
                "shared_subscription.group_strategy",
                default.groups,
                group_strategies,
            ),
        }
    }

    fn peer_link(&mut self) -> LinkLimits {
        let default = LinkLimits::default();
        LinkLimits {
            queue_items_max: self.usize(
                "peer_link.queue_items_max",
                default.queue_items_max,
                1_000,
                10_000_000,
            ),
            queue_bytes_max: self.bytes(
                "peer_link.queue_bytes_max",
                default.queue_bytes_max,
                MIB,
                4_096 * MIB,
            ),
            parked_max: self.of("peer_link.parked_max", default.parked_max, |raw| {
                value::duration(raw, Duration::from_secs(1), DAY)
            }),
            ..default
        }
    }

    /// Nobody is to be exposed without having said so.
    fn exposure(&mut self, config: &Config, tables: &BTreeMap<String, ListenerTable>) {
        let unspoken = !config.allow_anonymous_said;
        for listener in &config.listeners {
            let bind = &listener.settings.bind;
            if unspoken && listener.settings.enabled && !bind.is_local() {
                let why =
                    format!("{bind} is reachable from other hosts, and anybody could connect");
                let valid = "say --allow-anonymous (allow_anonymous = true) when that is wanted, or listen on a \
                             loopback address such as 127.0.0.1:1883";
                self.note_bind(listener, tables, why, valid);
            }
        }
        let plain = [
            (
                "admin",
                config.admin,
                config.insecure_admin,
                "insecure_admin",
            ),
            (
                "cluster",
                config.cluster,
                config.insecure_cluster,
                "insecure_cluster",
            ),
        ];
        for (key, address, allowed, permission) in plain {
            if !allowed && !is_loopback(&address) {
                let why = format!(
                    "{address} is reachable from other hosts, and this listener has no encryption and no login"
                );
                let valid = format!(
                    "say {} ({permission} = true) when the network is trusted, or listen on a loopback address",
                    key::flag(permission)
                );
                self.note(key, &address.to_string(), why, valid);
            }
        }
    }

    /// Peers need one address that leads here, and this node one from which it reaches them.
    fn cluster_address(&mut self, config: &Config) {
        let cluster = config.cluster;
        if cluster.ip().is_unspecified() && config.advertise_cluster.is_none() {
            let why = "it listens on all addresses, so peers cannot be told which one leads here";
            let valid = "set advertise_cluster to one of this host's addresses";
            self.note(
                "cluster",
                &cluster.to_string(),
                why.to_owned(),
                valid.to_owned(),
            );
        }
        if config
            .advertise_cluster
            .is_some_and(|address| address.ip().is_unspecified())
        {
            let why = "this stands for all addresses, and peers need one";
            self.note(
                "advertise_cluster",
                "",
                why.to_owned(),
                "an address of this host".to_owned(),
            );
        }
        let far = config.join.iter().find(|seed| {
            seed.parse::<SocketAddr>()
                .is_ok_and(|address| !is_loopback(&address))
        });
        if let Some(far) = far
            && is_loopback(&cluster)
        {
            let why = format!(
                "{far} is on another host and could not answer {cluster}, a loopback address"
            );
            let valid = "set cluster to an address that the other nodes reach";
            self.note("join", "", why, valid.to_owned());
        }
    }

    /// Two listeners on one address.
    fn clashes(&mut self, config: &Config, tables: &BTreeMap<String, ListenerTable>) {
        const VALID: &str = "an address that is used once";
        let mut earlier: Vec<(&str, Bind)> = Vec::new();
        let first = |earlier: &[(&str, Bind)], bind: &Bind| {
            let (name, other) = earlier.iter().find(|(_, other)| other.clashes_with(bind))?;
            Some(if other == bind {
                format!("{bind} is the address of {name} too")
            } else {
                format!("{bind} and {other}, the address of {name}, cannot both be had")
            })
        };
        for listener in config
            .listeners
            .iter()
            .filter(|listener| listener.settings.enabled)
        {
            let bind = &listener.settings.bind;
            if let Some(why) = first(&earlier, bind) {
                self.note_bind(listener, tables, why, VALID);
            }
            earlier.push((&listener.name, bind.clone()));
        }
        for (key, address) in [
            ("admin", config.admin),
            ("http", config.http),
            ("cluster", config.cluster),
        ] {
            let bind = Bind::Tcp(address);
            if let Some(why) = first(&earlier, &bind) {
                self.note(key, &address.to_string(), why, VALID.to_owned());
            }
            earlier.push((key, bind));
        }
    }
}

fn node_name(raw: &Raw) -> Result<NodeName, Invalid> {
    const VALID: &str = "1 to 64 characters out of A-Z a-z 0-9 . _ -";
    let text = value::text(raw, VALID)?;
    match NodeName::new(&text) {
        Ok(name) => Ok(name),
        Err(_) => invalid("this cannot be a name", VALID),
    }
}

fn cluster_name(raw: &Raw) -> Result<String, Invalid> {
    node_name(raw).map(|name| name.to_string())
}

fn data_dir(raw: &Raw) -> Result<PathBuf, Invalid> {
    const VALID: &str = "the path of a directory";
    let text = value::text(raw, VALID)?;
    if text.is_empty() {
        invalid("this is empty", VALID)
    } else {
        Ok(PathBuf::from(text))
    }
}

fn durability(raw: &Raw) -> Result<Durability, Invalid> {
    let all = [Durability::None, Durability::Os, Durability::Disk];
    value::word(
        raw,
        &all.map(|durability| (durability.as_str(), durability)),
    )
}

fn log_format(raw: &Raw) -> Result<LogFormat, Invalid> {
    value::word(raw, &[("text", LogFormat::Text), ("json", LogFormat::Json)])
}

/// A level for all of emqxd, or directives by module.
fn log_filter(raw: &Raw) -> Result<String, Invalid> {
    const VALID: &str =
        "error, warn, info, debug or trace; or by module, as in \"warn,emqxd::net=debug\"";
    let text = value::text(raw, VALID)?;
    if ["error", "warn", "info", "debug", "trace"].contains(&text.as_str()) {
        return Ok(log_filter_of(&text));
    }
    // A single word would count as the name of a module.
    if !text.contains('=') {
        return invalid("this level is not known", VALID);
    }
    match EnvFilter::builder().parse(&text) {
        Ok(_) => Ok(text),
        Err(error) => invalid(format!("this is not a log filter ({error})"), VALID),
    }
}

/// None for "0s": a node that stops at once.
fn shutdown_evacuate(raw: &Raw) -> Result<Option<Duration>, Invalid> {
    match value::duration(raw, Duration::ZERO, DAY)? {
        Duration::ZERO => Ok(None),
        budget if budget < Duration::from_secs(1) => {
            invalid("this is too short", "0s (no evacuation), or 1s to 1d")
        }
        budget => Ok(Some(budget)),
    }
}

/// Bytes, a share such as `80%`, or `none`.
fn memory_watermark(raw: &Raw) -> Result<MemoryWatermark, Invalid> {
    const VALID: &str = "1% to 90% of the memory, bytes from 1MiB on such as \"4096MiB\", or none";
    let percent = match raw {
        Raw::Text(text) | Raw::String(text) => match text.trim() {
            "none" => return Ok(MemoryWatermark::None),
            text => text.strip_suffix('%'),
        },
        _ => None,
    };
    match percent.map(|percent| percent.trim().parse::<u8>()) {
        Some(Ok(percent @ 1..=90)) => Ok(MemoryWatermark::Percent(percent)),
        Some(_) => invalid("this is not a share from 1% to 90%", VALID),
        None => match value::bytes(raw, MIB, u64::MAX) {
            Ok(bytes) => Ok(MemoryWatermark::Bytes(bytes)),
            Err(Invalid { why, .. }) => invalid(why, VALID),
        },
    }
}

fn share_strategy(raw: &Raw) -> Result<ShareStrategy, Invalid> {
    value::word(
        raw,
        &ShareStrategy::ALL.map(|strategy| (strategy.as_str(), strategy)),
    )
}

/// `GROUP=STRATEGY` for each Share Name.
fn group_strategies(raw: &Raw) -> Result<BTreeMap<String, ShareStrategy>, Invalid> {
    let names = ShareStrategy::ALL.map(ShareStrategy::as_str).join(", ");
    let valid = format!("GROUP=STRATEGY for each Share Name, with a strategy out of {names}");
    let mut groups = BTreeMap::new();
    for text in value::list(raw, &valid)? {
        let Some((group, strategy)) = text.split_once('=') else {
            return invalid(format!("'{text}' has no '='"), valid);
        };
        let (group, strategy) = (group.trim(), strategy.trim());
        if group.is_empty() || group.contains(['/', '+', '#']) {
            return invalid(format!("'{group}' cannot be a Share Name"), valid);
        }
        let Some(strategy) = ShareStrategy::ALL
            .into_iter()
            .find(|known| known.as_str() == strategy)
        else {
            return invalid(format!("'{strategy}' is not a strategy"), valid);
        };
        if groups.insert(group.to_owned(), strategy).is_some() {
            return invalid(format!("'{group}' is there twice"), valid);
        }
    }
    Ok(groups)
}

fn to_u32(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn to_usize(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
