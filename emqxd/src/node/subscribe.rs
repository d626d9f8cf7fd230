//! Subscriptions come and go: the index, what the peers are told, and the Retained Messages that a new one gets.

use std::sync::Arc;

use super::broker::Broker;
use super::publish::AckWait;
use super::session_cell::SessionHandle;
use crate::cluster::convert;
use crate::message::{Delivery, SubscriptionIdentifiers};
use crate::packet::{RetainHandling, SubscriptionOptions};
use crate::routing::RetainedStore;
use crate::routing::interest::InterestChange;
use crate::session::Session;
use crate::time::Timestamp;
use crate::topic::TopicFilter;

impl Broker {
    /// Enters a Subscription, tells the peers, and delivers the Retained Messages it asks for. The result is done
    /// when every live peer knows the Subscription.
    pub fn subscribe(
        &self,
        session: &SessionHandle,
        filter: &TopicFilter,
        options: SubscriptionOptions,
        identifier: Option<u32>,
        existed: bool,
    ) -> AckWait {
        let mut wait = self.index(session, filter, options, identifier);
        if wait.is_empty() {
            // Another Subscription to the filter may have been told of a moment ago.
            for peer in self.links().peers().iter() {
                wait.push_sent(peer);
            }
        }
        let wanted = match options.retain_handling {
            RetainHandling::SendAtSubscribe => true,
            RetainHandling::SendIfNew => !existed,
            RetainHandling::DoNotSend => false,
        };
        // [MQTT-4.8.2-1 and section 4.8.2]: none for Shared Subscriptions.
        if wanted && !filter.is_shared() && !self.retained.is_empty() {
            let from = RetainedStore::start(filter).to_owned();
            let mut state = session.lock();
            state.session.owe_retained(filter.clone(), from);
            self.deliver_owed_retained(&mut state.session, self.clock.now());
        }
        wait
    }

    /// Enters a Subscription and tells the peers.
    pub fn index(
        &self,
        session: &SessionHandle,
        filter: &TopicFilter,
        options: SubscriptionOptions,
        identifier: Option<u32>,
    ) -> AckWait {
        if self
            .router
            .subscribe(filter, session.clone(), options, identifier)
        {
            return AckWait::default();
        }
        let mut wait = AckWait::default();
        self.own_interest
            .add_then(filter, |change| wait = self.tell(change));
        wait
    }

    /// Enters all Subscriptions of a Session that has just been put in its place.
    pub(super) fn index_all(&self, session: &SessionHandle) {
        let subscriptions: Vec<_> = {
            let state = session.lock();
            let made = state.session.subscriptions();
            made.map(|(filter, options, identifier)| (filter.clone(), options, identifier))
                .collect()
        };
        for (filter, options, identifier) in subscriptions {
            self.index(session, &filter, options, identifier);
        }
    }

    /// Takes a Subscription out and tells the peers.
    pub fn unindex(&self, session: &SessionHandle, filter: &TopicFilter) {
        if self.router.unsubscribe(filter, session) {
            self.own_interest.remove_then(filter, |change| {
                self.tell(change);
            });
        }
    }

    /// A Subscription has ended and its Session has not. What waits for it as a member of a Shared Subscription goes to
    /// another member.
    pub(super) fn unsubscribe(&self, session: &SessionHandle, filter: &TopicFilter) {
        self.unindex(session, filter);
        if filter.is_shared() {
            let left = session.lock().session.take_shared(filter);
            self.redispatch(left);
        }
    }

    fn tell(&self, change: InterestChange) -> AckWait {
        let mut wait = AckWait::default();
        let peers = self.links().peers();
        if peers.is_empty() {
            return wait;
        }
        let item = convert::interest_item(vec![change]);
        for peer in peers.iter() {
            wait.push_reliable(peer, item.clone());
        }
        wait
    }

    /// Puts the next slice of Retained Messages into the queue of a Session that is owed some and has nothing else waiting.
    /// Whether there was one; then more may be owed.
    pub fn deliver_owed_retained(&self, session: &mut Session, now: Timestamp) -> bool {
        let Some(slice) = session.next_owed_retained() else {
            return false;
        };
        let rest = self.retained.slice(
            &slice.filter,
            &slice.from,
            now,
            (slice.messages_max, slice.bytes_max),
            |message| {
                let is_own = message.publisher.as_ref() == Some(session.client_id());
                if slice.options.no_local && is_own {
                    return;
                }
                let delivery = Delivery {
                    qos: message.qos.min(slice.options.qos),
                    // [MQTT-3.3.1-8]
                    retain: true,
                    shared: None,
                    subscription_identifiers: slice
                        .identifier
                        .into_iter()
                        .collect::<SubscriptionIdentifiers>(),
                    message: Arc::clone(message),
                };
                session.deliver(delivery, now);
            },
        );
        if let Some(from) = rest {
            session.owe_retained(slice.filter, from);
        }
        true
    }
}
