//! A part that most Sessions do without for most of their time: it takes the room of a pointer while it is empty.

use std::ops::{Deref, DerefMut};

/// Reads as an empty `T`, without an allocation, until it is first borrowed for a change.
#[derive(Debug)]
pub(super) struct Seldom<T>(Option<Box<T>>);

/// What can be empty.
pub(super) trait Empty: Default + 'static {
    /// The empty one that all share.
    fn empty() -> &'static Self;

    /// Whether it is as good as that one.
    fn is_empty(&self) -> bool;
}

impl<T: Empty> Seldom<T> {
    /// Gives the room back if it is empty.
    pub(super) fn shrink(&mut self) {
        if self.0.as_ref().is_some_and(|inner| inner.is_empty()) {
            self.0 = None;
        }
    }
}

impl<T> Default for Seldom<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> From<T> for Seldom<T> {
    fn from(inner: T) -> Self {
        Self(Some(Box::new(inner)))
    }
}

impl<T: Empty> Deref for Seldom<T> {
    type Target = T;

    fn deref(&self) -> &T {
        match &self.0 {
            Some(inner) => inner,
            None => T::empty(),
        }
    }
}

impl<T: Empty> DerefMut for Seldom<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.get_or_insert_default()
    }
}
