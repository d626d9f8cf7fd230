//! A Topic Filter: what a Subscription asks for, also in its `$share` form.

use std::fmt;
use std::sync::Arc;

use super::topic_name::{TOPIC_BYTES_MAX, TOPIC_LEVELS_MAX, TopicName};

/// A valid Topic Filter, kept as the client wrote it (with `$share/<Share Name>/` when shared).
///
/// Owned text, not a slice of a network buffer: filters live as long as their Subscription.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicFilter {
    text: Arc<str>,
    /// Where the filter proper starts: 0 unless shared.
    start: u16,
}

/// The Share Name of a Shared Subscription [MQTT-4.8.2-1].
pub type ShareName = str;

/// Why a string is no Topic Filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTopicFilter {
    /// [MQTT-4.7.3-1]
    #[error("the Topic Filter is empty")]
    Empty,
    /// [MQTT-4.7.3-2]
    #[error("the Topic Filter contains the null character U+0000")]
    Null,
    /// [MQTT-4.7.3-3]
    #[error("the Topic Filter is longer than 65,535 bytes")]
    TooLong,
    /// More than [`TOPIC_LEVELS_MAX`].
    #[error("the Topic Filter has more than 1,024 levels")]
    TooManyLevels,
    /// [MQTT-4.7.1-1]
    #[error("'#' must be the last level and stand alone in it")]
    MultiLevelWildcard,
    /// [MQTT-4.7.1-2]
    #[error("'+' must stand alone in its level")]
    SingleLevelWildcard,
    /// [MQTT-4.8.2-1]
    #[error("the Share Name is empty or contains '/', '+' or '#'")]
    ShareName,
    /// [MQTT-4.8.2-2]
    #[error("a Shared Subscription has the form $share/<Share Name>/<Topic Filter>")]
    ShareWithoutFilter,
    /// EMQX's older form, which is no part of the specification.
    #[error("$queue is not supported: use $share/<Share Name>/<Topic Filter>")]
    Queue,
}

const SHARE_PREFIX: &str = "$share/";

impl TopicFilter {
    /// Checks and copies the text.
    ///
    /// # Errors
    /// When the text is no Topic Filter.
    pub fn new(text: &str) -> Result<Self, InvalidTopicFilter> {
        if text.is_empty() {
            return Err(InvalidTopicFilter::Empty);
        }
        if text.len() > TOPIC_BYTES_MAX {
            return Err(InvalidTopicFilter::TooLong);
        }
        if text.bytes().filter(|byte| *byte == b'/').count() >= TOPIC_LEVELS_MAX {
            return Err(InvalidTopicFilter::TooManyLevels);
        }
        if text.as_bytes().contains(&0) {
            return Err(InvalidTopicFilter::Null);
        }
        if text == "$queue" || text.starts_with("$queue/") {
            return Err(InvalidTopicFilter::Queue);
        }
        let start = Self::parse_share(text)?;
        check_levels(&text[start..])?;
        let start = u16::try_from(start).map_err(|_| InvalidTopicFilter::TooLong)?;
        Ok(Self {
            text: Arc::from(text),
            start,
        })
    }

    fn parse_share(text: &str) -> Result<usize, InvalidTopicFilter> {
        if text == "$share" {
            return Err(InvalidTopicFilter::ShareWithoutFilter);
        }
        let Some(rest) = text.strip_prefix(SHARE_PREFIX) else {
            return Ok(0);
        };
        let Some((name, filter)) = rest.split_once('/') else {
            return Err(InvalidTopicFilter::ShareWithoutFilter);
        };
        if name.is_empty() || name.contains(['+', '#']) {
            return Err(InvalidTopicFilter::ShareName);
        }
        if filter.is_empty() {
            return Err(InvalidTopicFilter::ShareWithoutFilter);
        }
        Ok(SHARE_PREFIX.len() + name.len() + 1)
    }

    /// As the client wrote it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Without `$share/<Share Name>/`: what Topic Names are matched against.
    pub fn filter(&self) -> &str {
        &self.text[usize::from(self.start)..]
    }

    /// The Share Name of a Shared Subscription.
    pub fn share_name(&self) -> Option<&ShareName> {
        (self.start > 0).then(|| &self.text[SHARE_PREFIX.len()..usize::from(self.start) - 1])
    }

    /// Whether this is a Shared Subscription.
    pub const fn is_shared(&self) -> bool {
        self.start > 0
    }

    /// Whether it contains `+` or `#`.
    pub fn has_wildcard(&self) -> bool {
        self.filter()
            .bytes()
            .any(|byte| byte == b'+' || byte == b'#')
    }

    /// Matches one Topic Name, level by level; the reference that the index is tested against.
    pub fn matches(&self, topic: &TopicName) -> bool {
        let filter = self.filter();
        if topic.starts_with_dollar() && (filter.starts_with('+') || filter.starts_with('#')) {
            return false;
        }
        let mut topic_levels = topic.levels();
        for level in filter.split('/') {
            match (level, topic_levels.next()) {
                ("#", _) => return true,
                ("+", Some(_)) => {}
                (level, Some(topic_level)) if level == topic_level => {}
                _ => return false,
            }
        }
        topic_levels.next().is_none()
    }
}

fn check_levels(filter: &str) -> Result<(), InvalidTopicFilter> {
    let mut levels = filter.split('/').peekable();
    while let Some(level) = levels.next() {
        if level.contains('#') && (level != "#" || levels.peek().is_some()) {
            return Err(InvalidTopicFilter::MultiLevelWildcard);
        }
        if level.contains('+') && level != "+" {
            return Err(InvalidTopicFilter::SingleLevelWildcard);
        }
    }
    Ok(())
}

impl fmt::Debug for TopicFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for TopicFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_a_shared_subscription() {
        let filter = TopicFilter::new("$share/g/a/+").expect("valid");
        assert_eq!(filter.share_name(), Some("g"));
        assert_eq!(filter.filter(), "a/+");
        assert_eq!(filter.as_str(), "$share/g/a/+");
    }

    #[test]
    fn says_why_a_topic_filter_is_invalid() {
        use InvalidTopicFilter as E;
        for (text, error) in [
            ("", E::Empty),
            ("a/#/b", E::MultiLevelWildcard),
            ("a#", E::MultiLevelWildcard),
            ("a/b+", E::SingleLevelWildcard),
            ("a\0", E::Null),
            ("$share", E::ShareWithoutFilter),
            ("$share/g", E::ShareWithoutFilter),
            ("$share/g/", E::ShareWithoutFilter),
            ("$share//a", E::ShareName),
            ("$share/g+/a", E::ShareName),
            ("$queue/a", E::Queue),
        ] {
            assert_eq!(TopicFilter::new(text), Err(error), "{text}");
        }
    }

    #[test]
    fn matches_by_the_rules_of_section_4_7() {
        let matches = |filter, topic: &'static str| {
            TopicFilter::new(filter)
                .expect("filter")
                .matches(&TopicName::new(topic).expect("topic"))
        };
        assert!(matches("sport/#", "sport"));
        assert!(matches("#", "a/b"));
        assert!(matches("+/+", "/finance"));
        assert!(matches("/+", "/finance"));
        assert!(!matches("+", "/finance"));
        assert!(!matches("#", "$SYS/x"));
        assert!(!matches("+/x", "$SYS/x"));
        assert!(matches("$SYS/#", "$SYS/x"));
        assert!(!matches("sport/+", "sport"));
        assert!(matches("sport/+", "sport/"));
    }
}
