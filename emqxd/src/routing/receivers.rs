//! The receivers of one message by ordinary Subscriptions.

use std::ops::Deref;
use std::sync::Arc;

use super::router::Match;
use super::subscribers::Subscribers;

/// Receivers, each once: a list of their own, or, when the one Topic Filter that matched has a crowd of subscribers, the
/// list that all routings share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receivers<S> {
    own: Vec<Match<S>>,
    crowd: Option<Arc<Vec<Match<S>>>>,
}

impl<S> Receivers<S> {
    /// Nobody.
    pub const fn new() -> Self {
        Self {
            own: Vec::new(),
            crowd: None,
        }
    }

    /// These, as a list that routings share or not.
    #[cfg(test)]
    pub(crate) fn of(list: Vec<Match<S>>, is_crowd: bool) -> Self {
        let mut receivers = Self::new();
        if is_crowd {
            receivers.crowd = Some(Arc::new(list));
        } else {
            receivers.own = list;
        }
        receivers
    }

    /// Forgets them, keeps the room.
    pub fn clear(&mut self) {
        self.own.clear();
        self.crowd = None;
    }

    /// The list that all routings share, if it is that.
    pub const fn crowd(&self) -> Option<&Arc<Vec<Match<S>>>> {
        self.crowd.as_ref()
    }
}

impl<S: Clone + Ord> Receivers<S> {
    /// Adds the subscribers to one Topic Filter. Those with No Local leave `publisher` out [MQTT-3.8.3-3].
    pub(super) fn add(&mut self, subscribers: &Subscribers<S>, publisher: Option<&S>) {
        if self.is_empty() {
            self.crowd = subscribers.laid_out();
            if self.crowd.is_some() {
                return;
            }
        }
        if let Some(crowd) = self.crowd.take() {
            self.own.extend(crowd.iter().cloned());
        }
        subscribers.for_each(|subscriber, grant| {
            if !(grant.options.no_local && publisher == Some(subscriber)) {
                self.own.push(grant.receiver(subscriber.clone()));
            }
        });
    }

    /// Makes one receiver of all those that are the same subscriber.
    pub(super) fn merge(&mut self) {
        let own = &mut self.own;
        // The stable sort notices that each filter's subscribers are sorted already.
        own.sort_by(|a, b| a.subscriber.cmp(&b.subscriber));
        own.dedup_by(|other, kept| {
            let same = other.subscriber == kept.subscriber;
            if same {
                kept.qos = kept.qos.max(other.qos);
                kept.retain_as_published |= other.retain_as_published;
                kept.identifiers.append(&mut other.identifiers);
            }
            same
        });
    }
}

impl<S> Default for Receivers<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Deref for Receivers<S> {
    type Target = [Match<S>];

    fn deref(&self) -> &[Match<S>] {
        self.crowd.as_deref().unwrap_or(&self.own)
    }
}
