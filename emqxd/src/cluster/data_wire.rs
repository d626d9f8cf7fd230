//! What crosses a data stream besides the items; `route.proto` describes it.

use std::io;
use std::time::Duration;

use bytes::{Buf, BufMut};
use prost::Message;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::RECEIVED_MESSAGE_BYTES_MAX;
use super::dialer::DataConnection;

/// What a dialling node sends first. HTTP/2 begins with another letter, so one look tells the two apart.
pub(super) const PREFACE: &[u8; 8] = b"EMQXDATA";

/// Bytes before the items of a frame.
pub(super) const HEADER_BYTES: usize = 16;

/// Bytes of an acknowledgement.
pub(super) const ACK_BYTES: usize = 8;

/// Sequence number of a frame that asks for a sign of life.
pub(super) const SIGN_OF_LIFE: u64 = u64::MAX;

/// A side that was not heard for so long is given up. Longer than for calls: a peer answers nothing while it applies what
/// it has read, and that may be many deliveries.
pub(super) const SILENCE_MAX: Duration = Duration::from_secs(15);

/// Largest hello or welcome, bytes.
const GREETING_BYTES_MAX: usize = 64 << 10;

/// What stands before the items of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) items_bytes: usize,
    pub(super) count: u32,
    pub(super) first_seq: u64,
}

impl Header {
    /// A question for a sign of life.
    pub(super) const QUESTION: Self = Self {
        items_bytes: 0,
        count: 0,
        first_seq: SIGN_OF_LIFE,
    };

    pub(super) fn encode(self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        let mut out = &mut bytes[..];
        // A frame is far smaller than 4 GiB.
        out.put_u32_le(u32::try_from(self.items_bytes).unwrap_or(u32::MAX));
        out.put_u32_le(self.count);
        out.put_u64_le(self.first_seq);
        bytes
    }

    /// `None` while it is not there as a whole.
    ///
    /// # Errors
    /// When the frame would be too large.
    pub(super) fn decode(mut bytes: &[u8]) -> io::Result<Option<Self>> {
        if bytes.len() < HEADER_BYTES {
            return Ok(None);
        }
        let header = Self {
            items_bytes: bytes.get_u32_le() as usize,
            count: bytes.get_u32_le(),
            first_seq: bytes.get_u64_le(),
        };
        if header.items_bytes > RECEIVED_MESSAGE_BYTES_MAX {
            return Err(io::Error::other("the peer sent a frame that is too large"));
        }
        Ok(Some(header))
    }
}

/// Sends a greeting.
pub(super) async fn greet(socket: &mut DataConnection, greeting: &impl Message) -> io::Result<()> {
    let mut out = Vec::new();
    out.put_u32_le(u32::try_from(greeting.encoded_len()).unwrap_or(u32::MAX));
    out.extend(greeting.encode_to_vec());
    socket.write_all(&out).await
}

/// Reads the other side's greeting.
pub(super) async fn greeted<M: Message + Default>(socket: &mut DataConnection) -> io::Result<M> {
    let len = socket.read_u32_le().await? as usize;
    if len > GREETING_BYTES_MAX {
        return Err(io::Error::other("this is no peer"));
    }
    let mut bytes = vec![0; len];
    socket.read_exact(&mut bytes).await?;
    M::decode(&bytes[..]).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_survives_the_wire() {
        let header = Header {
            items_bytes: 70_000,
            count: 300,
            first_seq: u64::MAX - 5,
        };
        let bytes = header.encode();
        assert_eq!(Header::decode(&bytes).unwrap(), Some(header));
        assert_eq!(Header::decode(&bytes[..15]).unwrap(), None);
        let large = Header {
            items_bytes: u32::MAX as usize,
            ..header
        };
        assert!(Header::decode(&large.encode()).is_err());
    }
}
