//! Devices on all nodes of a cluster, a third of them away, and messages for them all the while.

use std::sync::Arc;
use std::time::Duration;

use emqxctl::demo::board::{Board, DeviceState};
use emqxctl::demo::device::Wanted;
use emqxctl::demo::fleet::{Fleet, mixed_devices};
use emqxctl::demo::publisher::{Publisher, PublisherOptions};
use emqxctl::demo::schedule::Schedule;

use crate::test_cluster::TestCluster;
use crate::{eventually, unique};

const WAIT: Duration = Duration::from_secs(60);
const SETTLE: Duration = Duration::from_millis(300);

/// Messages a second.
const RATE: u32 = 500;

/// So many are to be acknowledged before messages count as flowing.
const SOME: u64 = 200;

/// Fails when anything of it does not come in time.
pub struct BusyFleet {
    board: Arc<Board>,
    fleet: Fleet,
    publisher: Publisher,
    clients: usize,
}

impl BusyFleet {
    /// So many clients, each of which is to get so many messages.
    pub async fn start(cluster: &TestCluster, clients: usize, messages: u64) -> Self {
        let board = Arc::new(Board::new(clients));
        let devices = mixed_devices(&unique("d"), clients, &cluster.addresses());
        let fleet = Fleet::spawn(devices, &board);
        fleet.tell(0..clients, Wanted::Online);
        let become_all = |range, state| board.wait_for(range, state, WAIT);
        let ready = become_all(0..clients, DeviceState::Ready).await;
        ready.expect("clients that are served");
        fleet.tell(0..clients / 3, Wanted::Offline);
        let away = become_all(0..clients / 3, DeviceState::Idle).await;
        away.expect("clients that are away");
        let options = PublisherOptions {
            client_id: unique("publisher"),
            addresses: cluster.addresses(),
            topics: fleet.topics(),
        };
        let publisher = Publisher::spawn(options, Arc::clone(&board));
        let schedule = Schedule::new(RATE, vec![messages; clients]);
        publisher.steady(schedule).await.expect("a publisher");
        Self {
            board,
            fleet,
            publisher,
            clients,
        }
    }

    /// Waits until some more messages are acknowledged.
    pub async fn gets_messages(&self) {
        let before = self.board.messages().acknowledged;
        eventually("messages flow", WAIT, || async {
            (self.board.messages().acknowledged > before + SOME).then_some(())
        })
        .await;
    }

    /// Waits until all clients that are not away are served.
    pub async fn is_served(&self) {
        let there = self.clients / 3..self.clients;
        let ready = self.board.wait_for(there, DeviceState::Ready, WAIT).await;
        ready.expect("clients that are served");
    }

    /// Ends the messages, and makes sure that all clients get all that was acknowledged. They stay.
    pub async fn loses_nothing(self) -> Fleet {
        self.publisher.finish().await.expect("a publisher");
        let all = 0..self.clients;
        self.fleet.tell(all.clone(), Wanted::Online);
        let ready = self.board.wait_for(all, DeviceState::Ready, WAIT).await;
        ready.expect("clients that are served");
        let got = self.board.wait_until_drained(SETTLE, WAIT).await;
        assert_eq!(
            (got.lost, got.unknown),
            (0, 0),
            "{got:?}, missing {:?}",
            self.board.missing(20)
        );
        self.fleet
    }
}
