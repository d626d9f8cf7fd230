//! `emqxd.example.toml` tells the truth: its values are the defaults, and it names every setting.

use std::collections::BTreeMap;
use std::path::Path;

use super::file::{self, Read};
use super::{Config, KEYS, check};

const EXAMPLE: &str = include_str!("../../emqxd.example.toml");

fn read(text: &str) -> Read {
    let read = file::parse(Path::new("emqxd.example.toml"), text).unwrap();
    assert_eq!(read.problems, []);
    read
}

/// With the settings that have no fixed default: they stand there as `#key = value`.
fn uncommented() -> String {
    let lines = EXAMPLE.lines().map(|line| match line.strip_prefix('#') {
        Some(setting) if setting.starts_with(|char: char| char.is_ascii_lowercase()) => setting,
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn its_values_are_the_defaults() {
    let settings = read(EXAMPLE).settings;
    assert_eq!(
        check::config(&settings, &BTreeMap::new(), None, Vec::new()).unwrap(),
        Config::default()
    );
    // `allow_anonymous` would count as said out loud in every copy of the file.
    let left_out = [
        "node_name",
        "mqtts",
        "ws",
        "wss",
        "tls.certfile",
        "tls.keyfile",
        "tls.cacertfile",
        "advertise_mqtt",
        "advertise_cluster",
        "allow_anonymous",
    ];
    for key in KEYS.iter().filter(|key| !left_out.contains(key)) {
        assert!(settings.contains_key(key), "{key} is not in the example");
    }
}

#[test]
fn it_names_every_setting_in_order_and_all_are_valid() {
    let text = uncommented();
    let settings = read(&text).settings;
    check::config(&settings, &BTreeMap::new(), None, Vec::new()).unwrap();
    let line = |key: &str| match &settings[key].source {
        super::Source::File { line, .. } => *line,
        other => panic!("{other:?}"),
    };
    let lines: Vec<usize> = KEYS.iter().map(|key| line(key)).collect();
    assert!(lines.is_sorted(), "{lines:?}");
}

#[test]
fn every_setting_is_explained_above_it() {
    let text = uncommented();
    let lines: Vec<&str> = text.lines().collect();
    for (index, line) in lines.iter().enumerate() {
        if line.starts_with(|char: char| char.is_ascii_lowercase()) {
            assert!(
                lines[index - 1].starts_with("# "),
                "no comment above: {line}"
            );
        }
    }
}
