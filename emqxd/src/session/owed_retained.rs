//! Retained Messages that new Subscriptions are yet to get. They come in slices, each when the client has taken all that
//! waited before: however many there are, they take no room in memory and push nothing out of the queue.

use std::collections::BTreeMap;

use super::session::Session;
use crate::packet::SubscriptionOptions;
use crate::topic::TopicFilter;

/// By Topic Filter of the Subscription: from which Topic Name on it is yet to get them.
pub(super) type OwedRetained = BTreeMap<TopicFilter, String>;

/// Messages of a slice, at most: others of the worker have their turn after each.
const SLICE_MESSAGES_MAX: usize = 256;

/// A slice that may be delivered now.
#[derive(Debug)]
pub struct RetainedSlice {
    /// Of the Subscription.
    pub filter: TopicFilter,
    /// Those with lower Topic Names have been delivered.
    pub from: String,
    /// Of the Subscription.
    pub options: SubscriptionOptions,
    /// Subscription Identifier.
    pub identifier: Option<u32>,
    /// So many messages fit into the queue, at least 1.
    pub messages_max: usize,
    /// So many bytes of Topic Names, payloads and properties fit.
    pub bytes_max: usize,
}

impl Session {
    /// A Subscription is to get the Retained Messages from a Topic Name on, also if it is still owed some.
    pub fn owe_retained(&mut self, filter: TopicFilter, from: String) {
        self.moving.owed_retained.insert(filter, from);
        self.note_head();
    }

    /// Takes what is to be delivered next, unless the client has to take something else first. What it does not cover is
    /// to be [owed](Self::owe_retained) again.
    pub fn next_owed_retained(&mut self) -> Option<RetainedSlice> {
        // Those that come behind a former owner's messages wait until these are merged, which tells copies by their age.
        let must_wait = !self.is_connected() || self.has_queued() || self.awaits_side_log;
        if self.moving.owed_retained.is_empty() || must_wait {
            return None;
        }
        let (filter, from) = self.moving.owed_retained.pop_first()?;
        self.moving.shrink();
        self.note_head();
        let (options, identifier) = self.subscriptions.get(&filter)?;
        Some(RetainedSlice {
            filter,
            from,
            options,
            identifier,
            messages_max: self.config.queue_messages_max.clamp(1, SLICE_MESSAGES_MAX),
            bytes_max: self.config.queue_bytes_max,
        })
    }

    /// The Subscription has ended.
    pub(super) fn forget_owed_retained(&mut self, filter: &TopicFilter) {
        if !self.moving.owed_retained.is_empty() {
            self.moving.owed_retained.remove(filter);
            self.moving.shrink();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::*;
    use super::super::{Detach, SessionConfig, SwitchPoints};
    use super::*;
    use crate::packet::{Packet, Unsubscribe};

    fn filter(text: &str) -> TopicFilter {
        TopicFilter::new(text).expect("valid")
    }

    /// Subscribed to `a` and `b`, and owed something for both.
    fn owing() -> Session {
        let mut session = connected(V5);
        handle(&mut session, subscribe(1, &[("b", 1), ("a", 0)])).expect("valid");
        transmit(&mut session, at(0));
        session.owe_retained(filter("b"), "b".to_owned());
        session.owe_retained(filter("a"), "a".to_owned());
        session
    }

    #[test]
    fn a_slice_comes_when_nothing_waits_and_the_rest_is_owed_on() {
        let mut session = owing();
        session.deliver(delivery(1, 0), at(0));
        assert!(session.next_owed_retained().is_none());
        transmit(&mut session, at(0));
        let slice = session.next_owed_retained().expect("nothing waits");
        assert_eq!((slice.filter.as_str(), &*slice.from), ("a", "a"));
        assert_eq!(slice.options.qos, qos(0));
        session.owe_retained(slice.filter, "a/7".to_owned());
        let slice = session.next_owed_retained().expect("there is a rest");
        assert_eq!((slice.filter.as_str(), &*slice.from), ("a", "a/7"));
        let slice = session.next_owed_retained().expect("b is owed too");
        assert_eq!((slice.filter.as_str(), slice.options.qos), ("b", qos(1)));
        assert!(session.next_owed_retained().is_none());
    }

    #[test]
    fn a_subscription_that_has_ended_is_owed_nothing() {
        let mut session = owing();
        let unsubscribe = Packet::Unsubscribe(Unsubscribe {
            packet_id: id(2),
            user_properties: Vec::new(),
            filters: vec!["a".into()],
        });
        handle(&mut session, unsubscribe).expect("valid");
        let slice = session.next_owed_retained().expect("b is owed");
        assert_eq!(slice.filter.as_str(), "b");
        assert!(session.next_owed_retained().is_none());
    }

    #[test]
    fn it_waits_for_the_client_and_moves_with_the_session() {
        let mut session = owing();
        detach(&mut session, Detach::Abnormal, at(1));
        assert!(session.next_owed_retained().is_none());
        let config = std::sync::Arc::new(SessionConfig::default());
        let mut moved = Session::import(session.export(at(1)), config, at(1));
        moved.await_side_log();
        moved.attach(attach(V5), at(1));
        assert!(moved.next_owed_retained().is_none());
        moved.merge_side_log(Vec::new(), &SwitchPoints::default(), at(1));
        for expected in ["a", "b"] {
            let slice = moved.next_owed_retained().expect("owed");
            assert_eq!(slice.filter.as_str(), expected);
        }
    }
}
