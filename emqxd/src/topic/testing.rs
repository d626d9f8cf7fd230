//! Random Topic Names and Topic Filters of a small alphabet, so that they often meet.

use proptest::prelude::*;

use super::{TopicFilter, TopicName};

/// One to four levels, some empty, some with `$`, some that sort around `/`.
pub(crate) fn topic_name() -> impl Strategy<Value = TopicName> {
    let level = prop::sample::select(vec!["", "a", "b", "a-", "a0", "$x"]);
    prop::collection::vec(level, 1..5)
        .prop_filter_map("empty", |levels| TopicName::new(levels.join("/")).ok())
}

/// As `topic_name` with wildcards; never shared.
pub(crate) fn topic_filter() -> impl Strategy<Value = TopicFilter> {
    let level = prop::sample::select(vec!["", "a", "b", "a-", "a0", "$x", "+", "+"]);
    (prop::collection::vec(level, 0..5), any::<bool>()).prop_filter_map(
        "empty",
        |(mut levels, hash)| {
            levels.extend(hash.then_some("#"));
            TopicFilter::new(&levels.join("/")).ok()
        },
    )
}
