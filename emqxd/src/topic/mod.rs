//! Topic Names and Topic Filters: values that are valid once they exist, and the index that matches them.
//!
//! Pure; used by `packet`, `session` and `routing`.

mod topic_filter;
mod topic_name;

pub use topic_filter::{InvalidTopicFilter, ShareName, TopicFilter};
pub use topic_name::{InvalidTopicName, TopicName};
