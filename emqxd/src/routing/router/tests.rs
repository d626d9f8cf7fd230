//! The router against a naive matcher.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use proptest::prelude::*;

use super::*;
use crate::topic::testing::{topic_filter, topic_name};

fn filter(text: &str) -> TopicFilter {
    TopicFilter::new(text).unwrap()
}

fn topic(text: &str) -> TopicName {
    TopicName::new(text.to_owned()).unwrap()
}

fn qos(bits: u8) -> SubscriptionOptions {
    SubscriptionOptions {
        qos: QoS::from_bits(bits).unwrap(),
        ..SubscriptionOptions::default()
    }
}

fn matches(router: &Router<u32>, name: &str, publisher: Option<u32>) -> Matches<u32> {
    let mut matches = Matches::new();
    router.matches(&topic(name), publisher.as_ref(), &mut matches);
    matches
}

#[test]
fn merges_overlapping_subscriptions_of_one_subscriber() {
    let router = Router::new();
    router.subscribe(&filter("a/+"), 1, qos(2), Some(7));
    router.subscribe(&filter("a/b"), 1, qos(0), None);
    let retain_as_published = SubscriptionOptions {
        retain_as_published: true,
        ..qos(1)
    };
    router.subscribe(&filter("#"), 1, retain_as_published, Some(7));
    router.subscribe(&filter("a/b"), 2, qos(1), Some(9));
    let mut found = matches(&router, "a/b", None).ordinary.to_vec();
    found.sort_by_key(|found| found.subscriber);
    assert_eq!(
        found,
        [
            Match {
                subscriber: 1,
                qos: QoS::ExactlyOnce,
                retain_as_published: true,
                identifiers: SubscriptionIdentifiers::from_slice(&[7, 7]),
            },
            Match {
                subscriber: 2,
                qos: QoS::AtLeastOnce,
                retain_as_published: false,
                identifiers: SubscriptionIdentifiers::from_slice(&[9]),
            },
        ]
    );
}

#[test]
fn replaces_the_subscription_to_the_same_filter() {
    let router = Router::new();
    assert!(!router.subscribe(&filter("a"), 1, qos(0), Some(1)));
    assert!(router.subscribe(&filter("a"), 1, qos(2), None));
    assert_eq!((router.subscription_count(), router.filter_count()), (1, 1));
    let found = matches(&router, "a", None).ordinary;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].qos, QoS::ExactlyOnce);
    assert!(found[0].identifiers.is_empty());
    assert!(router.unsubscribe(&filter("a"), &1));
    assert!(!router.unsubscribe(&filter("a"), &1));
    assert_eq!((router.subscription_count(), router.filter_count()), (0, 0));
    assert!(matches(&router, "a", None).is_empty());
}

#[test]
fn no_local_leaves_only_that_subscription_out() {
    let router = Router::new();
    let no_local = SubscriptionOptions {
        no_local: true,
        ..qos(2)
    };
    router.subscribe(&filter("a"), 1, no_local, Some(5));
    router.subscribe(&filter("a"), 2, no_local, None);
    let subscribers = |found: Matches<u32>| {
        let mut all: Vec<_> = found
            .ordinary
            .iter()
            .map(|one| (one.subscriber, one.qos))
            .collect();
        all.sort_unstable();
        all
    };
    assert_eq!(
        subscribers(matches(&router, "a", Some(1))),
        [(2, QoS::ExactlyOnce)]
    );
    assert_eq!(subscribers(matches(&router, "a", None)).len(), 2);
    router.subscribe(&filter("+"), 1, qos(0), None);
    let found = matches(&router, "a", Some(1));
    assert!(found.ordinary.iter().all(|one| one.identifiers.is_empty()));
    assert_eq!(
        subscribers(found),
        [(1, QoS::AtMostOnce), (2, QoS::ExactlyOnce)]
    );
}

#[test]
fn keeps_shared_and_ordinary_subscriptions_apart() {
    let router = Router::new();
    router.subscribe(&filter("a/b"), 1, qos(0), None);
    router.subscribe(&filter("$share/h/a/b"), 1, qos(1), Some(3));
    router.subscribe(&filter("$share/g/a/+"), 2, qos(1), None);
    assert!(!router.subscribe(&filter("$share/g/a/+"), 3, qos(1), None));
    assert!(router.subscribe(&filter("$share/g/a/+"), 3, qos(2), None));
    assert_eq!((router.subscription_count(), router.filter_count()), (4, 3));
    let found = matches(&router, "a/b", None);
    assert_eq!(found.ordinary.len(), 1);
    let groups: Vec<_> = found.shared.iter().map(|one| one.filter.as_str()).collect();
    assert_eq!(groups, ["$share/g/a/+", "$share/h/a/b"]);
    let mut members = Vec::new();
    router.shared_members("g", "a/+", |subscriber, options, identifier| {
        members.push((*subscriber, options.qos, identifier));
    });
    assert_eq!(
        members,
        [(2, QoS::AtLeastOnce, None), (3, QoS::ExactlyOnce, None)]
    );
    assert!(router.shared_group("g", "a/b").is_none());
    for subscriber in [2, 3] {
        assert!(router.unsubscribe(&filter("$share/g/a/+"), &subscriber));
    }
    assert!(router.unsubscribe(&filter("$share/h/a/b"), &1));
    assert_eq!((router.subscription_count(), router.filter_count()), (1, 1));
    assert!(matches(&router, "a/b", None).shared.is_empty());
}

#[test]
fn publishers_always_see_a_standing_subscription_while_others_come_and_go() {
    const ROUNDS: u32 = 2_000;
    let router = Router::new();
    router.subscribe(&filter("a/+/c"), 0, qos(1), None);
    router.subscribe(&filter("$share/g/a/b/c"), 0, qos(1), None);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let changers: Vec<_> = (1..4_u32)
            .map(|subscriber| {
                let router = &router;
                scope.spawn(move || {
                    let filters = ["a/b/c", "#", "a/+/c", "+/b/#", "$share/g/a/b/c"].map(filter);
                    for round in 0..ROUNDS {
                        let filter = &filters[(round % 5) as usize];
                        assert!(!router.subscribe(filter, subscriber, qos(0), Some(subscriber)));
                        assert!(router.unsubscribe(filter, &subscriber));
                    }
                })
            })
            .collect();
        let matcher = scope.spawn(|| {
            let mut found = Matches::new();
            while !done.load(Ordering::Relaxed) {
                router.matches(&topic("a/b/c"), None, &mut found);
                assert_eq!(
                    found
                        .ordinary
                        .iter()
                        .filter(|one| one.subscriber == 0)
                        .count(),
                    1
                );
                assert_eq!(found.shared.len(), 1);
                assert!(found.ordinary.len() <= 4);
            }
        });
        for changer in changers {
            changer.join().unwrap();
        }
        done.store(true, Ordering::Relaxed);
        matcher.join().unwrap();
    });
    assert_eq!((router.subscription_count(), router.filter_count()), (2, 2));
}

type Key = (TopicFilter, u32);

proptest! {
    #[test]
    fn agrees_with_the_reference_while_subscriptions_come_and_go(
        steps in prop::collection::vec(
            (topic_filter(), 0..4_u32, 0..3_u8, any::<bool>(), 0..3_u32, 0..4_u8),
            1..50,
        ),
        names in prop::collection::vec(topic_name(), 1..12),
    ) {
        let router = Router::new();
        let mut model: BTreeMap<Key, (SubscriptionOptions, u32)> = BTreeMap::new();
        for (plain, subscriber, bits, no_local, identifier, kind) in steps {
            let filter = if kind == 3 {
                filter(&format!("$share/g{}/{}", subscriber % 2, plain.filter()))
            } else {
                plain
            };
            let key = (filter.clone(), subscriber);
            if kind == 0 {
                prop_assert_eq!(
                    router.unsubscribe(&filter, &subscriber),
                    model.remove(&key).is_some()
                );
            } else {
                let options = SubscriptionOptions { no_local, ..qos(bits) };
                prop_assert_eq!(
                    router.subscribe(&filter, subscriber, options, Some(identifier)),
                    model.insert(key, (options, identifier)).is_some()
                );
            }
            prop_assert_eq!(router.subscription_count(), model.len());
        }
        let mut filters: Vec<_> = model.keys().map(|(filter, _)| filter).collect();
        filters.dedup();
        prop_assert_eq!(router.filter_count(), filters.len());
        let mut found = Matches::new();
        // More than once: what is often looked at is found in another way.
        for name in names.iter().cycle().take(4 * names.len()) {
            router.matches(name, Some(&0), &mut found);
            let mut ordinary: BTreeMap<u32, (QoS, Vec<u32>)> = BTreeMap::new();
            let mut shared: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
            for ((filter, subscriber), (options, identifier)) in &model {
                if !filter.matches(name) {
                    continue;
                }
                if filter.is_shared() {
                    shared.entry(filter.as_str()).or_default().push(*subscriber);
                } else if !(options.no_local && *subscriber == 0) {
                    let (qos, identifiers) = ordinary.entry(*subscriber).or_default();
                    *qos = (*qos).max(options.qos);
                    identifiers.extend(Some(*identifier).filter(|number| *number > 0));
                    identifiers.sort_unstable();
                }
            }
            prop_assert_eq!(found.ordinary.len(), ordinary.len());
            for one in found.ordinary.iter() {
                let mut one = one.clone();
                one.identifiers.sort_unstable();
                let (qos, identifiers) = &ordinary[&one.subscriber];
                prop_assert_eq!(one.qos, *qos);
                prop_assert_eq!(one.identifiers.as_slice(), identifiers.as_slice());
            }
            let found_shared: BTreeMap<&str, Vec<u32>> = found
                .shared
                .iter()
                .map(|one| {
                    let mut members = Vec::new();
                    one.group.for_each(|member| members.push(member.subscriber));
                    (one.filter.as_str(), members)
                })
                .collect();
            prop_assert_eq!(found_shared, shared);
        }
        for (filter, subscriber) in model.keys() {
            prop_assert!(router.unsubscribe(filter, subscriber));
        }
        prop_assert_eq!((router.subscription_count(), router.filter_count()), (0, 0));
        for name in &names {
            router.matches(name, None, &mut found);
            prop_assert!(found.is_empty());
        }
    }
}
