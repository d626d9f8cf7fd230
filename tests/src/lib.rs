//! What the end-to-end tests stand on: real processes, real clients, and thin ones of our own.
//!
//! The cluster, the fleet and the ledger are those of `emqxctl demo`. A test starts what it needs on free
//! loopback ports with temporary data, and everything ends with the test.
//!
//! With `EMQX_TEST_BROKER=host:port`, tests that need one plain MQTT server use that one instead.

pub mod admin;
pub mod blocking_client;
pub mod broker;
pub mod busy_fleet;
pub mod certificates;
pub mod cli;
pub mod client;
pub mod client_driver;
pub mod cluster_speed;
pub mod counted;
pub mod cut_rate;
pub mod every_transport;
pub mod firehose;
pub mod foreign;
pub mod group_commit;
pub mod growth;
pub mod http;
pub mod mutation;
#[cfg(target_os = "linux")]
pub mod network;
pub mod peers;
pub mod programs;
pub mod raw;
pub mod raw_device;
pub mod resident;
#[cfg(target_os = "linux")]
pub mod small_disk;
pub mod streams;
pub mod test_cluster;
#[cfg(target_os = "linux")]
pub mod wall_clock;
pub mod wire;

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How often a wait looks again.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A name that no other test uses, also not one of another run against the same broker.
pub fn unique(name: &str) -> String {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    let nanos = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.subsec_nanos());
    format!("{name}-{}-{nanos}-{count}", std::process::id())
}

/// Whether tests are to have the numbers and times of the promise, and not those that are scaled down: `EMQX_TESTS_FULL=1`.
pub fn is_full() -> bool {
    std::env::var("EMQX_TESTS_FULL").is_ok_and(|value| value == "1")
}

/// Runs a test and fails when it takes too long, so that nothing can hang.
pub async fn within<T>(limit: Duration, test: impl Future<Output = T>) -> T {
    match tokio::time::timeout(limit, test).await {
        Ok(value) => value,
        Err(_) => panic!("the test did not end within {limit:?}"),
    }
}

/// Asks again and again until the answer is there. Fails with `what` after `limit`.
pub async fn eventually<T, F>(what: &str, limit: Duration, mut ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    until(what, limit, || {
        let answer = ask();
        async { answer.await.ok_or(()) }
    })
    .await
}

/// As [`eventually`]; the failure has the last answer that was not it.
pub async fn until<T, E, F>(what: &str, limit: Duration, mut ask: impl FnMut() -> F) -> T
where
    E: std::fmt::Debug,
    F: Future<Output = Result<T, E>>,
{
    let deadline = Instant::now() + limit;
    loop {
        let other = match ask().await {
            Ok(answer) => return answer,
            Err(other) => other,
        };
        assert!(
            Instant::now() < deadline,
            "{what}: not within {limit:?} ({other:?})"
        );
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
