//! What the Server offers to every client and how far: told in CONNACK where 5.0 has a property for it, and enforced.

use crate::topic::{TOPIC_BYTES_MAX, TopicFilter, TopicName};

/// Named as EMQX names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// Longest Client Identifier, bytes; a longer one is refused with 0x85 (3.x: 0x02). 23 to 65,535, which is the
    /// default: the Server must allow 23 [MQTT-3.1.3-5].
    pub max_clientid_len: usize,
    /// Most levels of a Topic Name or Topic Filter, 1 to 1,024. Default 201. A PUBLISH beyond it ends the Network
    /// Connection with 0x90, a SUBSCRIBE with 0x8F.
    pub max_topic_levels: usize,
    /// Longest Topic Name or Topic Filter, bytes; the same answers. Default 65,535, as the protocol.
    pub max_topic_length: usize,
    /// Topic Filters of one SUBSCRIBE, at most; those behind are refused with 0x97. Default 10,000.
    pub max_filters_per_subscribe: usize,
    /// Whether Topic Filters may have wildcards. When not: 0xA2, in 3.x 0x80. Default true.
    pub wildcard_subscription: bool,
    /// Whether there are Shared Subscriptions. When not: 0x9E, in 3.x 0x80. Default true.
    pub shared_subscription: bool,
    /// Whether messages may be retained. When not: 0x9A, and 3.x clients are disconnected. Default true.
    pub retain_available: bool,
}

impl Default for Capabilities {
    fn default() -> Self {
        Self {
            max_clientid_len: usize::from(u16::MAX),
            max_topic_levels: 201,
            max_topic_length: TOPIC_BYTES_MAX,
            max_filters_per_subscribe: 10_000,
            wildcard_subscription: true,
            shared_subscription: true,
            retain_available: true,
        }
    }
}

impl Capabilities {
    /// Whether a Topic Name is within the limits.
    pub fn allows_topic(&self, topic: &TopicName) -> bool {
        self.allows(topic.as_str())
    }

    /// Whether a Topic Filter is, without its `$share/<Share Name>/`.
    pub fn allows_filter(&self, filter: &TopicFilter) -> bool {
        self.allows(filter.filter())
    }

    fn allows(&self, text: &str) -> bool {
        // Levels are counted only where there can be too many: each but the last takes a byte at least.
        text.len() <= self.max_topic_length
            && (text.len() < self.max_topic_levels
                || text.split('/').count() <= self.max_topic_levels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_bytes_are_limited() {
        let limited = Capabilities {
            max_topic_levels: 3,
            max_topic_length: 10,
            ..Capabilities::default()
        };
        for (text, allowed) in [
            ("a/b/c", true),
            ("//", true),
            ("///", false),
            ("a/b/c/d", false),
            ("0123456789", true),
            ("0123456789a", false),
        ] {
            let topic = TopicName::new(text).expect("valid");
            assert_eq!(limited.allows_topic(&topic), allowed, "{text}");
        }
        let shared = TopicFilter::new("$share/group/a/b/c").expect("valid");
        assert!(limited.allows_filter(&shared));
    }
}
