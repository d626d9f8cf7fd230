//! Session Expiry Interval [MQTT-3.1.2.11.2] and Message Expiry Interval [MQTT-3.3.2.3.3].

use std::time::Duration;

use super::SessionExpiry;
use crate::message::Message;
use crate::time::Timestamp;

/// The interval that means "never".
const NEVER_S: u32 = u32::MAX;

impl SessionExpiry {
    /// Ends with the Network Connection.
    pub const WITH_CONNECTION: Self = Self::After(Duration::ZERO);

    /// From the property of CONNECT or DISCONNECT; absent is zero.
    pub fn from_seconds(interval_s: Option<u32>) -> Self {
        match interval_s {
            Some(NEVER_S) => Self::Never,
            seconds => Self::After(Duration::from_secs(u64::from(seconds.unwrap_or(0)))),
        }
    }

    /// As the property; too long for it is "never".
    pub fn as_seconds(self) -> u32 {
        match self {
            Self::After(interval) => u32::try_from(interval.as_secs()).unwrap_or(NEVER_S),
            Self::Never => NEVER_S,
        }
    }

    /// The lower of this and the longest that is granted.
    pub fn at_most(self, max: Option<Duration>) -> Self {
        max.map_or(self, |max| self.min(Self::After(max)))
    }

    /// When a Session ends whose Network Connection ended at `from`.
    pub fn deadline(self, from: Timestamp) -> Option<Timestamp> {
        match self {
            Self::After(interval) => Some(from + interval),
            Self::Never => None,
        }
    }
}

/// What is left of a Message Expiry Interval: the whole seconds waited are taken off [MQTT-3.3.2-6]. Zero when
/// it has passed, which only a retransmission meets.
pub(super) fn remaining_s(message: &Message, now: Timestamp) -> Option<u32> {
    let remaining = message.expires_at?.since(now);
    Some(u32::try_from(remaining.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn after(seconds: u64) -> SessionExpiry {
        SessionExpiry::After(Duration::from_secs(seconds))
    }

    #[test]
    fn converts_the_property() {
        assert_eq!(
            SessionExpiry::from_seconds(None),
            SessionExpiry::WITH_CONNECTION
        );
        assert_eq!(SessionExpiry::from_seconds(Some(7)), after(7));
        assert_eq!(
            SessionExpiry::from_seconds(Some(u32::MAX)),
            SessionExpiry::Never
        );
        assert_eq!(SessionExpiry::Never.as_seconds(), u32::MAX);
        assert_eq!(after(7).as_seconds(), 7);
    }

    #[test]
    fn is_granted_up_to_a_limit() {
        let max = Some(Duration::from_secs(10));
        assert_eq!(SessionExpiry::Never.at_most(max), after(10));
        assert_eq!(after(11).at_most(max), after(10));
        assert_eq!(after(9).at_most(max), after(9));
        assert_eq!(SessionExpiry::Never.at_most(None), SessionExpiry::Never);
    }

    #[test]
    fn ends_that_long_after_the_connection() {
        let from = Timestamp::from_millis(5);
        assert_eq!(after(1).deadline(from), Some(Timestamp::from_millis(1_005)));
        assert_eq!(SessionExpiry::Never.deadline(from), None);
    }
}
