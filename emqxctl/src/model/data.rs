//! Copies of what the whole cluster holds.

use serde::{Deserialize, Serialize};

use super::time::UtcTime;

/// A cluster-wide setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// Its name.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// A Retained Message. What it has not is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetainedMessage {
    /// Topic Name.
    pub topic: String,
    /// In base64.
    #[serde(with = "base64_text")]
    pub payload: Vec<u8>,
    /// As it was published.
    pub qos: u32,
    /// Client Identifier of its publisher.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publisher: Option<String>,
    /// End of its Message Expiry Interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<UtcTime>,
    /// Payload Format Indicator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload_format_indicator: Option<bool>,
    /// Content Type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Response Topic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_topic: Option<String>,
    /// Correlation Data in base64.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "base64_maybe"
    )]
    pub correlation_data: Option<Vec<u8>>,
    /// User Properties, each with name and value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub user_properties: Vec<(String, String)>,
}

/// One page of a copy.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DataPage {
    /// Name of the cluster.
    pub cluster_name: String,
    /// The node that was asked.
    pub node: String,
    /// Only on the first page.
    pub settings: Vec<Setting>,
    /// Sorted by topic.
    pub retained: Vec<RetainedMessage>,
    /// Where the next page begins; none on the last one.
    pub next_page_token: Option<String>,
}

/// What an import has changed, or would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    /// Nothing was changed.
    pub dry_run: bool,
    /// The nodes that have checked it.
    pub nodes: Vec<String>,
    /// Settings with another value before.
    pub settings_changed: u64,
    /// Settings that had their value already.
    pub settings_unchanged: u64,
    /// Retained messages of topics that had none.
    pub retained_new: u64,
    /// Retained messages in place of others.
    pub retained_replaced: u64,
    /// Retained messages that were there already.
    pub retained_unchanged: u64,
    /// Retained messages left out, because their Message Expiry Interval has passed.
    pub retained_expired: u64,
}

mod base64_text {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD
            .decode(text)
            .map_err(|error| D::Error::custom(format!("this is no base64 ({error})")))
    }
}

mod base64_maybe {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Text(#[serde(with = "super::base64_text")] Vec<u8>);

    #[allow(clippy::ref_option, reason = "serde calls it so")]
    pub(super) fn serialize<S: Serializer>(
        bytes: &Option<Vec<u8>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        bytes.clone().map(Text).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Vec<u8>>, D::Error> {
        Ok(Option::<Text>::deserialize(deserializer)?.map(|text| text.0))
    }
}
