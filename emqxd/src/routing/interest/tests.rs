//! Own and remote interest, also against a model.

use std::sync::atomic::{AtomicBool, Ordering};

use proptest::prelude::*;

use super::*;
use crate::topic::testing::{topic_filter, topic_name};

fn filter(text: &str) -> TopicFilter {
    TopicFilter::new(text).unwrap()
}

fn shared(text: &str, members: u32) -> InterestChange {
    InterestChange::Shared {
        filter: filter(text),
        members,
    }
}

type Found = (Vec<u8>, Vec<(String, Vec<(u8, u32)>)>);

fn found(interest: &RemoteInterest<u8>, topic: &TopicName) -> Found {
    let mut out = RemoteMatches::new();
    interest.matches(topic, &mut out);
    out.nodes.sort_unstable();
    let groups = out.shared.iter().map(|one| {
        let mut members = Vec::new();
        one.group
            .for_each(|node, count| members.push((*node, count)));
        (one.filter.as_str().to_owned(), members)
    });
    (out.nodes.clone(), groups.collect())
}

#[test]
fn own_interest_tells_the_first_and_the_last_and_each_shared_member() {
    let own = OwnInterest::new();
    let plain = filter("a/+");
    assert_eq!(own.add(&plain), Some(InterestChange::Add(plain.clone())));
    assert_eq!(own.add(&plain), None);
    assert_eq!(
        own.add(&filter("$share/g/a")),
        Some(shared("$share/g/a", 1))
    );
    assert_eq!(
        own.add(&filter("$share/g/a")),
        Some(shared("$share/g/a", 2))
    );
    let mut snapshot = own.snapshot();
    snapshot.sort_by_key(|change| change.parts().0.clone());
    assert_eq!(
        snapshot,
        [shared("$share/g/a", 2), InterestChange::Add(plain.clone())]
    );
    assert_eq!(
        own.remove(&filter("$share/g/a")),
        Some(shared("$share/g/a", 1))
    );
    assert_eq!(
        own.remove(&filter("$share/g/a")),
        Some(shared("$share/g/a", 0))
    );
    assert_eq!(own.remove(&plain), None);
    assert_eq!(
        own.remove(&plain),
        Some(InterestChange::Remove(plain.clone()))
    );
    assert_eq!(own.remove(&plain), None);
    assert!(own.snapshot().is_empty());
}

#[test]
fn who_was_told_all_has_the_same_digest() {
    let own = OwnInterest::new();
    let (told, given) = (RemoteInterest::new(), RemoteInterest::new());
    let texts = ["a", "b/#", "$share/g/a", "$share/h/b/#", "a", "$share/g/a"];
    for text in texts {
        own.add_then(&filter(text), |change| told.apply(&1, &change));
    }
    for text in ["a", "$share/g/a", "b/#", "unknown"] {
        own.remove_then(&filter(text), |change| told.apply(&1, &change));
    }
    given.replace(&1, own.snapshot());
    assert_eq!(own.digest().filters, 3);
    assert_eq!(told.digests(), [(1, own.digest())]);
    assert_eq!(given.digests(), [(1, own.digest())]);
    for text in ["a", "$share/g/a", "$share/h/b/#"] {
        own.remove(&filter(text));
    }
    assert_eq!(own.digest(), InterestDigest::default());
    // Of a node that is away the ordinary ones stay.
    told.forget_shared(&1);
    let mut ordinary = InterestDigest::default();
    ordinary.change(&filter("a"), 0, 1);
    assert_eq!(told.digests(), [(1, ordinary)]);
}

#[test]
fn changes_of_one_filter_are_handed_on_in_their_order() {
    let own = OwnInterest::new();
    let stream = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for _ in 0..500 {
                    own.add_then(&filter("a"), |change| stream.lock().push(change));
                    own.remove_then(&filter("a"), |change| stream.lock().push(change));
                }
            });
        }
    });
    let stream = stream.into_inner();
    let (adds, removes) = (
        InterestChange::Add(filter("a")),
        InterestChange::Remove(filter("a")),
    );
    assert!(!stream.is_empty());
    for pair in stream.chunks(2) {
        assert_eq!(pair, [adds.clone(), removes.clone()]);
    }
}

#[test]
fn a_node_that_is_forgotten_wants_nothing_and_can_come_back() {
    let interest = RemoteInterest::new();
    let topic = TopicName::new("a").unwrap();
    interest.apply(&1, &InterestChange::Add(filter("a")));
    interest.apply(&1, &shared("$share/g/+", 2));
    interest.apply(&2, &InterestChange::Add(filter("#")));
    assert_eq!(interest.filters_of(&1), 2);
    interest.forget(&1);
    interest.forget(&1);
    assert_eq!(interest.filters_of(&1), 0);
    assert_eq!(found(&interest, &topic), (vec![2], vec![]));
    interest.apply(&1, &shared("$share/g/+", 3));
    let group = ("$share/g/+".to_owned(), vec![(1, 3)]);
    assert_eq!(found(&interest, &topic), (vec![2], vec![group]));
}

#[test]
fn replace_never_hides_what_stays() {
    let interest = RemoteInterest::new();
    let kept = || {
        vec![
            InterestChange::Add(filter("a/b")),
            shared("$share/g/a/b", 1),
        ]
    };
    interest.replace(&1_u8, kept());
    let topic = TopicName::new("a/b").unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let matcher = scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                let (nodes, groups) = found(&interest, &topic);
                assert_eq!(nodes, [1]);
                assert_eq!(groups.len(), 1);
                assert_eq!(groups[0].1.len(), 1);
            }
        });
        for round in 0..500 {
            let mut snapshot = kept();
            snapshot.extend((0..20).map(|number| {
                InterestChange::Add(filter(&format!("{}/{number}", ["a", "b"][round % 2])))
            }));
            snapshot.push(shared(
                "$share/g/a/b",
                1 + u32::try_from(round % 3).unwrap(),
            ));
            interest.replace(&1, snapshot);
            assert_eq!(interest.filters_of(&1), 22);
        }
        done.store(true, Ordering::Relaxed);
        matcher.join().unwrap();
    });
}

/// An ordinary or a shared filter with a count.
fn change() -> impl Strategy<Value = InterestChange> {
    (topic_filter(), 0..4_u32, any::<bool>()).prop_map(|(plain, count, share)| {
        let filter = if share {
            filter(&format!("$share/g/{}", plain.filter()))
        } else {
            plain
        };
        InterestChange::new(filter, count)
    })
}

#[derive(Debug, Clone)]
enum Step {
    Apply(u8, InterestChange),
    Replace(u8, Vec<InterestChange>),
    Forget(u8),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..3_u8, change()).prop_map(|(node, change)| Step::Apply(node, change)),
        1 => (0..3_u8, prop::collection::vec(change(), 0..8))
            .prop_map(|(node, changes)| Step::Replace(node, changes)),
        1 => (0..3_u8).prop_map(Step::Forget),
    ]
}

proptest! {
    #[test]
    fn agrees_with_the_reference(
        steps in prop::collection::vec(step(), 1..40),
        names in prop::collection::vec(topic_name(), 1..12),
    ) {
        let interest = RemoteInterest::new();
        let mut model: BTreeMap<(TopicFilter, u8), u32> = BTreeMap::new();
        let set = |model: &mut BTreeMap<_, _>, node: u8, change: &InterestChange| {
            let (filter, count) = change.parts();
            model.remove(&(filter.clone(), node));
            if count > 0 {
                model.insert((filter.clone(), node), count);
            }
        };
        for step in steps {
            match step {
                Step::Apply(node, change) => {
                    interest.apply(&node, &change);
                    set(&mut model, node, &change);
                }
                Step::Replace(node, changes) => {
                    model.retain(|(_, other), _| *other != node);
                    for change in &changes {
                        set(&mut model, node, change);
                    }
                    interest.replace(&node, changes);
                }
                Step::Forget(node) => {
                    interest.forget(&node);
                    model.retain(|(_, other), _| *other != node);
                }
            }
        }
        for node in 0..3_u8 {
            let count = model.keys().filter(|(_, other)| *other == node).count();
            prop_assert_eq!(interest.filters_of(&node), count);
            let mut digest = InterestDigest::default();
            for ((filter, other), count) in &model {
                if *other == node {
                    digest.change(filter, 0, *count);
                }
            }
            let digests = interest.digests();
            let known = digests.iter().find(|(other, _)| *other == node);
            prop_assert_eq!(known.map_or_else(InterestDigest::default, |(_, known)| *known), digest);
        }
        for name in &names {
            let mut nodes = Vec::new();
            let mut groups: BTreeMap<String, Vec<(u8, u32)>> = BTreeMap::new();
            for ((filter, node), count) in &model {
                if !filter.matches(name) {
                } else if filter.is_shared() {
                    groups.entry(filter.as_str().to_owned()).or_default().push((*node, *count));
                } else {
                    nodes.push(*node);
                }
            }
            nodes.sort_unstable();
            nodes.dedup();
            prop_assert_eq!(found(&interest, name), (nodes, groups.into_iter().collect()));
        }
    }
}
