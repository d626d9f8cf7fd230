//! Walks sorted Topic Names by a Topic Filter and leaps over what cannot match.
//!
//! In a sorted map everything below `a/` lies together, so a trie is not needed to skip a branch: one search leads
//! to its end.

use crate::topic::TopicFilter;

/// What to do after a look at one Topic Name.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It matches; go on with the next.
    Match,
    /// It does not; one of the next may.
    Next,
    /// Neither it nor anything before the text that was put into `target` matches.
    Leap,
    /// Nothing that follows matches.
    End,
}

/// Comes right after `/`: `a0` is the first text behind everything that begins with `a/`.
const AFTER_SEPARATOR: char = '0';

/// Comes right after `$`.
const AFTER_DOLLAR: &str = "%";

/// Where to begin: no Topic Name that sorts before it matches.
pub(super) fn start(filter: &TopicFilter) -> &str {
    let filter = filter.filter();
    match filter.find(['+', '#']) {
        // `a/#` matches `a` too.
        Some(at) => filter[..at].strip_suffix('/').unwrap_or(&filter[..at]),
        None => filter,
    }
}

/// Looks at one Topic Name. Leaps only go forward.
pub(super) fn look(filter: &TopicFilter, topic: &str, target: &mut String) -> Step {
    let filter = filter.filter();
    if topic.starts_with('$') && filter.starts_with(['+', '#']) {
        target.clear();
        target.push_str(AFTER_DOLLAR);
        return Step::Leap;
    }
    // Where the present level begins in `topic`; just past its end when the levels are used up.
    let mut at = 0;
    let mut all_literal = true;
    let mut levels = filter.split('/').peekable();
    while let Some(level) = levels.next() {
        if level == "#" {
            return Step::Match;
        }
        if at > topic.len() {
            // Too short. What lies between it and its own branch may still match.
            return Step::Next;
        }
        let rest = &topic[at..];
        let topic_level = rest.split_once('/').map_or(rest, |(level, _)| level);
        if level == "+" {
            all_literal = false;
        } else if topic_level != level {
            return leap_to_level(
                topic,
                at,
                level,
                levels.peek().is_some(),
                all_literal,
                target,
            );
        }
        at += topic_level.len() + 1;
    }
    if at > topic.len() {
        return Step::Match;
    }
    // Too long, as is all the rest of this branch.
    leap_behind(&topic[..at], all_literal, target)
}

/// The level that begins at `at` is not `level`: leap to it, or behind the branch when it lies behind.
fn leap_to_level(
    topic: &str,
    at: usize,
    level: &str,
    more: bool,
    all_literal: bool,
    target: &mut String,
) -> Step {
    let (branch, rest) = topic.split_at(at);
    let before = rest < level;
    // Such as `a-x` between `a` and `a/x`.
    let between = rest.strip_prefix(level).is_some_and(|tail| tail < "/");
    if before || (between && more) {
        target.clear();
        target.push_str(branch);
        target.push_str(level);
        if !before {
            target.push('/');
        }
        return Step::Leap;
    }
    leap_behind(branch, all_literal, target)
}

/// Nothing more in `branch`, which ends with `/` or is empty. When only literal levels led there, that was all.
fn leap_behind(branch: &str, all_literal: bool, target: &mut String) -> Step {
    let Some(parent) = branch.strip_suffix('/').filter(|_| !all_literal) else {
        return Step::End;
    };
    target.clear();
    target.push_str(parent);
    target.push(AFTER_SEPARATOR);
    Step::Leap
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::topic::testing::{topic_filter, topic_name};

    fn walk<'a>(filter: &TopicFilter, topics: &'a BTreeSet<String>) -> (Vec<&'a str>, usize) {
        let mut target = start(filter).to_owned();
        let (mut found, mut looks) = (Vec::new(), 0);
        let mut range = topics.range(target.clone()..);
        while let Some(topic) = range.next() {
            looks += 1;
            match look(filter, topic, &mut target) {
                Step::Match => found.push(topic.as_str()),
                Step::Next => {}
                Step::Leap => {
                    assert!(target > *topic, "{filter} {topic} leaps back to {target}");
                    range = topics.range(target.clone()..);
                }
                Step::End => break,
            }
        }
        (found, looks)
    }

    #[test]
    fn does_not_look_at_what_cannot_match() {
        let topics: BTreeSet<String> = (0..100)
            .flat_map(|room| (0..100).map(move |sensor| format!("room{room}/sensor{sensor}/value")))
            .collect();
        for (filter, matches, looks_max) in [
            ("room7/sensor3/value", 1, 2),
            ("room7/#", 100, 101),
            ("+/sensor5/value", 100, 301),
            ("room5/sensor5/+", 1, 3),
            ("nothing/+/value", 0, 1),
            ("#", 10_000, 10_000),
        ] {
            let (found, looks) = walk(&TopicFilter::new(filter).unwrap(), &topics);
            assert_eq!(found.len(), matches, "{filter}");
            assert!(looks <= looks_max, "{filter}: {looks}");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_the_reference(
            topics in prop::collection::vec(topic_name(), 0..40),
            filters in prop::collection::vec(topic_filter(), 1..20),
        ) {
            let topics: BTreeSet<String> =
                topics.iter().map(|topic| topic.as_str().to_owned()).collect();
            for filter in &filters {
                let expected: Vec<&str> = topics
                    .iter()
                    .filter(|topic| {
                        let topic = crate::topic::TopicName::new(topic.as_str().to_owned()).unwrap();
                        filter.matches(&topic)
                    })
                    .map(String::as_str)
                    .collect();
                prop_assert_eq!(walk(filter, &topics).0, expected, "{}", filter);
            }
        }
    }
}
