//! Keep Alive: how long a client may be silent [MQTT-3.1.2-22].

use std::time::Duration;

use crate::time::Timestamp;

/// One and a half times the Keep Alive; `None` when it is 0, which turns it off.
pub fn silence_max(keep_alive_s: u16) -> Option<Duration> {
    (keep_alive_s > 0).then(|| Duration::from_millis(u64::from(keep_alive_s) * 1_500))
}

/// When the Network Connection of a client is to be closed with 0x8D Keep Alive timeout unless another MQTT
/// Control Packet comes from it. `silence_max` is `connect::Accepted::keep_alive`.
pub fn deadline(last_packet_at: Timestamp, silence_max: Duration) -> Timestamp {
    last_packet_at + silence_max
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allows_one_and_a_half_times_the_keep_alive() {
        assert_eq!(silence_max(0), None);
        assert_eq!(silence_max(1), Some(Duration::from_millis(1_500)));
        assert_eq!(
            silence_max(u16::MAX),
            Some(Duration::from_millis(98_302_500))
        );
        assert_eq!(
            deadline(Timestamp::from_millis(10), Duration::from_millis(1_500)),
            Timestamp::from_millis(1_510)
        );
    }
}
