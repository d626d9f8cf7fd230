//! The index of Subscriptions and the Retained Messages, searched.

use std::hint::black_box;
use std::sync::Arc;

use bytes::Bytes;
use emqxd::message::{Message, MessageId};
use emqxd::packet::{QoS, SubscriptionOptions};
use emqxd::routing::retained::{RetainedStamp, RetainedStore};
use emqxd::routing::router::{Matches, Router};
use emqxd::topic::{TopicFilter, TopicName};

use super::Piece;
use super::client::NOW;

/// Topic Names that are looked for in turn: so many that it makes no difference how the hashes of one process fall.
const TOPICS: usize = 1_000;

/// Devices of a site.
const DEVICES: usize = 100;

/// Retained Messages, one for each device.
const RETAINED: usize = 10_000;

pub fn pieces() -> Vec<Piece> {
    vec![
        Piece {
            name: "match-1000",
            operations: TOPICS as u64,
            set_up: || matching(1_000),
        },
        Piece {
            name: "match-100000",
            operations: TOPICS as u64,
            set_up: || matching(100_000),
        },
        Piece {
            name: "retained-exact",
            operations: TOPICS as u64,
            set_up: retained_exact,
        },
        Piece {
            name: "retained-wildcard",
            operations: DEVICES as u64,
            set_up: || retained_all("site/7/+/temperature"),
        },
        Piece {
            name: "retained-all",
            operations: RETAINED as u64,
            set_up: || retained_all("#"),
        },
    ]
}

fn topic(number: usize) -> TopicName {
    let (site, device) = (number / DEVICES, number % DEVICES);
    TopicName::new(format!("site/{site}/device-{device}/temperature")).expect("a valid topic")
}

/// Of ten filters six name a device, the others have wildcards: at the level of the device, of the site, at the end, and
/// all of that. About one in a hundred of those is the same as another.
fn filter(number: usize) -> TopicFilter {
    let (site, device) = (number / DEVICES, number % DEVICES);
    let text = match number % 10 {
        6 => format!("site/{site}/+/temperature/{device}"),
        7 => format!("site/+/device-{number}/temperature"),
        8 => format!("site/{site}/device-{device}/#"),
        9 => format!("+/{site}/+/state-{number}/#"),
        _ => format!("site/{site}/device-{device}/temperature"),
    };
    TopicFilter::new(&text).expect("a valid filter")
}

fn matching(filters: usize) -> Box<dyn FnMut()> {
    let router = Router::new();
    for number in 0..filters {
        let options = SubscriptionOptions::default();
        router.subscribe(&filter(number), number, options, None);
    }
    let topics: Vec<TopicName> = (0..TOPICS)
        .map(|number| topic(number * filters / TOPICS))
        .collect();
    let mut matches = Matches::new();
    Box::new(move || {
        for topic in &topics {
            router.matches(black_box(topic), None, &mut matches);
            black_box(&matches);
        }
    })
}

fn retained() -> RetainedStore {
    let store = RetainedStore::default();
    for number in 0..RETAINED {
        let message = Message {
            id: MessageId {
                origin: 1,
                number: number as u64,
            },
            topic: topic(number),
            payload: Bytes::from_static(b"21.5"),
            qos: QoS::AtMostOnce,
            retain: true,
            publisher: None,
            received_at: NOW,
            expires_at: None,
            properties: None,
        };
        let stamp = RetainedStamp {
            stamp: number as u64,
            node: "n1".into(),
        };
        store.put(Arc::new(message), stamp);
    }
    store
}

fn retained_exact() -> Box<dyn FnMut()> {
    let store = retained();
    let filters: Vec<TopicFilter> = (0..TOPICS)
        .map(|number| topic(number * RETAINED / TOPICS))
        .map(|topic| TopicFilter::new(topic.as_str()).expect("a valid filter"))
        .collect();
    Box::new(move || {
        let mut found = 0;
        for filter in &filters {
            store.for_each_match(filter, NOW, |_| found += 1);
        }
        assert_eq!(found, TOPICS);
    })
}

fn retained_all(filter: &str) -> Box<dyn FnMut()> {
    let store = retained();
    let filter = TopicFilter::new(filter).expect("a valid filter");
    Box::new(move || {
        let mut found = 0;
        store.for_each_match(&filter, NOW, |message| {
            black_box(message);
            found += 1;
        });
        assert!(found == DEVICES || found == RETAINED);
    })
}
