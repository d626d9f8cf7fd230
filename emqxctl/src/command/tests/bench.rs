//! `emqxctl bench …`: what is refused before anything is sent, and what is said when nobody is there.

use super::World;
use crate::exit::ExitStatus;

#[tokio::test]
async fn values_that_make_no_sense_are_named() {
    for (args, words) in [
        ("pub -t a/+", ["without + and #", "bench/%i"]),
        ("pub -t a -s 23", ["24 to 268,000,000", "--size"]),
        ("pub -t a -q 3", ["--qos", "0..=2"]),
        ("pub -t a -F 2 --rate 9", ["--inflight", "--rate"]),
        ("pub -t a -I 0", ["--interval-of-msg", "1..="]),
        ("conn -V 2", ["--version", "3..=5"]),
        ("conn --ifaddr lo", ["--ifaddr", "127.0.0.0/8"]),
        ("conn --target nowhere", ["--target nowhere", "HOST:PORT"]),
        ("conn -V 4 -P x", ["--password", "MQTT-3.1.2-22"]),
        ("evac -c 5 --offline 6", ["--offline 6", "5 sessions"]),
        ("evac -V 4", ["--version 4", "MQTT 5"]),
        ("evac --conn-evict-rate 5", ["--evacuate", "required"]),
    ] {
        let ran = World::at(vec![]).run(&format!("bench {args}")).await;
        assert_eq!(ran.status, ExitStatus::Usage, "{args}: {}", ran.stderr);
        for word in words {
            assert!(ran.stderr.contains(word), "{args}: {word}: {}", ran.stderr);
        }
        assert_eq!(ran.stdout, "", "{args}");
    }
}

#[cfg(not(feature = "baseline"))]
#[tokio::test]
async fn a_baseline_needs_a_build_that_has_one() {
    let ran = World::at(vec![]).run("bench conn --baseline").await;
    assert_eq!(ran.status, ExitStatus::Usage);
    assert!(ran.stderr.contains("--features baseline"), "{}", ran.stderr);
}

#[tokio::test]
async fn letters_mean_what_emqtt_bench_means_and_long_names_stay() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let target = free.local_addr().unwrap();
    drop(free);
    for load in [
        "pub -t a -s 64 -q 1",
        "sub -t a -q 1",
        "mix -s 64 -q 2",
        "evac",
    ] {
        let line = format!("bench {load} --quiet --server 127.0.0.1:1 --target {target} -c 2 -R 0");
        let ran = World::at(vec![]).run(&line).await;
        assert_eq!(ran.status, ExitStatus::Unreachable, "{}", ran.stderr);
        assert!(
            ran.stderr.starts_with("error: no client could connect"),
            "{}",
            ran.stderr
        );
        assert!(ran.stderr.contains(&target.to_string()), "{}", ran.stderr);
    }
}
