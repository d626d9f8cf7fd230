//! The names of all settings, once: as in the file, with the table before a dot.

/// All settings, in the order of the example file. Those without a dot have a flag too; all have a variable.
pub const KEYS: [&str; 59] = [
    "node_name",
    "cluster_name",
    "data_dir",
    "durability",
    "mqtt",
    "mqtts",
    "ws",
    "wss",
    "advertise_mqtt",
    "allow_anonymous",
    "http",
    "admin",
    "insecure_admin",
    "cluster",
    "advertise_cluster",
    "insecure_cluster",
    "join",
    "log_format",
    "log_level",
    "tls.certfile",
    "tls.keyfile",
    "tls.cacertfile",
    "tls.client_certificate",
    "tls.handshake_timeout",
    "node.global_gc_interval",
    "shutdown.evacuate",
    "limits.max_connections",
    "limits.maximum_packet_size",
    "limits.connect_timeout",
    "limits.keep_alive_max",
    "limits.memory_high_watermark",
    "limits.max_clientid_len",
    "limits.max_topic_levels",
    "limits.max_topic_length",
    "limits.max_filters_per_subscribe",
    "limits.max_user_properties",
    "limits.max_properties_size",
    "capabilities.wildcard_subscription",
    "capabilities.shared_subscription",
    "capabilities.retain_available",
    "session.inflight_max",
    "session.receive_maximum",
    "session.queue_messages_max",
    "session.queue_bytes_max",
    "session.queue_qos0_offline",
    "session.topic_alias_maximum",
    "session.topic_alias_bytes_max",
    "session.subscriptions_max",
    "session.awaiting_pubrel_timeout",
    "session.expiry_interval_max",
    "session.maximum_qos",
    "session.replicas",
    "retainer.max_retained_messages",
    "retainer.max_payload_size",
    "shared_subscription.strategy",
    "shared_subscription.group_strategy",
    "peer_link.queue_items_max",
    "peer_link.queue_bytes_max",
    "peer_link.parked_max",
];

/// How alike two names must be for one to be suggested for the other; 1 = the same.
const SUGGESTION_MIN: f64 = 0.8;

/// The setting of that name, for good.
pub(super) fn find(path: &str) -> Option<&'static str> {
    KEYS.into_iter().find(|key| *key == path)
}

/// Whether a table of the file has that name.
pub(super) fn is_table(name: &str) -> bool {
    KEYS.iter()
        .any(|key| key.split_once('.').is_some_and(|(table, _)| table == name))
}

/// `--node-name` of `node_name`.
pub(super) fn flag(path: &str) -> String {
    format!("--{}", path.replace('_', "-"))
}

/// `EMQXD_SESSION_INFLIGHT_MAX` of `session.inflight_max`.
pub(super) fn variable(path: &str) -> String {
    format!("EMQXD_{}", path.replace('.', "_").to_ascii_uppercase())
}

/// The setting that was probably meant; also when only its table was left out.
pub(super) fn nearest(path: &str) -> Option<&'static str> {
    let last = |path: &'_ str| path.rsplit('.').next().unwrap_or_default().to_owned();
    KEYS.into_iter()
        .map(|key| {
            let whole = strsim::jaro_winkler(path, key);
            let name = strsim::jaro_winkler(&last(path), &last(key));
            (whole.max(name), key)
        })
        .filter(|(alike, _)| *alike >= SUGGESTION_MIN)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, key)| key)
}

/// The table of the file that was probably meant.
pub(super) fn nearest_table(name: &str) -> Option<&'static str> {
    let tables = KEYS.into_iter().filter_map(|key| key.split_once('.'));
    most_alike(
        name,
        tables.map(|(table, _)| table).chain(["listeners.NAME"]),
    )
}

/// The one of these names that was probably meant.
pub(super) fn most_alike(
    name: &str,
    names: impl IntoIterator<Item = &'static str>,
) -> Option<&'static str> {
    names
        .into_iter()
        .map(|known| (strsim::jaro_winkler(name, known), known))
        .filter(|(alike, _)| *alike >= SUGGESTION_MIN)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_leads_to_the_right_name() {
        assert_eq!(nearest("node-name"), Some("node_name"));
        assert_eq!(nearest("data_directory"), Some("data_dir"));
        assert_eq!(nearest("session.inflght_max"), Some("session.inflight_max"));
        assert_eq!(nearest("inflight_max"), Some("session.inflight_max"));
        assert_eq!(nearest("max_connections"), Some("limits.max_connections"));
        assert_eq!(nearest("zzz"), None);
        assert_eq!(nearest_table("limit"), Some("limits"));
        assert_eq!(nearest_table("listener"), Some("listeners.NAME"));
        assert_eq!(nearest_table("zzz"), None);
    }

    #[test]
    fn names_are_unique_in_every_form() {
        for (index, key) in KEYS.iter().enumerate() {
            for other in &KEYS[index + 1..] {
                assert_ne!(variable(key), variable(other));
            }
            assert!(!is_table(key), "{key} is a setting and a table");
        }
        assert_eq!(
            variable("session.inflight_max"),
            "EMQXD_SESSION_INFLIGHT_MAX"
        );
        assert_eq!(flag("node_name"), "--node-name");
    }
}
