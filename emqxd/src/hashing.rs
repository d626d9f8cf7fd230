//! Hash tables, with keys that nobody outside can guess.
//!
//! Within tests of this crate the keys are the same in each process: the order in which a table is walked through decides
//! which of several tasks comes first, and a simulation is to be repeatable.

#[cfg(not(test))]
pub use ahash::{HashMap, HashSet, RandomState};

#[cfg(test)]
pub use fixed::{HashMap, HashSet, RandomState};

#[cfg(test)]
mod fixed {
    use std::hash::{BuildHasher, Hash};

    /// With these keys.
    pub type HashMap<K, V> = std::collections::HashMap<K, V, RandomState>;
    /// With these keys.
    pub type HashSet<K> = std::collections::HashSet<K, RandomState>;

    /// The same keys each time.
    #[derive(Debug, Clone)]
    pub struct RandomState(ahash::RandomState);

    impl RandomState {
        /// As the random ones are made.
        pub const fn new() -> Self {
            Self(ahash::RandomState::with_seeds(1, 2, 3, 4))
        }

        /// As the random ones have it.
        pub fn hash_one(&self, value: impl Hash) -> u64 {
            self.0.hash_one(value)
        }
    }

    impl Default for RandomState {
        fn default() -> Self {
            Self::new()
        }
    }

    impl BuildHasher for RandomState {
        type Hasher = ahash::AHasher;

        fn build_hasher(&self) -> ahash::AHasher {
            self.0.build_hasher()
        }
    }
}
