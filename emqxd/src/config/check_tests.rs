//! What a configuration refuses, alone and together.

use std::collections::BTreeMap;
use std::num::NonZeroU16;
use std::time::Duration;

use super::check::config;
use super::value::{Raw, Setting};
use super::{Config, ConfigError, KEYS, Limits, Source, key};
use crate::memory_pressure::MemoryWatermark;
use crate::packet::QoS;
use crate::topic::ShareStrategy;

fn check(settings: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let settings = settings
        .iter()
        .map(|(key, text)| {
            let key = key::find(key).unwrap();
            let source = Source::Flag(key::flag(key));
            (
                key,
                Setting {
                    source,
                    raw: Raw::Text((*text).to_owned()),
                },
            )
        })
        .collect();
    config(&settings, &BTreeMap::new(), None, Vec::new())
}

/// The one problem with these settings.
fn problem(settings: &[(&str, &str)]) -> String {
    let Err(ConfigError::Invalid(problems)) = check(settings) else {
        panic!("{settings:?} is valid")
    };
    assert_eq!(problems.len(), 1, "{problems:?}");
    problems[0].to_string()
}

#[test]
fn anonymous_clients_of_other_hosts_must_be_allowed_out_loud() {
    for address in ["0.0.0.0:1883", "[::]:1883", "10.0.0.7:1883"] {
        let told = problem(&[("mqtt", address)]);
        assert!(told.contains("--allow-anonymous"), "{told}");
        assert!(
            check(&[("mqtt", address), ("allow_anonymous", "true")])
                .unwrap()
                .allow_anonymous
        );
        assert!(
            !check(&[("mqtt", address), ("allow_anonymous", "false")])
                .unwrap()
                .allow_anonymous
        );
    }
    for address in [
        "127.0.0.1:1883",
        "127.9.9.9:0",
        "[::1]:1883",
        "[::ffff:127.0.0.1]:1883",
    ] {
        assert!(
            check(&[("mqtt", address)]).unwrap().allow_anonymous,
            "{address}"
        );
    }
}

#[test]
fn plain_listeners_on_other_addresses_must_be_allowed_out_loud() {
    let told = problem(&[("admin", "0.0.0.0:7883")]);
    assert!(
        told.starts_with("--admin 0.0.0.0:7883: ") && told.contains("--insecure-admin"),
        "{told}"
    );
    check(&[("admin", "0.0.0.0:7883"), ("insecure_admin", "true")]).unwrap();
    let told = problem(&[("cluster", "10.0.0.7:4370")]);
    assert!(told.contains("--insecure-cluster"), "{told}");
    check(&[("cluster", "10.0.0.7:4370"), ("insecure_cluster", "true")]).unwrap();
    check(&[("http", "0.0.0.0:18083")]).unwrap();
}

#[test]
fn peers_need_an_address_that_leads_here() {
    let open = [("cluster", "0.0.0.0:4370"), ("insecure_cluster", "true")];
    let told = problem(&open);
    assert!(told.contains("advertise_cluster"), "{told}");
    let with = |address| [open[0], open[1], ("advertise_cluster", address)];
    check(&with("10.0.0.7:0")).unwrap();
    let told = problem(&with("0.0.0.0:4370"));
    assert!(
        told.starts_with("--advertise-cluster 0.0.0.0:4370: "),
        "{told}"
    );
    let told = problem(&[("join", "n1.example.org:4370,10.0.0.7:4370")]);
    assert!(told.contains("10.0.0.7:4370 is on another host"), "{told}");
    check(&[("join", "127.0.0.1:4370")]).unwrap();
}

#[test]
fn two_listeners_cannot_share_an_address() {
    let told = problem(&[("http", "127.0.0.1:7883")]);
    assert_eq!(
        told,
        "--http 127.0.0.1:7883: 127.0.0.1:7883 is the address of admin too; \
         valid: an address that is used once"
    );
    check(&[("http", "127.0.0.1:0"), ("admin", "127.0.0.1:0")]).unwrap();
}

#[test]
fn limits_are_what_was_said() {
    let config = check(&[
        ("limits.max_connections", "100000"),
        ("limits.maximum_packet_size", "2MiB"),
        ("limits.connect_timeout", "5s"),
        ("limits.keep_alive_max", "2m"),
        ("session.queue_bytes_max", "8MiB"),
        ("session.expiry_interval_max", "2h"),
        ("session.maximum_qos", "1"),
        ("session.receive_maximum", "20"),
        ("peer_link.parked_max", "1m"),
    ])
    .unwrap();
    assert_eq!(
        config.limits,
        Limits {
            max_connections: 100_000,
            maximum_packet_size: 2 << 20,
            connect_timeout: Duration::from_secs(5),
            keep_alive_max: NonZeroU16::new(120),
            ..Limits::default()
        }
    );
    assert_eq!(config.session.queue_bytes_max, 8 << 20);
    assert_eq!(
        config.session.expiry_interval_max,
        Some(Duration::from_secs(7_200))
    );
    assert_eq!(config.session.maximum_qos, QoS::AtLeastOnce);
    assert_eq!(config.session.receive_maximum.get(), 20);
    assert_eq!(config.peer_link.parked_max, Duration::from_secs(60));
    assert_eq!(
        check(&[("limits.keep_alive_max", "none")]).unwrap().limits,
        Limits::default()
    );
}

#[test]
fn the_memory_mark_is_a_share_or_bytes_or_none() {
    let mark = |text: &str| {
        let config = check(&[("limits.memory_high_watermark", text)]).unwrap();
        config.limits.memory_high_watermark
    };
    assert_eq!(mark("75%"), MemoryWatermark::Percent(75));
    assert_eq!(mark("64 MiB"), MemoryWatermark::Bytes(64 << 20));
    assert_eq!(mark("none"), MemoryWatermark::None);
    for wrong in ["0%", "91%", "x%", "1KiB", "much"] {
        let told = problem(&[("limits.memory_high_watermark", wrong)]);
        assert!(told.contains(wrong) && told.contains("1% to 90%"), "{told}");
    }
}

#[test]
fn each_shared_group_may_have_a_strategy() {
    let config = check(&[
        ("shared_subscription.strategy", "local"),
        (
            "shared_subscription.group_strategy",
            "bills=sticky, logs = hash_topic",
        ),
    ])
    .unwrap();
    let strategies = config.shared_subscription;
    assert_eq!(strategies.of("bills"), ShareStrategy::Sticky);
    assert_eq!(strategies.of("logs"), ShareStrategy::HashTopic);
    assert_eq!(strategies.of("others"), ShareStrategy::Local);
    for (wrong, why) in [
        ("bills", "'bills' has no '='"),
        ("bills=luck", "'luck' is not a strategy"),
        ("a/b=local", "'a/b' cannot be a Share Name"),
        ("a=local,a=random", "'a' is there twice"),
    ] {
        let told = problem(&[("shared_subscription.group_strategy", wrong)]);
        assert!(
            told.contains(why) && told.contains("round_robin, random"),
            "{told}"
        );
    }
}

#[test]
fn a_node_evacuates_itself_only_when_it_is_asked_to() {
    let of = |text| {
        check(&[("shutdown.evacuate", text)])
            .unwrap()
            .shutdown_evacuate
    };
    assert_eq!(of("0s"), None);
    assert_eq!(of("45s"), Some(Duration::from_secs(45)));
    for (wrong, why) in [
        ("500ms", "this is too short"),
        ("2d", "this is too long"),
        ("45", "this is not a duration"),
    ] {
        let told = problem(&[("shutdown.evacuate", wrong)]);
        assert!(told.contains(why), "{told}");
    }
}

#[test]
fn every_setting_refuses_what_it_cannot_be() {
    assert!(problem(&[("data_dir", " ")]).contains("this is empty"));
    // Any text can be a path.
    let is_path = |key: &str| key == "data_dir" || key.ends_with("file");
    for key in KEYS.into_iter().filter(|key| !is_path(key)) {
        let told = problem(&[(key, "?!")]);
        assert!(
            told.contains("?!") && told.contains("; valid: "),
            "{key}: {told}"
        );
    }
}

#[test]
fn the_log_level_becomes_a_filter() {
    let by_module = "info,emqxd::cluster=debug";
    assert_eq!(
        check(&[("log_level", by_module)]).unwrap().log_filter,
        by_module
    );
    for wrong in ["loud", "emqxd=loud"] {
        assert!(problem(&[("log_level", wrong)]).contains("error, warn, info, debug or trace"));
    }
    assert_eq!(
        check(&[("log_level", "debug")]).unwrap().log_filter,
        "warn,openraft=off,emqxd=debug"
    );
    assert_eq!(
        check(&[("log_level", "error")]).unwrap().log_filter,
        "error"
    );
    let filter = Setting {
        source: Source::Variable("EMQXD_LOG".to_owned()),
        raw: Raw::Text("emqxd::net=trace".to_owned()),
    };
    let config = config(
        &BTreeMap::new(),
        &BTreeMap::new(),
        Some(&filter),
        Vec::new(),
    )
    .unwrap();
    assert_eq!(config.log_filter, "emqxd::net=trace");
}
