//! One topic, many Sessions whose clients are away: their deliveries are put off and made together, and still nothing is
//! lost, doubled or out of order, whatever becomes of the Sessions meanwhile.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use emqx_proto::admin::v1::StartEvacuationRequest;
use emqx_tests::admin::evacuation_of;
use emqx_tests::client::Client;
use emqx_tests::test_cluster::TestCluster;
use emqx_tests::{unique, within};
use emqxctl::demo::link::Protocol;
use futures_util::future::join_all;

const LIMIT: Duration = Duration::from_secs(180);
const SESSIONS: usize = 100;

/// Publishes numbers until told to stop, with QoS 1 and 0 in turn; returns how many.
async fn publish(mut publisher: Client, topic: String, is_over: Arc<AtomicBool>) -> u32 {
    let mut number = 0;
    // The last one has QoS 1.
    while !is_over.load(Ordering::Relaxed) || number % 2 == 0 {
        let qos = u8::from(number % 2 == 0);
        publisher.publish(&topic, qos, &number.to_string()).await;
        number += 1;
    }
    number
}

/// All numbers that have come, up to the last one of QoS 1.
async fn receive_all(client: &mut Client, last: u32) -> Vec<u32> {
    let mut numbers = Vec::new();
    while numbers.last() != Some(&last) {
        numbers.push(client.receive_text().await.parse().unwrap());
    }
    numbers
}

fn assert_complete(numbers: &[u32], last: u32) {
    assert!(numbers.is_sorted_by(|one, next| one < next), "{numbers:?}");
    let acknowledged: Vec<_> = numbers.iter().copied().filter(|n| n % 2 == 0).collect();
    let expected: Vec<_> = (0..=last).step_by(2).collect();
    assert_eq!(acknowledged, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_that_wait_for_their_clients_miss_nothing_on_the_move() {
    within(LIMIT, async {
        let cluster = TestCluster::start(3).await;
        let admin = cluster.admin(2).await;
        let topic = unique("fleet");
        let names: Vec<_> = (0..SESSIONS).map(|_| unique("device")).collect();
        join_all(
            names
                .iter()
                .zip([Protocol::V3_1_1, Protocol::V5].into_iter().cycle())
                .map(async |(name, protocol)| {
                    let mut client = Client::persistent(name, protocol, &cluster.mqtt(0)).await;
                    client.subscribe(&topic, 1).await;
                    client.disconnect().await;
                }),
        )
        .await;
        let is_over = Arc::new(AtomicBool::new(false));
        let publishing = tokio::spawn({
            let name = unique("publisher");
            let publisher = Client::clean(&name, Protocol::V3_1_1, &cluster.mqtt(1)).await;
            publish(publisher, topic.clone(), Arc::clone(&is_over))
        });
        let operation = admin
            .evacuate(StartEvacuationRequest {
                wait_health_check_ms: Some(0),
                wait_takeover_ms: Some(0),
                ..evacuation_of("n1", 100)
            })
            .await;
        // A part of the clients comes back in the middle of it, elsewhere.
        let mut early = Vec::new();
        for name in &names[..SESSIONS / 10] {
            early.push(Client::persistent(name, Protocol::V5, &cluster.mqtt(2)).await);
        }
        let rested = admin.reaches(&operation.id, "prohibiting", LIMIT).await;
        assert_eq!(rested.trouble_total, 0);
        is_over.store(true, Ordering::Relaxed);
        // It ends with one of QoS 1.
        let last = publishing.await.unwrap() - 1;
        assert!(last > 50, "{last} messages were published meanwhile");
        for client in &mut early {
            assert_complete(&receive_all(client, last).await, last);
        }
        for names in names[SESSIONS / 10..].chunks(16) {
            join_all(names.iter().map(async |name| {
                let mut client = Client::persistent(name, Protocol::V5, &cluster.mqtt(1)).await;
                assert!(client.session_present);
                assert_complete(&receive_all(&mut client, last).await, last);
                client.disconnect().await;
            }))
            .await;
        }
    })
    .await;
}
