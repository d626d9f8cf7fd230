//! Topics with placeholders, as `-t bench/%i` writes them. Pure.

use std::fmt;

/// A Topic Name or Topic Filter in which `%i` stands for a client's number, `%c` for its Client Identifier and
/// `%u` for its User Name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicPattern(String);

/// The most that MQTT allows a topic to have [MQTT-4.7.3-3].
const TOPIC_BYTES_MAX: usize = 65_535;

impl TopicPattern {
    /// Reads a pattern of a Topic Filter.
    ///
    /// # Errors
    /// A sentence that says what would be accepted.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() || text.len() > TOPIC_BYTES_MAX || text.contains('\0') {
            return Err(
                "a topic has 1 to 65,535 bytes and no zero byte, such as bench/%i".to_owned(),
            );
        }
        Ok(Self(text.to_owned()))
    }

    /// Reads a pattern of a Topic Name.
    ///
    /// # Errors
    /// As [`parse`](Self::parse), and when there are wildcards [MQTT-3.3.2-2].
    pub fn parse_name(text: &str) -> Result<Self, String> {
        if text.contains(['+', '#']) {
            return Err(
                "a message is published to a topic without + and #, such as bench/%i".to_owned(),
            );
        }
        Self::parse(text)
    }

    /// The topic of one client.
    pub fn fill(&self, number: u32, client_id: &str, username: Option<&str>) -> String {
        let mut topic = String::with_capacity(self.0.len() + 8);
        let mut rest = self.0.as_str();
        while let Some(at) = rest.find('%') {
            topic.push_str(&rest[..at]);
            let length = match rest.as_bytes().get(at + 1) {
                Some(b'i') => {
                    topic.push_str(&number.to_string());
                    2
                }
                Some(b'c') => {
                    topic.push_str(client_id);
                    2
                }
                Some(b'u') => {
                    topic.push_str(username.unwrap_or_default());
                    2
                }
                _ => {
                    topic.push('%');
                    1
                }
            };
            rest = &rest[at + length..];
        }
        topic.push_str(rest);
        topic
    }
}

impl fmt::Display for TopicPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(pattern: &str) -> String {
        TopicPattern::parse(pattern)
            .unwrap()
            .fill(7, "me", Some("ann"))
    }

    #[test]
    fn placeholders_are_filled_and_the_rest_stays() {
        assert_eq!(fill("bench/%i/%c/%u"), "bench/7/me/ann");
        assert_eq!(fill("%i%i"), "77");
        assert_eq!(fill("100%/%x/ü%i%"), "100%/%x/ü7%");
        assert_eq!(fill("plain/+/#"), "plain/+/#");
        let pattern = TopicPattern::parse("%u").unwrap();
        assert_eq!(pattern.fill(0, "me", None), "");
    }

    #[test]
    fn what_is_no_topic_is_refused() {
        assert!(TopicPattern::parse("").unwrap_err().contains("bench/%i"));
        assert!(TopicPattern::parse("a\0").is_err());
        assert!(TopicPattern::parse(&"x".repeat(65_536)).is_err());
        assert!(TopicPattern::parse_name("a/+").unwrap_err().contains('+'));
        assert!(TopicPattern::parse_name("a/%i").is_ok());
    }
}
