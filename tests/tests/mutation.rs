//! Mutated packets against a running node: it neither ends nor keeps memory, and serves others all the while.
//!
//! `EMQX_TESTS_FULL=1` sends 200,000 of them. The seed is printed; `EMQX_TESTS_SEED` repeats one.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::env;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use emqx_tests::raw::{PINGREQ, RawClient};
use emqx_tests::resident::mebibytes;
use emqx_tests::wire::{Heard, Wire, publish};
use emqx_tests::{eventually, http, is_full, mutation, programs, raw, resident, unique, within};
use emqxctl::demo::cluster::{Node, NodeOptions};
use emqxctl::demo::link::Protocol;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

const LIMIT: Duration = Duration::from_secs(900);
/// Connections at the same time.
const CONNECTIONS: usize = 48;
/// Mutated packets that one connection sends; it mostly ends after the first.
const PACKETS_PER_CONNECTION: usize = 6;
/// Resident memory once all are gone, against what it was before.
const GROWTH_MAX: f64 = 1.1;
/// Mutated packets before memory is looked at.
const WARM_UP: usize = 20_000;
/// Sessions that were to stay end, and all is given back.
const REST_WITHIN: Duration = Duration::from_secs(60);

async fn start(dir: &std::path::Path) -> Node {
    let config = dir.join("emqxd.toml");
    // No Session may outlive its client for long: what remains must be nothing.
    std::fs::write(&config, "[session]\nexpiry_interval_max = \"1s\"\n").unwrap();
    let mut options = NodeOptions::new(&programs::emqxd(), dir, "n1");
    options.flags = BTreeMap::from([("config".to_owned(), config.display().to_string())]);
    Node::start(options).await.unwrap()
}

/// One connection: a CONNECT, some packets as they should be, and mutated ones, each with a PINGREQ behind it. Returns
/// how many of the mutated ones the node has looked at.
async fn conversation(address: &str, rng: &mut StdRng) -> io::Result<usize> {
    let protocol = if rng.random() {
        Protocol::V5
    } else {
        Protocol::V3_1_1
    };
    let packets = mutation::packets(protocol);
    let mut connect = mutation::connect(rng, protocol);
    let is_connect_mutated = rng.random_bool(0.1);
    if is_connect_mutated {
        connect = mutation::mutate(rng, &connect, &packets);
    }
    let mut bytes = connect;
    for _ in 0..rng.random_range(0..3) {
        // Not those that end the connection.
        bytes.extend(&packets[rng.random_range(0..10)]);
    }
    for _ in 0..PACKETS_PER_CONNECTION {
        let packet = &packets[rng.random_range(0..packets.len())];
        bytes.extend(mutation::mutate(rng, packet, &packets));
        bytes.extend(PINGREQ);
    }
    let mut socket = TcpStream::connect(address).await?;
    // The node may close while this is written.
    let _ = socket.write_all(&bytes).await;
    let _ = socket.shutdown().await;
    let mut heard = Vec::new();
    // A reset is an end as well: of a connection that the node closed while bytes were on their way.
    let _ = socket.read_to_end(&mut heard).await;
    let survived = heard.windows(2).filter(|pair| *pair == [0xD0, 0]).count();
    let sent = PACKETS_PER_CONNECTION + usize::from(is_connect_mutated);
    Ok((survived + 1).min(sent))
}

/// Sends that many mutated packets.
async fn attack(address: &str, count: usize, seed: u64) {
    let looked_at = Arc::new(AtomicUsize::new(0));
    let mut tasks = JoinSet::new();
    for task in 0..CONNECTIONS {
        let address = address.to_owned();
        let looked_at = Arc::clone(&looked_at);
        let mut rng = StdRng::seed_from_u64(seed.wrapping_mul(1_000).wrapping_add(task as u64));
        tasks.spawn(async move {
            while looked_at.load(Ordering::Relaxed) < count {
                let more = conversation(&address, &mut rng).await.unwrap();
                looked_at.fetch_add(more, Ordering::Relaxed);
            }
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
}

/// Publishes to itself and pings until told to stop; each is answered within the time that `Wire` waits.
async fn healthy(address: String, stop: Arc<AtomicBool>) -> usize {
    let mut wire = Wire::clean(&address, Protocol::V5, &unique("healthy")).await;
    let topic = unique("healthy");
    assert_eq!(wire.subscribe(&topic, 1).await, [1]);
    let mut rounds = 0;
    while !stop.load(Ordering::Relaxed) {
        let payload = rounds.to_string();
        wire.publish(&publish(&topic, 1, 1, &payload)).await;
        let (mut acknowledged, mut received) = (false, false);
        while !(acknowledged && received) {
            match wire.hear().await {
                Heard::Ack { kind: 4, .. } => acknowledged = true,
                Heard::Publish(published) => {
                    assert_eq!(published.payload, payload);
                    wire.acknowledge(4, published.packet_id).await;
                    received = true;
                }
                other => panic!("{other:?}"),
            }
        }
        wire.silence().await;
        rounds += 1;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    rounds
}

async fn status(node: &Node) -> serde_json::Value {
    let (_, body) = http::get(node.ready.http, "/status").await.unwrap();
    serde_json::from_str(&body).unwrap()
}

/// Once the mutants and all that they left are gone: resident memory of the node.
async fn at_rest(node: &Node) -> u64 {
    forget_retained(node).await;
    eventually(
        "all clients and their Sessions are gone",
        REST_WITHIN,
        || async {
            let status = status(node).await;
            // The healthy client remains.
            (status["connections"] == 1 && status["sessions"] == 1).then_some(())
        },
    )
    .await;
    resident::bytes(node.ready.pid).unwrap()
}

/// Removes every Retained Message: they are what clients wanted to be kept.
async fn forget_retained(node: &Node) {
    let protocol = Protocol::V3_1_1;
    let (name, address) = (unique("sweeper"), node.mqtt());
    let connect = raw::Connect {
        clean_start: true,
        ..raw::Connect::persistent(&name, protocol)
    };
    let (mut client, _) = RawClient::accepted(&address, &connect).await.unwrap();
    for filter in ["#", "$SYS/#"] {
        let subscribe = raw::subscribe(protocol, 1, filter, 0);
        client.send(&subscribe).await.unwrap();
    }
    client.send(&PINGREQ).await.unwrap();
    let mut removals = Vec::new();
    loop {
        let frame = tokio::time::timeout(REST_WITHIN, client.frame()).await;
        let (kind, body) = frame.unwrap().unwrap().expect("an open connection");
        match kind {
            // PUBLISH with RETAIN: its Topic Name, with its length, is all that a removal needs.
            0x31 => {
                let length = usize::from(u16::from_be_bytes([body[0], body[1]]));
                removals.extend(raw::packet(0x31, &body[..2 + length]));
            }
            0xD0 => break,
            _ => {}
        }
    }
    client.send(&removals).await.unwrap();
    client.send(&PINGREQ).await.unwrap();
    while client.frame().await.unwrap().expect("an open connection").0 != 0xD0 {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mutated_packets_are_survived() {
    let seed = env::var("EMQX_TESTS_SEED").map_or_else(
        |_| rand::random::<u32>().into(),
        |seed| seed.parse().unwrap(),
    );
    let count = if is_full() { 200_000 } else { 10_000 };
    println!("{count} mutated packets, EMQX_TESTS_SEED={seed}");
    within(LIMIT, async {
        let dir = tempfile::tempdir().unwrap();
        let node = start(dir.path()).await;
        let address = node.mqtt();
        let stop = Arc::new(AtomicBool::new(false));
        let healthy = tokio::spawn(healthy(address.clone(), Arc::clone(&stop)));

        // What a node allocates once and keeps is there after a while of the same.
        attack(&address, count.min(WARM_UP), seed).await;
        let before = at_rest(&node).await;
        attack(&address, count, seed + 1).await;
        at_rest(&node).await;
        // The allocator gives memory back as the node goes on working.
        let bound = (before as f64 * GROWTH_MAX) as u64;
        println!("{:.1} MiB before", mebibytes(before));
        let after = eventually("memory is back within 10 %", REST_WITHIN, || async {
            let now = resident::bytes(node.ready.pid)?;
            println!("{:.1} MiB now", mebibytes(now));
            (now <= bound).then_some(now)
        })
        .await;

        stop.store(true, Ordering::Relaxed);
        let rounds = healthy.await.unwrap();
        println!(
            "{:.1} MiB before, {:.1} MiB after; the healthy client was served {rounds} times",
            mebibytes(before),
            mebibytes(after)
        );
        assert!(rounds > 10, "{rounds}");
        let log = node.log();
        assert!(!log.contains("panicked"), "{log}");
        assert!(node.terminate().await.unwrap().success());
    })
    .await;
}
