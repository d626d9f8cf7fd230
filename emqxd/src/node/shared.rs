//! Messages of Shared Subscriptions: to the chosen member, and on to another one when that has left.

use std::sync::Arc;

use emqx_proto::peer::v1::data_item::Item;
use emqx_proto::peer::v1::{DataItem, SharedTarget, Undelivered};

use super::broker::Broker;
use super::publish::AckWait;
use super::session_cell::{CellPhase, SessionHandle};
use crate::chance;
use crate::cluster::convert;
use crate::cluster::forward_codec::{ForwardItem, Outgoing};
use crate::membership::NodeName;
use crate::message::{Delivery, Message};
use crate::packet::{ClientId, SubscriptionOptions};
use crate::routing::ShareKey;
use crate::routing::shared_subscription::{self, Choice, ShareContext, SharedMember};
use crate::stable_hash;
use crate::storage::Stored;
use crate::time::Timestamp;
use crate::topic::{TopicFilter, Usability};

/// How often a message goes on to another node because there was no member where it was sent: nodes learn of members a
/// little late, and two that each believe in the other's must not play with it for ever.
const HOPS_MAX: u32 = 3;

/// Members that may have left between being chosen and being given the message, before it is dropped.
const TRIES_MAX: usize = 8;

impl ShareKey for NodeName {
    fn share_key(&self) -> u64 {
        stable_hash::hash(self.as_str().as_bytes())
    }
}

impl Broker {
    /// What the choice of a member for this message depends on.
    pub(super) fn with_share_context<R>(
        &self,
        message: &Message,
        f: impl FnOnce(&mut ShareContext<'_>) -> R,
    ) -> R {
        f(&mut ShareContext {
            strategies: &self.config.shared_subscription,
            node: self.node_name.share_key(),
            publisher: message.publisher.as_ref().map_or("", ClientId::as_str),
            topic: message.topic.as_str(),
            random: &mut chance::random,
        })
    }

    /// Gives a member the message. `None` when its Session has ended: the message is still nobody's.
    pub(super) fn deliver_shared(
        &self,
        filter: &TopicFilter,
        member: &SharedMember<SessionHandle>,
        message: &Arc<Message>,
        now: Timestamp,
    ) -> Option<Stored> {
        let SubscriptionOptions {
            qos,
            retain_as_published,
            ..
        } = member.options;
        let session = &member.subscriber;
        let identifiers = member.identifier.into_iter().collect();
        let delivery = Delivery {
            message: Arc::clone(message),
            qos: message.qos.min(qos),
            retain: message.retain && retain_as_published,
            shared: Some(filter.clone()),
            subscription_identifiers: identifiers,
        };
        let moved_to = self.side_log_closed_for(session, &session.lock());
        match moved_to {
            // An ordinary subscriber's new node gets the message by itself; here this member was chosen to be the
            // only one.
            Some(to) => {
                self.send_undelivered(&to, session, &delivery);
                Some(Stored::default())
            }
            None => self.give(session, delivery, now),
        }
    }

    /// Gives a message that a peer has sent to a Shared Subscription to one of the members here.
    pub(super) fn deliver_to_group(
        &self,
        target: &SharedTarget,
        message: &Arc<Message>,
        hops: u32,
        now: Timestamp,
    ) -> Stored {
        let group = self
            .router
            .shared_group(&target.share_name, &target.topic_filter);
        let delivered = group.as_ref().and_then(|group| {
            let member = self.with_share_context(message, |context| {
                shared_subscription::choose_local(context, group, usability)
            })?;
            self.deliver_shared(group.filter(), &member, message, now)
        });
        if let Some(stored) = delivered {
            return stored;
        }
        let text = format!("$share/{}/{}", target.share_name, target.topic_filter);
        match TopicFilter::new(&text) {
            // What the peer waits for is that the message has arrived here, not where it goes on to.
            Ok(filter) => self.pass_on(&filter, message, hops, now).stored(),
            Err(_) => {
                self.metrics.dropped_no_member.inc();
                Stored::default()
            }
        }
    }

    /// Gives messages of Shared Subscriptions that a member has left to other members, in their order.
    pub(crate) fn redispatch(&self, left: Vec<Delivery>) {
        for delivery in left {
            let Some(filter) = &delivery.shared else {
                continue;
            };
            let Ok(_routing) = self.routing_gate.read() else {
                return;
            };
            self.metrics.shared_redispatched.inc();
            drop(self.pass_on(filter, &delivery.message, 0, self.clock.now()));
        }
    }

    /// Chooses a member, here or elsewhere, for a message whose member has left. Within the routing gate.
    pub(super) fn pass_on(
        &self,
        filter: &TopicFilter,
        message: &Arc<Message>,
        hops: u32,
        now: Timestamp,
    ) -> AckWait {
        let share_name = filter.share_name().unwrap_or_default();
        let mut wait = AckWait::default();
        for _ in 0..TRIES_MAX {
            let local = self.router.shared_group(share_name, filter.filter());
            let remote = (hops < HOPS_MAX)
                .then(|| {
                    self.remote_interest
                        .shared_group(share_name, filter.filter())
                })
                .flatten();
            let chosen = self.with_share_context(message, |context| {
                shared_subscription::choose(context, local.as_deref(), remote.as_deref(), usability)
            });
            match chosen {
                Some(Choice::Local(member)) => {
                    if let Some(stored) = self.deliver_shared(filter, &member, message, now) {
                        wait.join(stored.into());
                        return wait;
                    }
                }
                Some(Choice::Remote(node)) => {
                    let Some(peer) = self.links().get(&node) else {
                        break;
                    };
                    self.metrics.messages_forwarded.inc();
                    let item = ForwardItem {
                        message: &Outgoing::new(message, now),
                        shared: &[target_of(filter)],
                        ordinary: false,
                        hops: hops + 1,
                    };
                    wait.push_reliable_forward(&peer, &item);
                    return wait;
                }
                None => break,
            }
        }
        self.metrics.dropped_no_member.inc();
        wait
    }

    fn send_undelivered(&self, to: &NodeName, session: &SessionHandle, delivery: &Delivery) {
        if let Some(peer) = self.links().get(to) {
            let item = DataItem {
                item: Some(Item::Undelivered(Undelivered {
                    client_id: session.client_id().to_string(),
                    message: Some(convert::delivery_to(delivery, self.clock.now())),
                })),
            };
            if peer.send(item, crate::cluster::Class::Reliable).is_none() {
                self.metrics.dropped_link_full.inc();
            }
        }
    }
}

/// A Shared Subscription for a peer.
pub(super) fn target_of(filter: &TopicFilter) -> SharedTarget {
    SharedTarget {
        share_name: filter.share_name().unwrap_or_default().to_owned(),
        topic_filter: filter.filter().to_owned(),
    }
}

/// Whether a shared subscriber can take a message.
pub(super) fn usability(session: &SessionHandle) -> Usability {
    match session.phase() {
        CellPhase::Live if session.is_connected() => Usability::Connected,
        // On the move: what it gets now goes along.
        CellPhase::Live | CellPhase::Importing | CellPhase::HandedOver => Usability::Offline,
        CellPhase::Gone => Usability::Unusable,
    }
}
