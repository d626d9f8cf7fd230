//! What the payload of a measured message begins with: who sent it, its number, and when it was to be sent. Pure.

/// Bytes of a mark; a payload has at least these.
pub const MARK_BYTES: usize = 24;

/// Tells a measured message from any other.
const MAGIC: [u8; 4] = *b"EMQB";

/// The beginning of a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Number of the publisher.
    pub publisher: u32,
    /// Counts the publisher's messages from 0.
    pub sequence: u64,
    /// When it was to be sent: nanoseconds since 1970.
    pub intended_at: u64,
}

impl Mark {
    /// Writes it over the beginning of a payload.
    pub fn write(self, payload: &mut [u8; MARK_BYTES]) {
        payload[..4].copy_from_slice(&MAGIC);
        payload[4..8].copy_from_slice(&self.publisher.to_be_bytes());
        payload[8..16].copy_from_slice(&self.sequence.to_be_bytes());
        payload[16..].copy_from_slice(&self.intended_at.to_be_bytes());
    }

    /// Reads it; `None` when the message is none of ours.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let (magic, rest) = payload.split_first_chunk()?;
        let (publisher, rest) = rest.split_first_chunk()?;
        let (sequence, rest) = rest.split_first_chunk()?;
        let (intended_at, _) = rest.split_first_chunk()?;
        (*magic == MAGIC).then(|| Self {
            publisher: u32::from_be_bytes(*publisher),
            sequence: u64::from_be_bytes(*sequence),
            intended_at: u64::from_be_bytes(*intended_at),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_written_is_read(publisher: u32, sequence: u64, intended_at: u64, tail in 0..64_usize) {
            let mark = Mark { publisher, sequence, intended_at };
            let mut bytes = [0; MARK_BYTES];
            mark.write(&mut bytes);
            let mut payload = bytes.to_vec();
            payload.resize(MARK_BYTES + tail, 0xAA);
            prop_assert_eq!(Mark::read(&payload), Some(mark));
            prop_assert_eq!(Mark::read(&payload[..MARK_BYTES - 1]), None);
        }

        #[test]
        fn any_payload_may_come(payload: Vec<u8>) {
            let ours = payload.len() >= MARK_BYTES && payload.starts_with(&MAGIC);
            prop_assert_eq!(Mark::read(&payload).is_some(), ours);
        }
    }
}
