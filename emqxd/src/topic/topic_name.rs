//! A Topic Name: what an Application Message is published to.

use std::borrow::Borrow;
use std::fmt;

use bytestring::ByteString;

/// Longest Topic Name and Topic Filter: a UTF-8 encoded string has a two-byte length [MQTT-1.5.4].
pub const TOPIC_BYTES_MAX: usize = 65_535;

/// Most levels that a Topic Name or Topic Filter can have here, whatever is configured. Each level of a filter is a node
/// of the index, so that some 65,000 in a single SUBSCRIBE would cost megabytes; a Server may set such a limit.
pub const TOPIC_LEVELS_MAX: usize = 1_024;

/// A valid Topic Name: at least one character, no wildcard, no U+0000
/// [MQTT-3.3.2-2, MQTT-4.7.3-1, MQTT-4.7.3-2].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicName(ByteString);

/// Why a string is no Topic Name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTopicName {
    /// [MQTT-4.7.3-1]
    #[error("the Topic Name is empty")]
    Empty,
    /// [MQTT-3.3.2-2]
    #[error("the Topic Name contains a wildcard character ('+' or '#')")]
    Wildcard,
    /// [MQTT-4.7.3-2]
    #[error("the Topic Name contains the null character U+0000")]
    Null,
    /// [MQTT-4.7.3-3]
    #[error("the Topic Name is longer than 65,535 bytes")]
    TooLong,
    /// More than [`TOPIC_LEVELS_MAX`].
    #[error("the Topic Name has more than 1,024 levels")]
    TooManyLevels,
}

impl TopicName {
    /// Takes the string over without a copy.
    ///
    /// # Errors
    /// When the string is no Topic Name.
    pub fn new(topic: impl Into<ByteString>) -> Result<Self, InvalidTopicName> {
        let topic = topic.into();
        if topic.is_empty() {
            return Err(InvalidTopicName::Empty);
        }
        if topic.len() > TOPIC_BYTES_MAX {
            return Err(InvalidTopicName::TooLong);
        }
        let mut levels = 1;
        for byte in topic.as_bytes() {
            match byte {
                b'/' => levels += 1,
                b'+' | b'#' => return Err(InvalidTopicName::Wildcard),
                0 => return Err(InvalidTopicName::Null),
                _ => {}
            }
        }
        if levels > TOPIC_LEVELS_MAX {
            return Err(InvalidTopicName::TooManyLevels);
        }
        Ok(Self(topic))
    }

    /// The Topic Name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The Topic Name as shared bytes.
    pub const fn as_byte_string(&self) -> &ByteString {
        &self.0
    }

    /// A copy of its own: a slice of a network buffer would keep the whole buffer alive.
    pub fn to_unshared(&self) -> Self {
        Self(ByteString::from(self.as_str()))
    }

    /// The levels, separated by `/`.
    pub fn levels(&self) -> std::str::Split<'_, char> {
        self.0.split('/')
    }

    /// Whether wildcards in the first level must not match it [MQTT-4.7.2-1].
    pub fn starts_with_dollar(&self) -> bool {
        self.0.as_bytes().first() == Some(&b'$')
    }
}

/// Equality, order and hash are those of the text.
impl Borrow<str> for TopicName {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Debug for TopicName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for TopicName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_why_a_topic_name_is_invalid() {
        assert_eq!(TopicName::new(""), Err(InvalidTopicName::Empty));
        assert_eq!(TopicName::new("a/+"), Err(InvalidTopicName::Wildcard));
        assert_eq!(TopicName::new("a/#"), Err(InvalidTopicName::Wildcard));
        assert_eq!(TopicName::new("a\0b"), Err(InvalidTopicName::Null));
        assert_eq!(
            TopicName::new("x".repeat(65_536)),
            Err(InvalidTopicName::TooLong)
        );
        assert!(TopicName::new("/").is_ok());
        assert!(TopicName::new("/".repeat(TOPIC_LEVELS_MAX - 1)).is_ok());
        assert_eq!(
            TopicName::new("/".repeat(TOPIC_LEVELS_MAX)),
            Err(InvalidTopicName::TooManyLevels)
        );
    }
}
