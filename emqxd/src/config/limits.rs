//! Limits of Network Connections and packets.

use std::num::NonZeroU16;
use std::time::Duration;

use crate::memory_pressure::MemoryWatermark;
use crate::packet::PropertyLimits;

/// Files that are not for clients: listeners, peer links, the log, data, requests of operators.
const RESERVED_FILES: u64 = 256;

/// Limits of Network Connections and packets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Network Connections at once; a further client is refused with 0x97 Quota exceeded. 0 = as many as the open
    /// files limit of the process leaves room for, see [`connections_max`](Self::connections_max). Default 0.
    pub max_connections: usize,
    /// Largest packet accepted, bytes; a larger one ends the connection with 0x95. Default 1 MiB, as EMQX, and far
    /// below the protocol's own 268,435,460: what a client may send, every Session that subscribed must hold.
    pub maximum_packet_size: u32,
    /// A client has this long from its TCP connection to its CONNECT [MQTT-3.1.4]. Default 10 s.
    pub connect_timeout: Duration,
    /// Longest Keep Alive granted to a 5.0 client, seconds (Server Keep Alive). `None` = as asked. Default `None`.
    pub keep_alive_max: Option<NonZeroU16>,
    /// Resident memory from which on clients that publish are not read; a tenth above it CONNECTs are refused with 0x89
    /// (3.x: 0x03), a tenth below it all is as before. Default 80 % of the memory of the machine or control group.
    pub memory_high_watermark: MemoryWatermark,
    /// How much clients may put into the properties of a packet.
    pub properties: PropertyLimits,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_connections: 0,
            maximum_packet_size: 1 << 20,
            connect_timeout: Duration::from_secs(10),
            keep_alive_max: None,
            memory_high_watermark: MemoryWatermark::default(),
            properties: PropertyLimits::default(),
        }
    }
}

impl Limits {
    /// `max_connections`, or when that is 0 what a process with that many open files can serve; `None` = it has no
    /// limit. The result is 0 only when nothing limits it.
    pub fn connections_max(&self, open_files_max: Option<u64>) -> usize {
        if self.max_connections > 0 {
            return self.max_connections;
        }
        open_files_max.map_or(0, |files| {
            usize::try_from(files.saturating_sub(RESERVED_FILES).max(1)).unwrap_or(usize::MAX)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_room_for_other_files() {
        let mut limits = Limits::default();
        assert_eq!(limits.connections_max(Some(1_024)), 768);
        assert_eq!(limits.connections_max(Some(10)), 1);
        assert_eq!(limits.connections_max(None), 0);
        limits.max_connections = 5;
        assert_eq!(limits.connections_max(Some(1_024)), 5);
    }
}
