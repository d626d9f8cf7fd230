//! The devices, the publisher and the ledger of the demo against one plain broker: what they count there
//! is what they will count in a cluster.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use emqx_tests::broker::Broker;
use emqx_tests::{eventually, raw_device, unique, within};
use emqxctl::demo::board::{Board, DeviceState};
use emqxctl::demo::device::Wanted;
use emqxctl::demo::fleet::{Fleet, mixed_devices};
use emqxctl::demo::publisher::{Publisher, PublisherOptions};
use emqxctl::demo::schedule::Schedule;

const LIMIT: Duration = Duration::from_secs(60);
const WAIT: Duration = Duration::from_secs(20);
const SETTLE: Duration = Duration::from_millis(200);

fn publisher(address: &str, topics: Vec<String>, board: &Arc<Board>) -> Publisher {
    let options = PublisherOptions {
        client_id: unique("publisher"),
        addresses: vec![address.to_owned()],
        topics,
    };
    Publisher::spawn(options, Arc::clone(board))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn devices_come_and_go_and_miss_nothing() {
    const CLIENTS: usize = 300;
    const ONLINE: usize = 200;
    within(LIMIT, async {
        let broker = Broker::start().await;
        let board = Arc::new(Board::new(CLIENTS));
        let devices = mixed_devices(&unique("d"), CLIENTS, &[broker.address().to_owned()]);
        let fleet = Fleet::spawn(devices, &board);
        fleet.tell(0..CLIENTS, Wanted::Online);
        board
            .wait_for(0..CLIENTS, DeviceState::Ready, WAIT)
            .await
            .unwrap();
        fleet.tell(ONLINE..CLIENTS, Wanted::Offline);
        board
            .wait_for(ONLINE..CLIENTS, DeviceState::Idle, WAIT)
            .await
            .unwrap();

        let publisher = publisher(broker.address(), fleet.topics(), &board);
        publisher.burst(ONLINE..CLIENTS, 5).await.unwrap();
        assert_eq!(board.messages().acknowledged, 500);
        assert_eq!(board.messages().lost, 500, "on their way");
        publisher
            .steady(Schedule::new(1_000, vec![10; CLIENTS]))
            .await
            .unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
        publisher.finish().await.unwrap();
        let sent = board.messages();
        assert!((1_300..=1_700).contains(&sent.acknowledged), "{sent:?}");

        fleet.tell(0..CLIENTS, Wanted::Online);
        board
            .wait_for(0..CLIENTS, DeviceState::Ready, WAIT)
            .await
            .unwrap();
        let got = board.wait_until_drained(SETTLE, WAIT).await;
        assert_eq!(got.received, got.acknowledged, "{got:?}");
        assert_eq!(
            (got.lost, got.out_of_order, got.unknown),
            (0, 0, 0),
            "{got:?}"
        );
        assert_eq!(got.duplicated_without_dup, 0, "{got:?}");
        let reconnects = board.reconnects();
        assert_eq!(reconnects.len(), CLIENTS - ONLINE);
        assert!(
            reconnects
                .iter()
                .all(|one| one.session_present && one.took.is_none())
        );
        fleet.stop().await;
    })
    .await;
}

/// Two sets of devices with the same Client Identifiers cut each other off: each cut is seen, and the
/// sessions go on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thin_devices_see_each_cut_and_keep_their_sessions() {
    const CLIENTS: usize = 100;
    within(LIMIT, async {
        let broker = Broker::start().await;
        let prefix = unique("r");
        let devices = || mixed_devices(&prefix, CLIENTS, &[broker.address().to_owned()]);
        let board = Arc::new(Board::new(CLIENTS));
        let thin = raw_device::spawn(devices(), &board);
        board
            .wait_for(0..CLIENTS, DeviceState::Ready, WAIT)
            .await
            .unwrap();
        let publisher = publisher(
            broker.address(),
            devices().iter().map(|device| device.topic()).collect(),
            &board,
        );
        publisher.burst(0..CLIENTS, 3).await.unwrap();
        let got = board.wait_until_drained(SETTLE, WAIT).await;
        assert_eq!((got.received, got.lost), (300, 0), "{got:?}");

        let rivals = raw_device::spawn(devices(), &Arc::new(Board::new(CLIENTS)));
        eventually("each one is cut", WAIT, || async {
            let cut: BTreeSet<usize> = board.cuts().iter().map(|cut| cut.device).collect();
            (cut.len() == CLIENTS).then_some(())
        })
        .await;
        drop(rivals);
        board
            .wait_for(0..CLIENTS, DeviceState::Ready, WAIT)
            .await
            .unwrap();
        assert!(
            board
                .reconnects()
                .iter()
                .all(|one| one.session_present && one.took.is_some())
        );
        drop(thin);
    })
    .await;
}
