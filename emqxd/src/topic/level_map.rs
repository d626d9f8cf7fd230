//! The children of one node of a trie, by topic level.

use std::collections::HashMap;

use crate::hashing::RandomState;

/// Up to this many children are found faster by looking at each than by hashing.
const FEW_MAX: usize = 8;

/// Fewer than this many go back to a list. Half of `FEW_MAX`, so that a child that comes and goes does not
/// rebuild the node each time.
const MANY_MIN: usize = 4;

/// A map from topic level to `T` that takes little room while it is small: most nodes have one child.
#[expect(
    clippy::box_collection,
    reason = "unboxed it would double the size of every node"
)]
pub(super) enum LevelMap<T> {
    Few(Vec<(Box<str>, T)>),
    Many(Box<HashMap<Box<str>, T, RandomState>>),
}

impl<T> LevelMap<T> {
    pub(super) const fn new() -> Self {
        Self::Few(Vec::new())
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Few(list) => list.len(),
            Self::Many(map) => map.len(),
        }
    }

    pub(super) fn get(&self, level: &str) -> Option<&T> {
        match self {
            Self::Few(list) => list
                .iter()
                .find(|(key, _)| **key == *level)
                .map(|(_, child)| child),
            Self::Many(map) => map.get(level),
        }
    }

    pub(super) fn get_mut(&mut self, level: &str) -> Option<&mut T> {
        match self {
            Self::Few(list) => list
                .iter_mut()
                .find(|(key, _)| **key == *level)
                .map(|(_, child)| child),
            Self::Many(map) => map.get_mut(level),
        }
    }

    pub(super) fn get_or_insert_with(&mut self, level: &str, new: impl FnOnce() -> T) -> &mut T {
        if let Self::Few(list) = self
            && list.len() == FEW_MAX
            && !list.iter().any(|(key, _)| **key == *level)
        {
            *self = Self::Many(Box::new(list.drain(..).collect()));
        }
        match self {
            Self::Few(list) => {
                let at = list
                    .iter()
                    .position(|(key, _)| **key == *level)
                    .unwrap_or_else(|| {
                        if list.len() == list.capacity() {
                            // Not the usual start with room for four: most lists stay at one.
                            list.reserve_exact(list.len().max(1));
                        }
                        list.push((Box::from(level), new()));
                        list.len() - 1
                    });
                &mut list[at].1
            }
            Self::Many(map) => map.entry(Box::from(level)).or_insert_with(new),
        }
    }

    pub(super) fn remove(&mut self, level: &str) -> Option<T> {
        match self {
            Self::Few(list) => {
                let at = list.iter().position(|(key, _)| **key == *level)?;
                let (_, child) = list.swap_remove(at);
                if list.is_empty() {
                    *list = Vec::new();
                }
                Some(child)
            }
            Self::Many(map) => {
                let child = map.remove(level)?;
                if map.len() < MANY_MIN {
                    *self = Self::Few(map.drain().collect());
                } else if map.capacity() > 64 && map.len() < map.capacity() / 8 {
                    map.shrink_to(map.len() * 2);
                }
                Some(child)
            }
        }
    }

    /// In no particular order.
    pub(super) fn for_each<'a>(&'a self, mut f: impl FnMut(&'a str, &'a T)) {
        match self {
            Self::Few(list) => list.iter().for_each(|(key, child)| f(key, child)),
            Self::Many(map) => map.iter().for_each(|(key, child)| f(key, child)),
        }
    }

    /// Moves all children out.
    pub(super) fn drain_into(&mut self, out: &mut Vec<T>) {
        match std::mem::replace(self, Self::new()) {
            Self::Few(list) => out.extend(list.into_iter().map(|(_, child)| child)),
            Self::Many(map) => out.extend(map.into_values()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_into_a_hash_map_and_back_without_losing_a_child() {
        let mut children = LevelMap::new();
        for number in 0..100 {
            *children.get_or_insert_with(&number.to_string(), || 0) = number;
        }
        assert!(matches!(children, LevelMap::Many(_)));
        assert_eq!(children.len(), 100);
        for number in 0..100 {
            assert_eq!(children.get(&number.to_string()), Some(&number));
        }
        for number in (2..100).rev() {
            assert_eq!(children.remove(&number.to_string()), Some(number));
            assert_eq!(children.remove(&number.to_string()), None);
        }
        assert!(matches!(children, LevelMap::Few(_)));
        let mut rest = Vec::new();
        children.for_each(|level, child| rest.push((level.to_owned(), *child)));
        rest.sort();
        assert_eq!(rest, [("0".to_owned(), 0), ("1".to_owned(), 1)]);
    }

    #[test]
    fn finds_an_existing_child_of_a_full_list_without_rebuilding() {
        let mut children = LevelMap::new();
        for number in 0..FEW_MAX {
            children.get_or_insert_with(&number.to_string(), || number);
        }
        assert_eq!(*children.get_or_insert_with("3", || unreachable!()), 3);
        assert!(matches!(children, LevelMap::Few(_)));
    }
}
