//! Random numbers where any will do: those of the system, and in a simulation those of its seed.

use rand::RngCore;

/// A source of random numbers.
#[cfg(not(test))]
pub fn rng() -> impl RngCore {
    rand::rng()
}

/// A random number.
pub fn random() -> u64 {
    rng().next_u64()
}

#[cfg(test)]
pub use seeded::{rng, seed};

#[cfg(test)]
mod seeded {
    use std::cell::RefCell;

    use rand::rngs::StdRng;
    use rand::{RngCore, SeedableRng as _};

    thread_local! {
        static SEEDED: RefCell<Option<StdRng>> = const { RefCell::new(None) };
    }

    /// From now on this thread's numbers follow from the seed; those of other threads are the system's.
    pub fn seed(seed: u64) {
        SEEDED.set(Some(StdRng::seed_from_u64(seed)));
    }

    /// A source of random numbers.
    pub fn rng() -> impl RngCore {
        Source
    }

    struct Source;

    impl RngCore for Source {
        fn next_u32(&mut self) -> u32 {
            SEEDED.with_borrow_mut(|seeded| match seeded {
                Some(seeded) => seeded.next_u32(),
                None => rand::rng().next_u32(),
            })
        }

        fn next_u64(&mut self) -> u64 {
            SEEDED.with_borrow_mut(|seeded| match seeded {
                Some(seeded) => seeded.next_u64(),
                None => rand::rng().next_u64(),
            })
        }

        fn fill_bytes(&mut self, bytes: &mut [u8]) {
            SEEDED.with_borrow_mut(|seeded| match seeded {
                Some(seeded) => seeded.fill_bytes(bytes),
                None => rand::rng().fill_bytes(bytes),
            });
        }
    }
}
