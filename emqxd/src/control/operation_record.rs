//! An operation as the control group keeps it.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What is agreed on of an operation: the few things that decide, and all the rest as it came from its node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationRecord {
    /// Its name.
    pub id: String,
    /// The node that is taken out of service.
    pub node: String,
    /// When it began, unix milliseconds.
    pub started_unix_ms: u64,
    /// When it ended, unix milliseconds.
    pub ended_unix_ms: Option<u64>,
    /// Whether an operator wants it to end.
    pub stop_requested: bool,
    /// Why it was ended by the group instead of by its node; empty otherwise.
    pub ended_because: String,
    /// What operators see, encoded by the node that carries it out.
    pub body: Body,
}

/// Bytes that the state machine does not look into. Hexadecimal in JSON.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Body(pub Vec<u8>);

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl Serialize for Body {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = String::with_capacity(self.0.len() * 2);
        for byte in &self.0 {
            text.push(char::from(DIGITS[usize::from(byte >> 4)]));
            text.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits: Option<Vec<u8>> = text
            .chars()
            .map(|digit| {
                digit
                    .to_digit(16)
                    .and_then(|digit| u8::try_from(digit).ok())
            })
            .collect();
        match digits {
            Some(digits) if digits.len() % 2 == 0 => Ok(Self(
                digits
                    .chunks(2)
                    .map(|pair| pair[0] << 4 | pair[1])
                    .collect(),
            )),
            _ => Err(serde::de::Error::custom(
                "bytes are pairs of hexadecimal digits",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_survive_as_text() {
        let all = Body((0..=255).collect());
        let text = serde_json::to_string(&all).unwrap();
        assert!(
            text.starts_with("\"000102") && text.ends_with("feff\""),
            "{text}"
        );
        assert_eq!(serde_json::from_str::<Body>(&text).unwrap(), all);
        for wrong in ["\"0\"", "\"0g\"", "\"é0\"", "1"] {
            assert!(serde_json::from_str::<Body>(wrong).is_err(), "{wrong}");
        }
    }
}
