//! Messages for a peer that is away, taken by several threads at once.

use std::collections::BTreeMap;

use emqx_proto::peer::v1::DataItem;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use futures_util::task::noop_waker;

use super::*;
use crate::cluster::dialer::Tcp;
use crate::cluster::forward_codec::Outgoing;
use crate::cluster::send_queue::Next;
use crate::cluster::{Items, LinkLimits, LocalNode, PeerHandler, Refusal, items};
use crate::event_log::EventLog;
use crate::membership::NodeName;
use crate::metrics::Metrics;
use crate::session::fixture;

const MESSAGES: u64 = 3_000;
const PUBLISHERS: u64 = 4;

/// A node of which only the store is used.
struct OnlyStore(Store);

impl PeerHandler for OnlyStore {
    fn on_data(&self, _: &NodeName, _: Items<'_>) -> Stored {
        Stored::default()
    }

    fn store(&self) -> &Store {
        &self.0
    }

    fn has_copies(&self) -> bool {
        false
    }

    fn on_control(
        self: Arc<Self>,
        _: NodeName,
        _: emqx_proto::peer::v1::control_request::Request,
    ) -> BoxFuture<'static, Result<emqx_proto::peer::v1::control_response::Response, Refusal>> {
        std::future::pending().boxed()
    }

    fn snapshot(&self, _: &NodeName) -> Vec<DataItem> {
        Vec::new()
    }

    fn peer_gone(&self, _: &NodeName, _: u64) {}
}

fn node_name(name: &str) -> NodeName {
    NodeName::new(name).unwrap()
}

/// A link to a node that has not been seen yet.
fn link(store: &Store) -> PeerLink {
    let local = LocalNode {
        cluster_name: "c".to_owned(),
        name: node_name("a"),
        incarnation: 1,
    };
    PeerLink::new(
        node_name("b"),
        local.into(),
        Arc::new(OnlyStore(store.clone())),
        Arc::new(LinkLimits {
            // Whatever waits goes.
            frame_bytes_min: 0,
            ..LinkLimits::default()
        }),
        Arc::new(Tcp),
    )
}

fn store() -> Store {
    Store::by_hand(
        Arc::new(Metrics::default()),
        Arc::new(EventLog::new("a")),
        None,
    )
}

fn send(link: &PeerLink, number: u64) -> Sent {
    let delivery = fixture::delivery(number, 1);
    let outgoing = Outgoing::new(&delivery.message, fixture::at(0));
    link.send_forward(&ForwardItem {
        message: &outgoing,
        shared: &[],
        ordinary: true,
        hops: 0,
    })
}

fn send_from_all(link: &PeerLink, meanwhile: impl Fn()) {
    std::thread::scope(|scope| {
        for publisher in 0..PUBLISHERS {
            scope.spawn(move || {
                for number in 0..MESSAGES {
                    let sent = send(link, publisher * MESSAGES + number + 1);
                    assert!(matches!(sent, Sent::Kept(stored) if !stored.is_missed));
                }
            });
        }
        meanwhile();
    });
}

/// What is stored in the end, in the order in which a later start reads it.
fn stored(store: &Store) -> Vec<Vec<u8>> {
    let mut records = BTreeMap::new();
    let batch = store.next_batch().now_or_never().unwrap();
    for change in batch.changes() {
        match &change.value {
            Some(value) => records.insert(change.key.clone(), value.clone()),
            None => records.remove(&change.key),
        };
    }
    records.into_values().collect()
}

/// What the peer will get, in order.
fn queued(link: &PeerLink) -> Vec<Vec<u8>> {
    let mut queue = link.queue.lock();
    let acked = queue.completed_seq();
    let (number, _) = queue.connect();
    drop(queue.begin(number, None));
    let mut queued = Vec::new();
    while let Next::Frame(frame) = queue.next_frame(number, &link.limits, &noop_waker()) {
        let items = items::iter(&frame.items);
        let items = (frame.first_seq..).zip(items);
        queued.extend(
            items
                .filter(|(seq, _)| *seq > acked)
                .map(|(_, item)| item.to_vec()),
        );
    }
    queued
}

#[test]
fn the_disk_has_messages_for_an_absent_node_in_the_order_of_the_queue() {
    let store = store();
    let link = link(&store);
    send_from_all(&link, || {});
    let queued = queued(&link);
    assert_eq!(queued.len() as u64, MESSAGES * PUBLISHERS);
    assert!(stored(&store) == queued);
}

#[test]
fn what_has_arrived_is_not_stored_again() {
    let store = store();
    let link = link(&store);
    let all = MESSAGES * PUBLISHERS;
    send_from_all(&link, || {
        while link.last_sent() < all {
            link.take_ack(link.last_sent());
        }
    });
    send(&link, all + 1);
    let queued = queued(&link);
    assert!(!queued.is_empty());
    assert!(stored(&store) == queued);
}
