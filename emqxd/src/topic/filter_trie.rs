//! Finds all Topic Filters that match a Topic Name, at a cost that does not grow with their number.

use smallvec::SmallVec;

use super::level_map::LevelMap;
use super::topic_name::TopicName;

/// A map from Topic Filter text (without `$share/…/`) to `V` that is searched by Topic Name.
///
/// One node for each level. Nothing in here recurses: a Topic Filter may have 65,536 levels, and a client must
/// not be able to exhaust a thread's stack with one.
pub struct FilterTrie<V> {
    root: Node<V>,
    len: usize,
}

struct Node<V> {
    /// Of the filter that ends here.
    value: Option<Box<V>>,
    /// Of the filter that goes on with `#`. Held here because it also matches the level before it
    /// [MQTT-4.7.1.2].
    hash: Option<Box<V>>,
    /// Filters that go on with `+`.
    plus: Option<Box<Self>>,
    /// Filters that go on with a level to be matched literally.
    children: LevelMap<Self>,
}

impl<V> Node<V> {
    const fn new() -> Self {
        Self {
            value: None,
            hash: None,
            plus: None,
            children: LevelMap::new(),
        }
    }

    /// How many things it holds; a node that holds nothing is pruned.
    fn slots(&self) -> usize {
        usize::from(self.value.is_some())
            + usize::from(self.hash.is_some())
            + usize::from(self.plus.is_some())
            + self.children.len()
    }

    fn child(&self, level: &str) -> Option<&Self> {
        match level {
            "+" => self.plus.as_deref(),
            level => self.children.get(level),
        }
    }

    fn child_mut(&mut self, level: &str) -> Option<&mut Self> {
        match level {
            "+" => self.plus.as_deref_mut(),
            level => self.children.get_mut(level),
        }
    }

    fn child_or_insert(&mut self, level: &str) -> &mut Self {
        match level {
            "+" => self.plus.get_or_insert_with(|| Box::new(Self::new())),
            level => self.children.get_or_insert_with(level, Self::new),
        }
    }

    fn detach(&mut self, level: &str) {
        match level {
            "+" => drop(self.plus.take()),
            level => drop(self.children.remove(level)),
        }
    }

    fn move_children_into(&mut self, out: &mut Vec<Self>) {
        self.children.drain_into(out);
        out.extend(self.plus.take().map(|node| *node));
    }
}

impl<V> Drop for Node<V> {
    /// Flat, as the generated way would recurse once for each level.
    fn drop(&mut self) {
        if self.plus.is_none() && self.children.len() == 0 {
            return;
        }
        let mut below = Vec::new();
        self.move_children_into(&mut below);
        while let Some(mut node) = below.pop() {
            node.move_children_into(&mut below);
        }
    }
}

/// Splits off a last level `#`: the levels that lead to the node, and whether its `hash` is meant.
/// `None` for the filter `#` itself, which leads to the root.
fn path(filter: &str) -> (Option<&str>, bool) {
    match filter.strip_suffix('#') {
        Some("") => (None, true),
        Some(parent) => (Some(parent.strip_suffix('/').unwrap_or(parent)), true),
        None => (Some(filter), false),
    }
}

fn levels(path: Option<&str>) -> impl Iterator<Item = &str> {
    path.into_iter().flat_map(|path| path.split('/'))
}

impl<V> FilterTrie<V> {
    /// Without any filter.
    pub const fn new() -> Self {
        Self {
            root: Node::new(),
            len: 0,
        }
    }

    /// Number of filters.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no filter.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The value of exactly this filter; made when there is none.
    ///
    /// `filter` must be the text of a valid `TopicFilter` without `$share/…/`.
    pub fn get_or_insert_with(&mut self, filter: &str, new: impl FnOnce() -> V) -> &mut V {
        let (path, hash) = path(filter);
        let node = levels(path).fold(&mut self.root, Node::child_or_insert);
        let slot = if hash {
            &mut node.hash
        } else {
            &mut node.value
        };
        slot.get_or_insert_with(|| {
            self.len += 1;
            Box::new(new())
        })
    }

    /// The value of exactly this filter.
    pub fn get(&self, filter: &str) -> Option<&V> {
        let (path, hash) = path(filter);
        let node = levels(path).try_fold(&self.root, |node, level| node.child(level))?;
        if hash {
            node.hash.as_deref()
        } else {
            node.value.as_deref()
        }
    }

    /// The value of exactly this filter.
    pub fn get_mut(&mut self, filter: &str) -> Option<&mut V> {
        self.slot_mut(filter)?.as_deref_mut()
    }

    fn slot_mut(&mut self, filter: &str) -> Option<&mut Option<Box<V>>> {
        let (path, hash) = path(filter);
        let node = levels(path).try_fold(&mut self.root, |node, level| node.child_mut(level))?;
        Some(if hash {
            &mut node.hash
        } else {
            &mut node.value
        })
    }

    /// Takes exactly this filter out, with all nodes that only led to it.
    pub fn remove(&mut self, filter: &str) -> Option<V> {
        let value = self.slot_mut(filter)?.take()?;
        self.len -= 1;
        self.prune(path(filter).0);
        Some(*value)
    }

    fn prune(&mut self, path: Option<&str>) {
        // The deepest node above that holds something else than the way down; below it all may go.
        let mut node = &self.root;
        let mut cut = 0;
        for (depth, level) in levels(path).enumerate() {
            if node.slots() > 1 {
                cut = depth;
            }
            let Some(child) = node.child(level) else {
                return;
            };
            node = child;
        }
        if node.slots() > 0 {
            return;
        }
        let mut node = &mut self.root;
        for (depth, level) in levels(path).enumerate() {
            if depth == cut {
                node.detach(level);
                return;
            }
            let Some(child) = node.child_mut(level) else {
                return;
            };
            node = child;
        }
    }

    /// Calls `f` with the value of each filter that matches, by the rules of section 4.7: `#` also matches the
    /// level before it, and wildcards in the first level do not match a name that starts with `$`
    /// [MQTT-4.7.2-1].
    pub fn for_each_match<'a>(&'a self, topic: &TopicName, mut f: impl FnMut(&'a V)) {
        let text = topic.as_str();
        // Nodes reached through `+`, still to be visited, with the part of the name not yet matched.
        let mut later: SmallVec<[(&Node<V>, Option<&str>); 8]> = SmallVec::new();
        let mut here = Some((&self.root, Some(text)));
        let mut wildcards = !topic.starts_with_dollar();
        while let Some((node, rest)) = here.take().or_else(|| later.pop()) {
            if wildcards && let Some(value) = &node.hash {
                f(value);
            }
            if let Some(rest) = rest {
                let (level, rest) = match rest.split_once('/') {
                    Some((level, rest)) => (level, Some(rest)),
                    None => (rest, None),
                };
                if wildcards && let Some(plus) = &node.plus {
                    later.push((plus, rest));
                }
                here = node.children.get(level).map(|child| (child, rest));
            } else if let Some(value) = &node.value {
                f(value);
            }
            wildcards = true;
        }
    }

    /// All filters with their values, in no particular order. For people and snapshots: builds each text anew.
    pub fn iter(&self) -> Iter<'_, V> {
        Iter {
            nodes: vec![(None, &self.root)],
            ready: Vec::new(),
        }
    }
}

impl<V> Default for FilterTrie<V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a, V> IntoIterator for &'a FilterTrie<V> {
    type Item = (String, &'a V);
    type IntoIter = Iter<'a, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Iterator over a `FilterTrie`.
pub struct Iter<'a, V> {
    /// Nodes to visit with the text that leads there; none for the root.
    nodes: Vec<(Option<String>, &'a Node<V>)>,
    ready: Vec<(String, &'a V)>,
}

impl<'a, V> Iterator for Iter<'a, V> {
    type Item = (String, &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(item) = self.ready.pop() {
                return Some(item);
            }
            let (path, node) = self.nodes.pop()?;
            let below = |level: &str| match &path {
                Some(path) => format!("{path}/{level}"),
                None => level.to_owned(),
            };
            if let Some(value) = &node.hash {
                self.ready.push((below("#"), value));
            }
            if let Some(plus) = &node.plus {
                self.nodes.push((Some(below("+")), plus));
            }
            node.children
                .for_each(|level, child| self.nodes.push((Some(below(level)), child)));
            if let (Some(path), Some(value)) = (path, &node.value) {
                self.ready.push((path, value));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::super::testing::{topic_filter, topic_name};
    use super::super::topic_name::TOPIC_LEVELS_MAX;
    use super::*;
    use crate::topic::TopicFilter;

    fn topic(text: &str) -> TopicName {
        TopicName::new(text.to_owned()).unwrap()
    }

    fn found(trie: &FilterTrie<u32>, name: &str) -> Vec<u32> {
        let mut found = Vec::new();
        trie.for_each_match(&topic(name), |value| found.push(*value));
        found.sort_unstable();
        found
    }

    #[test]
    fn matches_wildcards_empty_levels_and_dollar() {
        let mut trie = FilterTrie::new();
        for (number, filter) in [
            "#", "+", "/+", "+/+", "$SYS/#", "a/#", "a", "a/b", "a/+/c", "/",
        ]
        .iter()
        .enumerate()
        {
            *trie.get_or_insert_with(filter, || 0) = u32::try_from(number).unwrap();
        }
        assert_eq!(found(&trie, "a"), [0, 1, 5, 6]);
        assert_eq!(found(&trie, "a/b"), [0, 3, 5, 7]);
        assert_eq!(found(&trie, "a//c"), [0, 5, 8]);
        assert_eq!(found(&trie, "/"), [0, 2, 3, 9]);
        assert_eq!(found(&trie, "$SYS"), [4]);
        assert_eq!(found(&trie, "$SYS/x"), [4]);
        assert_eq!(found(&trie, "$x"), [0_u32; 0]);
    }

    #[test]
    fn prunes_what_only_led_to_a_removed_filter() {
        let mut trie = FilterTrie::new();
        for filter in ["a/b/c/d", "a/b", "a/+/c/#", "#"] {
            trie.get_or_insert_with(filter, || 1);
        }
        assert_eq!(trie.remove("a/b/c"), None);
        assert_eq!(trie.remove("a/b/c/d"), Some(1));
        let b = trie.root.child("a").and_then(|a| a.child("b")).unwrap();
        assert_eq!(b.slots(), 1);
        assert_eq!(trie.remove("a/b"), Some(1));
        assert_eq!(trie.remove("a/+/c/#"), Some(1));
        assert_eq!(trie.root.slots(), 1);
        assert_eq!(trie.remove("#"), Some(1));
        assert_eq!(trie.root.slots(), 0);
        assert!(trie.is_empty());
    }

    #[test]
    fn survives_the_deepest_filter_on_a_small_stack() {
        let run = || {
            for level in ["", "+"] {
                let filter = vec![level; TOPIC_LEVELS_MAX].join("/");
                let name = "/".repeat(TOPIC_LEVELS_MAX - 1);
                let mut trie = FilterTrie::new();
                trie.get_or_insert_with(&filter, || 7);
                assert_eq!(found(&trie, &name), [7]);
                assert_eq!(trie.iter().count(), 1);
                assert_eq!(trie.remove(&filter), Some(7));
                assert_eq!(trie.root.slots(), 0);
                trie.get_or_insert_with(&filter, || 7);
            }
        };
        std::thread::Builder::new()
            .stack_size(64 << 10)
            .spawn(run)
            .unwrap()
            .join()
            .unwrap();
    }

    proptest! {
        #[test]
        fn agrees_with_the_reference_while_filters_come_and_go(
            steps in prop::collection::vec((topic_filter(), any::<bool>()), 1..60),
            names in prop::collection::vec(topic_name(), 1..20),
        ) {
            let mut trie = FilterTrie::new();
            let mut model: BTreeMap<String, u32> = BTreeMap::new();
            for (number, (filter, add)) in (0..).zip(&steps) {
                let text = filter.filter();
                if *add {
                    *trie.get_or_insert_with(text, || 0) = number;
                    model.insert(text.to_owned(), number);
                } else {
                    prop_assert_eq!(trie.remove(text), model.remove(text));
                }
                prop_assert_eq!(trie.get(text), model.get(text));
                prop_assert_eq!(trie.len(), model.len());
            }
            for name in &names {
                let mut expected: Vec<u32> = model
                    .iter()
                    .filter(|(filter, _)| TopicFilter::new(filter).unwrap().matches(name))
                    .map(|(_, number)| *number)
                    .collect();
                expected.sort_unstable();
                prop_assert_eq!(found(&trie, name.as_str()), expected);
            }
            let all: BTreeMap<String, u32> = trie.iter().map(|(text, value)| (text, *value)).collect();
            prop_assert_eq!(&all, &model);
            for filter in model.keys() {
                trie.remove(filter);
            }
            prop_assert_eq!(trie.root.slots(), 0);
        }
    }
}
