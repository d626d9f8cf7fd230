//! Topic Aliases of one Network Connection, one table for each direction [MQTT-3.3.2.3.4].

use std::num::NonZeroU16;

use bytestring::ByteString;

use super::Violation;
use super::seldom::{Empty, Seldom};
use crate::packet::ReasonCode;
use crate::topic::{InvalidTopicName, TopicName};

/// Aliases that the Server assigns on one Network Connection, at most. A few topics carry most of the traffic
/// of a client, and each new message compares its topic with all of them.
const ASSIGNED_MAX: u16 = 16;

/// What the client's aliases stand for.
#[derive(Debug, Default)]
pub(super) struct ClientAliases {
    maximum: u16,
    bytes_max: usize,
    known: Seldom<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// Sum of the lengths of all topics.
    bytes: usize,
    /// Ascending by alias.
    topics: Vec<(NonZeroU16, TopicName)>,
}

impl Empty for Known {
    fn empty() -> &'static Self {
        static EMPTY: Known = Known {
            bytes: 0,
            topics: Vec::new(),
        };
        &EMPTY
    }

    fn is_empty(&self) -> bool {
        self.topics.is_empty()
    }
}

impl ClientAliases {
    /// Up to the Topic Alias Maximum that the Server announced, with topics of `bytes_max` bytes in all.
    pub(super) fn new(maximum: u16, bytes_max: usize) -> Self {
        Self {
            maximum,
            bytes_max,
            known: Seldom::default(),
        }
    }

    /// The Topic Name of a PUBLISH; remembers it when there is an alias too.
    ///
    /// # Errors
    /// 0x94 when the alias is above the maximum [MQTT-3.3.2-9], 0x82 when it is unknown (section 3.3.4), when there
    /// is neither topic nor alias and when the topic is no Topic Name, 0x97 when the topics take too many bytes:
    /// an alias within the maximum cannot be refused in another way.
    pub(super) fn resolve(
        &mut self,
        topic: ByteString,
        alias: Option<NonZeroU16>,
    ) -> Result<TopicName, Violation> {
        let Some(alias) = alias else {
            if topic.is_empty() {
                return Err(Violation {
                    code: ReasonCode::ProtocolError,
                    reason: "PUBLISH has neither a Topic Name nor a Topic Alias",
                });
            }
            return topic_name(topic);
        };
        if alias.get() > self.maximum {
            return Err(Violation {
                code: ReasonCode::TopicAliasInvalid,
                reason: "the Topic Alias is above the Topic Alias Maximum",
            });
        }
        let position = self
            .known
            .topics
            .binary_search_by_key(&alias, |(alias, _)| *alias);
        if topic.is_empty() {
            let position = position.map_err(|_| Violation {
                code: ReasonCode::ProtocolError,
                reason: "the Topic Alias was not set on this Network Connection",
            })?;
            return Ok(self.known.topics[position].1.clone());
        }
        // A copy: the table must not hold the buffer that the packet was read into.
        let topic = topic_name(ByteString::from(&*topic))?;
        let replaced = position.map_or(0, |position| self.known.topics[position].1.as_str().len());
        let bytes = self.known.bytes - replaced + topic.as_str().len();
        if bytes > self.bytes_max {
            return Err(Violation {
                code: ReasonCode::QuotaExceeded,
                reason: "the topics of the Topic Aliases take more bytes than the Server keeps for them",
            });
        }
        self.known.bytes = bytes;
        match position {
            Ok(position) => self.known.topics[position].1 = topic.clone(),
            Err(position) => self.known.topics.insert(position, (alias, topic.clone())),
        }
        Ok(topic)
    }
}

fn topic_name(topic: ByteString) -> Result<TopicName, Violation> {
    TopicName::new(topic).map_err(|invalid| match invalid {
        // Correctly formed, and not accepted here.
        InvalidTopicName::TooManyLevels => Violation {
            code: ReasonCode::TopicNameInvalid,
            reason: "the Topic Name has more levels than the Server can hold",
        },
        _ => Violation {
            code: ReasonCode::ProtocolError,
            reason: "the Topic Name of PUBLISH contains a wildcard or a null character, or is too long",
        },
    })
}

/// What the Server's aliases stand for: the first topics sent get one each.
#[derive(Debug, Default)]
pub(super) struct ServerAliases {
    maximum: u16,
    /// Alias 1 first.
    topics: Seldom<Vec<TopicName>>,
}

impl Empty for Vec<TopicName> {
    fn empty() -> &'static Self {
        static EMPTY: Vec<TopicName> = Vec::new();
        &EMPTY
    }

    fn is_empty(&self) -> bool {
        Self::is_empty(self)
    }
}

/// The alias of a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Alias {
    pub(super) number: NonZeroU16,
    /// The client has been told what it stands for.
    pub(super) is_known: bool,
}

impl ServerAliases {
    /// Up to the client's Topic Alias Maximum.
    pub(super) fn new(maximum: u16) -> Self {
        Self {
            maximum: maximum.min(ASSIGNED_MAX),
            topics: Seldom::default(),
        }
    }

    /// Whether the client takes none.
    pub(super) const fn are_off(&self) -> bool {
        self.maximum == 0
    }

    /// The alias to send with a topic; to be confirmed by [`Self::assign`] when it is new and was sent.
    pub(super) fn choose(&self, topic: &TopicName) -> Option<Alias> {
        let position = self.topics.iter().position(|each| each == topic);
        let index = position.unwrap_or(self.topics.len());
        if index >= usize::from(self.maximum) {
            return None;
        }
        let number = NonZeroU16::new(u16::try_from(index + 1).ok()?)?;
        Some(Alias {
            number,
            is_known: position.is_some(),
        })
    }

    /// The client has been sent the topic with the next alias.
    pub(super) fn assign(&mut self, topic: &TopicName) {
        // A copy, for the same reason; a valid Topic Name stays one.
        self.topics
            .extend(TopicName::new(topic.as_str().to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alias(number: u16) -> Option<NonZeroU16> {
        NonZeroU16::new(number)
    }

    fn topic(text: &'static str) -> TopicName {
        TopicName::new(text).expect("valid")
    }

    #[test]
    fn an_alias_stands_for_the_latest_topic_sent_with_it() {
        let mut aliases = ClientAliases::new(9, 100);
        assert_eq!(aliases.resolve("a".into(), alias(9)), Ok(topic("a")));
        assert_eq!(aliases.resolve("b".into(), alias(2)), Ok(topic("b")));
        assert_eq!(aliases.resolve("".into(), alias(9)), Ok(topic("a")));
        assert_eq!(aliases.resolve("c".into(), alias(9)), Ok(topic("c")));
        assert_eq!(aliases.resolve("".into(), alias(9)), Ok(topic("c")));
        assert_eq!(aliases.resolve("".into(), alias(2)), Ok(topic("b")));
    }

    #[test]
    fn refuses_what_cannot_be_resolved() {
        let mut aliases = ClientAliases::new(9, 100);
        let mut code = |topic: &'static str, number| {
            aliases
                .resolve(topic.into(), alias(number))
                .map_err(|violation| violation.code)
        };
        assert_eq!(code("", 1), Err(ReasonCode::ProtocolError));
        assert_eq!(code("a", 10), Err(ReasonCode::TopicAliasInvalid));
        assert_eq!(code("", 0), Err(ReasonCode::ProtocolError));
        assert_eq!(code("a/#", 1), Err(ReasonCode::ProtocolError));
        assert_eq!(
            code("", 1),
            Err(ReasonCode::ProtocolError),
            "a bad topic sets nothing"
        );
    }

    #[test]
    fn topics_take_a_bounded_number_of_bytes() {
        let mut aliases = ClientAliases::new(9, 6);
        assert_eq!(aliases.resolve("abcd".into(), alias(1)), Ok(topic("abcd")));
        assert_eq!(
            aliases
                .resolve("xyz".into(), alias(2))
                .map_err(|violation| violation.code),
            Err(ReasonCode::QuotaExceeded)
        );
        assert_eq!(aliases.resolve("ab".into(), alias(1)), Ok(topic("ab")));
        assert_eq!(aliases.resolve("wxyz".into(), alias(2)), Ok(topic("wxyz")));
        assert_eq!(aliases.resolve("".into(), alias(1)), Ok(topic("ab")));
    }

    #[test]
    fn the_first_topics_get_an_alias() {
        let mut aliases = ServerAliases::new(2);
        for (text, number, is_known) in [
            ("a", 1, false),
            ("b", 2, false),
            ("a", 1, true),
            ("b", 2, true),
        ] {
            let chosen = aliases.choose(&topic(text)).expect("room");
            assert_eq!((chosen.number.get(), chosen.is_known), (number, is_known));
            if !is_known {
                aliases.assign(&topic(text));
            }
        }
        assert_eq!(aliases.choose(&topic("c")), None);
        assert_eq!(ServerAliases::new(0).choose(&topic("a")), None);
        assert_eq!(ServerAliases::new(u16::MAX).maximum, 16);
    }
}
