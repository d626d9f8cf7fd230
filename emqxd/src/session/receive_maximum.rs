//! Receive Maximum: how many QoS 1 and 2 PUBLISHes may be under way in one direction [MQTT-4.9].

use std::num::NonZeroU16;

use crate::packet::ProtocolVersion;

/// PUBLISHes with QoS 1 or 2 of one Network Connection that are not completely acknowledged, against their limit.
#[derive(Debug)]
pub(super) struct ReceiveMaximum {
    limit: i32,
    /// Below zero after resent PUBRELs.
    used: i32,
}

impl ReceiveMaximum {
    /// A new Network Connection: counting starts again [MQTT-4.9].
    pub(super) fn new(limit: NonZeroU16) -> Self {
        Self {
            limit: i32::from(limit.get()),
            used: 0,
        }
    }

    /// What the Server allows the client. A 3.x client cannot be told a limit and may use each Packet
    /// Identifier once.
    pub(super) fn of_server(version: ProtocolVersion, announced: NonZeroU16) -> Self {
        Self::new(match version {
            ProtocolVersion::V5 => announced,
            ProtocolVersion::V3_1 | ProtocolVersion::V3_1_1 => NonZeroU16::MAX,
        })
    }

    /// Whether one more may begin.
    pub(super) const fn has_room(&self) -> bool {
        self.used < self.limit
    }

    /// One begins.
    pub(super) const fn take(&mut self) {
        self.used += 1;
    }

    /// One ended. A client that resumes its Session ends messages that it began on an earlier Network
    /// Connection, and may count each such end as room for a new one [MQTT-4.9]: it must not be cut off for it.
    pub(super) const fn give_back(&mut self) {
        self.used = self.used.saturating_sub(1);
    }
}

impl Default for ReceiveMaximum {
    fn default() -> Self {
        Self::new(NonZeroU16::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_without_a_beginning_makes_room() {
        let mut quota = ReceiveMaximum::new(NonZeroU16::MIN);
        quota.give_back();
        quota.take();
        assert!(quota.has_room());
        quota.take();
        assert!(!quota.has_room());
        quota.give_back();
        assert!(quota.has_room());
    }

    #[test]
    fn binds_only_clients_that_were_told() {
        let mut quota = ReceiveMaximum::of_server(ProtocolVersion::V3_1_1, NonZeroU16::MIN);
        quota.take();
        assert!(quota.has_room());
        let mut quota = ReceiveMaximum::of_server(ProtocolVersion::V5, NonZeroU16::MIN);
        quota.take();
        assert!(!quota.has_room());
    }
}
