//! Topic Names and Topic Filters: what is one, and which match, against the rules written out plainly.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use emqxd::message::{Message, MessageId};
use emqxd::packet::{QoS, SubscriptionOptions};
use emqxd::routing::retained::{RetainedStamp, RetainedStore};
use emqxd::routing::router::{Matches, Router};
use emqxd::time::Timestamp;
use emqxd::topic::{TOPIC_LEVELS_MAX, TopicFilter, TopicName};

const NOW: Timestamp = Timestamp::from_millis(1_000_000);

/// Lines of text: each is taken as a Topic Name and as a Topic Filter. A line that begins with `-` ends the
/// Subscription to the rest of it.
pub fn topic(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let router = Router::<u8>::new();
    let retained = RetainedStore::new(Duration::from_secs(60));
    let mut filters: Vec<TopicFilter> = Vec::new();
    let mut names: Vec<TopicName> = Vec::new();
    for (number, line) in text.split('\n').enumerate() {
        if let Some(line) = line.strip_prefix('-') {
            if let Ok(filter) = TopicFilter::new(line) {
                let existed = router.unsubscribe(&filter, &subscriber(&filter));
                assert_eq!(existed, filters.contains(&filter), "{filter}");
                filters.retain(|each| *each != filter);
            }
            continue;
        }
        let filter = TopicFilter::new(line);
        assert_eq!(filter.is_ok(), is_filter(line), "{line:?}: {filter:?}");
        if let Ok(filter) = filter {
            check_parts(&filter);
            let options = SubscriptionOptions::default();
            let replaced = router.subscribe(&filter, subscriber(&filter), options, None);
            assert_eq!(replaced, filters.contains(&filter), "{filter}");
            if !replaced {
                filters.push(filter);
            }
        }
        let name = TopicName::new(line.to_owned());
        assert_eq!(name.is_ok(), is_name(line), "{line:?}: {name:?}");
        if let Ok(name) = name {
            retained.put(retained_message(&name), stamp(number));
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    assert_eq!(router.subscription_count(), filters.len());
    assert_eq!(retained.len(), names.len());
    for name in &names {
        check_router(&router, &filters, name);
    }
    for filter in &filters {
        check_retained(&retained, &names, filter);
    }
    for filter in &filters {
        assert!(router.unsubscribe(filter, &subscriber(filter)));
    }
    assert_eq!((router.subscription_count(), router.filter_count()), (0, 0));
}

/// One of a few, so that Subscriptions of one subscriber overlap.
fn subscriber(filter: &TopicFilter) -> u8 {
    (filter.as_str().len() % 3) as u8
}

fn stamp(number: usize) -> RetainedStamp {
    RetainedStamp {
        stamp: (NOW.as_millis() << 16) + number as u64,
        node: "n".into(),
    }
}

fn retained_message(topic: &TopicName) -> Arc<Message> {
    Arc::new(Message {
        id: MessageId {
            origin: 1,
            number: 1,
        },
        topic: topic.clone(),
        payload: Bytes::from_static(b"x"),
        qos: QoS::AtMostOnce,
        retain: true,
        publisher: None,
        received_at: NOW,
        expires_at: None,
        properties: None,
    })
}

/// [MQTT-4.7.3-1, MQTT-4.7.3-2, MQTT-4.7.1-1], and the Server's own limit of levels.
fn is_name(text: &str) -> bool {
    is_text(text) && !text.contains(['+', '#'])
}

fn is_text(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 65_535
        && !text.contains('\0')
        && text.split('/').count() <= TOPIC_LEVELS_MAX
}

/// [MQTT-4.7.1-1, MQTT-4.7.1-2, MQTT-4.8.2-1, MQTT-4.8.2-2]
fn is_filter(text: &str) -> bool {
    if !is_text(text) {
        return false;
    }
    let levels: Vec<&str> = text.split('/').collect();
    let levels = match levels[0] {
        "$queue" => return false,
        "$share" => {
            let valid = levels.len() > 2
                && !levels[1].is_empty()
                && !levels[1].contains(['+', '#'])
                && levels[2..] != [""];
            if !valid {
                return false;
            }
            &levels[2..]
        }
        _ => &levels[..],
    };
    levels
        .iter()
        .enumerate()
        .all(|(index, level)| match *level {
            "+" => true,
            "#" => index + 1 == levels.len(),
            level => !level.contains(['+', '#']),
        })
}

/// Section 4.7.1.2, 4.7.1.3 and 4.7.2.
fn is_match(filter: &[&str], name: &[&str]) -> bool {
    match (filter, name) {
        (["#"], _) | ([], []) => true,
        (["+", filter @ ..], [_, name @ ..]) => is_match(filter, name),
        ([first, filter @ ..], [level, name @ ..]) => first == level && is_match(filter, name),
        _ => false,
    }
}

fn matches(filter: &TopicFilter, name: &TopicName) -> bool {
    let filter: Vec<&str> = filter.filter().split('/').collect();
    let name: Vec<&str> = name.as_str().split('/').collect();
    if name[0].starts_with('$') && matches!(filter[0], "+" | "#") {
        return false;
    }
    is_match(&filter, &name)
}

fn check_parts(filter: &TopicFilter) {
    let text = match filter.share_name() {
        Some(name) => format!("$share/{name}/{}", filter.filter()),
        None => filter.filter().to_owned(),
    };
    assert_eq!(text, filter.as_str());
    assert_eq!(filter.is_shared(), filter.share_name().is_some());
}

fn check_router(router: &Router<u8>, filters: &[TopicFilter], name: &TopicName) {
    let mut found = Matches::new();
    router.matches(name, None, &mut found);
    let mut subscribers: Vec<u8> = found.ordinary.iter().map(|each| each.subscriber).collect();
    subscribers.sort_unstable();
    let mut shared: Vec<&TopicFilter> = found.shared.iter().map(|each| &each.filter).collect();
    shared.sort_unstable();
    let mut expected: Vec<u8> = Vec::new();
    let mut expected_shared: Vec<&TopicFilter> = Vec::new();
    for filter in filters {
        let is_match = matches(filter, name);
        assert_eq!(filter.matches(name), is_match, "{filter} and {name}");
        if is_match && filter.is_shared() {
            expected_shared.push(filter);
        } else if is_match {
            expected.push(subscriber(filter));
        }
    }
    expected.sort_unstable();
    expected.dedup();
    expected_shared.sort_unstable();
    assert_eq!(subscribers, expected, "{name} in {filters:?}");
    assert_eq!(shared, expected_shared, "{name} in {filters:?}");
}

fn check_retained(retained: &RetainedStore, names: &[TopicName], filter: &TopicFilter) {
    let mut found = Vec::new();
    retained.for_each_match(filter, NOW, |message| found.push(message.topic.clone()));
    let mut expected: Vec<TopicName> = names
        .iter()
        .filter(|name| !filter.is_shared() && matches(filter, name))
        .cloned()
        .collect();
    expected.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, expected, "{filter} in {names:?}");
}
