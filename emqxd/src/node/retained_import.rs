//! Retained Messages of a copy that an operator made: all of them are retained, or none.

use std::sync::Arc;
use std::time::Duration;

use super::broker::Broker;
use super::retain::Retained;
use crate::message::Message;
use crate::routing::RetainedStamp;
use crate::storage::Commit;
use crate::topic::{TopicFilter, TopicName};

/// Messages retained before others have their turn.
const SLICE: usize = 256;
/// The disk has this long to take what was retained.
const STORE_WITHIN: Duration = Duration::from_secs(30);

impl Broker {
    /// The Retained Message of a Topic Name, unless it has expired.
    pub(crate) fn retained_of(&self, topic: &TopicName) -> Option<Arc<Message>> {
        let mut found = None;
        // A Topic Name is a Topic Filter that matches it alone.
        if let Ok(filter) = TopicFilter::new(topic.as_str()) {
            let now = self.clock.now();
            self.retained.for_each_match(&filter, now, |message| {
                found = Some(Arc::clone(message));
            });
        }
        found
    }

    /// Retains messages as if they were published now, without sending them to subscribers. Returns when all that must
    /// survive are stored.
    ///
    /// # Errors
    /// Why it could not be done, for people. What was there before is back then.
    pub(crate) async fn retain_imported(&self, messages: Vec<Message>) -> Result<(), String> {
        let mut before = Vec::with_capacity(messages.len());
        let result = self.retain_each(messages, &mut before).await;
        if result.is_err() {
            for (topic, message) in before.into_iter().rev() {
                self.retain_as_before(topic, message);
            }
        }
        result
    }

    async fn retain_each(
        &self,
        messages: Vec<Message>,
        before: &mut Vec<(TopicName, Option<Arc<Message>>)>,
    ) -> Result<(), String> {
        let mut last = Commit::NONE;
        for (number, mut message) in messages.into_iter().enumerate() {
            if number % SLICE == SLICE - 1 {
                self.disk.room(STORE_WITHIN).await;
                tokio::task::yield_now().await;
            }
            if !self.retained.has_room(&message, &self.config.retainer) {
                return Err(format!(
                    "there is no room for '{}' any more",
                    message.topic.as_str()
                ));
            }
            before.push((message.topic.clone(), self.retained_of(&message.topic)));
            let now = self.clock.now();
            message.id = self.next_message_id();
            message.received_at = now;
            match self.retain(&Arc::new(message), now) {
                Retained::Stored(commit) => last = commit,
                Retained::InMemory => {}
                Retained::Refused => return Err("the disk does not take it".to_owned()),
            }
        }
        match tokio::time::timeout(STORE_WITHIN, self.disk.wait(last)).await {
            Ok(()) => Ok(()),
            Err(_) => Err(format!("the disk did not take it within {STORE_WITHIN:?}")),
        }
    }

    /// Also when the disk takes nothing: it is stored later then.
    fn retain_as_before(&self, topic: TopicName, message: Option<Arc<Message>>) {
        let now = self.clock.now();
        let stamp = RetainedStamp {
            stamp: self.next_retained_stamp(),
            node: Arc::from(self.node_name.as_str()),
        };
        let message = message.unwrap_or_else(|| {
            Arc::new(Message {
                id: self.next_message_id(),
                topic,
                payload: bytes::Bytes::new(),
                qos: crate::packet::QoS::AtMostOnce,
                retain: true,
                publisher: None,
                received_at: now,
                expires_at: None,
                properties: None,
            })
        });
        self.retain_of_peer((*message).clone(), &stamp);
        self.tell_retained(&message, &stamp, now);
    }
}
