//! Topic Names and Topic Filters: values that are valid once they exist, and the index that matches them.
//!
//! Pure; used by `packet`, `session` and `routing`.

mod filter_trie;
mod level_map;
mod share;
#[cfg(test)]
pub(crate) mod testing;
mod topic_filter;
mod topic_name;

pub use filter_trie::FilterTrie;
pub use share::{
    ShareStrategies, ShareStrategy, Slot, Usability, any_slot, by_hash, next_in_turn, node_score,
};
pub use topic_filter::{InvalidTopicFilter, ShareName, TopicFilter};
pub use topic_name::{InvalidTopicName, TOPIC_BYTES_MAX, TOPIC_LEVELS_MAX, TopicName};
