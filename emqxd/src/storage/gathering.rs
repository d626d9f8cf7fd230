//! How long a commit waits for more before it goes to the disk. Pure.
//!
//! Clients that wait for a commit send their next messages when it is done. When the next commit begins at once, half of
//! them miss it, and from then on two groups take turns: the disk is busy, and each message waits for two commits. A short
//! pause, in which those who were just told come back, lets one commit serve all.

use std::time::Duration;

/// A disk that is done sooner is done before they can come back.
const TOOK_MIN: Duration = Duration::from_micros(500);

/// A pause is no longer than the last commit divided by this.
const PART: u32 = 2;
const PAUSE_MAX: Duration = Duration::from_millis(5);

/// When those who were waited for have not come, so many commits go at once.
const COMMITS_WITHOUT: u32 = 32;

/// Whom to wait for.
#[derive(Debug, Default)]
pub(super) struct Gathering {
    commits_without: u32,
    took: Duration,
    expected: usize,
}

impl Gathering {
    /// A commit took so long, so many were told, and so many wait for the next one already.
    pub(super) const fn committed(&mut self, took: Duration, told: usize, waiting: usize) {
        self.took = took;
        self.expected = told + waiting;
    }

    /// How many are to wait for the next commit before it begins, and how long at most they are waited for; `None` when
    /// it begins at once.
    pub(super) fn next(&mut self) -> Option<(usize, Duration)> {
        let expected = std::mem::take(&mut self.expected);
        // One alone has nobody to wait for.
        if expected < 2 || self.took < TOOK_MIN {
            return None;
        }
        if self.commits_without > 0 {
            self.commits_without -= 1;
            return None;
        }
        Some((expected, (self.took / PART).min(PAUSE_MAX)))
    }

    /// They did not come in time.
    pub(super) const fn missed(&mut self) {
        self.commits_without = COMMITS_WITHOUT;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOOK: Duration = Duration::from_millis(2);

    #[test]
    fn those_who_were_told_and_those_who_wait_are_waited_for() {
        let mut gathering = Gathering::default();
        assert_eq!(gathering.next(), None);
        gathering.committed(TOOK, 3, 2);
        assert_eq!(gathering.next(), Some((5, TOOK / 2)));
        gathering.committed(TOOK, 1, 0);
        assert_eq!(gathering.next(), None);
        gathering.committed(TOOK_MIN / 2, 3, 2);
        assert_eq!(gathering.next(), None);
        gathering.committed(Duration::from_secs(3), 1, 1);
        assert_eq!(gathering.next(), Some((2, PAUSE_MAX)));
    }

    #[test]
    fn who_does_not_come_is_not_waited_for_again_soon() {
        let mut gathering = Gathering::default();
        gathering.committed(TOOK, 9, 9);
        assert!(gathering.next().is_some());
        gathering.missed();
        let mut waited = 0;
        for _ in 0..COMMITS_WITHOUT {
            gathering.committed(TOOK, 9, 9);
            waited += usize::from(gathering.next().is_some());
        }
        assert_eq!(waited, 0);
        gathering.committed(TOOK, 9, 9);
        assert!(gathering.next().is_some());
    }
}
