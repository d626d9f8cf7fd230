//! What is refused without an end of the Network Connection, each with what a person needs to know.

/// Why a request of a client was not granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Refused {
    /// A Topic Filter of the form `$queue/…`.
    QueueFilter,
    /// More Topic Filters in one SUBSCRIBE than are allowed.
    TooManyFilters,
    /// More Subscriptions than a Session may have.
    TooManySubscriptions,
    /// A wildcard in a Topic Filter of a 3.x client, which cannot be told that there are none.
    Wildcard,
    /// A Shared Subscription of a 3.x client, which cannot be told that there are none.
    SharedSubscription,
    /// A PUBLISH to a topic that clients may not use.
    ReservedTopic,
}

impl Refused {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::QueueFilter,
        Self::TooManyFilters,
        Self::TooManySubscriptions,
        Self::Wildcard,
        Self::SharedSubscription,
        Self::ReservedTopic,
    ];

    /// For the log and for the Reason String of 5.0.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::QueueFilter => "$queue/ is not supported: use $share/<group>/<filter>",
            Self::TooManyFilters => "more Topic Filters in one SUBSCRIBE than the Server allows",
            Self::TooManySubscriptions => "more Subscriptions than the Server allows a Session",
            Self::Wildcard => "wildcards in Topic Filters are not available",
            Self::SharedSubscription => "Shared Subscriptions are not available",
            Self::ReservedTopic => "clients may not publish to $SYS/ and $share/",
        }
    }
}

/// Which of them have happened.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct RefusedSet(u8);

impl RefusedSet {
    /// Whether it is the first.
    pub(super) const fn insert(&mut self, refused: Refused) -> bool {
        let bit = 1 << refused as u8;
        let is_first = self.0 & bit == 0;
        self.0 |= bit;
        is_first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_new_once() {
        let mut seen = RefusedSet::default();
        for refused in Refused::ALL {
            assert!(seen.insert(refused), "{refused:?}");
        }
        assert!(!seen.insert(Refused::ReservedTopic));
    }
}
