//! Retained Messages: order of stamps, limits and matching.

use proptest::prelude::*;

use super::*;
use crate::topic::testing::{topic_filter, topic_name};

const AGE: Duration = Duration::from_millis(1_000);

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn stamp(millis: u64, node: &str) -> RetainedStamp {
    RetainedStamp {
        stamp: millis << 16,
        node: Arc::from(node),
    }
}

fn message(topic: &str, payload: &str, expires_at: Option<u64>) -> Arc<Message> {
    let topic = TopicName::new(topic.to_owned()).unwrap();
    let mut message = removal(&topic, at(0));
    message.payload = Bytes::copy_from_slice(payload.as_bytes());
    message.expires_at = expires_at.map(at);
    Arc::new(message)
}

fn found(store: &RetainedStore, filter: &str, now: u64) -> Vec<String> {
    let mut found = Vec::new();
    store.for_each_match(&TopicFilter::new(filter).unwrap(), at(now), |message| {
        let payload = String::from_utf8(message.payload.to_vec()).unwrap();
        found.push(format!("{}={payload}", message.topic));
    });
    found
}

/// All there is: Topic Name, payload, stamp, removed.
fn dump(store: &RetainedStore) -> Vec<(String, Bytes, RetainedStamp, bool)> {
    let mut after = None;
    let mut all = Vec::new();
    loop {
        let page = store.page(after, 3);
        all.extend(page.iter().map(|(message, stamp, removed)| {
            let topic = message.topic.as_str().to_owned();
            (topic, message.payload.clone(), stamp.clone(), *removed)
        }));
        if page.len() < 3 {
            return all;
        }
        after = page.last().map(|(message, ..)| message.topic.clone());
    }
}

#[test]
fn the_latest_message_stays_and_an_empty_payload_removes() {
    let store = RetainedStore::new(AGE);
    assert_eq!(
        store.put(message("a", "1", None), stamp(10, "n1")),
        RetainedOutcome::Stored
    );
    assert_eq!(
        store.put(message("a", "x", None), stamp(10, "n1")),
        RetainedOutcome::Stale
    );
    assert_eq!(
        store.put(message("a", "x", None), stamp(9, "n2")),
        RetainedOutcome::Stale
    );
    assert_eq!((store.len(), store.bytes()), (1, 2));
    assert_eq!(
        store.put(message("a", "345", None), stamp(10, "n2")),
        RetainedOutcome::Replaced
    );
    assert_eq!(found(&store, "+", 20), ["a=345"]);
    assert_eq!((store.len(), store.bytes()), (1, 4));
    assert_eq!(
        store.put(message("a", "", None), stamp(11, "n1")),
        RetainedOutcome::Removed
    );
    assert_eq!(
        store.put(message("a", "x", None), stamp(10, "n9")),
        RetainedOutcome::Stale
    );
    assert_eq!(found(&store, "#", 20), [""; 0]);
    assert_eq!((store.len(), store.bytes(), store.is_empty()), (0, 0, true));
    assert_eq!(
        store.put(message("a", "6", None), stamp(12, "n1")),
        RetainedOutcome::Stored
    );
    assert_eq!(found(&store, "a", 20), ["a=6"]);
}

#[test]
fn a_shared_subscription_gets_no_retained_messages() {
    let store = RetainedStore::new(AGE);
    store.put(message("a", "1", None), stamp(1, "n1"));
    assert_eq!(found(&store, "$share/g/a", 1), [""; 0]);
}

#[test]
fn an_expired_message_is_skipped_then_swept_and_still_outweighs_an_older_one() {
    let store = RetainedStore::new(AGE);
    store.put(message("a", "short", Some(50)), stamp(10, "n1"));
    store.put(message("b", "long", None), stamp(10, "n1"));
    assert_eq!(found(&store, "#", 49).len(), 2);
    assert_eq!(found(&store, "#", 50), ["b=long"]);
    assert_eq!(changed_by(store.sweep(at(49), 10)), 0);
    assert_eq!(changed_by(store.sweep(at(60), 10)), 1);
    assert_eq!((store.len(), store.bytes()), (1, 5));
    assert_eq!(
        store.put(message("a", "old", None), stamp(9, "n1")),
        RetainedOutcome::Stale
    );
    assert_eq!(changed_by(store.sweep(at(1_059), 10)), 0);
    assert_eq!(changed_by(store.sweep(at(1_060), 10)), 1);
    assert_eq!(dump(&store).len(), 1);
}

const fn changed_by(swept: Swept) -> usize {
    swept.expired + swept.forgotten
}

#[test]
fn sweeps_in_slices_and_begins_anew_at_the_end() {
    let store = RetainedStore::new(AGE);
    for number in 0..10 {
        store.put(message(&format!("t{number}"), "x", Some(5)), stamp(1, "n1"));
    }
    let rounds: Vec<usize> = (0..3).map(|_| changed_by(store.sweep(at(10), 4))).collect();
    assert_eq!(rounds, [4, 4, 2]);
    let rounds: Vec<usize> = (0..4)
        .map(|_| changed_by(store.sweep(at(2_000), 4)))
        .collect();
    assert_eq!(rounds, [4, 4, 2, 0]);
    assert!(dump(&store).is_empty());
}

#[test]
fn holds_on_to_no_network_buffer() {
    let buffer = Bytes::from(vec![b'x'; 1_000]);
    let name = ByteString::try_from(buffer.slice(0..3)).unwrap();
    let mut slices = removal(&TopicName::new(name.clone()).unwrap(), at(0));
    slices.payload = buffer.slice(10..20);
    slices.properties = Some(Box::new(PublishProperties {
        response_topic: Some(name.clone()),
        correlation_data: Some(buffer.slice(0..2)),
        user_properties: vec![(name.clone(), name.clone())],
        content_type: Some(name.clone()),
        ..PublishProperties::default()
    }));
    let store = RetainedStore::new(AGE);
    let slices = Arc::new(slices);
    store.put(Arc::clone(&slices), stamp(1, "n1"));
    assert_eq!(store.page(None, 1)[0].0, slices);
    assert_eq!(store.bytes(), 3 + 10 + 3 + 2 + 6 + 3);
    drop((slices, name));
    assert!(buffer.is_unique());
}

#[test]
fn hands_out_more_than_one_slice_once_each_and_lets_the_callback_write() {
    let store = RetainedStore::new(AGE);
    for number in 0..3 * SLICE_LOOKS {
        store.put(message(&format!("t/{number}/a"), "x", None), stamp(1, "n1"));
    }
    let mut topics = Vec::new();
    store.for_each_match(&TopicFilter::new("t/+/a").unwrap(), at(1), |message| {
        topics.push(message.topic.clone());
        store.put(Arc::clone(message), stamp(2, "n1"));
    });
    assert_eq!(topics.len(), 3 * SLICE_LOOKS);
    assert!(topics.is_sorted_by(|a, b| a < b));
    let none = TopicFilter::new("t/+/b").unwrap();
    store.for_each_match(&none, at(1), |message| panic!("{}", message.topic));
}

#[test]
fn a_slice_keeps_within_the_room_and_one_too_large_comes_alone() {
    let store = RetainedStore::new(AGE);
    for (topic, payload) in [
        ("a", "1"),
        ("b", "1234567"),
        ("c", "1"),
        ("d", "1"),
        ("e", "1"),
    ] {
        store.put(message(topic, payload, None), stamp(1, "n1"));
    }
    let filter = TopicFilter::new("#").unwrap();
    let mut slices = Vec::new();
    let mut from = Some(RetainedStore::start(&filter).to_owned());
    while let Some(start) = from {
        let mut slice = String::new();
        from = store.slice(&filter, &start, at(1), (2, 5), |message| {
            slice.push_str(message.topic.as_str());
        });
        slices.push(slice);
    }
    assert_eq!(slices, ["a", "b", "cd", "e"]);
}

proptest! {
    #[test]
    fn any_order_of_puts_leads_to_the_same_store(
        (puts, shuffled) in prop::collection::vec((topic_name(), 0..3_u64, 0..3_u8), 1..40)
            .prop_map(|puts| puts.into_iter().enumerate().collect::<Vec<_>>())
            .prop_flat_map(|puts| (Just(puts.clone()), Just(puts).prop_shuffle())),
    ) {
        let fill = |puts: &[(usize, (TopicName, u64, u8))]| {
            let store = RetainedStore::new(AGE);
            for (number, (topic, millis, kind)) in puts {
                let payload = if *kind == 0 { String::new() } else { number.to_string() };
                // The same millisecond on many nodes, each with a name of its own.
                store.put(message(topic.as_str(), &payload, None), stamp(*millis, &number.to_string()));
            }
            store
        };
        let (one, other) = (fill(&puts), fill(&shuffled));
        prop_assert_eq!(dump(&one), dump(&other));
        prop_assert_eq!((one.len(), one.bytes()), (other.len(), other.bytes()));
        // A new peer that takes over the pages ends up the same, also on top of an older state.
        let peer = fill(&puts[..puts.len() / 2]);
        for (message, stamp, _) in one.page(None, usize::MAX) {
            peer.put(message, stamp);
        }
        prop_assert_eq!(dump(&one), dump(&peer));
    }

    #[test]
    fn matches_agree_with_the_reference(
        puts in prop::collection::vec((topic_name(), 0..4_u8), 0..60),
        filters in prop::collection::vec(topic_filter(), 1..15),
    ) {
        let store = RetainedStore::new(AGE);
        let mut model = BTreeMap::new();
        for (number, (topic, kind)) in (0..).zip(&puts) {
            let payload = if *kind == 0 { "" } else { "x" };
            let expires_at = (*kind == 1).then_some(100);
            store.put(message(topic.as_str(), payload, expires_at), stamp(number, "n1"));
            model.insert(topic.clone(), *kind > 1);
        }
        for filter in &filters {
            let mut found = Vec::new();
            store.for_each_match(filter, at(100), |message| found.push(message.topic.clone()));
            let expected: Vec<TopicName> = model
                .iter()
                .filter(|(topic, kept)| **kept && filter.matches(topic))
                .map(|(topic, _)| topic.clone())
                .collect();
            prop_assert_eq!(found, expected, "{}", filter);
        }
    }
}

#[test]
fn there_is_room_for_so_many_and_for_those_that_replace_or_remove() {
    let store = RetainedStore::default();
    let limits = RetainedLimits {
        max_retained_messages: 1,
        max_payload_size: 5,
    };
    let has_room = |topic: &'static str, payload: &'static str| {
        store.has_room(&message(topic, payload, None), &limits)
    };
    assert!(has_room("a", "12345"));
    assert!(!has_room("a", "123456"));
    store.put(message("a", "1", None), stamp(1, "n1"));
    assert!(has_room("a", "2"));
    assert!(!has_room("b", "2"));
    assert!(has_room("b", ""));
}

#[test]
fn the_digest_follows_each_change_and_not_what_time_does() {
    let store = RetainedStore::new(AGE);
    let changes = [
        message("a", "1", None),
        message("b", "2", Some(50)),
        message("c", "3", None),
        message("a", "", None),
    ];
    for (place, change) in (1..).zip(&changes) {
        store.put(Arc::clone(change), stamp(place, "n1"));
        let other = RetainedStore::new(AGE);
        other.load(
            store
                .page(None, usize::MAX)
                .into_iter()
                .map(|(message, stamp, _)| (message, stamp))
                .collect(),
        );
        assert_eq!(store.digest(), other.digest(), "after change {place}");
    }
    let before = store.digest();
    store.put(message("c", "stale", None), stamp(1, "n1"));
    assert_eq!(store.sweep(at(60), usize::MAX).expired, 1);
    assert_eq!(store.digest(), before);
    // The removal of `a`, and what has expired.
    assert_eq!(store.sweep(at(5_000), usize::MAX).forgotten, 2);
    let rest = RetainedStore::new(AGE);
    rest.put(message("c", "3", None), stamp(3, "n1"));
    assert_eq!(store.digest(), rest.digest());
}
