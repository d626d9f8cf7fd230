//! Rules of the source tree that a compiler does not know.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// What decides is pure: it gets the time as an argument and returns what is to be done.
const PURE: [&str; 18] = [
    "emqxd/src/packet",
    "emqxd/src/topic",
    "emqxd/src/session",
    "emqxd/src/routing",
    "emqxd/src/operation",
    "emqxd/src/membership",
    "emqxd/src/control/command.rs",
    "emqxd/src/control/error.rs",
    "emqxd/src/control/formation.rs",
    "emqxd/src/control/identity.rs",
    "emqxd/src/control/operation_record.rs",
    "emqxd/src/control/settings.rs",
    "emqxd/src/control/state.rs",
    "emqxd/src/memory_pressure.rs",
    "emqxd/src/memory_reclaim.rs",
    "emqxd/src/message.rs",
    "emqxd/src/stable_hash.rs",
    "emqxd/src/time.rs",
];

const IMPURE_WORDS: [&str; 8] = [
    "tokio",
    "tonic",
    "std::net",
    "std::fs",
    "std::thread::spawn",
    "Instant::now",
    "SystemTime",
    "rand::rng()",
];

/// Lower layers do not know the higher ones: module and what it must not name.
const DIRECTIONS: [(&str, &[&str]); 5] = [
    (
        "packet",
        &[
            "topic::filter_trie",
            "session",
            "routing",
            "operation",
            "node",
            "cluster",
            "net",
            "admin",
        ],
    ),
    (
        "topic",
        &[
            "session",
            "routing",
            "operation",
            "node",
            "cluster",
            "net",
            "admin",
        ],
    ),
    (
        "session",
        &["routing", "operation", "node", "cluster", "net", "admin"],
    ),
    ("routing", &["operation", "node", "cluster", "net", "admin"]),
    ("operation", &["routing", "node", "cluster", "net", "admin"]),
];

const TOP_LEVEL: [&str; 10] = [
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "completions",
    "emqxctl",
    "emqxd",
    "man",
    "proto",
    "tests",
];

/// Lines of a file without its tests.
const LINES_MAX: usize = 700;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

fn rust_files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn all_rust_files() -> Vec<PathBuf> {
    [
        "emqxd/src",
        "emqxctl/src",
        "proto/src",
        "tests/src",
        "tests/tests",
    ]
    .iter()
    .flat_map(|folder| rust_files(&root().join(folder)))
    .collect()
}

/// Each line that is not a comment, with `file:line`.
fn code_lines(path: &Path) -> Vec<(String, String)> {
    let text = fs::read_to_string(path).unwrap();
    let name = path.strip_prefix(root()).unwrap().display().to_string();
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(number, line)| (format!("{name}:{}", number + 1), line.to_owned()))
        .collect()
}

#[track_caller]
fn assert_none(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{what}:\n{}", found.join("\n"));
}

#[test]
fn unsafe_code_is_in_one_place() {
    let found: Vec<String> = all_rust_files()
        .iter()
        .filter(|path| !path.ends_with("emqxd/src/memory_release.rs") && !path.ends_with("tidy.rs"))
        .flat_map(|path| code_lines(path))
        .filter(|(_, line)| line.contains("unsafe"))
        .map(|(place, line)| format!("{place}: {line}"))
        .collect();
    assert_none("code that the compiler does not check", &found);
}

#[test]
fn what_decides_is_pure() {
    let mut found = Vec::new();
    for path in PURE.iter().flat_map(|path| rust_files(&root().join(path))) {
        for (place, line) in code_lines(&path) {
            found.extend(
                IMPURE_WORDS
                    .iter()
                    .filter(|word| line.contains(**word))
                    .map(|word| format!("{place} names {word}")),
            );
        }
    }
    assert_none("a pure module touches the world", &found);
}

#[test]
fn dependencies_point_one_way() {
    let mut found = Vec::new();
    for (module, forbidden) in DIRECTIONS {
        for path in rust_files(&root().join("emqxd/src").join(module)) {
            for (place, line) in code_lines(&path) {
                found.extend(
                    forbidden
                        .iter()
                        .filter(|other| line.contains(&format!("crate::{other}")))
                        .map(|other| format!("{place}: {module} names {other}")),
                );
            }
        }
    }
    assert_none("a lower layer knows a higher one", &found);
}

#[test]
fn each_module_says_what_lives_there() {
    let silent: Vec<String> = all_rust_files()
        .iter()
        .filter(|path| !fs::read_to_string(path).unwrap().starts_with("//!"))
        .map(|path| path.display().to_string())
        .collect();
    assert_none("files that do not open with what they are about", &silent);
}

#[test]
fn nothing_is_left_for_later() {
    let words = ["todo!", "unimplemented!", "dbg!", "FIXME", "XXX"];
    let found: Vec<String> = all_rust_files()
        .iter()
        .filter(|path| path.file_name().is_some_and(|name| name != "tidy.rs"))
        .flat_map(|path| {
            let text = fs::read_to_string(path).unwrap();
            let place = path.display().to_string();
            words
                .iter()
                .filter(|word| text.contains(**word))
                .map(|word| format!("{place}: {word}"))
                .collect::<Vec<_>>()
        })
        .collect();
    assert_none("left for later", &found);
}

#[test]
fn a_file_holds_one_idea() {
    let long: Vec<String> = all_rust_files()
        .iter()
        .filter(|path| !path.to_string_lossy().contains("tests"))
        .filter_map(|path| {
            let text = fs::read_to_string(path).unwrap();
            let lines = text
                .lines()
                .take_while(|line| *line != "#[cfg(test)]")
                .count();
            (lines > LINES_MAX).then(|| format!("{}: {lines} lines", path.display()))
        })
        .collect();
    assert_none("too long for one idea", &long);
}

#[test]
fn the_top_level_is_as_agreed() {
    let strangers: Vec<String> = fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.') && name != "target")
        .filter(|name| !TOP_LEVEL.contains(&name.as_str()))
        .collect();
    assert_none("not part of the layout", &strangers);
}
